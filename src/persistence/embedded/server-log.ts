/** The file that takes what the server writes: opened for it, kept from growing without end, quoted in errors. */
import { closeSync, fstatSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import { embeddedLimits } from './limits.ts';

export function openServerLog(path: string): number {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > embeddedLimits.logBytesMax) renameSync(path, `${path}.1`);
  return openSync(path, 'a', 0o600);
}

export function logSize(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** What was written after byte `from`, cut to its last part. */
export function logTail(path: string, from: number): string {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return '';
  }
  try {
    const size = fstatSync(file).size;
    const start = Math.max(from, size - embeddedLimits.logTailBytesMax, 0);
    const buffer = Buffer.alloc(Math.max(0, size - start));
    readSync(file, buffer, 0, buffer.length, start);
    return buffer.toString('utf8').trimEnd().split('\n').slice(-embeddedLimits.logTailLinesMax).join('\n');
  } finally {
    closeSync(file);
  }
}

/**
 * Who uses the server: a file for each user in a folder. The server outlives the process that started it; whoever
 * leaves last stops it. Files of dead processes do not count and are taken away.
 */
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from './errors.ts';
import { processIdentity } from './processes.ts';

/** Registers this process; returns the file that stands for it. Call before looking for a running server. */
export function registerUser(folder: string): string {
  const file = join(folder, `${process.pid}-${randomBytes(6).toString('hex')}`);
  writeFileSync(file, processIdentity(process.pid) ?? '', { mode: 0o600 });
  return file;
}

export function unregisterUser(file: string): void {
  rmSync(file, { force: true });
}

export function hasLiveUsers(folder: string): boolean {
  let live = false;
  for (const name of readdirSync(folder)) {
    const file = join(folder, name);
    if (isLive(name, file)) live = true;
    else rmSync(file, { force: true });
  }
  return live;
}

function isLive(name: string, file: string): boolean {
  const identity = processIdentity(Number(name.split('-')[0]));
  if (identity === undefined) return false;
  try {
    const registered = readFileSync(file, 'utf8');
    // Empty: the process is just writing it.
    return registered === '' || registered === identity;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

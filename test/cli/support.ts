// What the command line's tests share: an Io that remembers, and files in a folder that is removed afterwards.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Io } from '../../src/cli/io.ts';

export interface RecordedIo extends Io {
  readonly stdout: string[];
  readonly stderr: string[];
}

export function recordedIo(): RecordedIo {
  const stdout: string[] = [];
  const stderr: string[] = [];
  return {
    stdout,
    stderr,
    out: (line) => stdout.push(line),
    err: (line) => stderr.push(line),
    errRaw: (text) => stderr.push(text),
    errIsTty: false,
  };
}

export class TemporaryFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'synkro-cli-test-'));

  /** Writes a file, packed where its name ends with .gz; returns its path. */
  file(name: string, content: string | Buffer): string {
    const path = join(this.path, name);
    writeFileSync(path, name.endsWith('.gz') ? gzipSync(content) : content);
    return path;
  }

  ndjson(name: string, records: readonly unknown[]): string {
    return this.file(name, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

export async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}

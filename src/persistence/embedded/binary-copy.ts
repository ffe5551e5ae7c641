/**
 * A complete, private-to-write, open-to-read copy of the PostgreSQL package. It appears under its name in one step
 * (rename), so that a copy cut short is never used, and it is mended where something swept files out of it.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, copyFileSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { codeOf } from './errors.ts';

/** Makes `copy` a copy of `source`, or leaves it where it is one already; says whether it made one. */
export function copyOfPackage(source: string, copy: string): boolean {
  makeOwnFolder(dirname(copy));
  if (isComplete(source, copy)) return false;
  const fresh = `${copy}.new-${randomBytes(6).toString('hex')}`;
  const damaged = `${copy}.old-${randomBytes(6).toString('hex')}`;
  try {
    copyTree(source, fresh);
    rename(copy, damaged, ['ENOENT']);
    // Another process that was quicker has made the same copy.
    rename(fresh, copy, ['ENOTEMPTY', 'EEXIST']);
    return true;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
    rmSync(damaged, { recursive: true, force: true });
  }
}

/** A folder in /tmp could have been laid there by somebody else, with binaries of theirs. */
function makeOwnFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const stat = lstatSync(folder);
  if (!stat.isDirectory() || stat.uid !== process.getuid?.()) throw new Error(`${folder} is not ours`);
  chmodSync(folder, 0o755);
}

function isComplete(source: string, copy: string): boolean {
  try {
    return readdirSync(source, { withFileTypes: true }).every((entry) => {
      const from = join(source, entry.name);
      const to = join(copy, entry.name);
      if (entry.isDirectory()) return isComplete(from, to);
      return !entry.isFile() || lstatSync(from).size === lstatSync(to).size;
    });
  } catch {
    return false;
  }
}

/** Regular files only: the symlinks are made anew by whoever uses the copy. Modes do not depend on our umask. */
function copyTree(source: string, target: string): void {
  mkdirSync(target);
  chmodSync(target, 0o755);
  for (const entry of readdirSync(source, { withFileTypes: true })) {
    const from = join(source, entry.name);
    const to = join(target, entry.name);
    if (entry.isDirectory()) copyTree(from, to);
    if (!entry.isFile()) continue;
    copyFileSync(from, to);
    chmodSync(to, source.endsWith('/bin') ? 0o755 : 0o644);
  }
}

function rename(from: string, to: string, tolerated: readonly string[]): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!tolerated.includes(codeOf(error) ?? '')) throw error;
  }
}

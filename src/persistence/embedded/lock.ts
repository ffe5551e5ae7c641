/**
 * One process at a time starts or stops a server. The lock is a file that names its holder; what a dead holder left is
 * taken away. It is not the last line of defence: that no two servers run on one data folder is held by PostgreSQL
 * itself (postmaster.pid and its shared memory), and a cluster appears by a rename that only one process wins.
 */
import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { codeOf, EmbeddedError } from './errors.ts';
import { embeddedLimits } from './limits.ts';
import { pollUntil, processIdentity } from './processes.ts';

/** Runs `work` under the lock. Throws EMBEDDED_LOCK_TIMEOUT where a living process holds it for too long. */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  // The token makes each holding its own, also within one process.
  const content = `${process.pid} ${processIdentity(process.pid) ?? ''} ${randomBytes(6).toString('hex')}`;
  const taken = await pollUntil(() => tryTake(path, content) || undefined, embeddedLimits.lockMsMax);
  if (taken === undefined) {
    throw new EmbeddedError(
      'EMBEDDED_LOCK_TIMEOUT',
      `${path} is still held by process ${holder(path).split(' ')[0] ?? '?'} after ${embeddedLimits.lockMsMax / 1000} s: end that process, then start again`,
    );
  }
  try {
    return await work();
  } finally {
    if (holder(path) === content) rmSync(path, { force: true });
  }
}

function tryTake(path: string, content: string): boolean {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  // Written first and then linked, so that nobody ever reads a lock that does not yet say whose it is.
  writeFileSync(draft, content, { mode: 0o600 });
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    clearStale(path);
    return false;
  } finally {
    rmSync(draft, { force: true });
  }
}

function clearStale(path: string): void {
  const stale = holder(path);
  if (stale === '' || isHeld(stale)) return;
  const aside = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    renameSync(path, aside);
    // Between reading and renaming somebody else may have cleared it and taken the lock: give it back.
    if (holder(aside) !== stale) linkSync(aside, path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'EEXIST') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function isHeld(content: string): boolean {
  const [pid, identity] = content.split(' ');
  return processIdentity(Number(pid)) === identity;
}

function holder(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return '';
    throw error;
  }
}

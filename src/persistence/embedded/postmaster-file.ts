/**
 * What postmaster.pid says, and whether it is true: the process it names may be dead, or another program that was given
 * the same id since.
 */
import { readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from './errors.ts';
import { processIdentity, processProgram } from './processes.ts';

export interface Postmaster {
  readonly pid: number;
  /** Tells it from a later process with the same id. */
  readonly identity: string;
  /** 0 until it has been written. */
  readonly port: number;
  readonly status: 'starting' | 'ready' | 'stopping';
}

/** The living postmaster of this data folder, or undefined where there is none. */
export function readPostmaster(data: string): Postmaster | undefined {
  const lines = readFile(data)?.split('\n');
  if (lines === undefined) return undefined;
  const pid = Math.abs(Number(lines[0]));
  const identity = processIdentity(pid);
  if (identity === undefined || !isPostmasterOf(pid, data)) return undefined;
  const status = lines[7]?.trim() ?? '';
  return {
    pid,
    identity,
    port: Number(lines[3] ?? 0),
    status: status === 'ready' || status === 'stopping' ? status : 'starting',
  };
}

export function isAlive(postmaster: Postmaster): boolean {
  return processIdentity(postmaster.pid) === postmaster.identity;
}

/**
 * PostgreSQL refuses to start where postmaster.pid names any living process of its user, be it PostgreSQL or not
 * (usual in containers, where ids are small and start again at 1). Takes such a file away. Call under the start lock
 * and only where `readPostmaster` found nothing.
 */
export function clearStalePostmasterFile(data: string): void {
  const content = readFile(data);
  if (content === undefined || readPostmaster(data) !== undefined) return;
  const path = join(data, 'postmaster.pid');
  const aside = `${path}.stale`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  rmSync(aside, { force: true });
}

/** A postmaster has its data folder as working directory, which is exact; where we may not look, go by its program. */
function isPostmasterOf(pid: number, data: string): boolean {
  if (process.platform === 'linux') {
    try {
      const theirs = statSync(`/proc/${pid}/cwd`);
      const ours = statSync(data);
      return theirs.dev === ours.dev && theirs.ino === ours.ino;
    } catch (error) {
      // Root in a container is often not allowed to look (no CAP_SYS_PTRACE).
      if (codeOf(error) !== 'EACCES' && codeOf(error) !== 'EPERM') return false;
    }
  }
  return /(^|[/ ])postgres$/.test(processProgram(pid));
}

function readFile(data: string): string | undefined {
  try {
    return readFileSync(join(data, 'postmaster.pid'), 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

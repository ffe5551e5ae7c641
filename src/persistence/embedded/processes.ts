/**
 * Who is alive: identities of processes that survive the reuse of process ids, and waiting with a deadline.
 * Knows nothing of PostgreSQL.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { embeddedLimits } from './limits.ts';

/**
 * A text that no other process will have, or undefined where none with this id lives. A zombie counts as dead:
 * in a container whose first process reaps nobody it would stay for ever.
 */
export function processIdentity(pid: number): string | undefined {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  return process.platform === 'linux' ? linuxIdentity(pid) : psIdentity(pid);
}

function linuxIdentity(pid: number): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The second field is the command in parentheses, which may itself hold blanks and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const state = fields[0];
  const startTicks = fields[19];
  if (startTicks === undefined || state === 'Z' || state === 'X') return undefined;
  return `${pid}@${startTicks}`;
}

function psIdentity(pid: number): string | undefined {
  const ps = spawnSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' });
  const [state, ...started] = (ps.stdout ?? '').trim().split(/\s+/);
  if (state === undefined || state === '' || state.startsWith('Z')) return undefined;
  return `${pid}@${started.join('_')}`;
}

/** The program that a process runs (argv 0), as far as can be told. */
export function processProgram(pid: number): string {
  try {
    if (process.platform === 'linux')
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0] ?? '';
    return spawnSync('ps', ['-o', 'comm=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim();
  } catch {
    return '';
  }
}

/** Sends a signal; a process that is gone already is no error. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (processIdentity(pid) !== undefined) throw error;
  }
}

/** Looks again every few milliseconds until `look` gives something, or gives undefined after `msMax`. */
export async function pollUntil<T>(
  look: () => T | undefined | Promise<T | undefined>,
  msMax: number,
): Promise<T | undefined> {
  const deadline = performance.now() + msMax;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (performance.now() >= deadline) return undefined;
    await sleep(embeddedLimits.pollMs);
  }
}

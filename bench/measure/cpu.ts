// CPU time of a tree of processes, from /proc. PostgreSQL is a postmaster with a child for each connection; the children
// that have ended count as well, since the postmaster has inherited their times. On what is not Linux it is not known.
import { readdirSync, readFileSync } from 'node:fs';

/** /proc counts in ticks of the user-space clock, which is 100 Hz on Linux, whatever the kernel's own is. */
const usPerTick = 10_000;

export interface ProcessTimes {
  readonly pid: number;
  readonly parent: number;
  /** Its own, user and system together. */
  readonly ownUs: number;
  /** Of its children that have ended. */
  readonly endedChildrenUs: number;
}

/** One /proc/PID/stat. Null where it is not one. */
export function parseProcessTimes(text: string): ProcessTimes | null {
  // The second field is the command in parentheses, which may itself hold blanks and parentheses.
  const end = text.lastIndexOf(')');
  const fields = text
    .slice(end + 2)
    .trim()
    .split(' ')
    .map(Number);
  const pid = Number.parseInt(text, 10);
  const [parent, user, system, endedUser, endedSystem] = [1, 11, 12, 13, 14].map((field) => fields[field]);
  if (end < 0 || !Number.isSafeInteger(pid) || parent === undefined) return null;
  return {
    pid,
    parent,
    ownUs: ((user ?? 0) + (system ?? 0)) * usPerTick,
    endedChildrenUs: ((endedUser ?? 0) + (endedSystem ?? 0)) * usPerTick,
  };
}

/** Microseconds that a process, its living children and its ended ones have used since they started. */
export function treeCpuUs(root: number, all: readonly ProcessTimes[]): number | null {
  const postmaster = all.find(({ pid }) => pid === root);
  if (postmaster === undefined) return null;
  const children = all.filter(({ parent }) => parent === root);
  return children.reduce(
    (sum, child) => sum + child.ownUs + child.endedChildrenUs,
    postmaster.ownUs + postmaster.endedChildrenUs,
  );
}

/** Null where the system does not say. */
export function readTreeCpuUs(root: number): number | null {
  try {
    return treeCpuUs(root, readProcesses());
  } catch {
    return null;
  }
}

function readProcesses(): ProcessTimes[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => readProcess(pid) ?? []);
}

/** A process may end while its file is being read. */
function readProcess(pid: string): ProcessTimes | null {
  try {
    return parseProcessTimes(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return null;
  }
}

/** A clock of CPU time, read at a moment. */
export interface CpuSample {
  /** Of the monotonic clock of whoever took it, in milliseconds. */
  readonly atMs: number;
  readonly cpuUs: number;
}

/** Microseconds of CPU for each second that passed between two samples of one clock. */
export function cpuUsPerSecond(before: CpuSample, after: CpuSample): number {
  const seconds = (after.atMs - before.atMs) / 1_000;
  return seconds <= 0 ? 0 : (after.cpuUs - before.cpuUs) / seconds;
}

// CPU time that the hypervisor gave to other machines, from /proc/stat. On what is not Linux it is not known.
import { readFileSync } from 'node:fs';

/** In ticks since the machine started. */
export interface CpuTimes {
  readonly total: number;
  readonly steal: number;
}

/** The first line of /proc/stat. Time of guests stands in user and nice already, and is not counted twice. */
export function parseCpuTimes(text: string): CpuTimes | null {
  const line = text.slice(0, text.indexOf('\n')).trim();
  const [name, ...fields] = line.split(/\s+/);
  const ticks = fields.slice(0, 8).map(Number);
  if (name !== 'cpu' || ticks.length < 8 || ticks.some((each) => !Number.isFinite(each))) return null;
  return { total: ticks.reduce((sum, each) => sum + each, 0), steal: ticks[7] ?? 0 };
}

/** Null where the system does not say. */
export function readCpuTimes(): CpuTimes | null {
  try {
    return parseCpuTimes(readFileSync('/proc/stat', 'utf8'));
  } catch {
    return null;
  }
}

/** From 0 to 1; null where it is not known. */
export function stealShare(before: CpuTimes | null, after: CpuTimes | null): number | null {
  if (before === null || after === null) return null;
  const total = after.total - before.total;
  return total <= 0 ? 0 : (after.steal - before.steal) / total;
}

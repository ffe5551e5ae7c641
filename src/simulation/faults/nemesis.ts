// The nemesis: what befalls whole processes, threads and the database in the course of a run. Its acts are spread over
// the calls of the clients, so that all of them meet work in flight.
import type { Random } from '../engine/random.ts';

export type Act = 'killProcess' | 'stopProcess' | 'takeAway' | 'killThread' | 'databaseAway' | 'stopCleanly';

export interface Planned {
  readonly act: Act;
  /** Comes when so many calls have been made. */
  readonly afterCalls: number;
}

const actsMin = 4;
const actsMax = 12;

const weights: Readonly<Record<Act, number>> = {
  killProcess: 3,
  stopProcess: 3,
  stopCleanly: 1,
  takeAway: 3,
  killThread: 4,
  databaseAway: 2,
};

/** At least one process is killed. */
export function planNemesis(random: Random, calls: number): Planned[] {
  const count = random.int(actsMin, actsMax);
  const acts: Act[] = Array.from({ length: count }, () => random.weighted(weights));
  if (!acts.includes('killProcess')) acts[0] = 'killProcess';
  return acts
    .map((act) => ({ act, afterCalls: random.int(1, Math.floor(calls * 0.95)) }))
    .sort((a, b) => a.afterCalls - b.afterCalls);
}

// What the command line of the simulator says.
import { parseArgs } from 'node:util';
import { defaultRunOptions } from './run.ts';

export interface SimOptions {
  /** The first seed. */
  readonly from: number;
  readonly runs: number;
  /** Threads that run side by side. */
  readonly jobs: number;
  readonly calls: number;
  readonly stopAtFirst: boolean;
}

export const usage = `npm run sim -- --seed N              one run, told in full where it fails
npm run sim -- --runs N [--from N]   many runs; without --from from a seed of the clock's
  --jobs N           so many side by side (1)
  --calls N          calls of clients in a run (${defaultRunOptions.calls})
  --stop-at-first    end with the first violation`;

const runsMax = 10_000_000;
const jobsMax = 64;
const callsMax = 100_000;

/** @throws RangeError, TypeError naming what cannot be */
export function parseOptions(args: readonly string[]): SimOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string' },
      runs: { type: 'string' },
      from: { type: 'string' },
      jobs: { type: 'string', default: '1' },
      calls: { type: 'string', default: String(defaultRunOptions.calls) },
      'stop-at-first': { type: 'boolean', default: false },
    },
  });
  const { seed } = values;
  if (seed !== undefined && (values.runs !== undefined || values.from !== undefined))
    throw new RangeError('--seed is one run; --runs and --from are for many');
  const from = seed ?? values.from;
  return {
    from: from === undefined ? Date.now() % 1_000_000_000 : whole('seed', from, 0, 0xffff_ffff),
    runs: seed === undefined ? whole('--runs', values.runs ?? '1', 1, runsMax) : 1,
    jobs: whole('--jobs', values.jobs, 1, jobsMax),
    calls: whole('--calls', values.calls, 1, callsMax),
    stopAtFirst: values['stop-at-first'],
  };
}

function whole(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < least || value > most)
    throw new RangeError(`${name} must be a whole number from ${least} to ${most}, not ${text}`);
  return value;
}

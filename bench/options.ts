// The options of `npm run bench`.
import { integerOption, parseOptions, UsageError } from '../src/cli/options.ts';
import { type Scenario, scenarios } from './scenarios/scenarios.ts';

export interface BenchOptions {
  readonly rounds: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  readonly outstanding: number;
  readonly baskets: number;
  readonly generators: number;
  /** By so much each flush of PostgreSQL's log takes longer. 0 to 100. */
  readonly flushMs: number;
  readonly only: readonly Scenario[];
  readonly json: string | null;
  readonly svg: string | null;
}

export const help = `npm run bench -- [options]
npm run bench -- events [options]   events and their broker; see npm run bench -- events --help

Compares Synkro with a FOR UPDATE version of itself and with an engine that does nothing: reservations of one hot SKU and
of the baskets of a real shop, in process and through unary gRPC, and whole orders (made, paid, allocated, confirmed)
through gRPC and REST; everything on one embedded PostgreSQL with fsync on. Rounds are
interleaved; the books are checked after every run. docs/BENCHMARKS.md says how to read it. Exit code: 0, or 1 where any
run was wrong, or 2 for a bad option.

  --quick            one round of one second each: to see that it works, not for figures
  --rounds N         rounds, each of every variant (default 5)
  --seconds N        length of each measurement (default 4)
  --warm-up N        seconds of load before it (default 3)
  --outstanding N    requests under way at any time (default 64)
  --baskets N        how many of the real orders, again and again (default 4000)
  --generators N     processes that make the gRPC load (default 1)
  --flush-ms N       each flush of PostgreSQL's log takes so much longer, for everybody: what a network disk, or a
                     replica that commits wait for, adds (default 0; at most 100)
  --only NAME        only the scenario of this name, or else those whose name holds it:
                     ${scenarios.map(({ name }) => name).join(', ')}
  --json FILE        write everything, every round, as JSON
  --svg FILE         write a chart`;

const config = {
  quick: { type: 'boolean' },
  rounds: { type: 'string' },
  seconds: { type: 'string' },
  'warm-up': { type: 'string' },
  outstanding: { type: 'string' },
  baskets: { type: 'string' },
  generators: { type: 'string' },
  'flush-ms': { type: 'string' },
  only: { type: 'string' },
  json: { type: 'string' },
  svg: { type: 'string' },
} as const;

/** @throws UsageError naming the option */
export function benchOptions(args: string[]): BenchOptions {
  const { values } = parseOptions({ args, options: config });
  const quick = values.quick === true;
  const number = (name: string, text: string | undefined, unset: number, max: number): number =>
    text === undefined ? unset : integerOption(name, text, 1, max);
  return {
    rounds: number('rounds', values.rounds, quick ? 1 : 5, 1_000),
    measureMs: number('seconds', values.seconds, quick ? 1 : 4, 3_600) * 1_000,
    warmUpMs: number('warm-up', values['warm-up'], quick ? 1 : 3, 3_600) * 1_000,
    outstanding: number('outstanding', values.outstanding, 64, 16_384),
    baskets: number('baskets', values.baskets, quick ? 300 : 4_000, 19_773),
    generators: number('generators', values.generators, 1, 64),
    flushMs: values['flush-ms'] === undefined ? 0 : integerOption('flush-ms', values['flush-ms'], 0, 100),
    only: chosen(values.only),
    json: values.json ?? null,
    svg: values.svg ?? null,
  };
}

function chosen(name: string | undefined): readonly Scenario[] {
  const named = scenarios.filter((scenario) => scenario.name === name);
  if (named.length > 0) return named;
  const found = scenarios.filter((scenario) => scenario.name.includes(name ?? ''));
  if (found.length > 0) return found;
  const names = scenarios.map((scenario) => scenario.name).join(', ');
  throw new UsageError(`--only must be part of one of ${names}, not '${name}'`);
}

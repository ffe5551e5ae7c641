// The options of `npm run bench -- events`.
import { integerOption, parseOptions, UsageError } from '../../src/cli/options.ts';
import type { WorkloadName } from '../scenarios/scenarios.ts';

export const eventScenarioNames = [
  'events-publish',
  'events-delay',
  'events-broker-away',
  'events-overhead',
] as const;
export type EventScenarioName = (typeof eventScenarioNames)[number];

export interface EventOptions {
  readonly only: readonly EventScenarioName[];
  /** Null: as many as each benchmark thinks right. The next two as well. */
  readonly rounds: number | null;
  readonly measureMs: number | null;
  readonly warmUpMs: number;
  /** Of each run that publishes. */
  readonly events: number;
  /** How long reservations are recorded for it. */
  readonly recordMs: number;
  readonly workload: WorkloadName;
  readonly baskets: number;
  /** Of the offered load; null: half of what is measured. */
  readonly ratePerSecond: number | null;
  /** Requests under way of a closed load. */
  readonly outstanding: number;
  readonly flushMs: number;
  readonly json: string | null;
  readonly svg: string | null;
}

export const help = `npm run bench -- events [options]

Benchmarks of events, on RabbitMQ (AMQP_URL, else the one on this machine) and one embedded PostgreSQL with fsync on:

  events-publish      events a second from the journal into the broker, confirmed, beside a bare confirming publisher
  events-delay        from durable to consumed, while reservations are offered at half of what the service can do
  events-broker-away  the broker goes away and comes back under that load: reservations, lag, memory, time to catch up
  events-overhead     reservations of one hot SKU with and without events

docs/BENCHMARKS.md says how to read it. Exit code: 0, or 1 where any run was wrong, or 2 for a bad option.

  --quick            one round of a second each: to see that it works, not for figures
  --only NAME        only those whose name holds it
  --rounds N         rounds, each of every variant (default 5; events-broker-away 1)
  --seconds N        length of each measurement (default 20; events-overhead 4); of events-broker-away each of: before,
                     away, after (default 60)
  --warm-up N        seconds of load before it (default 3)
  --events N         events of each run of events-publish (default 100000)
  --record-seconds N reservations are recorded for so long for events-publish (default 3)
  --workload NAME    what events-publish publishes: reservations of hot (one line each; default) or baskets
  --baskets N        how many of the real orders, again and again (default 4000)
  --rate N           reservations a second that are offered (default: half of what is measured first)
  --outstanding N    requests under way of a load that is not offered at a rate (default 64)
  --flush-ms N       each flush of PostgreSQL's log takes so much longer (default 0; at most 100)
  --json FILE        write everything, every round, as JSON
  --svg FILE         write a picture of events-broker-away`;

const config = {
  quick: { type: 'boolean' },
  only: { type: 'string' },
  rounds: { type: 'string' },
  seconds: { type: 'string' },
  'warm-up': { type: 'string' },
  events: { type: 'string' },
  'record-seconds': { type: 'string' },
  workload: { type: 'string' },
  baskets: { type: 'string' },
  rate: { type: 'string' },
  outstanding: { type: 'string' },
  'flush-ms': { type: 'string' },
  json: { type: 'string' },
  svg: { type: 'string' },
} as const;

/** @throws UsageError naming the option */
export function eventOptions(args: string[]): EventOptions {
  const { values } = parseOptions({ args, options: config });
  const quick = values.quick === true;
  const number = <T>(name: keyof typeof values, unset: T, min: number, max: number): number | T => {
    const text = values[name];
    return typeof text === 'string' ? integerOption(name, text, min, max) : unset;
  };
  const seconds = number('seconds', quick ? 1 : null, 1, 3_600);
  return {
    only: chosen(values.only),
    rounds: number('rounds', quick ? 1 : null, 1, 1_000),
    measureMs: seconds === null ? null : seconds * 1_000,
    warmUpMs: number('warm-up', quick ? 1 : 3, 1, 3_600) * 1_000,
    events: number('events', quick ? 2_000 : 100_000, 100, 10_000_000),
    recordMs: number('record-seconds', quick ? 1 : 3, 1, 60) * 1_000,
    workload: workloadOf(values.workload),
    baskets: number('baskets', quick ? 300 : 4_000, 1, 19_773),
    ratePerSecond: number('rate', null, 1, 1_000_000),
    outstanding: number('outstanding', 64, 1, 16_384),
    flushMs: number('flush-ms', 0, 0, 100),
    json: values.json ?? null,
    svg: values.svg ?? null,
  };
}

function chosen(name = ''): readonly EventScenarioName[] {
  const found = eventScenarioNames.filter((each) => each.includes(name));
  if (found.length > 0) return found;
  throw new UsageError(`--only must be part of one of ${eventScenarioNames.join(', ')}, not '${name}'`);
}

function workloadOf(name = 'hot'): WorkloadName {
  if (name === 'hot' || name === 'baskets') return name;
  throw new UsageError(`--workload must be hot or baskets, not '${name}'`);
}

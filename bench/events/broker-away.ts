// events-broker-away: what clients notice of a broker that goes away and comes back, while reservations are offered at half of
// what the service can do; how far events lag meanwhile, what that costs in memory, and how soon they have caught up.
import { setTimeout as pause } from 'node:timers/promises';
import { stealShare } from '../measure/steal.ts';
import { whole } from '../report/table.ts';
import type { Installation } from './broker.ts';
import { offeredRate } from './capacity.ts';
import { LagWatch } from './lag-watch.ts';
import { eventLimits as limits } from './limits.ts';
import { latenciesOf, OfferedLoad } from './offered.ts';
import type { Window } from './open-plan.ts';
import type {
  Context,
  EventRun,
  EventScenario,
  Figures,
  Runner,
  Timeline,
  TimelineSample,
} from './scenario.ts';
import { productPrefix, ServiceRun } from './service.ts';
import { Wire } from './wire.ts';

const phaseMsDefault = 60_000;
const decimal = (value: number): string => value.toFixed(1);

const phases = ['before', 'away', 'after'] as const;

export const brokerAway: EventScenario = {
  name: 'events-broker-away',
  title: 'the broker away and back, at half of what the service can do',
  variants: ['synkro'],
  columns: [
    { key: 'offeredPerSecond', title: 'offered/s', show: whole },
    ...phases.map((phase) => ({ key: `goodput-${phase}`, title: `reservations/s, ${phase}`, show: whole })),
    ...phases.map((phase) => ({ key: `p99Ms-${phase}`, title: `p99 ms, ${phase}`, show: decimal })),
    ...phases.map((phase) => ({ key: `failed-${phase}`, title: `not granted, ${phase}`, show: whole })),
    { key: 'lagRowsMax', title: 'lag at most, rows', show: whole },
    { key: 'lagSecondsMax', title: 'lag at most, s', show: decimal },
    { key: 'drainSeconds', title: 'caught up after, s', show: decimal },
    { key: 'rssMiBBefore', title: 'memory at most, before, MiB', show: whole },
    { key: 'rssMiBMax', title: 'memory at most, MiB', show: whole },
    { key: 'repeats', title: 'events told twice', show: whole },
  ],
  requirements: [],
  rounds: 1,
  open: openRunner,
};

async function openRunner(context: Context): Promise<Runner> {
  const installation = await context.broker.claim(productPrefix);
  const rate = await offeredRate(context, installation);
  return {
    run: (_, name) => run(context, installation, rate, name),
    close: () => context.broker.release(installation),
  };
}

async function run(
  context: Context,
  installation: Installation,
  ratePerSecond: number,
  name: string,
): Promise<EventRun> {
  const phaseMs = context.options.measureMs ?? phaseMsDefault;
  // So that no window lies in two phases.
  const windowMs = Math.ceil(phaseMs / Math.ceil(phaseMs / limits.windowMs));
  const { warmUpMs } = context.options;
  const wire = await Wire.open(context.broker.url);
  const service = await ServiceRun.start(context, installation, wire.url);
  const watch = new LagWatch(service);
  try {
    const offered = await OfferedLoad.start(service.host.port, {
      workload: 'hot',
      basketsMax: 1,
      orderPrefix: name,
      ratePerSecond,
      warmUpMs,
      durationMs: phases.length * phaseMs,
      windowMs,
    });
    const [went, { load, windows }] = await Promise.all([
      cutAndMend(context, service, watch, wire, phaseMs),
      offered.result(),
    ]);
    const drainSeconds = await watch.drained(went.backAtMs);
    const timeline = timelineOf(windows, windowMs, watch.samples, went);
    const problems = await service.check([load]);
    return {
      figures: {
        offeredPerSecond: ratePerSecond,
        ...figuresOf(windows, windowMs, timeline),
        drainSeconds,
        repeats: service.repeats,
      },
      stealShare: went.steal,
      problems: drainSeconds === null ? [...problems, 'what waited in the journal was never told'] : problems,
      timeline,
    };
  } finally {
    await watch.close();
    await service.close();
    await wire.cut();
    await installation.purge();
  }
}

interface Went {
  /** From the end of the warm-up on, in milliseconds. */
  readonly cutAtMs: number;
  readonly backAtMs: number;
  readonly steal: number | null;
}

/** Beside the load, which has just begun. */
async function cutAndMend(
  { databases, options }: Context,
  service: ServiceRun,
  watch: LagWatch,
  wire: Wire,
  phaseMs: number,
): Promise<Went> {
  await pause(options.warmUpMs);
  watch.start();
  const before = await service.moment(databases.pid);
  await pause(phaseMs - watch.sinceStartMs);
  await wire.cut();
  const cutAtMs = watch.sinceStartMs;
  await pause(2 * phaseMs - cutAtMs);
  await wire.mend();
  const backAtMs = watch.sinceStartMs;
  await pause(3 * phaseMs - backAtMs);
  const after = await service.moment(databases.pid);
  return { cutAtMs, backAtMs, steal: stealShare(before.machine, after.machine) };
}

function timelineOf(
  windows: readonly Window[],
  windowMs: number,
  samples: readonly TimelineSample[],
  { backAtMs, cutAtMs }: Went,
): Timeline {
  return {
    windowMs,
    windows: windows.map((window) => ({
      grantedPerSecond: (window.granted * 1_000) / windowMs,
      p99Ms: window.granted === 0 ? null : latenciesOf([window]).percentileMs(0.99),
    })),
    samples,
    cutAtMs,
    backAtMs,
  };
}

/** Each phase has as many windows as the others. */
function figuresOf(windows: readonly Window[], windowMs: number, { cutAtMs, samples }: Timeline): Figures {
  const each = windows.length / phases.length;
  const most = (of: (sample: TimelineSample) => number, among = samples): number =>
    among.reduce((max, sample) => Math.max(max, of(sample)), 0);
  return {
    ...Object.fromEntries(
      phases.flatMap((phase, at) => {
        const its = windows.slice(Math.round(at * each), Math.round((at + 1) * each));
        const granted = its.reduce((sum, window) => sum + window.granted, 0);
        const failed = its.flatMap((window) => Object.values(window.failed));
        return [
          [`goodput-${phase}`, (granted * 1_000) / (its.length * windowMs)],
          [`p99Ms-${phase}`, latenciesOf(its).percentileMs(0.99)],
          [`failed-${phase}`, failed.reduce((sum, count) => sum + count, 0)],
        ];
      }),
    ),
    lagRowsMax: most(({ lagRows }) => lagRows),
    lagSecondsMax: most(({ lagSeconds }) => lagSeconds),
    rssMiBBefore: most(
      ({ rssMiB }) => rssMiB,
      samples.filter(({ atMs }) => atMs < cutAtMs),
    ),
    rssMiBMax: most(({ rssMiB }) => rssMiB),
  };
}

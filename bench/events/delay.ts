// events-delay: how long after it is durable an event is consumed, while reservations are offered at half of what the service
// can do. The whole way: shard thread, thread of events, broker, consumer.
import { setTimeout as pause } from 'node:timers/promises';
import { cpuUsPerSecond } from '../measure/cpu.ts';
import { Histogram } from '../measure/histogram.ts';
import { stealShare } from '../measure/steal.ts';
import { whole } from '../report/table.ts';
import type { Installation } from './broker.ts';
import { offeredRate } from './capacity.ts';
import { latenciesOf, OfferedLoad } from './offered.ts';
import type { Context, EventRun, EventScenario, Runner } from './scenario.ts';
import { productPrefix, ServiceRun } from './service.ts';

const measureMsDefault = 20_000;
const delayMsMax = 100;
const ms = (value: number): string => value.toFixed(1);

export const delay: EventScenario = {
  name: 'events-delay',
  title: 'from durable to consumed, at half of what the service can do',
  variants: ['synkro'],
  columns: [
    { key: 'eventsPerSecond', title: 'events/s', show: whole },
    { key: 'offeredPerSecond', title: 'offered/s', show: whole },
    { key: 'p50Ms', title: 'delay p50 ms', show: ms },
    { key: 'p99Ms', title: 'p99 ms', show: ms },
    { key: 'maxMs', title: 'max ms', show: ms },
    { key: 'reservationP99Ms', title: 'reservation p99 ms', show: ms },
    { key: 'serviceUs', title: 'service µs', show: whole },
  ],
  requirements: [
    {
      text: `99 of 100 events are consumed within ${delayMsMax} ms`,
      variant: 'synkro',
      figure: 'p99Ms',
      isMet: (median) => median < delayMsMax,
    },
  ],
  rounds: 5,
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

/** Of what is consumed while it measures. */
class Delays {
  readonly #histogram = new Histogram();
  #maxMs = 0;
  isMeasuring = false;

  add(delayMs: number): void {
    if (!this.isMeasuring) return;
    this.#histogram.record(delayMs);
    this.#maxMs = Math.max(this.#maxMs, delayMs);
  }

  figures(seconds: number) {
    return {
      eventsPerSecond: this.#histogram.count / seconds,
      p50Ms: this.#histogram.percentileMs(0.5),
      p99Ms: this.#histogram.percentileMs(0.99),
      maxMs: this.#maxMs,
    };
  }
}

async function run(
  context: Context,
  installation: Installation,
  ratePerSecond: number,
  name: string,
): Promise<EventRun> {
  const { databases, options } = context;
  const { warmUpMs } = options;
  const measureMs = options.measureMs ?? measureMsDefault;
  const delays = new Delays();
  const service = await ServiceRun.start(context, installation, context.broker.url, (delayMs) =>
    delays.add(delayMs),
  );
  try {
    const offered = await OfferedLoad.start(service.host.port, {
      workload: 'hot',
      basketsMax: 1,
      orderPrefix: name,
      ratePerSecond,
      warmUpMs,
      durationMs: measureMs,
      windowMs: measureMs,
    });
    const [[before, after], { load, windows }] = await Promise.all([
      measureBetween(service, databases.pid, delays, warmUpMs, measureMs),
      offered.result(),
    ]);
    const seconds = (after.host.atMs - before.host.atMs) / 1_000;
    const told = delays.figures(seconds);
    return {
      figures: {
        ...told,
        offeredPerSecond: ratePerSecond,
        reservationP99Ms: latenciesOf(windows).percentileMs(0.99),
        serviceUs: cpuUsPerSecond(before.host, after.host) / Math.max(1, told.eventsPerSecond),
      },
      stealShare: stealShare(before.machine, after.machine),
      problems: await service.check([load]),
    };
  } finally {
    await service.close();
    await installation.purge();
  }
}

async function measureBetween(
  service: ServiceRun,
  postgresPid: number,
  delays: Delays,
  warmUpMs: number,
  measureMs: number,
) {
  await pause(warmUpMs);
  const before = await service.moment(postgresPid);
  delays.isMeasuring = true;
  await pause(measureMs);
  delays.isMeasuring = false;
  return [before, await service.moment(postgresPid)] as const;
}

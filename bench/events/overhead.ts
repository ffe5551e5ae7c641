// events-overhead: what events cost whoever reserves: the same load on the hot SKU with a broker and without, one after the
// other, again and again.

import { whole } from '../report/table.ts';
import { figures, load } from '../run.ts';
import { reservationsOf } from '../scenarios/scenarios.ts';
import type { Installation } from './broker.ts';
import type { Context, EventRun, EventScenario, Runner } from './scenario.ts';
import { productPrefix, ServiceRun } from './service.ts';

const withEvents = 'events to the broker';
const without = 'no AMQP_URL';
const measureMsDefault = 4_000;
const ms = (value: number): string => value.toFixed(2);

export const overhead: EventScenario = {
  name: 'events-overhead',
  title: 'reservations of the hot SKU over gRPC, with and without events',
  variants: [withEvents, without],
  columns: [
    { key: 'opsPerSecond', title: 'ops/s', show: whole },
    { key: 'p50Ms', title: 'p50 ms', show: ms },
    { key: 'p99Ms', title: 'p99 ms', show: ms },
    { key: 'serviceUs', title: 'service µs', show: whole },
    { key: 'postgresUs', title: 'postgres µs', show: whole },
    { key: 'loadUs', title: 'load µs', show: whole },
  ],
  base: without,
  requirements: [],
  rounds: 5,
  async open(context): Promise<Runner> {
    const installation = await context.broker.claim(productPrefix);
    return {
      run: (variant, name) => run(context, installation, variant, name),
      close: () => context.broker.release(installation),
    };
  },
};

async function run(
  context: Context,
  installation: Installation,
  variant: string,
  name: string,
): Promise<EventRun> {
  const { broker, databases, options } = context;
  const amqpUrl = variant === withEvents ? broker.url : '';
  const service = await ServiceRun.start(context, installation, amqpUrl);
  try {
    const scenario = reservationsOf('hot');
    const { baskets, outstanding, warmUpMs } = options;
    const measureMs = options.measureMs ?? measureMsDefault;
    const closed = { baskets, outstanding, warmUpMs, measureMs, generators: 1 };
    const measured = await load(service.host, databases.pid, scenario, closed, name);
    const { cpuUsPerOp, opsPerSecond, p50Ms, p99Ms, stealShare } = figures(measured, scenario);
    const { generator: loadUs, postgres: postgresUs, service: serviceUs } = cpuUsPerOp;
    return {
      figures: { opsPerSecond, p50Ms, p99Ms, serviceUs, postgresUs, loadUs },
      stealShare,
      problems: await service.check(measured.results),
    };
  } finally {
    await service.close();
    await installation.purge();
  }
}

// What the service can do with a broker, so that a load can be offered at half of it.
import { figures, load } from '../run.ts';
import { reservationsOf } from '../scenarios/scenarios.ts';
import type { Installation } from './broker.ts';
import type { Context } from './scenario.ts';
import { ServiceRun } from './service.ts';

const measureMsMax = 5_000;

/** Reservations a second: as the options say, else half of what a load that never pauses reaches. */
export async function offeredRate(context: Context, installation: Installation): Promise<number> {
  const { databases, options, say } = context;
  if (options.ratePerSecond !== null) return options.ratePerSecond;
  const run = await ServiceRun.start(context, installation, context.broker.url);
  try {
    const scenario = reservationsOf('hot');
    const { baskets, outstanding, warmUpMs } = options;
    const measureMs = Math.min(options.measureMs ?? measureMsMax, measureMsMax);
    const closed = { baskets, outstanding, warmUpMs, measureMs, generators: 1 };
    const measured = await load(run.host, databases.pid, scenario, closed, 'capacity');
    const { opsPerSecond } = figures(measured, scenario);
    const rate = Math.max(1, Math.round(opsPerSecond / 2));
    say(`the service can do ${Math.round(opsPerSecond)} reservations/s; ${rate}/s are offered`);
    return rate;
  } finally {
    await run.close();
    await installation.purge();
  }
}

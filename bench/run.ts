// One run: fresh databases, one engine in a process of its own, a load, samples at the beginning and the end of the
// measurement, and the books at its end. Nothing else of ours runs meanwhile.

import { checkForUpdate } from './check/for-update.ts';
import { checkOrderRowLock } from './check/order-row-lock.ts';
import { checkOrders } from './check/orders.ts';
import { checkSynkro } from './check/synkro.ts';
import { type Told, toldBy, unexpected } from './check/told.ts';
import type { Child } from './child.ts';
import type { Databases, RunDatabases } from './databases.ts';
import { benchLimits as limits } from './limits.ts';
import { isDone, isPhase, type LoadResult, overloadCodes } from './load/plan.ts';
import { type CpuSample, cpuUsPerSecond, readTreeCpuUs } from './measure/cpu.ts';
import { Histogram } from './measure/histogram.ts';
import { type CpuTimes, readCpuTimes, stealShare } from './measure/steal.ts';
import type { BenchOptions } from './options.ts';
import { Host, startGenerator } from './processes.ts';
import { type Engine, type Scenario, type Variant, workloads } from './scenarios/scenarios.ts';

export interface RunResult {
  readonly opsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Microseconds of CPU for each operation; null where the system does not tell. */
  readonly cpuUsPerOp: {
    readonly service: number;
    readonly postgres: number | null;
    readonly generator: number;
  };
  readonly generatorIdleShare: number;
  readonly stealShare: number | null;
  /** Granted over the whole run, warm-up and tail included: what the books are held to. */
  readonly granted: number;
  /** Requests that were refused for overload, over the whole run. */
  readonly overloaded: number;
  /** Empty, or the run does not count. */
  readonly problems: readonly string[];
}

export async function runOnce(
  databases: Databases,
  scenario: Scenario,
  variant: Variant,
  options: BenchOptions,
  orderPrefix: string,
): Promise<RunResult> {
  const database = await databases.copy(variant.engine, scenario.job);
  try {
    const { engine, poolSize, stockPoolSize } = variant;
    const { job, way } = scenario;
    const { url: databaseUrl, logisticsUrl, notificationsUrl } = database;
    const host = await Host.start({
      engine,
      job,
      way,
      databaseUrl,
      logisticsUrl,
      notificationsUrl,
      poolSize,
      stockPoolSize,
    });
    const measured = await load(host, databases.pid, scenario, options, orderPrefix).finally(() =>
      host.child.stop(),
    );
    const told = toldBy(measured.results, await workloads[scenario.workload].load(options.baskets));
    const problems = [...unexpected(measured.results), ...(await check(database, scenario, engine, told))];
    return { ...figures(measured, scenario), problems };
  } finally {
    await database.drop();
  }
}

function check(
  database: RunDatabases,
  { job, way }: Scenario,
  engine: Engine,
  told: Told,
): Promise<readonly string[]> {
  if (engine === 'empty') return Promise.resolve([]);
  if (engine === 'synkro')
    return job === 'order' ? checkOrders(database, way, told) : checkSynkro(database.url, told);
  return job === 'order' ? checkOrderRowLock(database, way, told) : checkForUpdate(database.url, told);
}

/** What was read at the beginning and at the end of the measurement. */
export interface Moment {
  readonly host: CpuSample;
  readonly postgres: CpuSample | null;
  readonly machine: CpuTimes | null;
}

/** What a closed load is made of. */
export type LoadOptions = Pick<
  BenchOptions,
  'outstanding' | 'baskets' | 'generators' | 'warmUpMs' | 'measureMs'
>;

export interface Measured {
  readonly results: readonly LoadResult[];
  readonly before: Moment;
  readonly after: Moment;
}

export async function load(
  host: Host,
  postgresPid: number,
  scenario: Scenario,
  options: LoadOptions,
  orderPrefix: string,
): Promise<Measured> {
  const generators = await startGenerators(host, scenario, options);
  try {
    const share = Math.max(1, Math.floor(options.outstanding / generators.length));
    for (const [n, generator] of generators.entries()) {
      const plan = {
        job: scenario.job,
        way: scenario.way,
        workload: scenario.workload,
        basketsMax: options.baskets,
        orderPrefix: `${orderPrefix}-${n}`,
        outstanding: share,
        warmUpMs: options.warmUpMs,
        measureMs: options.measureMs,
      };
      generator.send({ type: 'load', port: host.port, plan });
    }
    const before = await atPhase('measuring', generators, host, postgresPid, options.warmUpMs);
    const after = await atPhase('measured', generators, host, postgresPid, options.measureMs);
    const done = await Promise.all(
      generators.map((generator) =>
        generator.wait('the result', isDone, limits.tailMs + 2 * limits.drainMsMax),
      ),
    );
    return { results: done.map(({ result }) => result), before, after };
  } finally {
    for (const generator of generators) if (generator !== host.child) generator.kill();
  }
}

/** In process the host itself makes the load, in the thread that asks. */
async function startGenerators(host: Host, { way }: Scenario, { generators }: LoadOptions): Promise<Child[]> {
  if (way === 'threads') return [host.child];
  return await Promise.all(Array.from({ length: generators }, () => startGenerator()));
}

async function atPhase(
  phase: 'measuring' | 'measured',
  generators: readonly Child[],
  host: Host,
  postgresPid: number,
  afterMs: number,
): Promise<Moment> {
  await Promise.all(
    generators.map((generator) => generator.wait(phase, isPhase(phase), afterMs + limits.hostReadyMsMax)),
  );
  const machine = readCpuTimes();
  const cpuUs = readTreeCpuUs(postgresPid);
  const postgres = cpuUs === null ? null : { atMs: performance.now(), cpuUs };
  return { host: await host.cpu(), postgres, machine };
}

export function figures(
  { results, before, after }: Measured,
  { way }: Pick<Scenario, 'way'>,
): Omit<RunResult, 'problems'> {
  const latencies = Histogram.from([]);
  for (const result of results) latencies.add(result.latencies);
  const sum = (of: (result: LoadResult) => number): number =>
    results.reduce((total, result) => total + of(result), 0);
  const opsPerSecond = sum(({ measured, seconds }) => measured / seconds);
  const generator = sum((result) => result.cpuUsPerSecond);
  const host = cpuUsPerSecond(before.host, after.host);
  const service = way === 'threads' ? Math.max(0, host - generator) : host;
  const database =
    before.postgres === null || after.postgres === null
      ? null
      : cpuUsPerSecond(before.postgres, after.postgres);
  const perOp = (usPerSecond: number): number => (opsPerSecond === 0 ? 0 : usPerSecond / opsPerSecond);
  return {
    opsPerSecond,
    p50Ms: latencies.percentileMs(0.5),
    p99Ms: latencies.percentileMs(0.99),
    cpuUsPerOp: {
      service: perOp(service),
      postgres: database === null ? null : perOp(database),
      generator: perOp(generator),
    },
    generatorIdleShare: Math.min(...results.map(({ idleShare }) => idleShare)),
    stealShare: stealShare(before.machine, after.machine),
    granted: sum((result) => result.granted),
    overloaded: sum(({ failed }) =>
      [...overloadCodes].reduce((total, code) => total + (failed[code] ?? 0), 0),
    ),
  };
}

// events-publish: how many events a second the product brings from its journal to the broker, confirmed, beside a bare
// confirming publisher of the same bodies. Consumers are off, and the queues are empty at the beginning of each run.
import { randomUUID } from 'node:crypto';
import { Child } from '../../child.ts';
import type { RunDatabases } from '../../databases.ts';
import { benchLimits } from '../../limits.ts';
import { readTreeCpuUs } from '../../measure/cpu.ts';
import { readCpuTimes, stealShare } from '../../measure/steal.ts';
import { isStarted } from '../../processes.ts';
import { whole } from '../../report/table.ts';
import { reservationsOf } from '../../scenarios/scenarios.ts';
import type { Installation } from '../broker.ts';
import { eventLimits as limits } from '../limits.ts';
import {
  type Context,
  type EventRun,
  type EventScenario,
  type Requirement,
  type Runner,
  ratioKey,
} from '../scenario.ts';
import {
  isMeasuring,
  isPublished,
  type PublishOrder,
  type PublishPlan,
  type PublishResult,
  type Source,
} from './plan.ts';
import { journalOf, type Recording, record } from './recording.ts';

const variants: ReadonlyMap<string, Source> = new Map([
  ['synkro, backlog in PostgreSQL', 'backlog'],
  ['synkro, fed by its threads', 'fed'],
  ['bare publisher', 'bare'],
]);
const ratioMin = 0.7;

export const publish: EventScenario = {
  name: 'events-publish',
  title: 'events from the journal to the broker, confirmed',
  variants: [...variants.keys()],
  columns: [
    { key: 'eventsPerSecond', title: 'events/s', show: whole },
    { key: 'publisherUs', title: 'publisher µs', show: whole },
    { key: 'postgresUs', title: 'postgres µs', show: whole },
  ],
  base: 'bare publisher',
  requirements: [...variants].flatMap(([variant, source]): Requirement[] =>
    source === 'bare'
      ? []
      : [
          {
            text: `at least ${ratioMin} times the bare publisher`,
            variant,
            figure: ratioKey,
            isMet: (median) => median >= ratioMin,
          },
        ],
  ),
  rounds: 5,
  open: openRunner,
};

interface Prepared {
  readonly installation: Installation;
  readonly recording: Recording;
  readonly copies: number;
  readonly backlog: RunDatabases;
  /** Whose journal is empty. */
  readonly fed: RunDatabases;
}

async function openRunner(context: Context): Promise<Runner> {
  const { broker, databases, options, say } = context;
  const installation = await broker.claim(`bench-${randomUUID().slice(0, 8)}.`);
  const scenario = reservationsOf(options.workload);
  const { baskets, outstanding, recordMs: measureMs } = options;
  const recording = await record(databases, scenario, {
    baskets,
    outstanding,
    generators: 1,
    warmUpMs: 0,
    measureMs,
  });
  const copies = Math.ceil(options.events / recording.events);
  say(
    `${recording.events} events recorded in ${recording.rows.length} rows; each run tells them ${copies} times`,
  );
  const backlog = await journalOf(databases, recording, copies);
  const fed = await journalOf(databases, recording, 0);
  const prepared = { installation, recording, copies, backlog, fed };
  return {
    run: (variant) => run(context, prepared, variants.get(variant) ?? 'bare'),
    async close() {
      await backlog.drop();
      await fed.drop();
      await broker.release(installation);
    },
  };
}

async function run(context: Context, prepared: Prepared, source: Source): Promise<EventRun> {
  const { installation } = prepared;
  await installation.purge();
  const child = new Child(`publisher (${source})`, new URL('host.ts', import.meta.url));
  try {
    const plan = planOf(context, prepared, source);
    const { postgresUs, result, steal } = await measure(child, plan, context.databases.pid);
    await child.stop();
    const { cpuUs, measured, seconds } = result;
    return {
      figures: {
        eventsPerSecond: measured / seconds,
        publisherUs: cpuUs / measured,
        postgresUs: postgresUs === null ? null : postgresUs / measured,
      },
      stealShare: steal,
      problems: await problemsOf(plan, result, installation),
    };
  } finally {
    child.kill();
    await installation.purge();
  }
}

function planOf({ broker }: Context, prepared: Prepared, source: Source): PublishPlan {
  const { backlog, copies, fed, installation, recording } = prepared;
  const url: Readonly<Record<Source, string>> = { backlog: backlog.url, fed: fed.url, bare: '' };
  return {
    source,
    amqpUrl: broker.url,
    prefix: installation.prefix,
    databaseUrl: url[source],
    rows: source === 'backlog' ? [] : recording.rows,
    copies,
    events: recording.events * copies,
  };
}

async function measure(child: Child, plan: PublishPlan, postgresPid: number) {
  await child.wait('ready', isStarted, benchLimits.hostReadyMsMax);
  const order: PublishOrder = { type: 'publish', plan };
  child.send(order);
  await child.wait('the end of the warm-up', isMeasuring, limits.publishMsMax);
  const before = { machine: readCpuTimes(), postgres: readTreeCpuUs(postgresPid) };
  const { result } = await child.wait('the result', isPublished, limits.publishMsMax);
  const postgres = readTreeCpuUs(postgresPid);
  return {
    result,
    steal: stealShare(before.machine, readCpuTimes()),
    postgresUs: postgres === null || before.postgres === null ? null : postgres - before.postgres,
  };
}

/** The queues hold every event, each once: nobody has taken any, and the connection never broke. */
async function problemsOf(
  { events }: PublishPlan,
  { confirmed, refused }: PublishResult,
  installation: Installation,
): Promise<string[]> {
  const depth = await installation.depth(events);
  return [
    ...(confirmed === events ? [] : [`${confirmed} of ${events} events were confirmed`]),
    ...(refused === 0 ? [] : [`the broker has refused or given back ${refused} events`]),
    ...(depth === events ? [] : [`I15: the queues hold ${depth} messages, of ${events} events`]),
  ];
}

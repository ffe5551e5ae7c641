// Who is told of what, by the role of a process: over a broker one reader of each journal, without one the consumers of the
// process themselves; and what is measured of them.
import pino from 'pino';
import postgres from 'postgres';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Events } from '../../../src/service/events/events.ts';
import { measured } from '../../../src/service/events/measured.ts';
import type { EventSource, EventsParts } from '../../../src/service/events/parts.ts';
import { type EventMeasures, EventMetrics } from '../../../src/telemetry/event-metrics.ts';
import { journalRow } from '../../outbox/support.ts';
import {
  createDatabase,
  createLogisticsDatabase,
  createNotificationsDatabase,
  type TestDatabase,
} from '../../support/database.ts';
import { until } from '../../support/until.ts';

const log = pino({ level: 'silent' });

let databases: { inventory: TestDatabase; logistics: TestDatabase; notifications: TestDatabase };
const opened: Events[] = [];

beforeEach(async () => {
  const [inventory, logistics, notifications] = await Promise.all([
    createDatabase(),
    createLogisticsDatabase(),
    createNotificationsDatabase(),
  ]);
  databases = { inventory, logistics, notifications };
  for (const { url } of [inventory, logistics])
    await asked(url, (sql) => sql`insert into shards (shard) values (0)`);
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((events) => events.close()));
  await Promise.all(Object.values(databases).map((database) => database.drop()));
});

async function asked<T>(url: string, work: (sql: postgres.Sql) => PromiseLike<T>): Promise<T> {
  const sql = postgres(url, { max: 1 });
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}

const sourceOf = (service: 'inventory' | 'logistics'): EventSource => ({
  service,
  databaseUrl: databases[service].url,
  shards: 1,
  threads: 1,
  ownerEpoch: 0,
});

async function open(
  services: readonly ('inventory' | 'logistics' | 'notifications')[],
  amqpUrl: string | null,
): Promise<Events> {
  const parts: EventsParts = {
    host: '127.0.0.1',
    logLevel: 'silent',
    sources: services.flatMap((each) => (each === 'notifications' ? [] : [sourceOf(each)])),
    amqpUrl,
    journalQuotaMb: 4_096,
    notifications: services.includes('notifications')
      ? {
          databaseUrl: databases.notifications.url,
          logisticsGrpcUrl: null,
          webhookUrls: [],
          webhookSecrets: [],
          smtpUrl: null,
          mailFrom: 'shop@localhost',
          shopMail: '',
        }
      : null,
  };
  const events = new Events(parts, { log, ownerEpochs: { notifications: 1 }, ownGrpcUrl: '127.0.0.1:1' });
  opened.push(events);
  await events.open();
  return events;
}

/** Of both journals, from the databases. */
async function readers(): Promise<object> {
  const [inventory, logistics] = await Promise.all(
    [databases.inventory, databases.logistics].map(({ url }) =>
      asked(url, async (sql) => {
        const rows = await sql`select reader from outbox_positions order by reader`;
        return rows.map(({ reader }) => String(reader));
      }),
    ),
  );
  return { inventory, logistics };
}

/** Nobody answers there. */
const nowhere = 'amqp://127.0.0.1:1';

test('without a broker the consumers of the process read its journals', async () => {
  const events = await open(['inventory', 'logistics', 'notifications'], null);
  expect(await readers()).toEqual({
    inventory: ['notification_service', 'order_processing'],
    logistics: ['notification_service'],
  });
  expect(events.locals.map(({ queue }) => queue).sort()).toEqual([
    'notification_service',
    'notification_service',
    'order_processing',
  ]);
  expect([events.publisher, events.consumers.size]).toEqual([null, 0]);
});

test.each([
  {
    roles: ['inventory', 'logistics', 'notifications'],
    queues: ['notification_service', 'order_processing'],
  },
  { roles: ['inventory'], queues: [] },
  { roles: ['logistics'], queues: ['order_processing'] },
  { roles: ['notifications'], queues: ['notification_service'] },
] as const)('over a broker $roles publish their journals, and consume $queues', async ({ roles, queues }) => {
  const events = await open(roles, nowhere);
  const read = (service: 'inventory' | 'logistics') =>
    roles.some((each) => each === service) ? ['amqp'] : [];
  expect(await readers()).toEqual({ inventory: read('inventory'), logistics: read('logistics') });
  expect([...events.consumers.keys()].sort()).toEqual(queues);
  expect(events.publisher === null).toBe(roles.every((role) => role === 'notifications'));
});

test('a service on its own without a broker is heard by nobody, and its journal waits for nobody', async () => {
  await open(['inventory'], nowhere);
  expect(await readers()).toEqual({ inventory: ['amqp'], logistics: [] });
  await Promise.all(opened.splice(0).map((events) => events.close()));
  await open(['inventory'], null);
  expect(await readers()).toEqual({ inventory: [], logistics: [] });
});

function measure(
  measures: EventMeasures,
  name: keyof EventMeasures,
  labels: Readonly<Record<string, string>>,
): number | undefined {
  const wanted = JSON.stringify(labels);
  return measures[name]?.find((sample) => JSON.stringify(sample.labels) === wanted)?.value;
}

test('what waits, and for whom, is measured', async () => {
  const { shard, seq, epoch, at, events: row } = journalRow(0, 1);
  await asked(
    databases.inventory.url,
    (sql) => sql`insert into journal values (${shard}, ${seq}, ${epoch}, ${new Date(at)}, ${row})`,
  );
  // No shard thread of Logistics answers.
  const events = await open(['inventory', 'logistics', 'notifications'], null);
  const queue = { queue: 'order_processing' };
  await until('a second try', async () => {
    const measures = await measured(events, log);
    return (measure(measures, 'synkro_events_retried_total', queue) ?? 0) > 0;
  });
  const reads = (reader: string) => ({ service: 'inventory', reader });
  await until('the other reader to be past it', async () => {
    const measures = await measured(events, log);
    return measure(measures, 'synkro_outbox_lag_rows', reads('notification_service')) === 0;
  });
  const measures = await measured(events, log);
  expect(measure(measures, 'synkro_consumer_stuck_seconds', queue)).toBeGreaterThan(0);
  expect(measure(measures, 'synkro_events_handled_total', queue)).toBe(0);
  expect(measure(measures, 'synkro_outbox_lag_rows', reads('order_processing'))).toBe(1);
  expect(measure(measures, 'synkro_outbox_lag_seconds', reads('order_processing'))).toBeGreaterThan(0);
  expect(measure(measures, 'synkro_outbox_in_flight', reads('order_processing'))).toBe(1);
  expect(measure(measures, 'synkro_outbox_broken', reads('order_processing'))).toBe(0);
  expect(measure(measures, 'synkro_outbox_over_quota', { service: 'inventory' })).toBe(0);
  expect(measure(measures, 'synkro_journal_bytes', { service: 'logistics' })).toBeGreaterThan(0);
  expect(measure(measures, 'synkro_notifications_waiting', { channel: 'webhook' })).toBe(0);
  const metrics = new EventMetrics();
  metrics.take(measures);
  metrics.take(measures);
  const text = await metrics.registry.metrics();
  expect(text).toContain('synkro_outbox_lag_rows{service="inventory",reader="order_processing"} 1');
});

test('a database of notifications that is away leaves the rest to be measured', async () => {
  await databases.notifications.drop();
  const events = await open(['inventory', 'notifications'], null);
  const measures = await measured(events, log);
  expect(measures.synkro_notifications_waiting).toBeUndefined();
  expect(measure(measures, 'synkro_outbox_over_quota', { service: 'inventory' })).toBe(0);
});

// What waits for a webhook is found at once, also behind tens of thousands that were sent.
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Client, openClient } from '../../src/persistence/connect.ts';
import { nextInOrder } from '../../src/persistence/notifications/waiting.ts';
import { createNotificationsDatabase, type TestDatabase } from '../support/database.ts';
import { RecordedLog } from '../support/rabbit.ts';
import { until } from '../support/until.ts';

const target = 'https://shop.example/hook';
const sent = 30_000;
const limit = 100;

let database: TestDatabase;
let client: Client;
/** Whose statements may take longer. */
let sql: postgres.Sql;

beforeAll(async () => {
  database = await createNotificationsDatabase();
  client = openClient('work', { url: database.url, log: new RecordedLog() });
  sql = postgres(database.url, { max: 1 });
});

afterAll(async () => {
  await client.close();
  await sql.end();
  await database.drop();
});

/** As after a long day without the receiver: as many wait as were sent before. */
async function fill(): Promise<void> {
  await sql`update owner set epoch = 1, holder = 'test'`;
  await sql`
    insert into notifications (
      event_id, channel, target, template, subject, status, sent_at, give_up_at, event
    )
    select n::text, 'webhook', ${target}::text, 'order_confirmed', 'orders/' || n,
      case when n <= ${sent}::int then 'sent' else 'waiting' end,
      case when n <= ${sent}::int then now() end, now() + interval '1 day', '{}'
    from generate_series(1, ${2 * sent}::int) as n`;
  await sql`analyze notifications`;
}

/** Entries of the index that were read, as the server has counted by now. */
async function readFrom(index: string): Promise<number> {
  const [row] = await sql<{ readonly count: number }[]>`
    select idx_tup_read::int as count from pg_stat_user_indexes where indexrelname = ${index}`;
  return row?.count ?? 0;
}

test('the first that wait are read, and nothing that was sent', async () => {
  await fill();
  const rows = await nextInOrder(client, { target, ownerEpoch: 1, limit });
  expect(rows.map(({ eventId }) => Number(eventId))).toEqual(
    Array.from({ length: limit }, (_, index) => sent + 1 + index),
  );
  await client.run('count at once', (sql) => sql`select pg_stat_force_next_flush()`);
  const counted = async () =>
    (await readFrom('notifications_waiting')) + (await readFrom('notifications_pkey')) > 0;
  await until('the count', counted);
  expect(await readFrom('notifications_pkey')).toBe(0);
  expect(await readFrom('notifications_waiting')).toBeLessThanOrEqual(2 * limit);
});

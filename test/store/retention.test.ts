// Old idempotency keys are forgotten: all of them, in statements of bounded size, by the database's clock.
import postgres from 'postgres';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Client, openClient } from '../../src/persistence/connect.ts';
import { forgetOldReceipts } from '../../src/service/retention.ts';
import type { TestDatabase } from '../support/database.ts';
import { makeDatabase, silentLog } from './real.ts';

const keptMs = 3_600_000;
let database: TestDatabase;
let sql: postgres.Sql;
let client: Client;

beforeEach(async () => {
  database = await makeDatabase();
  sql = postgres(database.url, { max: 1 });
  client = openClient('work', { url: database.url, log: silentLog });
  await sql`
    insert into idempotency_keys (key, fingerprint, reply, created_at, shard, seq)
    select age || '-' || n, 'f', '{}', now() - age::interval, 0, 1
    from generate_series(1, 25) as n, unnest(array['59 minutes', '61 minutes']) as age`;
});

afterEach(async () => {
  vi.useRealTimers();
  await Promise.all([client.close(), sql.end({ timeout: 1 })]);
  await database.drop();
});

async function ages(): Promise<unknown> {
  return Array.from(
    await sql`
      select split_part(key, '-', 1) as age, count(*)::int as keys from idempotency_keys group by 1 order by 1`,
  );
}

test('more than one statement may take are all forgotten, and the younger are kept', async () => {
  await forgetOldReceipts(client, keptMs, { receiptsForgottenMax: 10, roundsMax: 100 });
  expect(await ages()).toEqual([{ age: '59 minutes', keys: 25 }]);
});

test('a run is bounded', async () => {
  await forgetOldReceipts(client, keptMs, { receiptsForgottenMax: 10, roundsMax: 2 });
  expect(await ages()).toEqual([
    { age: '59 minutes', keys: 25 },
    { age: '61 minutes', keys: 5 },
  ]);
});

test('a clock of this process that is wrong makes no difference', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 10 * keptMs });
  await forgetOldReceipts(client, keptMs);
  expect(await ages()).toEqual([{ age: '59 minutes', keys: 25 }]);
});

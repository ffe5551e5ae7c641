// A database from before queues had their units as a column: the migration reckons them from what the queues hold.
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { migrate } from '../../src/persistence/migrate.ts';
import { createEmptyDatabase, type TestDatabase } from '../support/database.ts';
import { itemId, orderId, queue } from './samples.ts';

const migrations = fileURLToPath(new URL('../../sql/logistics', import.meta.url));
const its = '0007_supply.sql';

let database: TestDatabase;
let folder: string;
let sql: postgres.Sql;

beforeAll(async () => {
  database = await createEmptyDatabase();
  folder = mkdtempSync(join(tmpdir(), 'synkro-queue-units-'));
  sql = postgres(database.url, { max: 1, types: { bigint: { ...postgres.BigInt, parse: Number } } });
});

afterAll(async () => {
  await sql.end({ timeout: 1 });
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

it('counts those that wait, of every queue', async () => {
  const all = readdirSync(migrations).sort();
  const copy = (names: readonly string[]) => {
    for (const name of names) cpSync(join(migrations, name), join(folder, name));
  };
  copy(all.filter((name) => name < its));
  await migrate(database.url, folder);
  const quantities = [[], [3], [4, 1_000_000_000]];
  const rows = quantities.map((each, n) => {
    const entries = each.map((quantity) => ({ orderId: orderId(n), quantity, state: 'waiting' }) as const);
    const state = JSON.stringify(queue({ entries }));
    return { item_id: itemId(n), waiting: each.length, pending: false, state, shard: 0, seq: 1 };
  });
  await sql`insert into backorder_queues ${sql(rows)}`;
  copy(all.filter((name) => name >= its));
  await migrate(database.url, folder);
  expect(await sql`select units from backorder_queues order by item_id`).toEqual(
    [0, 3, 1_000_000_004].map((units) => ({ units })),
  );
});

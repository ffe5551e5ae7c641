// SIGTERM: what was begun is finished, the tables catch up with the journal, and the process ends with 0.
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase, createEmptyDatabase, type TestDatabase } from '../support/database.ts';
import { basket, Inventory, rpc } from '../support/inventory.ts';
import { ReserveLoad } from '../support/load.ts';
import { expectCleanAudit, type ServiceOptions, TestService } from '../support/service.ts';
import { until } from '../support/until.ts';

const skus = ['stop-0', 'stop-1', 'stop-2'];
let database: TestDatabase;
let options: ServiceOptions;
let service: TestService;
let inventory: Inventory;

beforeAll(async () => {
  database = await createDatabase();
  options = { data: database, env: { SHARD_THREADS: '2' } };
  service = await TestService.start(options);
  inventory = new Inventory((await service.ready()).grpc);
  const warehouseId = await inventory.warehouse();
  for (const sku of skus) await inventory.item(sku, { [warehouseId]: 5_000 });
});

afterAll(async () => {
  inventory.close();
  await service.stop();
  await database.drop();
});

/** Shards whose tables do not have all that their journal has. */
async function lagging(): Promise<readonly unknown[]> {
  const sql = postgres(database.url, { max: 1 });
  try {
    return await sql`
      select shard, snapshot_seq, last from shards
      join (select shard, max(seq) as last from journal group by shard) as heads using (shard)
      where snapshot_seq <> last`;
  } finally {
    await sql.end();
  }
}

async function startAgain(): Promise<void> {
  service = await TestService.start(options);
  inventory.moveTo((await service.ready()).grpc);
}

test('under load: exit code 0, nothing answered is lost, and the next start replays nothing', async () => {
  const load = new ReserveLoad(inventory, { clients: 16, skus, prefix: 'term' });
  await until('answers', () => load.told.length >= 100 || load.hasFailed);
  await service.stop();
  expect(await lagging()).toEqual([]);
  await startAgain();
  await load.end();
  const replayed = service.lines.filter(({ msg, why }) => msg === 'serving' && why === 'start');
  expect(replayed.map(({ rows }) => rows)).toEqual([0, 0]);
  await load.expectStable();
  await expectCleanAudit(database.url);
});

test('a second SIGTERM, and a SIGINT, change nothing', async () => {
  await inventory.call(rpc.reserve, basket('again-1', { 'stop-0': 1 }));
  service.signal('SIGTERM');
  await service.says('that it is stopping', ({ event }) => event === 'stopping');
  service.signal('SIGTERM');
  service.signal('SIGINT');
  expect(await service.ended(), service.logTail()).toBe('exit code 0');
  expect(await lagging()).toEqual([]);
  await startAgain();
});

test('SIGTERM during the start ends it cleanly', async () => {
  const empty = await createEmptyDatabase();
  const starting = TestService.spawn({ data: empty });
  await starting.says('that it migrates', ({ msg }) => msg === 'migrated');
  starting.signal('SIGTERM');
  expect(await starting.ended(), starting.logTail()).toBe('exit code 0');
  const again = await TestService.start({ data: empty });
  await again.stop();
  await empty.drop();
});

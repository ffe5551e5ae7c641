// The process is killed in the middle of its work, again and again: whatever a client was told stays true.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { Inventory } from '../support/inventory.ts';
import { ReserveLoad } from '../support/load.ts';
import { expectCleanAudit, type ServiceOptions, TestService } from '../support/service.ts';
import { until } from '../support/until.ts';

/** What the project promises is 20; SYNKRO_TEST_KILLS sets another number. Each takes 2 to 4 seconds. */
const kills = Number(process.env['SYNKRO_TEST_KILLS'] ?? 20);
const skus = Array.from({ length: 6 }, (_, index) => `crash-${index}`);

let database: TestDatabase;
let options: ServiceOptions;
let service: TestService;
let inventory: Inventory;

beforeAll(async () => {
  database = await createDatabase();
  options = { data: database, env: { SHARD_THREADS: '2', OWNER_LEASE_MS: '500' } };
  service = await TestService.start(options);
  inventory = new Inventory((await service.ready()).grpc);
  const warehouses = [await inventory.warehouse('North'), await inventory.warehouse('South')];
  // Little enough that refusals are among the answers before the end.
  for (const sku of skus)
    await inventory.item(sku, Object.fromEntries(warehouses.map((id) => [id, 10 * kills])));
});

afterAll(async () => {
  inventory.close();
  await service.stop();
  await database.drop();
});

test(
  `kill -9 under load, ${kills} times (SYNKRO_TEST_KILLS): all that was answered is there and the same`,
  async () => {
    const loads: ReserveLoad[] = [];
    for (let round = 0; round < kills; round++) {
      const load = new ReserveLoad(inventory, { clients: 16, skus, prefix: `round-${round}` });
      loads.push(load);
      const enough = 10 + ((round * 37) % 150);
      await until(`${enough} answers`, () => load.told.length >= enough || load.hasFailed);
      await service.kill();
      service = await TestService.start(options);
      inventory.moveTo((await service.ready()).grpc);
      await load.end();
      await load.expectStable();
      await expectCleanAudit(database.url);
    }
    for (const load of loads) await load.expectStable();
    const answers = loads.flatMap(({ told }) => told);
    expect(new Set(answers.map(({ success }) => success))).toEqual(new Set([true, false]));
    await expectCleanAudit(database.url);
  },
  30_000 + 12_000 * kills,
);

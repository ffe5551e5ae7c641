// Low stock and back in stock on the whole service: set over gRPC and over REST, told by both, recorded once each, and
// remembered across a kill.
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isObject } from '../../src/actors/shape.ts';
import { decodeRecord } from '../../src/runtime/record.ts';
import { type Checked, checkedFetch } from '../http/support/checked.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { basket, Inventory, rpc } from '../support/inventory.ts';
import { expectCleanAudit, TestService } from '../support/service.ts';

let database: TestDatabase;
let service: TestService;
let inventory: Inventory;
let call: Checked;
let warehouseId: string;

async function start(): Promise<void> {
  service = await TestService.start({
    data: database,
    env: { SHARD_THREADS: '2', OWNER_LEASE_MS: '500' },
  });
  const { grpc, http } = await service.ready();
  inventory = new Inventory(grpc);
  call = await checkedFetch(`http://127.0.0.1:${http}`);
}

beforeAll(async () => {
  database = await createDatabase();
  await start();
  warehouseId = await inventory.warehouse();
});

afterAll(async () => {
  inventory.close();
  await service.stop();
  await expectCleanAudit(database.url);
  await database.drop();
});

/** What both edges say: whether the level is low, and its policy, if it has one. */
async function told(sku: string) {
  const { isLow, policy } = await inventory.level(sku);
  const { body } = await call('GET', `/v1/items/sku:${sku}/levels`);
  const [level] = Object(body).levels;
  expect(level.isLow ?? false).toBe(isLow);
  return { isLow, policy, json: level.policy };
}

const policyPath = (sku: string) => `/v1/items/sku:${sku}/policies/${warehouseId}`;

/** Of every alert in the journal, in order: which, and at what threshold. */
async function alertsOf(sku: string): Promise<string[]> {
  const sql = postgres(database.url, { max: 1 });
  try {
    const rows = await sql<{ events: string }[]>`select events from journal order by shard, seq`;
    return rows
      .flatMap(({ events }) => decodeRecord(events).events)
      .map(({ event }) => event)
      .filter((event) => isObject(event) && event['sku'] === sku && 'alert' in event)
      .map((event) => `${Object(event).alert} at ${Object(event).threshold}`);
  } finally {
    await sql.end();
  }
}

test('low and back are told once each, whoever takes and brings, also by the process after a kill', async () => {
  await inventory.item('lamp', { [warehouseId]: 10 });
  const json = { lowStockThreshold: 5, backInStockThreshold: 8 };
  const set = await call('PUT', policyPath('lamp'), { json });
  expect([set.status, set.body]).toEqual([200, { ...json, incomingQuantity: 0 }]);
  expect(await told('lamp')).toMatchObject({ isLow: false, policy: { backInStockThreshold: 8n }, json });

  await inventory.call(rpc.reserve, basket('lamp-1', { lamp: 6 }));
  expect(await told('lamp')).toMatchObject({ isLow: true });
  await service.kill();
  inventory.close();
  await start();
  expect(await told('lamp')).toMatchObject({ isLow: true, json });

  const adjust = (delta: bigint) => inventory.call(rpc.adjust, { sku: 'lamp', warehouseId, delta });
  await adjust(3n);
  await adjust(-1n);
  expect(await told('lamp')).toMatchObject({ isLow: true });
  await inventory.call(rpc.release, { orderId: 'lamp-1' });
  expect(await told('lamp')).toMatchObject({ isLow: false });
  expect(await alertsOf('lamp')).toEqual(['low at 5', 'back at 8']);
});

test('a policy that is met already is told at once, over either edge', async () => {
  await inventory.item('vase', { [warehouseId]: 4 });
  const policy = { lowStockThreshold: 5n };
  const set = await inventory.call(rpc.setPolicy, { sku: 'vase', warehouseId, policy });
  expect(set.policy).toMatchObject({ lowStockThreshold: 5n, backInStockThreshold: 5n });
  expect(await told('vase')).toMatchObject({ isLow: true });
  const lower = await call('PUT', policyPath('vase'), { json: { lowStockThreshold: 3 } });
  expect(lower.body).toMatchObject({ lowStockThreshold: 3, backInStockThreshold: 3 });
  expect(await told('vase')).toMatchObject({ isLow: false });
  const none = await call('PUT', policyPath('vase'), { json: { backInStockThreshold: 9 } });
  expect(none.body).toMatchObject({ lowStockThreshold: 0, backInStockThreshold: 0 });
  expect(await alertsOf('vase')).toEqual(['low at 5', 'back at 3']);
});

test('a threshold that cannot be is refused by its name, and changes nothing', async () => {
  await inventory.item('rug', { [warehouseId]: 4 });
  const below = { lowStockThreshold: 3n, backInStockThreshold: 2n };
  expect(await inventory.refused(rpc.setPolicy, { sku: 'rug', warehouseId, policy: below })).toMatchObject({
    code: 'INVALID_ARGUMENT',
    fields: ['policy.back_in_stock_threshold'],
  });
  for (const backInStockThreshold of [-1, 2, 2.5, 2 ** 53, '9', null]) {
    const json = { lowStockThreshold: 3, backInStockThreshold };
    const { body, status } = await call('PUT', policyPath('rug'), { json });
    expect([backInStockThreshold, status, Object(body).field]).toEqual([
      backInStockThreshold,
      400,
      'backInStockThreshold',
    ]);
  }
  expect(await told('rug')).toEqual({ isLow: false, policy: undefined, json: undefined });
});

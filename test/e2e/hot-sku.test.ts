// Many clients want the same stock at the same time: never more is held than there is, and never less than could be.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { basket, Inventory, rpc, together } from '../support/inventory.ts';
import { expectCleanAudit, TestService } from '../support/service.ts';

let database: TestDatabase;
let service: TestService;
let inventory: Inventory;
let warehouseId: string;

beforeAll(async () => {
  database = await createDatabase();
  service = await TestService.start({ data: database, env: { SHARD_THREADS: '2' } });
  inventory = new Inventory((await service.ready()).grpc);
  warehouseId = await inventory.warehouse();
});

afterAll(async () => {
  inventory.close();
  await service.stop();
  await database.drop();
});

test('64 clients ask for one SKU of 1,000 units, 5,000 times one unit: exactly 1,000 are held', async () => {
  await inventory.item('hot', { [warehouseId]: 1_000 });
  const { grpc } = await service.ready();
  const clients = Array.from({ length: 64 }, () => new Inventory(grpc));
  let held = 0;
  let refused = 0;
  await together(5_000, 64, async (index) => {
    const client = clients[index % clients.length];
    if (client === undefined) throw new Error('no client');
    const { success } = await client.settle(rpc.reserve, basket(`hot-${index}`, { hot: 1 }));
    if (success) held += 1;
    else refused += 1;
  });
  for (const client of clients) client.close();
  expect({ held, refused }).toEqual({ held: 1_000, refused: 4_000 });
  expect(await inventory.level('hot')).toMatchObject({
    quantity: 1_000n,
    held: 1_000n,
    reserved: 1_000n,
    available: 0n,
  });
  await expectCleanAudit(database.url);
});

test('the same SKU on two lines counts as the sum', async () => {
  await inventory.item('twice', { [warehouseId]: 10 });
  const twoLines = (orderId: string, first: number, second: number) => ({
    orderId,
    items: [
      { sku: 'twice', quantity: first },
      { sku: 'twice', quantity: second },
    ],
  });
  const refused = await inventory.call(rpc.reserve, twoLines('twice-1', 6, 5));
  expect(refused).toMatchObject({
    success: false,
    items: [{ sku: 'twice', inStock: false, requested: 11n, availableQuantity: 10n }],
  });
  const held = await inventory.call(rpc.reserve, twoLines('twice-2', 6, 4));
  expect(held).toMatchObject({ success: true, items: [{ sku: 'twice', inStock: true, requested: 10n }] });
  expect(await inventory.level('twice')).toMatchObject({ held: 10n, available: 0n });
});

test('baskets (A,B) and (B,A) on two threads: no deadlock, and what is refused or released holds nothing', async () => {
  // Several pairs, so that surely some have their two cells on different threads.
  const pairs = Array.from({ length: 8 }, (_, pair) => [`left-${pair}`, `right-${pair}`] as const);
  for (const skus of pairs) for (const sku of skus) await inventory.item(sku, { [warehouseId]: 20 });
  let held = 0;
  await together(800, 64, async (index) => {
    const [left, right] = pairs[index % pairs.length] ?? ['', ''];
    const wanted = index % 16 < 8 ? { [left]: 1, [right]: 1 } : { [right]: 1, [left]: 1 };
    const orderId = `pair-${index}`;
    const { success } = await inventory.settle(rpc.reserve, basket(orderId, wanted));
    if (!success) return;
    held += 1;
    await inventory.settle(rpc.release, { orderId });
  });
  expect(held).toBeGreaterThan(0);
  for (const level of await inventory.levels(...pairs.flat()))
    expect(level).toMatchObject({ quantity: 20n, reserved: 0n, available: 20n });
  await expectCleanAudit(database.url);
});

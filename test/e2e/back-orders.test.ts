// A real restock empties the queue of a SKU: first come, first served, without a burst of failed attempts, and new orders
// meanwhile do not overtake. BACK_ORDERS says how many wait (the figure is 10,000).
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { OrderStatus as Status } from '../../src/generated/synkro/logistics/v1/logistics.ts';
import { present, rpc, together } from '../support/inventory.ts';
import { orderOf, orders, Shop } from '../support/shop.ts';
import { until } from '../support/until.ts';

const count = Number(process.env['BACK_ORDERS'] ?? 1_000);
const waitMsMax = 60_000 + count * 60;

vi.setConfig({ testTimeout: 120_000 + count * 100 });

let shop: Shop;
let logistics: postgres.Sql;
let inventory: postgres.Sql;
let north: string;
let itemId: string;

beforeAll(async () => {
  shop = await Shop.open({ roles: 'all' });
  const options = { max: 1, onnotice: () => undefined };
  logistics = postgres(shop.databases.logistics.url, options);
  inventory = postgres(shop.databases.inventory.url, options);
  north = await shop.inventory.warehouse('North');
  itemId = await shop.inventory.item('scarce', { [north]: 0 });
});

afterAll(async () => {
  await Promise.all([logistics.end(), inventory.end()]);
  await shop.close();
});

const waiting = async () =>
  (await logistics<{ id: string }[]>`select order_id as id from backorders order by place`).map(
    ({ id }) => id,
  );
const attempts = async () =>
  Number((await inventory<{ n: string }[]>`select count(*) as n from reservations`)[0]?.n ?? 0);
const confirmed = async () =>
  (await logistics<{ id: string }[]>`select id from orders where status = 'confirmed'`).map(({ id }) => id);

async function untilConfirmed(many: number): Promise<ReadonlySet<string>> {
  let seen: readonly string[] = [];
  await until(
    `${many} orders to be confirmed`,
    async () => {
      seen = await confirmed();
      return seen.length >= many;
    },
    waitMsMax,
    () => `(there are ${seen.length})`,
  );
  return new Set(seen);
}

const receive = (units: number) =>
  shop.inventory.call(rpc.adjust, {
    itemId,
    warehouseId: north,
    delta: BigInt(units),
    reason: 'received',
  });

test(`${count} orders wait; stock for half of them serves exactly the first half; then the rest`, async () => {
  await together(count, 64, async () => {
    const { order } = await shop.logistics.settle(orders.create, orderOf({ scarce: 1 }));
    expect(present(order).status).toBe(Status.BACK_ORDERED);
  });
  await until('all to be in the table', async () => (await waiting()).length === count, waitMsMax);
  const queue = await waiting();
  const before = await attempts();

  const half = Math.floor(count / 2);
  await receive(half);
  // New orders come all the while, and wait behind the others.
  const late = await Promise.all(
    Array.from({ length: 20 }, async () =>
      present((await shop.logistics.settle(orders.create, orderOf({ scarce: 1 }))).order),
    ),
  );
  expect(await untilConfirmed(half)).toEqual(new Set(queue.slice(0, half)));
  expect((await attempts()) - before).toBeLessThanOrEqual(Math.ceil(half * 1.1));
  for (const { id } of late) expect((await shop.order(id)).status).toBe(Status.BACK_ORDERED);

  await receive(count - half + late.length);
  await untilConfirmed(count + late.length);
  expect((await attempts()) - before).toBeLessThanOrEqual(Math.ceil((count + late.length) * 1.1));
  expect(await shop.inventory.level('scarce')).toMatchObject({
    quantity: BigInt(count + late.length),
    allocated: BigInt(count + late.length),
    held: 0n,
  });
});

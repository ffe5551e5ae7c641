// The audit of both services over real databases: clean while orders are under way, and nothing that was tampered with
// goes unnoticed.
import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { run } from '../../src/cli/audit.ts';
import { OrderStatus } from '../../src/generated/synkro/logistics/v1/logistics.ts';
import { auditServices } from '../../src/service/audit.ts';
import { present, rpc } from '../support/inventory.ts';
import { orderOf, orders, Shop } from '../support/shop.ts';
import { recordedIo } from './support.ts';

const silent = { warn: () => undefined };

async function created(shop: Shop, quantities: Record<string, number>): Promise<string> {
  const { order } = await shop.logistics.settle(orders.create, orderOf(quantities));
  return present(order).id;
}

async function moved(shop: Shop, orderId: string, ...statuses: OrderStatus[]): Promise<void> {
  for (const newStatus of statuses) await shop.logistics.settle(orders.updateStatus, { orderId, newStatus });
}

function returned(shop: Shop, orderId: string, quantity: bigint) {
  const items = [{ lineId: '1', quantity }];
  return shop.logistics.settle(orders.giveBack, {
    orderId,
    items,
    restock: true,
    idempotencyKey: randomUUID(),
  });
}

describe('while both services run', () => {
  let shop: Shop;

  beforeAll(async () => {
    shop = await Shop.open({ roles: 'all' });
    const north = await shop.inventory.warehouse('North');
    const south = await shop.inventory.warehouse('South');
    for (const sku of ['a', 'b', 'c']) await shop.inventory.item(sku, { [north]: 40, [south]: 40 });
  });

  afterAll(() => shop.close());

  test('the audit finds nothing at any moment, and compares what is at peace', async () => {
    let isOver = false;
    const peaceful = await created(shop, { a: 1, b: 2 });
    const baskets = [{ a: 3, b: 1 }, { b: 2, c: 2 }, { c: 4 }, { a: 1, b: 1, c: 1 }];
    const buy = async (index: number): Promise<void> => {
      for (let round = 0; !isOver; round += 1) {
        const orderId = await created(shop, baskets[(index + round) % baskets.length] ?? {});
        const order = await shop.order(orderId);
        if (order.status !== OrderStatus.CONFIRMED || round % 3 === 0) {
          await shop.logistics.settle(orders.cancel, { orderId, reason: '' }).catch(() => undefined);
          continue;
        }
        await moved(shop, orderId, OrderStatus.SHIPPED, OrderStatus.DELIVERED);
        await returned(shop, orderId, 1n);
      }
    };
    const buyers = Array.from({ length: 8 }, (_, index) => buy(index));
    try {
      let compared = 0;
      for (let audits = 0; audits < 6; audits += 1) {
        const { inventory, logistics } = shop.databases;
        const report = await auditServices({ inventory: inventory.url, logistics: logistics.url }, silent);
        expect(report.differences).toEqual([]);
        compared = report.between?.ordersCompared ?? 0;
      }
      expect(compared).toBeGreaterThan(0);
    } finally {
      isOver = true;
      await Promise.all(buyers);
    }
    expect((await shop.order(peaceful)).status).toBe(OrderStatus.CONFIRMED);
  });
});

describe('of services that have stopped', () => {
  let shop: Shop;
  let logistics: postgres.Sql;
  let inventory: postgres.Sql;
  let delivered: string;
  let confirmed: string;
  let waiting: string;

  beforeAll(async () => {
    shop = await Shop.open({ roles: 'all' });
    const options = { max: 1, onnotice: () => undefined };
    logistics = postgres(shop.databases.logistics.url, options);
    inventory = postgres(shop.databases.inventory.url, options);
    const north = await shop.inventory.warehouse('North');
    await shop.inventory.item('a', { [north]: 10 });
    delivered = await created(shop, { a: 3 });
    await moved(shop, delivered, OrderStatus.SHIPPED, OrderStatus.DELIVERED);
    await returned(shop, delivered, 1n);
    confirmed = await created(shop, { a: 2 });
    waiting = await created(shop, { a: 99 });
    const cancelled = await created(shop, { a: 1 });
    await shop.logistics.settle(orders.cancel, { orderId: cancelled, reason: '' });
    await shop.inventory.call(rpc.reserve, { orderId: 'direct', items: [{ sku: 'a', quantity: 1n }] });
    await shop.service('inventory').stop();
  });

  afterEach(() => vi.unstubAllEnvs());

  afterAll(async () => {
    await Promise.all([logistics.end(), inventory.end()]);
    await shop.close();
  });

  const audit = (
    which: { inventory?: boolean; logistics?: boolean } = { inventory: true, logistics: true },
  ) =>
    auditServices(
      {
        inventory: which.inventory === true ? shop.databases.inventory.url : undefined,
        logistics: which.logistics === true ? shop.databases.logistics.url : undefined,
      },
      silent,
    );

  test('everything is checked, and agrees', async () => {
    expect(await audit()).toMatchObject({
      differences: [],
      differenceCount: 0,
      inventory: { levelsChecked: 1 },
      logistics: { ordersChecked: 4, placesChecked: 1 },
      between: { ordersCompared: 4, ordersUnderWay: 0, ordersUnknown: 1 },
    });
  });

  test('each alone, where only one can be reached', async () => {
    expect(await audit({ inventory: true })).toMatchObject({
      logistics: null,
      between: null,
      differences: [],
    });
    expect(await audit({ logistics: true })).toMatchObject({
      inventory: null,
      between: null,
      differences: [],
    });
  });

  /** Runs with something changed, and changes it back. */
  async function tampered(
    sql: postgres.Sql,
    table: string,
    where: { readonly column: string; readonly value: string },
    change: (sql: postgres.Sql) => PromiseLike<unknown>,
  ): Promise<readonly string[]> {
    await sql`create table kept as select * from ${sql(table)} where ${sql(where.column)}::text = ${where.value}`;
    try {
      await change(sql);
      return (await audit()).differences;
    } finally {
      await sql`delete from ${sql(table)} where ${sql(where.column)}::text = ${where.value}`;
      await sql`insert into ${sql(table)} select * from kept`;
      await sql`drop table kept`;
    }
  }

  const anOrder = (value: string) => ({ column: 'id', value });

  test('a column that says something else than the state', async () => {
    const differences = await tampered(
      logistics,
      'orders',
      anOrder(delivered),
      (sql) => sql`update orders set status = 'shipped', refunded = 0 where id = ${delivered}`,
    );
    expect(differences).toEqual([
      `I3: order ${delivered}: its row says status shipped, its state delivered`,
      `I3: order ${delivered}: its row says refunded 0, its state 250`,
    ]);
  });

  test.each([
    ['"isRestocked":true', '"isRestocked":0', 'I3: the state of order'],
    ['"state":"committed"', '"state":"givenBack"', 'I6: it is delivered, and its stock is givenBack'],
    ['"returned":1', '"returned":2', 'I2: of line 1 in '],
    [
      '"status":"captured"',
      '"status":"voided"',
      'I19: goods have left or are leaving, and nothing is captured',
    ],
    ['{', 'no JSON', 'I3: the state of order'],
  ])('a state that was changed: %s to %s', async (from, to, difference) => {
    const differences = await tampered(
      logistics,
      'orders',
      anOrder(delivered),
      (sql) => sql`update orders set state = replace(state, ${from}, ${to}) where id = ${delivered}`,
    );
    expect(differences).toContainEqual(expect.stringContaining(difference));
  });

  test('an order that is gone from its queue', async () => {
    const [row] = await logistics<{ item: string }[]>`select item_id::text as item from backorder_queues`;
    const where = { column: 'item_id', value: present(row).item };
    const differences = await tampered(
      logistics,
      'backorder_queues',
      where,
      (sql) => sql`update backorder_queues set state = replace(state, ${waiting}, ${delivered})`,
    );
    expect(differences.toSorted()).toEqual([
      `I20: the order stands in the queue, and does not wait there (item/order ${where.value}/${delivered})`,
      `I20: the order waits, and does not stand in the queue (item/order ${where.value}/${waiting})`,
    ]);
  });

  test('units that Inventory moved by itself', async () => {
    const where = { column: 'order_id', value: confirmed };
    const differences = await tampered(
      inventory,
      'reservations',
      where,
      (sql) =>
        sql`update reservations set allocated = '{1}', fulfilled = '{1}' where order_id = ${confirmed}`,
    );
    expect(differences).toContainEqual(
      expect.stringMatching(
        /^I21: of .* Logistics has 0 held, 2 allocated, 0 fulfilled, 0 returned, Inventory 0 held, 1 allocated, 1 fulfilled/,
      ),
    );
    expect(differences).toContainEqual(
      expect.stringMatching(/^I2: level .* counts allocated 2, orders have 1/),
    );
  });

  test('an order that Inventory has forgotten', async () => {
    const where = { column: 'order_id', value: confirmed };
    const differences = await tampered(
      inventory,
      'order_stock',
      where,
      (sql) => sql`delete from order_stock where order_id = ${confirmed}`,
    );
    expect(differences).toContainEqual(expect.stringMatching(/^I21: of .* Inventory 0 held, 0 allocated/));
    expect(differences).toContainEqual(
      expect.stringMatching(/^I21: Logistics knows reservation .*, Inventory none/),
    );
  });

  test('goods that came back, and were not put into stock in the order’s name', async () => {
    const where = { column: 'reference', value: delivered };
    const differences = await tampered(
      inventory,
      'stock_movements',
      where,
      (sql) =>
        sql`update stock_movements set reason = 'counted' where reference = ${delivered} and reason = 'returned'`,
    );
    expect(differences).toEqual([
      expect.stringMatching(
        /^I21: of .* 3 fulfilled, 1 returned, Inventory .* 3 fulfilled, 0 returned \(order /,
      ),
    ]);
  });

  test('a journal that does not fit the tables', async () => {
    const [row] = await logistics<{ shard: number; seq: string; epoch: string }[]>`
      select orders.shard, shards.snapshot_seq as seq, shards.epoch from orders join shards using (shard)
      where id = ${delivered}`;
    const { shard, seq, epoch } = present(row);
    const event = { type: 'moved', from: 'delivered', to: 'created', customerId: '', at: 0, by: '', why: '' };
    const forged = JSON.stringify({ v: 1, e: [['order', delivered, event]] });
    const next = Number(seq) + 1;
    await logistics`insert into journal values (${shard}, ${next}, ${epoch}, now(), ${forged})`;
    try {
      expect((await audit()).differences).toEqual([
        `I3: the journal does not fit order ${delivered}: I4: an order goes from delivered to created`,
      ]);
    } finally {
      await logistics`delete from journal where shard = ${shard} and seq = ${next}`;
    }
  });

  test('synkro audit names each difference, and its exit code says whether there are any', async () => {
    vi.stubEnv('INVENTORY_DATABASE_URL', shop.databases.inventory.url);
    vi.stubEnv('LOGISTICS_DATABASE_URL', shop.databases.logistics.url);
    const clean = recordedIo();
    expect(await run([], clean)).toBe(0);
    expect(clean.stdout).toEqual([]);
    expect(clean.stderr).toEqual([
      expect.stringMatching(
        /^audit of Inventory: 1 level, \d orders, \d reservations checked: 0 differences$/,
      ),
      'audit of Logistics: 4 orders, 1 place in queues checked: 0 differences',
      "audit between them: 4 orders compared, 0 under way, 1 of Inventory's that Logistics does not know: 0 differences",
    ]);
    const io = recordedIo();
    await tampered(logistics, 'orders', anOrder(delivered), async (sql) => {
      await sql`update orders set units = 4 where id = ${delivered}`;
      expect(await run([], io)).toBe(1);
    });
    expect(io.stdout).toEqual([`I3: order ${delivered}: its row says units 4, its state 3`]);
  });
});

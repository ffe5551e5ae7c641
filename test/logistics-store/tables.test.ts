// What the tables of Logistics themselves see to, and what people see of them.
import { readFileSync } from 'node:fs';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SnapshotRow } from '../../src/runtime/store.ts';
import type { StoreUnderTest } from '../store/contract.ts';
import { someTime } from '../store/samples.ts';
import { makeLogisticsDatabase, makeLogisticsStores, write } from './real.ts';
import {
  alert,
  customer,
  customerId,
  customerRow,
  itemId,
  line,
  orderId,
  orderRow,
  payment,
  queueRow,
  row,
  supplyRow,
  warehouseId,
} from './samples.ts';

const gbp = (minor: string) => ({ currency: 'GBP', minor });
const at = (later: number) => new Date(someTime + later);

describe('the tables of Logistics', () => {
  let test: StoreUnderTest;
  let sql: postgres.Sql;

  beforeAll(async () => {
    const database = await makeLogisticsDatabase();
    test = makeLogisticsStores(database);
    sql = postgres(database.url, { max: 1, types: { bigint: { ...postgres.BigInt, parse: Number } } });
    await test.store.claim(await test.own(), [0]);
  });

  afterAll(async () => {
    await sql.end({ timeout: 1 });
    await test.close();
  });

  it('have the same journal, and the same fence, as those of Inventory', () => {
    const [inventory, logistics] = ['inventory', 'logistics'].map((service) =>
      readFileSync(new URL(`../../sql/${service}/0001_journal.sql`, import.meta.url), 'utf8'),
    );
    expect(logistics).toBe(inventory);
  });

  it('keep the same receipts as those of Inventory', () => {
    const [inventory, logistics] = ['inventory', 'logistics'].map((service) => {
      const text = readFileSync(
        new URL(`../../sql/${service}/0005_idempotency.sql`, import.meta.url),
        'utf8',
      );
      return text.slice(0, text.indexOf('-- The long texts'));
    });
    expect(logistics).toBe(inventory);
    expect(logistics).toContain('create table idempotency_keys');
  });

  it('have of an order what lists and reports go by, as columns', async () => {
    const captured = payment({
      status: 'captured',
      refunds: [
        { number: 1, amount: gbp('200'), status: 'done', tries: 1, reason: '' },
        { number: 2, amount: gbp('50'), status: 'asked', tries: 1, reason: '' },
        { number: 3, amount: gbp('7'), status: 'declined', tries: 1, reason: '' },
      ],
    });
    const lapsed = payment({ status: 'authorized', amount: gbp('1250') });
    const lines = [line('1', 5, '100'), line('2', 3, '250')];
    const more = { customerId: customerId(9), status: 'shipped', updatedAt: someTime + 1 } as const;
    await write(test, [
      orderRow(
        1,
        { ...more, lines, payments: [lapsed, captured] },
        { dueAt: someTime + 2, pending: true, seq: 4 },
      ),
    ]);
    expect(await sql`select * from orders where id = ${orderId(1)}`).toMatchObject([
      {
        customer_id: customerId(9),
        status: 'shipped',
        currency: 'GBP',
        total: 1_250,
        captured: 1_250,
        refunded: 200,
        units: 8,
        created_at: at(0),
        updated_at: at(1),
        due_at: at(2),
        pending: true,
        shard: 0,
        seq: 4,
      },
    ]);
  });

  it('have no customer for a guest, and the largest amount to the unit', async () => {
    const total = gbp('999999999999999');
    await write(test, [orderRow(2, { total, payments: [payment({ status: 'captured', amount: total })] })]);
    expect(await sql`select customer_id, total, captured from orders where id = ${orderId(2)}`).toEqual([
      { customer_id: null, total: 999_999_999_999_999, captured: 999_999_999_999_999 },
    ]);
  });

  it('have of a supply what the list and people go by, as columns', async () => {
    const alerts = { [warehouseId]: alert({ isLow: false }), [itemId(1)]: alert() };
    const losses = { expiredHolds: 1, expiredUnits: 2, refusals: 3, refusedUnits: Number.MAX_SAFE_INTEGER };
    await write(test, [
      supplyRow(7, { ...losses, alerts, updatedAt: someTime + 1 }, { seq: 4 }),
      supplyRow(8, { alerts: { [warehouseId]: alert({ isLow: false }) } }),
    ]);
    expect(
      await sql`select * from supply where item_id in (${itemId(7)}, ${itemId(8)}) order by sku`,
    ).toMatchObject([
      {
        sku: 'SKU-7',
        is_low: true,
        expired_holds: 1,
        expired_units: 2,
        refusals: 3,
        refused_units: Number.MAX_SAFE_INTEGER,
        since: at(0),
        updated_at: at(1),
        shard: 0,
        seq: 4,
      },
      { sku: 'SKU-8', is_low: false, expired_holds: 0 },
    ]);
  });

  it('have of a queue how many wait, and for how many units', async () => {
    const entries = [3, 4].map(
      (quantity) => ({ orderId: orderId(quantity), quantity, state: 'waiting' }) as const,
    );
    await write(test, [queueRow(7, { entries })]);
    const [found] = await sql`select waiting, units from backorder_queues where item_id = ${itemId(7)}`;
    expect(found).toEqual({ waiting: 2, units: 7 });
  });

  const captured = (minor: string, refunded = '0') =>
    payment({
      status: 'captured',
      amount: gbp(minor),
      refunds: [{ number: 1, amount: gbp(refunded), status: 'done', tries: 1, reason: '' }],
    });

  it.each<[string, SnapshotRow]>([
    ['more was taken than the order is worth', orderRow(3, { payments: [captured('1251')] })],
    ['it was taken twice', orderRow(3, { payments: [captured('1250'), captured('1250')] })],
    ['more was given back than was taken', orderRow(3, { payments: [captured('1250', '1251')] })],
    ['it is worth less than nothing', orderRow(3, { total: gbp('-1') })],
    ['nothing was ordered', orderRow(3, { lines: [] })],
    [
      'something of a person stays after the erasure',
      customerRow(3, { ...customer({ sealed: '', fingerprint: '' }), erasure: 'erased' }),
    ],
  ])('refuse a state where %s, and all that came with it', async (_what, bad) => {
    const good = queueRow(3);
    await expect(write(test, [good, bad])).rejects.toMatchObject({ name: 'StoreError', kind: 'broken' });
    expect(await test.store.load([bad.ref, good.ref])).toEqual([]);
  });

  it.each<[string, SnapshotRow]>([
    ['a due time of a queue', { ...queueRow(4), dueAt: someTime }],
    ['a supply that wants something', supplyRow(4, {}, { pending: true })],
    ['a receipt that wants something', row('receipt', 'a', null, { pending: true })],
  ])('refuse what nobody would find: %s', async (_what, bad) => {
    await expect(write(test, [bad])).rejects.toMatchObject({ name: 'StoreError', kind: 'broken' });
  });

  describe('as people see them', () => {
    const shipment = {
      id: '50000000-0000-4000-8000-000000000001',
      carrier: 'DHL',
      trackingNumber: 'T1',
      warehouseId,
      items: [{ lineId: '1', quantity: 2 }],
      status: 'inTransit',
      createdAt: someTime,
    } as const;

    beforeAll(() =>
      write(test, [
        orderRow(10, {
          lines: [line('1', 5, '250'), line('2', 1, '9007199254740993')],
          history: [
            { from: null, to: 'created', at: someTime, by: 'customer', why: '' },
            { from: 'created', to: 'processing', at: someTime + 7, by: 'system', why: 'paying' },
          ],
          payments: [captured('1250')],
          shipments: [shipment],
          returns: [
            {
              number: 1,
              items: [{ lineId: '1', quantity: 1, warehouseId }],
              reason: 'broken',
              restock: true,
              isRestocked: false,
              refund: gbp('250'),
              refundNumber: 1,
              at: someTime,
            },
          ],
        }),
        queueRow(10, {
          entries: [
            { orderId: orderId(11), quantity: 3, state: 'granted' },
            { orderId: orderId(12), quantity: 4, state: 'waiting' },
          ],
        }),
      ]),
    );

    const of = (view: string, order: string) =>
      sql`select * from ${sql(view)} where order_id = ${orderId(10)} order by ${sql(order)}`;

    it('an order has its lines, with amounts to the unit', async () => {
      const common = { order_id: orderId(10), currency: 'GBP' };
      const second =
        await sql`select unit_price::text from order_items where order_id = ${orderId(10)} and line_id = '2'`;
      expect(second).toEqual([{ unit_price: '9007199254740993' }]);
      expect(await of('order_items', 'line_id')).toMatchObject([
        { ...common, line_id: '1', item_id: itemId(1), sku: 'SKU-1', quantity: 5, unit_price: 250 },
        { ...common, line_id: '2', item_id: itemId(2), sku: 'SKU-2', quantity: 1 },
      ]);
    });

    it('an order has its history, with who, when and why', async () => {
      expect(await of('order_status_history', 'n')).toEqual([
        {
          order_id: orderId(10),
          n: 1,
          previous_status: null,
          new_status: 'created',
          at: at(0),
          by: 'customer',
          why: '',
        },
        {
          order_id: orderId(10),
          n: 2,
          previous_status: 'created',
          new_status: 'processing',
          at: at(7),
          by: 'system',
          why: 'paying',
        },
      ]);
    });

    it('an order has its payments, shipments and returns', async () => {
      expect(await of('payments', 'id')).toEqual([
        {
          order_id: orderId(10),
          id: payment().id,
          status: 'captured',
          amount: 1_250,
          currency: 'GBP',
          transaction_id: '',
          reason: '',
        },
      ]);
      expect(await of('shipments', 'id')).toEqual([
        {
          order_id: orderId(10),
          id: shipment.id,
          warehouse_id: warehouseId,
          status: 'inTransit',
          carrier: 'DHL',
          tracking_number: 'T1',
          items: shipment.items,
        },
      ]);
      expect(await of('returns', 'number')).toMatchObject([
        { number: 1, reason: 'broken', restock: true, refund: 250, currency: 'GBP' },
      ]);
    });

    it('whoever waits for a SKU has a place', async () => {
      expect(await sql`select * from backorders where item_id = ${itemId(10)} order by place`).toEqual([
        { item_id: itemId(10), place: 1, order_id: orderId(11), quantity: 3, state: 'granted' },
        { item_id: itemId(10), place: 2, order_id: orderId(12), quantity: 4, state: 'waiting' },
      ]);
    });
  });
});

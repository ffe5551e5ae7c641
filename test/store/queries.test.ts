// Lists and reports over the tables.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ItemState, Level, StockPolicy } from '../../src/actors/inventory/item/model.ts';
import type { Attempt, Line, OrderState } from '../../src/actors/inventory/order-stock/model.ts';
import type { Numbered } from '../../src/actors/numbered.ts';
import { createQueries, type Queries } from '../../src/persistence/inventory/queries/queries.ts';
import type { ItemsQuestion, ReportQuestion } from '../../src/persistence/inventory/queries/types.ts';
import type { SnapshotRow } from '../../src/runtime/store.ts';
import type { StoreUnderTest } from './contract.ts';
import { makeDatabase, makeStores, silentLog } from './real.ts';
import { head, itemRef, journalRow, someTime, warehouseId } from './samples.ts';

const otherWarehouseId = '0b000000-0000-4000-8000-00000000000b';
const policy: StockPolicy = {
  lowStockThreshold: 6,
  backInStockThreshold: 6,
  incomingQuantity: 0,
  incomingAt: null,
};

function level(quantity: number, held: number, allocated: number, given: StockPolicy | null = null): Level {
  return { quantity, held, allocated, version: 1, updatedAt: someTime, policy: given, isLow: false };
}

function item(
  number: number,
  sku: string,
  category: string,
  levels: ItemState['levels'],
  isDeleted = false,
): SnapshotRow {
  const details = { sku, name: `Name of ${sku}`, description: '', category, attributes: { a: 1 } };
  const state: ItemState & Numbered = {
    details: { ...details, createdAt: someTime, updatedAt: someTime },
    deletedAt: isDeleted ? someTime : null,
    published: 1,
    levels,
  };
  return { ref: itemRef(number), shard: 0, seq: 1, state, dueAt: null, pending: false };
}

function line(itemNumber: number, where: string, held: number, allocated: number): Line {
  const itemId = itemRef(itemNumber).id;
  return {
    itemId,
    sku: '',
    warehouseId: where,
    held,
    allocated,
    fulfilled: 0,
    givenBack: 0,
    levelVersion: 1,
  };
}

function order(
  id: string,
  attempts: readonly [Attempt['status'], readonly Line[]][],
  direct: readonly Line[] = [],
): SnapshotRow {
  const state: OrderState & Numbered = {
    attempts: attempts.map(([status, lines], index) => ({
      number: index + 1,
      key: id,
      fingerprint: '',
      status,
      abandoned: false,
      request: { items: [], warehouseId: null, strategy: 'priority', ttlSeconds: 900, customerId: '' },
      availability: [],
      lines,
      createdAt: someTime,
      firstExpiresAt: someTime,
      expiresAt: someTime,
    })),
    direct,
    operation: null,
    operations: 1,
    published: 1,
  };
  return { ref: { kind: 'order', id }, shard: 0, seq: 1, state, dueAt: null, pending: false };
}

const warehouse: SnapshotRow = {
  ref: { kind: 'warehouse', id: warehouseId },
  shard: 0,
  seq: 1,
  state: {
    warehouse: {
      id: warehouseId,
      name: 'North',
      location: 'Leeds',
      isActive: true,
      customerId: '',
      priority: 1,
      createdAt: someTime,
      updatedAt: someTime,
    },
    changes: 1,
    published: 1,
    spread: null,
  },
  dueAt: null,
  pending: false,
};

const items = [
  item(1, 'B-1', 'cups', { [warehouseId]: level(10, 2, 3, policy), [otherWarehouseId]: level(7, 0, 0) }),
  item(2, 'a-1', 'cups', { [warehouseId]: level(100, 0, 0, policy) }),
  item(3, 'A-1', 'plates', { [otherWarehouseId]: level(4, 0, 1) }),
  item(4, 'B-0', 'cups', {}),
  item(5, 'B-2', 'cups', { [warehouseId]: level(0, 0, 0) }, true),
  item(6, 'B%2', 'forks', {}),
];

const orders = [
  order('z held', [['held', [line(1, warehouseId, 2, 0)]]]),
  order('b committed', [
    ['expired', []],
    ['committed', [line(1, otherWarehouseId, 0, 3), line(2, warehouseId, 0, 1)]],
  ]),
  order('a allocated', [], [line(1, warehouseId, 0, 1)]),
  order('c released', [['released', [line(1, warehouseId, 0, 0)]]]),
  order('d both', [['committed', [line(1, warehouseId, 0, 0)]]], [line(2, warehouseId, 0, 1)]),
];

describe('queries', () => {
  let test: StoreUnderTest;
  let queries: Queries;

  beforeAll(async () => {
    const database = await makeDatabase();
    test = makeStores(database);
    queries = createQueries({ url: database.url, log: silentLog });
    await test.store.claim(await test.own(), [0, 1]);
    await test.store.snapshot({ heads: [head(0, 1, 0)], rows: [...items, ...orders, warehouse], events: [] });
  });

  afterAll(async () => {
    await queries.close();
    await test.close();
  });

  describe('listItems', () => {
    const all: ItemsQuestion = { category: null, skuPrefix: null, afterSku: null, limit: 100 };
    const skus = async (question: Partial<ItemsQuestion>) =>
      (await queries.listItems({ ...all, ...question })).rows.map(({ sku }) => sku);

    it('lists in the order of bytes, without deleted ones', async () => {
      expect(await skus({})).toEqual(['A-1', 'B%2', 'B-0', 'B-1', 'a-1']);
    });

    it('goes on after a SKU, and keeps to its filters', async () => {
      expect(await skus({ limit: 2 })).toEqual(['A-1', 'B%2']);
      expect(await skus({ afterSku: 'B%2', limit: 2 })).toEqual(['B-0', 'B-1']);
      expect(await skus({ category: 'cups' })).toEqual(['B-0', 'B-1', 'a-1']);
      expect(await skus({ skuPrefix: 'B-' })).toEqual(['B-0', 'B-1']);
      expect(await skus({ skuPrefix: 'B%' })).toEqual(['B%2']);
      expect(await skus({ skuPrefix: 'nothing' })).toEqual([]);
    });

    it('yields whole items', async () => {
      const { rows } = await queries.listItems({ ...all, skuPrefix: 'A' });
      expect(rows).toEqual([
        {
          id: itemRef(3).id,
          sku: 'A-1',
          name: 'Name of A-1',
          description: '',
          category: 'plates',
          attributes: { a: 1 },
          createdAt: someTime,
          updatedAt: someTime,
        },
      ]);
    });
  });

  it('listWarehouses goes on after an id, also where nothing is left', async () => {
    const { rows, asOf } = await queries.listWarehouses({ afterId: null, limit: 10 });
    expect(rows).toMatchObject([
      { id: warehouseId, name: 'North', isActive: true, priority: 1, createdAt: someTime },
    ]);
    const rest = await queries.listWarehouses({ afterId: warehouseId, limit: 10 });
    expect(rest.rows).toEqual([]);
    expect(rest.asOf).toBeGreaterThanOrEqual(asOf);
  });

  describe('report', () => {
    const all: ReportQuestion = {
      warehouseId: null,
      category: null,
      lowStockOnly: false,
      threshold: null,
      afterSku: null,
      limit: 100,
    };
    const ask = async (question: Partial<ReportQuestion>) => {
      const { rows, asOf: _, ...totals } = await queries.report({ ...all, ...question });
      const lines = rows.map((row) => [row.item.sku, row.levels.length, row.totalAvailable, row.lowStock]);
      return { lines, totals };
    };

    it('sums what there is, and takes levels for low by their own policy', async () => {
      expect(await ask({})).toEqual({
        lines: [
          ['A-1', 1, 3, false],
          ['B%2', 0, 0, false],
          ['B-0', 0, 0, false],
          ['B-1', 2, 12, true],
          ['a-1', 1, 100, false],
        ],
        totals: { totalItems: 5, totalQuantity: 121, totalReserved: 6, lowStockCount: 1 },
      });
    });

    it('takes for low what has less than the threshold, over the levels of the report', async () => {
      expect(await ask({ threshold: 12, lowStockOnly: true })).toEqual({
        lines: [
          ['A-1', 1, 3, true],
          ['B%2', 0, 0, true],
          ['B-0', 0, 0, true],
        ],
        totals: { totalItems: 3, totalQuantity: 4, totalReserved: 1, lowStockCount: 3 },
      });
    });

    it('keeps to one warehouse and one category', async () => {
      expect(await ask({ warehouseId, category: 'cups', threshold: 6 })).toEqual({
        lines: [
          ['B-1', 1, 5, true],
          ['a-1', 1, 100, false],
        ],
        totals: { totalItems: 2, totalQuantity: 110, totalReserved: 5, lowStockCount: 1 },
      });
    });

    it('has the same totals on every page', async () => {
      const whole = await ask({});
      const first = await ask({ limit: 2 });
      const second = await ask({ afterSku: 'B%2', limit: 100 });
      expect([...first.lines, ...second.lines]).toEqual(whole.lines);
      expect([first.totals, second.totals]).toEqual([whole.totals, whole.totals]);
    });
  });

  it('ordersHolding names the orders that hold it there or have it allocated', async () => {
    const holders = async (where: string | null, limit: number) =>
      (await queries.ordersHolding(itemRef(1).id, where, limit)).rows;
    expect(await holders(warehouseId, 10)).toEqual(['a allocated', 'z held']);
    expect(await holders(otherWarehouseId, 10)).toEqual(['b committed']);
    expect(await holders(null, 10)).toEqual(['a allocated', 'b committed', 'z held']);
    expect(await holders(null, 2)).toEqual(['a allocated', 'b committed']);
    expect((await queries.ordersHolding(itemRef(4).id, null, 10)).rows).toEqual([]);
  });

  it('skusOf leaves out what is unknown or deleted', async () => {
    const skus = await queries.skusOf([itemRef(1).id, itemRef(5).id, itemRef(99).id, 'no id']);
    expect([...skus]).toEqual([[itemRef(1).id, 'B-1']]);
  });

  it('asOf is the time of the first record that the tables lack, and now where they lack none', async () => {
    const asOf = async () => (await queries.ordersHolding(itemRef(1).id, null, 1)).asOf;
    expect(await asOf()).toBeGreaterThan(someTime + 1_000);
    await test.store.append([journalRow(1, 1, 1), journalRow(1, 2, 1)]);
    expect(await asOf()).toBe(someTime + 1);
    await test.store.snapshot({ heads: [head(1, 1, 1)], rows: [], events: [] });
    expect(await asOf()).toBe(someTime + 2);
    await test.store.snapshot({ heads: [head(1, 1, 2)], rows: [], events: [] });
    expect(await asOf()).toBeGreaterThan(someTime + 1_000);
  });

  it('journalHeads tells how far each shard has come', async () => {
    await test.store.append([journalRow(0, 1, 1), journalRow(0, 2, 1)]);
    const heads = await queries.journalHeads();
    expect(heads.map(({ shard }) => shard)).toEqual([0, 1, 2, 3]);
    expect(heads[0]).toEqual({ shard: 0, seq: 2, trimmedTo: 0 });
    expect(heads[3]).toEqual({ shard: 3, seq: 0, trimmedTo: 0 });
  });
});

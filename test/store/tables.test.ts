// What the tables themselves see to: movements once, no level oversold, a snapshot that only its own shards can write.
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LevelCause, LevelChanged } from '../../src/actors/inventory/item/model.ts';
import type { DurableEvent, SnapshotWrite } from '../../src/runtime/store.ts';
import type { StoreUnderTest } from './contract.ts';
import { makeDatabase, makeStores } from './real.ts';
import { head, itemRef, itemRow, itemState, someTime, warehouseId } from './samples.ts';

describe('the tables', () => {
  let test: StoreUnderTest;
  let sql: postgres.Sql;

  beforeAll(async () => {
    const database = await makeDatabase();
    test = makeStores(database);
    sql = postgres(database.url, { max: 1, types: { bigint: { ...postgres.BigInt, parse: Number } } });
    await test.store.claim(await test.own(), [0, 1]);
  });

  afterAll(async () => {
    await sql.end({ timeout: 1 });
    await test.close();
  });

  function changed(item: number, version: number, cause: LevelCause, delta: number): DurableEvent {
    const event: LevelChanged = {
      type: 'level',
      cause,
      sku: `SKU-${item}`,
      warehouseId,
      delta,
      quantity: 10 * version,
      held: 0,
      allocated: 0,
      version,
      at: someTime + version,
      reason: 'received',
      reference: 'delivery 7',
    };
    return { ref: itemRef(item), shard: 0, seq: version, event };
  }

  const write = (parts: Partial<SnapshotWrite>) =>
    test.store.snapshot({ heads: [head(0, 1, 0)], rows: [], events: [], ...parts });

  it('have a movement for each change of a quantity, once, however often its event comes', async () => {
    const events = [
      changed(1, 1, 'adjusted', 10),
      changed(1, 2, 'held', 0),
      changed(1, 3, 'adjusted', -4),
      { ref: itemRef(1), shard: 0, seq: 4, event: { type: 'deleted', at: someTime } },
      { ref: { kind: 'order', id: 'an order' }, shard: 0, seq: 5, event: { type: 'settled' } },
    ];
    await write({ events });
    await write({ events: [...events, ...events] });
    const movements = await sql`
      select warehouse_id, version, delta, quantity, cause, reason, reference, at, shard, seq
      from stock_movements where item_id = ${itemRef(1).id} order by version`;
    const common = {
      warehouse_id: warehouseId,
      cause: 'adjusted',
      reason: 'received',
      reference: 'delivery 7',
      shard: 0,
    };
    expect([...movements]).toEqual([
      { ...common, version: 1, delta: 10, quantity: 10, at: new Date(someTime + 1), seq: 1 },
      { ...common, version: 3, delta: -4, quantity: 30, at: new Date(someTime + 3), seq: 3 },
    ]);
  });

  it('have no movement of a snapshot that was fenced', async () => {
    const heads = [head(0, 0, 0)];
    expect(await write({ heads, events: [changed(2, 1, 'adjusted', 1)] })).toBe('fenced');
    expect(await sql`select from stock_movements where item_id = ${itemRef(2).id}`).toHaveLength(0);
  });

  it('are read as earlier releases left them: a level with a policy is back where it is not low', async () => {
    const old = itemState(5, 5);
    const level = Object.values(old.levels)[0];
    const policy = { lowStockThreshold: 3, backInStockThreshold: 8, incomingQuantity: 0, incomingAt: null };
    const state = { ...old, levels: { [warehouseId]: { ...level, policy } } };
    await write({ rows: [{ ...itemRow(5, 0, 1), state }] });
    await sql`update inventory_levels set back_in_stock_threshold = null where item_id = ${itemRef(5).id}`;
    expect(await test.store.load([itemRef(5)])).toMatchObject([
      {
        state: {
          levels: { [warehouseId]: { policy: { ...policy, backInStockThreshold: 3 }, isLow: false } },
        },
      },
    ]);
  });

  it('refuse a level of which more is reserved than there is, and all that came with it (I1)', async () => {
    const oversold = {
      ...itemState(3, 5),
      levels: {
        [warehouseId]: {
          quantity: 5,
          held: 3,
          allocated: 3,
          version: 1,
          updatedAt: someTime,
          policy: null,
          isLow: false,
        },
      },
    };
    const rows = [itemRow(4, 0, 1), { ...itemRow(3, 0, 1), state: oversold }];
    await expect(write({ rows })).rejects.toMatchObject({ name: 'StoreError', kind: 'broken' });
    expect(await test.store.load(rows.map((row) => row.ref))).toEqual([]);
  });

  it('leave the levels alone of an item whose row is newer', async () => {
    await write({ rows: [itemRow(5, 0, 9, 90)] });
    await write({ rows: [itemRow(5, 0, 8, 80)] });
    expect(await sql`select quantity from inventory_levels where item_id = ${itemRef(5).id}`).toEqual([
      { quantity: 90 },
    ]);
  });

  it.each<[string, Partial<SnapshotWrite>]>([
    ['rows of a shard without a head', { rows: [itemRow(6, 1, 1)] }],
    ['events of a shard without a head', { events: [{ ...changed(6, 1, 'adjusted', 1), shard: 1 }] }],
    ['a state of another kind', { rows: [{ ...itemRow(6, 0, 1), state: { attempts: [] } }] }],
    ['a kind that has no table', { rows: [{ ...itemRow(6, 0, 1), ref: { kind: 'ghost', id: 'a' } }] }],
    ['a due time that nobody would find', { rows: [{ ...itemRow(6, 0, 1), dueAt: someTime }] }],
    [
      'a time that is none',
      { rows: [{ ...itemRow(6, 0, 1), state: { ...itemState(6, 1), deletedAt: 1e17 } }] },
    ],
  ])('are not written: %s', async (_, parts) => {
    await expect(write(parts)).rejects.toMatchObject({ name: 'StoreError', kind: 'broken' });
    expect(await test.store.load([itemRef(6)])).toEqual([]);
  });

  it('yield nothing for an actor that they could not have', async () => {
    const refs = [
      { kind: 'item', id: 'not a UUID' },
      { kind: 'warehouse', id: '{}"\\' },
      { kind: 'directory', id: 'x' },
      { kind: 'ghost', id: 'a' },
    ];
    expect(await test.store.load(refs)).toEqual([]);
  });
});

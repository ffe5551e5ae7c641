// Lists that come in pages: the movements of an item, and reservations by order, item and status.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LevelChanged } from '../../src/actors/inventory/item/model.ts';
import type { Attempt, Line, OrderState } from '../../src/actors/inventory/order-stock/model.ts';
import { formatReservationId } from '../../src/actors/inventory/order-stock/reservation-id.ts';
import type { Numbered } from '../../src/actors/numbered.ts';
import { createQueries, type Queries } from '../../src/persistence/inventory/queries/queries.ts';
import type {
  MovementKey,
  MovementsQuestion,
  ReservationKey,
  ReservationsQuestion,
} from '../../src/persistence/inventory/queries/types.ts';
import type { DurableEvent, SnapshotRow } from '../../src/runtime/store.ts';
import type { StoreUnderTest } from './contract.ts';
import { makeDatabase, makeStores, silentLog } from './real.ts';
import { head, itemRef, someTime, warehouseId } from './samples.ts';

const otherWarehouseId = '0b000000-0000-4000-8000-00000000000b';

function movement(itemNumber: number, where: string, version: number, at: number, delta = 1): DurableEvent {
  const event: LevelChanged = {
    type: 'level',
    cause: 'adjusted',
    sku: 'A',
    warehouseId: where,
    delta,
    quantity: version,
    held: 0,
    allocated: 0,
    version,
    at: someTime + at,
    reason: 'received',
    reference: `delivery ${version}`,
  };
  return { ref: itemRef(itemNumber), shard: 0, seq: version, event };
}

/** Two warehouses; three movements at one moment, and one change that moves nothing. */
const movements: readonly DurableEvent[] = [
  movement(1, warehouseId, 1, 10),
  movement(1, warehouseId, 2, 20),
  movement(1, otherWarehouseId, 1, 20),
  movement(1, otherWarehouseId, 2, 20),
  movement(1, warehouseId, 3, 25, 0),
  movement(1, warehouseId, 4, 30, -2),
  movement(2, warehouseId, 1, 40),
];

function line(itemNumber: number, held: number, allocated: number, fulfilled = 0): Line {
  return {
    itemId: itemRef(itemNumber).id,
    sku: `SKU-${itemNumber}`,
    warehouseId,
    held,
    allocated,
    fulfilled,
    givenBack: 0,
    levelVersion: 3,
  };
}

function attempt(
  number: number,
  status: Attempt['status'],
  lines: readonly Line[],
  abandoned = false,
): Attempt {
  return {
    number,
    key: `key ${number}`,
    fingerprint: '',
    status,
    abandoned,
    request: { items: [], warehouseId: null, strategy: 'priority', ttlSeconds: 900, customerId: '' },
    availability: [],
    lines,
    createdAt: someTime,
    firstExpiresAt: someTime + 1,
    expiresAt: someTime + 2,
  };
}

function order(id: string, attempts: readonly Attempt[]): SnapshotRow {
  const state: OrderState & Numbered = {
    attempts,
    direct: [],
    operation: null,
    operations: 1,
    published: 1,
  };
  return { ref: { kind: 'order', id }, shard: 0, seq: 1, state, dueAt: null, pending: false };
}

const orders = [
  order('a "quoted"', [attempt(1, 'held', [line(1, 2, 0), line(2, 1, 0)])]),
  order('b', [attempt(1, 'expired', [line(1, 0, 0)]), attempt(2, 'committed', [line(1, 0, 3)])]),
  order('c', [attempt(1, 'fulfilled', [line(1, 0, 0, 5)])]),
  order('d', [attempt(1, 'committed', [line(1, 0, 0, 1), line(2, 0, 1)])]),
  order('e', [attempt(1, 'pending', [line(1, 1, 0)], true)]),
  order('f', [attempt(1, 'refused', [])]),
  order('ü', [attempt(1, 'held', [line(2, 1, 0)])]),
];

describe('lists in pages', () => {
  let test: StoreUnderTest;
  let queries: Queries;

  beforeAll(async () => {
    const database = await makeDatabase();
    test = makeStores(database);
    queries = createQueries({ url: database.url, log: silentLog });
    await test.store.claim(await test.own(), [0]);
    await test.store.snapshot({ heads: [head(0, 1, 0)], rows: orders, events: movements });
  });

  afterAll(async () => {
    await queries.close();
    await test.close();
  });

  describe('listMovements', () => {
    const all: MovementsQuestion = { itemId: itemRef(1).id, warehouseId: null, before: null, limit: 100 };
    const ask = async (question: Partial<MovementsQuestion>) =>
      (await queries.listMovements({ ...all, ...question })).rows;
    const short = ({ at, warehouseId: where, version }: MovementKey) =>
      `${at - someTime} ${where === warehouseId ? 'north' : 'south'} ${version}`;

    it('has every change of a quantity, newest first', async () => {
      const rows = await ask({});
      expect(rows.map(short)).toEqual(['30 north 4', '20 south 2', '20 south 1', '20 north 2', '10 north 1']);
      expect(rows[0]).toEqual({
        warehouseId,
        version: 4,
        delta: -2,
        quantity: 4,
        cause: 'adjusted',
        reason: 'received',
        reference: 'delivery 4',
        at: someTime + 30,
      });
    });

    it.each([
      ['everywhere', null, ['30 north 4', '20 south 2', '20 south 1', '20 north 2', '10 north 1']],
      ['in one warehouse', warehouseId, ['30 north 4', '20 north 2', '10 north 1']],
    ])('goes on after any of them, %s', async (_where, where, expected) => {
      const seen: string[] = [];
      let before: MovementKey | null = null;
      for (let pages = 0; pages < 10; pages += 1) {
        const [row]: readonly MovementKey[] = await ask({ warehouseId: where, before, limit: 1 });
        if (row === undefined) break;
        seen.push(short(row));
        before = row;
      }
      expect(seen).toEqual(expected);
    });

    it('of an item that nothing happened to: none, and still says how old that is', async () => {
      const { rows, asOf } = await queries.listMovements({ ...all, itemId: itemRef(99).id });
      expect(rows).toEqual([]);
      expect(asOf).toBeGreaterThan(someTime);
    });
  });

  describe('listReservations', () => {
    const all: ReservationsQuestion = {
      orderId: null,
      itemId: null,
      status: null,
      after: null,
      limit: 100,
      examineMax: 1_000,
    };
    const ask = (question: Partial<ReservationsQuestion>) =>
      queries.listReservations({ ...all, ...question });
    const short = ({ orderId, attempt: number }: ReservationKey) => `${orderId} ${number}`;
    const keys = async (question: Partial<ReservationsQuestion>) => (await ask(question)).rows.map(short);

    it('has all of them but those that are as if they had never been', async () => {
      const { rows, examinedTo } = await ask({});
      expect(rows.map(short)).toEqual(['a "quoted" 1', 'b 1', 'b 2', 'c 1', 'd 1', 'f 1', 'ü 1']);
      expect(examinedTo).toBeNull();
    });

    it('yields whole reservations', async () => {
      const { rows } = await ask({ orderId: 'b', status: 'committed' });
      expect(rows).toEqual([
        {
          reservationId: formatReservationId('b', 2),
          orderId: 'b',
          attempt: 2,
          status: 'committed',
          lines: [line(1, 0, 3)],
          createdAt: someTime,
          expiresAt: someTime + 2,
        },
      ]);
    });

    it('keeps to an order, a status, an item, and all of them', async () => {
      expect(await keys({ orderId: 'b' })).toEqual(['b 1', 'b 2']);
      expect(await keys({ orderId: 'nobody' })).toEqual([]);
      expect(await keys({ status: 'held' })).toEqual(['a "quoted" 1', 'ü 1']);
      expect(await keys({ status: 'committed', itemId: itemRef(1).id })).toEqual(['b 2', 'd 1']);
      expect(await keys({ status: 'expired', itemId: itemRef(2).id })).toEqual([]);
      expect(await keys({ orderId: 'b', itemId: itemRef(1).id, status: 'expired' })).toEqual(['b 1']);
    });

    it('by item alone: those that hold some of it, not those that once did', async () => {
      expect(await keys({ itemId: itemRef(1).id })).toEqual(['a "quoted" 1', 'b 2']);
      expect(await keys({ itemId: itemRef(2).id })).toEqual(['a "quoted" 1', 'd 1', 'ü 1']);
      expect(await keys({ itemId: itemRef(9).id })).toEqual([]);
    });

    it.each([
      ['all', {}, ['a "quoted" 1', 'b 1', 'b 2', 'c 1', 'd 1', 'f 1', 'ü 1']],
      ['those that hold an item', { itemId: itemRef(2).id }, ['a "quoted" 1', 'd 1', 'ü 1']],
      ['those of a status', { status: 'committed' }, ['b 2', 'd 1']],
    ] satisfies [string, Partial<ReservationsQuestion>, string[]][])(
      'goes on after any of %s',
      async (_what, question, expected) => {
        const seen: string[] = [];
        let after: ReservationKey | null = null;
        for (let pages = 0; pages < 20; pages += 1) {
          const [row]: readonly ReservationKey[] = (await ask({ ...question, after, limit: 1 })).rows;
          if (row === undefined) break;
          seen.push(short(row));
          after = { orderId: row.orderId, attempt: row.attempt };
        }
        expect(seen).toEqual(expected);
      },
    );

    it('looks at no more than it may, and says how far it came', async () => {
      const seen: string[] = [];
      const lengths: number[] = [];
      let after: ReservationKey | null = null;
      do {
        const page = await ask({ status: 'held', after, limit: 5, examineMax: 3 });
        seen.push(...page.rows.map(short));
        lengths.push(page.rows.length);
        after = page.examinedTo;
      } while (after !== null && lengths.length < 10);
      expect(seen).toEqual(['a "quoted" 1', 'ü 1']);
      expect(lengths).toEqual([1, 0, 1]);
    });

    it('a page that is full does not say how far it came: its last row does', async () => {
      const page = await ask({ limit: 2, examineMax: 3 });
      expect(page.rows.map(short)).toEqual(['a "quoted" 1', 'b 1']);
      expect(page.examinedTo).toBeNull();
    });
  });
});

// Inventory's methods in process and over gRPC: the same requests, answers and failures, so that nobody can tell where
// Inventory runs.
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Failure, type FailureCode, failures } from '../../src/actors/failure.ts';
import { Refused } from '../../src/api/errors.ts';
import {
  allocateInventory,
  fulfillInventory,
  releaseInventory,
} from '../../src/api/inventory/allocations.ts';
import type { InventoryMethod } from '../../src/api/inventory/deps.ts';
import { createItem, getItem, listItems } from '../../src/api/inventory/items.ts';
import { getInventoryLevels, getInventoryReport } from '../../src/api/inventory/levels.ts';
import {
  commitReservation,
  getReservation,
  releaseReservedStock,
} from '../../src/api/inventory/reservations.ts';
import { checkAndReserveStock } from '../../src/api/inventory/reserve.ts';
import { adjustInventory, setStockPolicy } from '../../src/api/inventory/stock.ts';
import * as pb from '../../src/generated/synkro/inventory/v1/inventory.ts';
import { StoreError } from '../../src/runtime/store.ts';
import { errorId, level, reserved, usualAnswer } from '../grpc/support/fakes.ts';
import { until } from '../support/until.ts';
import { outcomeOf, type Reached, reach, ways } from './support/connections.ts';

const { itemId, warehouseId } = level;
const waitMs = 10_000;

const basket = pb.StockReservationRequest.create({
  orderId: 'order-1',
  items: [
    { sku: '85123A', quantity: 2n },
    { itemId, quantity: 1n },
  ],
});

/** One call of each method, as a row of a table: its types are its own. */
function asked<Request, Response>(
  method: InventoryMethod<Request, Response>,
  request: Request,
): [string, (reached: Reached, key?: string) => Promise<unknown>] {
  return [
    method.name,
    ({ inventory }, key = '') => outcomeOf(inventory.call(method, request, { waitMs, key })),
  ];
}

const calls = [
  asked(getItem, pb.GetItemRequest.create({ sku: '85123A' })),
  asked(listItems, pb.ListItemsRequest.create({ pageSize: 1 })),
  asked(createItem, pb.CreateItemRequest.create({ sku: 'Ünï-1', attributes: { a: [1, null, 'x'] } })),
  asked(getInventoryLevels, pb.GetInventoryLevelsRequest.create({ skus: ['85123A', 'B'] })),
  asked(getInventoryReport, pb.GetInventoryReportRequest.create({ threshold: 5n })),
  asked(checkAndReserveStock, basket),
  asked(getReservation, pb.GetReservationRequest.create({ orderId: 'order-1' })),
  asked(commitReservation, pb.CommitReservationRequest.create({ orderId: 'order-1' })),
  asked(releaseReservedStock, pb.ReleaseStockRequest.create({ orderId: 'order-1', reason: 'cancelled' })),
  asked(
    allocateInventory,
    pb.AllocateInventoryRequest.create({ orderId: 'order-1', itemId, warehouseId, quantity: 1n }),
  ),
  asked(releaseInventory, pb.ReleaseInventoryRequest.create({ orderId: 'order-1' })),
  asked(
    fulfillInventory,
    pb.FulfillInventoryRequest.create({ orderId: 'order-1', lines: [{ sku: '85123A', quantity: 1n }] }),
  ),
  asked(
    adjustInventory,
    pb.AdjustInventoryRequest.create({ sku: '85123A', warehouseId, delta: -2n, expectedQuantity: 9n }),
  ),
  asked(
    setStockPolicy,
    pb.SetStockPolicyRequest.create({
      sku: '85123A',
      warehouseId,
      policy: { incomingQuantity: 5n, incomingAt: new Date(1_900_000_000_000) },
    }),
  ),
];

describe('the two ways agree', () => {
  let both: Reached[] = [];
  beforeAll(async () => {
    both = await Promise.all(ways.map(reach));
  });
  afterAll(() => Promise.all(both.map(({ stop }) => stop())));
  beforeEach(() => {
    for (const { fakes } of both) {
      fakes.asker.asked.length = 0;
      fakes.observed.length = 0;
      fakes.logged.length = 0;
      fakes.asker.answer = (asked) => ({ ok: usualAnswer(asked) });
    }
  });

  /** What both answered, which is the same. */
  async function agreed(ask: (one: Reached) => Promise<unknown>): Promise<unknown> {
    const [first, second] = await Promise.all(both.map((one) => ask(one)));
    expect(second).toEqual(first);
    return first;
  }

  const commandsOf = ({ fakes }: Reached) =>
    fakes.asker.asked.map(({ ref, command, options: { kind, receipt } }) => ({
      ref,
      command,
      kind,
      receipt,
    }));

  test.each(calls)('on the answer, and on what is asked of actors: %s', async (name, ask) => {
    const key = name.startsWith('Get') || name.startsWith('List') ? '' : 'a-key:1';
    expect(await agreed((one) => ask(one, key))).toHaveProperty('answer');
    const [first, second] = both.map(commandsOf);
    expect(second).toEqual(first);
    const observed = both.map(({ fakes }) =>
      fakes.observed.map(({ method, outcome }) => ({ method, outcome })),
    );
    expect(observed).toEqual([[{ method: name, outcome: 'ok' }], [{ method: name, outcome: 'ok' }]]);
  });

  test('on the idempotency key beside the request', async () => {
    const adjust = asked(
      adjustInventory,
      pb.AdjustInventoryRequest.create({ sku: 'A', warehouseId, delta: 1n }),
    );
    await agreed((one) => adjust[1](one, 'p-1:restock'));
    const keys = both.map(({ fakes }) => fakes.asker.asked[0]?.options.receipt?.key);
    expect(keys[0]).toContain('p-1:restock');
    expect(keys[1]).toBe(keys[0]);
  });

  test('on too little stock, which is an answer', async () => {
    for (const { fakes } of both) {
      fakes.asker.answer = () => ({
        ok: { ...reserved, success: false, reservationId: '', status: 'refused', expiresAt: null },
      });
    }
    const outcome = await agreed(({ inventory }) =>
      outcomeOf(inventory.call(checkAndReserveStock, basket, { waitMs })),
    );
    expect(outcome).toMatchObject({ answer: { success: false, expiresAt: undefined } });
    expect(both.map(({ fakes }) => fakes.observed[0]?.outcome)).toEqual(['refused', 'refused']);
  });

  const isCode = (name: string): name is FailureCode => name in failures;
  const codes = Object.keys(failures)
    .filter(isCode)
    .filter((code) => failures[code].grpc !== 'INTERNAL' && code !== 'unavailable');

  const getA = asked(getItem, pb.GetItemRequest.create({ sku: 'A' }))[1];

  function refuseWith(failure: Failure): void {
    for (const { fakes } of both) fakes.asker.answer = () => ({ error: failure });
  }

  test.each(codes)('on the failure %s', async (code) => {
    refuseWith({ code, message: `it is ${code}: Ünï`, details: { state: 'held', orderId: 'Ünï' } });
    expect(await agreed(getA)).toMatchObject({
      failure: { code, message: `it is ${code}: Ünï`, details: { state: 'held', orderId: 'Ünï' } },
    });
    expect(both.map(({ fakes }) => fakes.observed.at(-1)?.outcome)).toEqual([code, code]);
  });

  test('on the failure unavailable', async () => {
    refuseWith({ code: 'unavailable', message: 'the shard is restarting' });
    expect(await agreed(getA)).toEqual({
      failure: { code: 'unavailable', message: 'the shard is restarting' },
    });
  });

  test.each<[string, Failure]>([
    ['a field', { code: 'invalid-argument', message: 'delta: too much', field: 'delta' }],
    [
      'a field of another failure',
      { code: 'warehouse-not-found', message: 'no', field: 'items[3].warehouse_id' },
    ],
    [
      'a field among the details',
      { code: 'warehouse-not-found', message: 'no', details: { field: 'x', a: 'b' } },
    ],
    ['a delay', { code: 'overloaded', message: 'busy', details: { retryAfterMs: '1250' } }],
    ['nothing but a code', { code: 'item-reserved', message: '' }],
    ['a message that is cut', { code: 'reservation-state', message: 'x'.repeat(5_000) }],
    [
      'details that are cut',
      {
        code: 'reservation-state',
        message: 'many',
        details: Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`d${i}`, '✓'.repeat(i * 100)])),
      },
    ],
    ['half of a character', { code: 'reservation-state', message: 'a\ud800b', details: { c: '\udfff' } }],
    ['names of a prototype', { code: 'reservation-state', message: 'm', details: { constructor: 'c' } }],
  ])('on a failure with %s', async (_what, failure) => {
    refuseWith(failure);
    expect(await agreed(getA)).toMatchObject({ failure: { code: failure.code } });
  });

  test('on an item named as the caller named it', async () => {
    const ask = asked(checkAndReserveStock, basket)[1];
    for (const { fakes } of both) {
      const id = fakes.itemIds.of('85123A');
      fakes.asker.answer = () => ({ error: { code: 'item-not-found', message: `no item ${id}` } });
    }
    expect(await agreed(ask)).toMatchObject({
      failure: { message: 'no item 85123A', field: 'items[0]', details: { sku: '85123A' } },
    });
  });

  test('on everything that is wrong with a request', async () => {
    const bad = pb.StockReservationRequest.create({
      items: [{ itemId: 'x', quantity: 0n }, { quantity: -1n }],
      ttlSeconds: -1,
    });
    const outcome = await agreed(asked(checkAndReserveStock, bad)[1]);
    expect(outcome).toMatchObject({ failure: { code: 'invalid-argument', field: 'order_id' } });
    expect(outcome).toHaveProperty('failure.violations[4]');
  });

  test.each<[string, () => never]>([
    [
      'a fault',
      () => {
        throw new Error('secret table');
      },
    ],
    [
      'an internal failure',
      () => {
        throw new Refused({ code: 'internal', message: 'secret table' });
      },
    ],
  ])('on %s of ours: internal, with an id that is in the log, and no inside', async (_what, answer) => {
    for (const { fakes } of both) fakes.asker.answer = answer;
    expect(await agreed(getA)).toEqual({
      failure: { code: 'internal', message: `internal error ${errorId}`, details: { id: errorId } },
    });
    for (const { fakes } of both) {
      expect(fakes.logged.filter((line) => line.includes(errorId) && line.includes('secret'))).toHaveLength(
        1,
      );
    }
  });

  test('on a database that does not answer: unavailable, and no inside', async () => {
    const list = asked(listItems, pb.ListItemsRequest.create({}))[1];
    const kept = both.map(({ fakes }) => fakes.queries.listItems);
    for (const { fakes } of both) {
      fakes.queries.listItems = () => Promise.reject(new StoreError('unknown', 'secret'));
    }
    const outcome = await agreed(list);
    for (const [index, { fakes }] of both.entries())
      fakes.queries.listItems = kept[index] ?? fakes.queries.listItems;
    expect(outcome).toMatchObject({ failure: { code: 'unavailable' } });
    expect(JSON.stringify(outcome)).not.toContain('secret');
  });

  test('on whatever is asked', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 150 }),
      fc.constantFrom('85123A', itemId, ''),
    );
    const line = fc.record({ itemId: text, sku: text, quantity: fc.bigInt({ min: -3n, max: 2n ** 62n }) });
    const request = fc.record({
      orderId: text,
      items: fc.array(line, { maxLength: 4 }),
      warehouseId: fc.oneof(text, fc.constant(warehouseId)),
      ttlSeconds: fc.integer({ min: -2, max: 700_000 }),
      customerId: text,
      idempotencyKey: text,
      requestId: text,
      drawStrategy: fc.integer({ min: -1, max: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(request, async (fields) => {
        await agreed(asked(checkAndReserveStock, fields)[1]);
      }),
      { numRuns: 200 },
    );
  });
});

describe.each(ways)('%s', (way) => {
  let reached: Reached;
  beforeEach(async () => {
    reached = await reach(way);
  });
  afterEach(() => reached.stop());

  const request = pb.GetItemRequest.create({ sku: 'A' });
  const get = (waitFor: number) => outcomeOf(reached.inventory.call(getItem, request, { waitMs: waitFor }));
  const failure = (code: FailureCode) => ({ failure: expect.objectContaining({ code }) });
  const forget = () => new Promise<never>(() => {});

  test('actors are told how long the caller waits', async () => {
    const before = performance.timeOrigin + performance.now();
    await get(5_000);
    const deadline = reached.fakes.asker.asked[0]?.options.deadline ?? 0;
    expect(deadline).toBeGreaterThan(before + 4_000);
    expect(deadline).toBeLessThan(performance.timeOrigin + performance.now() + 5_100);
  });

  test('an actor that never answers is not waited for any longer', async () => {
    reached.fakes.asker.answer = forget;
    const begunAt = performance.now();
    expect(await get(200)).toEqual({
      failure: { code: 'deadline-exceeded', message: 'not answered in time; the outcome is unknown' },
    });
    const tookMs = performance.now() - begunAt;
    expect(tookMs).toBeGreaterThan(190);
    expect(tookMs).toBeLessThan(5_000);
  });

  test.each([0, -1])('no time at all: nothing is asked, %d', async (none) => {
    expect(await get(none)).toEqual(failure('deadline-exceeded'));
    expect(reached.fakes.asker.asked).toEqual([]);
  });

  test('closing ends what is under way, and what comes afterwards', async () => {
    reached.fakes.asker.answer = forget;
    const call = get(waitMs);
    await until('the actor to be asked', () => reached.fakes.asker.asked.length === 1);
    await reached.inventory.close();
    expect(await call).toEqual(failure('unavailable'));
    expect(await get(waitMs)).toEqual(failure('unavailable'));
    expect(reached.fakes.asker.asked).toHaveLength(1);
  });

  test('a key that cannot be sent everywhere is a fault of ours everywhere', async () => {
    const call = reached.inventory.call(getItem, request, { waitMs, key: 'Ünï' });
    await expect(call).rejects.toThrow(RangeError);
  });

  test('many at once are each answered with their own', async () => {
    const skus = Array.from({ length: 300 }, (_, index) => `sku-${index}`);
    const answers = await Promise.all(
      skus.map((sku) => reached.inventory.call(getItem, pb.GetItemRequest.create({ sku }), { waitMs })),
    );
    const ids = new Set(answers.map(({ item }) => item?.id));
    expect(ids).toEqual(new Set(skus.map((sku) => reached.fakes.itemIds.of(sku))));
  });
});

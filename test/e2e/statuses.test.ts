// The contract's table of statuses, row by row, as a client of the whole service meets them.
import { randomUUID } from 'node:crypto';
import { Metadata } from '@grpc/grpc-js';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type * as pb from '../../src/generated/synkro/inventory/v1/inventory.ts';
import { basket, type Inventory, rpc } from '../support/inventory.ts';
import { type Running, startRunning } from '../support/running.ts';
import { until } from '../support/until.ts';
import { firstOf, watch } from '../support/updates.ts';

let running: Running;
let inventory: Inventory;
let warehouseId: string;

beforeAll(async () => {
  running = await startRunning();
  ({ inventory } = running);
  warehouseId = await inventory.warehouse();
  await inventory.item('known', { [warehouseId]: 100 });
});

afterAll(() => running.close());

describe('INVALID_ARGUMENT names the field, and has no effect', () => {
  const line = (quantity: number | bigint | string) => [{ sku: 'known', quantity }];
  const cases: readonly (readonly [string, pb.DeepPartial<pb.StockReservationRequest>])[] = [
    ['order_id', { items: line(1) }],
    ['order_id', { orderId: 'x'.repeat(129), items: line(1) }],
    ['order_id', { orderId: 'bell\u0007', items: line(1) }],
    ['items', { orderId: 'bad' }],
    [
      'items',
      { orderId: 'bad', items: Array.from({ length: 2_001 }, () => ({ sku: 'known', quantity: 1 })) },
    ],
    ['items[0].quantity', { orderId: 'bad', items: line(0) }],
    ['items[0].quantity', { orderId: 'bad', items: line(-1) }],
    ['items[0].quantity', { orderId: 'bad', items: line(2n ** 53n) }],
    ['items[1].item_id', { orderId: 'bad', items: [...line(1), { itemId: 'no uuid', quantity: 1 }] }],
    ['items[0].item_id', { orderId: 'bad', items: [{ quantity: 1 }] }],
    ['warehouse_id', { orderId: 'bad', items: line(1), warehouseId: 'no uuid' }],
    ['ttl_seconds', { orderId: 'bad', items: line(1), ttlSeconds: 604_801 }],
    ['ttl_seconds', { orderId: 'bad', items: line(1), ttlSeconds: -1 }],
  ];
  test.each(cases)('%s', async (field, request) => {
    const before = await inventory.level('known');
    const problem = await inventory.refused(rpc.reserve, request);
    expect(problem).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'invalid-argument' });
    expect(problem.fields).toContain(field);
    expect(await inventory.level('known')).toEqual(before);
  });

  test('and uses nothing up: the same order and key may be used rightly', async () => {
    await inventory.refused(rpc.reserve, basket('used-up', { known: 0 }));
    await inventory.refused(rpc.reserve, basket('used-up', { known: 1, unknown: 1 }));
    expect(await inventory.call(rpc.reserve, basket('used-up', { known: 1 }))).toMatchObject({
      success: true,
      attempt: 1,
    });
  });

  test('an adjustment by nothing, and an adjustment beyond what is counted exactly', async () => {
    const adjust = (delta: bigint) => inventory.refused(rpc.adjust, { sku: 'known', warehouseId, delta });
    for (const delta of [0n, 2n ** 53n, -(2n ** 53n), 2n ** 53n - 1n])
      expect(await adjust(delta)).toMatchObject({ code: 'INVALID_ARGUMENT', fields: ['delta'] });
  });
});

describe('NOT_FOUND', () => {
  test('items, warehouses, reservations, allocations', async () => {
    const someId = randomUUID();
    const problems = await Promise.all([
      inventory.refused(rpc.getItem, { sku: 'unknown' }),
      inventory.refused(rpc.getItem, { id: someId }),
      inventory.refused(rpc.updateItem, { id: someId, name: 'new' }),
      inventory.refused(rpc.deleteItem, { id: someId }),
      inventory.refused(rpc.levels, { skus: ['known', 'unknown'] }),
      inventory.refused(rpc.adjust, { sku: 'unknown', warehouseId, delta: 1n }),
      inventory.refused(rpc.adjust, { sku: 'known', warehouseId: someId, delta: 1n }),
      inventory.refused(rpc.transfer, {
        sku: 'known',
        fromWarehouseId: warehouseId,
        toWarehouseId: someId,
        quantity: 1n,
      }),
      inventory.refused(rpc.getWarehouse, { id: someId }),
      inventory.refused(rpc.updateWarehouse, { id: someId, name: 'new' }),
      inventory.refused(rpc.reserve, basket('lost', { unknown: 1 })),
      inventory.refused(rpc.reserve, basket('lost-too', { known: 1 }, { warehouseId: someId })),
      inventory.refused(rpc.getReservation, { orderId: 'never seen' }),
      inventory.refused(rpc.commit, { orderId: 'never seen' }),
      inventory.refused(rpc.release, { orderId: 'never seen' }),
      inventory.refused(rpc.extend, { orderId: 'never seen', ttlSeconds: 1 }),
      inventory.refused(rpc.allocate, { sku: 'unknown', warehouseId, quantity: 1n, orderId: 'lost' }),
      inventory.refused(rpc.giveBack, { orderId: 'never seen' }),
      inventory.refused(rpc.fulfill, { orderId: 'never seen' }),
    ]);
    expect(problems.map(({ code }) => code)).toEqual(problems.map(() => 'NOT_FOUND'));
    expect(await inventory.refused(rpc.getReservation, { orderId: 'lost' })).toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});

describe('ALREADY_EXISTS', () => {
  test('a SKU that is taken', async () => {
    const create = { sku: 'taken', name: 'First' };
    await inventory.call(rpc.createItem, create);
    expect(await inventory.refused(rpc.createItem, create)).toMatchObject({
      code: 'ALREADY_EXISTS',
      reason: 'sku-exists',
    });
  });

  test('an idempotency key with other content, whether in the field or in the metadata', async () => {
    const adjust = { sku: 'known', warehouseId, delta: 5n, idempotencyKey: 'delivery-1' };
    const first = await inventory.call(rpc.adjust, adjust);
    expect(await inventory.call(rpc.adjust, adjust)).toEqual(first);
    const metadata = new Metadata();
    metadata.set('idempotency-key', 'delivery-1');
    const bare = { sku: 'known', warehouseId, delta: 5n };
    expect(await inventory.call(rpc.adjust, bare, { metadata })).toEqual(first);
    for (const problem of [
      await inventory.refused(rpc.adjust, { ...adjust, delta: 6n }),
      await inventory.refused(rpc.adjust, { ...bare, delta: 6n }, { metadata }),
    ]) {
      expect(problem).toMatchObject({ code: 'ALREADY_EXISTS', reason: 'idempotency-key-reused' });
    }
    await inventory.call(rpc.reserve, basket('other-content', { known: 1 }));
    expect(await inventory.refused(rpc.reserve, basket('other-content', { known: 2 }))).toMatchObject({
      code: 'ALREADY_EXISTS',
      reason: 'idempotency-key-reused',
    });
  });

  test('a second live reservation for an order', async () => {
    await inventory.call(rpc.reserve, basket('second', { known: 1 }));
    const second = basket('second', { known: 1 }, { idempotencyKey: 'another' });
    for (const state of ['held', 'committed', 'fulfilled']) {
      if (state === 'committed') await inventory.call(rpc.commit, { orderId: 'second' });
      if (state === 'fulfilled') await inventory.call(rpc.fulfill, { orderId: 'second' });
      expect(await inventory.refused(rpc.reserve, second)).toMatchObject({
        code: 'ALREADY_EXISTS',
        reason: 'reservation-exists',
        details: { state },
      });
    }
  });
});

describe('FAILED_PRECONDITION', () => {
  test('an adjustment below what is reserved names the orders that hold it, and changes nothing', async () => {
    await inventory.item('tight', { [warehouseId]: 10 });
    await inventory.call(rpc.reserve, basket('tight-1', { tight: 4 }));
    await inventory.call(rpc.reserve, basket('tight-2', { tight: 3 }));
    const adjust = { sku: 'tight', warehouseId, delta: -4n };
    let orders: unknown;
    await until('the tables to name both orders', async () => {
      const problem = await inventory.refused(rpc.adjust, adjust);
      expect(problem).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'below-reserved' });
      expect(Date.parse(problem.details['asOf'] ?? '')).toBeLessThanOrEqual(Date.now());
      orders = JSON.parse(problem.details['orders'] ?? '');
      return Array.isArray(orders) && orders.length === 2;
    });
    expect(orders).toEqual(expect.arrayContaining(['tight-1', 'tight-2']));
    const { item } = await inventory.call(rpc.getItem, { sku: 'tight' });
    expect(await inventory.refused(rpc.deleteItem, { id: item?.id ?? '' })).toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'item-reserved',
    });
    expect(await inventory.level('tight')).toMatchObject({ quantity: 10n, held: 7n });
    expect(await inventory.call(rpc.adjust, { ...adjust, delta: -3n })).toMatchObject({
      inventoryLevel: { quantity: 7n, available: 0n },
    });
  });

  test('what the state of a reservation does not allow', async () => {
    const orderId = 'states';
    await inventory.call(rpc.reserve, basket(orderId, { known: 1 }));
    await inventory.call(rpc.release, { orderId });
    for (const refused of [
      inventory.refused(rpc.commit, { orderId }),
      inventory.refused(rpc.extend, { orderId, ttlSeconds: 60 }),
      inventory.refused(rpc.reserve, basket(orderId, { known: 1 })),
    ]) {
      expect(await refused).toMatchObject({
        code: 'FAILED_PRECONDITION',
        reason: 'reservation-state',
        details: { state: 'released' },
      });
    }
    await inventory.call(rpc.reserve, basket(orderId, { known: 1 }, { idempotencyKey: 'two' }));
    await inventory.call(rpc.commit, { orderId });
    for (const refused of [
      inventory.refused(rpc.release, { orderId }),
      inventory.refused(rpc.extend, { orderId, ttlSeconds: 60 }),
    ])
      expect(await refused).toMatchObject({ code: 'FAILED_PRECONDITION', details: { state: 'committed' } });
  });

  test('more than what is available or allocated', async () => {
    await inventory.item('scarce', { [warehouseId]: 3 });
    const other = await inventory.warehouse('Other');
    const transfer = { sku: 'scarce', fromWarehouseId: warehouseId, toWarehouseId: other, quantity: 4n };
    expect(await inventory.refused(rpc.transfer, transfer)).toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'insufficient-available',
    });
    await inventory.call(rpc.allocate, { sku: 'scarce', warehouseId, quantity: 2n, orderId: 'scarce-1' });
    const lines = [{ sku: 'scarce', warehouseId, quantity: 3n }];
    for (const refused of [
      inventory.refused(rpc.fulfill, { orderId: 'scarce-1', lines }),
      inventory.refused(rpc.giveBack, { orderId: 'scarce-1', sku: 'scarce', warehouseId, quantity: 3n }),
    ])
      expect(await refused).toMatchObject({ code: 'FAILED_PRECONDITION' });
    expect(await inventory.level('scarce')).toMatchObject({ quantity: 3n, allocated: 2n });
  });
});

test('ABORTED: compare-and-set differs, and says what the quantity is', async () => {
  await inventory.item('compared', { [warehouseId]: 10 });
  const adjust = { sku: 'compared', warehouseId, delta: 1n };
  expect(await inventory.refused(rpc.adjust, { ...adjust, expectedQuantity: 9n })).toMatchObject({
    code: 'ABORTED',
    reason: 'quantity-differs',
    details: { quantity: '10' },
  });
  expect(await inventory.call(rpc.adjust, { ...adjust, expectedQuantity: 10n })).toMatchObject({
    inventoryLevel: { quantity: 11n },
  });
});

test('too little stock is an answer: OK with success = false, what there is, and nothing held', async () => {
  await inventory.item('little', { [warehouseId]: 2 });
  const request = basket('little-1', { known: 1, little: 3 });
  const answer = await inventory.call(rpc.reserve, request);
  expect(answer).toMatchObject({
    success: false,
    status: 6,
    items: [
      { sku: 'known', inStock: true, requested: 1n },
      { sku: 'little', inStock: false, requested: 3n, availableQuantity: 2n },
    ],
  });
  expect(answer.message).toContain('too little stock');
  expect(await inventory.level('little')).toMatchObject({ held: 0n });
  await inventory.call(rpc.adjust, { sku: 'little', warehouseId, delta: 5n });
  expect(await inventory.call(rpc.reserve, request)).toEqual(answer);
  expect(
    await inventory.call(rpc.reserve, { ...request, idempotencyKey: 'after the delivery' }),
  ).toMatchObject({ success: true, attempt: 2 });
  const allocated = await inventory.call(rpc.allocate, {
    sku: 'little',
    warehouseId,
    quantity: 100n,
    orderId: 'little-2',
  });
  expect(allocated).toMatchObject({ success: false, inventoryLevel: { available: 4n } });
});

test('OUT_OF_RANGE: a resume token that is older than what is kept', async () => {
  const { resumeToken } = await firstOf(watch(inventory, {}));
  await inventory.call(rpc.adjust, { sku: 'known', warehouseId, delta: 1n });
  const sql = postgres(running.database.url, { max: 1 });
  try {
    await until('a snapshot to cover the change', async () => {
      const lagging = await sql`
        select 1 from shards join journal using (shard) where seq > snapshot_seq limit 1`;
      return lagging.length === 0;
    });
    // What trimming does an hour later.
    await sql`update shards set trimmed_to = snapshot_seq`;
  } finally {
    await sql.end();
  }
  await expect(firstOf(watch(inventory, { resumeToken }))).rejects.toMatchObject({ code: 11 });
});

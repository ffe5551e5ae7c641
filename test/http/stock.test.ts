// The routes of stock: what the actors are asked, and what the client gets.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { itemIdOfSku } from '../../src/actors/ids.ts';
import { item, usualAnswer } from '../grpc/support/fakes.ts';
import type { CallOptions } from './support/checked.ts';
import {
  itemId,
  itemRef,
  levelJson,
  otherLevelJson,
  otherWarehouseId,
  skuRef,
  warehouseId,
} from './support/json.ts';
import { callAsking, type Harness, reset, serve } from './support/server.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await serve();
});
afterAll(() => harness.stop());
beforeEach(() => reset(harness));

const call = (method: string, path: string, options: CallOptions = {}) =>
  callAsking(harness, method, path, options);

describe('stock', () => {
  test('levels of one item, and of several in certain warehouses', async () => {
    const one = await call('GET', `/v1/items/sku:85123A/levels`);
    expect([one.status, one.body]).toEqual([200, { levels: [levelJson, otherLevelJson] }]);
    expect(one.asked).toEqual([{ ref: skuRef('85123A'), command: { type: 'get' } }]);
    harness.fakes.asker.asked.length = 0;
    const url = `/v1/levels?sku=a&itemId=${itemId}&sku=b&warehouseId=${otherWarehouseId}`;
    const many = await call('GET', url);
    expect(many.body).toEqual({ levels: [otherLevelJson, otherLevelJson, otherLevelJson] });
    expect(many.asked.map(({ ref }) => ref)).toEqual([
      { kind: 'warehouse', id: otherWarehouseId },
      itemRef,
      skuRef('a'),
      skuRef('b'),
    ]);
  });

  test('levels tell their policies, where they are set', async () => {
    const policies = {
      [warehouseId]: { lowStockThreshold: 5, backInStockThreshold: 9, incomingQuantity: 7, incomingAt: null },
    };
    harness.fakes.asker.answer = () => ({ ok: { ...item, policies, low: [warehouseId] } });
    const { body } = await call('GET', '/v1/items/sku:85123A/levels');
    const policy = { lowStockThreshold: 5, backInStockThreshold: 9, incomingQuantity: 7 };
    expect(body).toEqual({ levels: [{ ...levelJson, policy, isLow: true }, otherLevelJson] });
  });

  test('is adjusted', async () => {
    const json = { warehouseId, delta: -3, reason: 'damaged', reference: 'r', expectedQuantity: 0 };
    const { status, body, asked } = await call('POST', '/v1/items/sku:85123A/adjustments', { json });
    expect([status, body]).toEqual([200, levelJson]);
    expect(asked).toEqual([{ ref: skuRef('85123A'), command: { type: 'adjust', ...json } }]);
    const zero = await call('POST', '/v1/items/sku:85123A/adjustments', { json: { warehouseId, delta: 0 } });
    expect(zero.body).toMatchObject({ status: 400, field: 'delta' });
  });

  test('is adjusted in bulk', async () => {
    harness.fakes.asker.answer = (asked) =>
      asked.ref.id === itemIdOfSku('less')
        ? { error: { code: 'below-reserved', message: 'it is reserved' } }
        : { ok: usualAnswer(asked) };
    const change = { warehouseId, delta: 1 };
    const json = { adjustments: [{ ...change, itemId }, { ...change, sku: 'less' }, { ...change }] };
    const { status, body } = await call('POST', '/v1/adjustments:bulk', { json });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      results: [
        { level: levelJson },
        { error: { code: 'below-reserved', details: { orders: ['order-1', 'order-2'] } } },
        { error: { code: 'invalid-argument', field: 'adjustments[2].itemId' } },
      ],
    });
  });

  test('is moved', async () => {
    const json = { fromWarehouseId: warehouseId, toWarehouseId: otherWarehouseId, quantity: 2 };
    const { status, body, asked } = await call('POST', `/v1/items/${itemId}/transfers`, { json });
    expect([status, body]).toEqual([200, { levels: [levelJson, otherLevelJson] }]);
    expect(asked).toEqual([{ ref: itemRef, command: { type: 'transfer', ...json, reference: '' } }]);
  });

  test('has policies', async () => {
    const path = `/v1/items/${itemId}/policies/${warehouseId}`;
    const json = { lowStockThreshold: 5, incomingAt: '2026-01-31T13:00:00+01:00' };
    const { status, body, asked } = await call('PUT', path, { json });
    const incomingAt = '2026-01-31T12:00:00.000Z';
    expect([status, body]).toEqual([
      200,
      { lowStockThreshold: 5, backInStockThreshold: 5, incomingQuantity: 0, incomingAt },
    ]);
    const policy = {
      lowStockThreshold: 5,
      backInStockThreshold: 5,
      incomingQuantity: 0,
      incomingAt: Date.parse(incomingAt),
    };
    expect(asked).toEqual([{ ref: itemRef, command: { type: 'setPolicy', warehouseId, policy } }]);
    const none = await call('PUT', path, { json: {} });
    expect(none.body).toEqual({ lowStockThreshold: 0, backInStockThreshold: 0, incomingQuantity: 0 });
  });

  test('that is available: over the active warehouses, and what is unknown is no error', async () => {
    harness.fakes.asker.answer = (asked) => {
      const { id } = asked.ref;
      if (id === itemIdOfSku('none')) return { error: { code: 'item-not-found', message: 'no' } };
      return { ok: { ...item, id, inactive: [otherWarehouseId] } };
    };
    const askedFrom = Date.now();
    const { status, body } = await call('GET', '/v1/availability?sku=a&sku=none&sku=a');
    const asOf = String(Object(body).asOf);
    expect([status, body]).toEqual([
      200,
      { availability: [{ sku: 'a', itemId: itemIdOfSku('a'), available: 5 }], unknown: ['none'], asOf },
    ]);
    expect(Date.parse(asOf)).toBeGreaterThanOrEqual(askedFrom - 1);
    expect(Date.parse(asOf)).toBeLessThanOrEqual(Date.now());
    harness.fakes.asker.answer = () => ({ error: { code: 'unavailable', message: 'gone' } });
    expect((await call('GET', '/v1/availability?sku=b')).status).toBe(503);
  });
});

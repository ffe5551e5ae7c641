// The routes of items and warehouses: what the actors are asked, and what the client gets.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { itemIdOfSku } from '../../src/actors/ids.ts';
import { isObject } from '../../src/actors/shape.ts';
import { item, usualAnswer } from '../grpc/support/fakes.ts';
import type { CallOptions } from './support/checked.ts';
import { itemId, itemJson, itemRef, skuRef, warehouseId, warehouseJson } from './support/json.ts';
import { callAsking, type Harness, reset, serve } from './support/server.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await serve();
});
afterAll(() => harness.stop());
beforeEach(() => reset(harness));

const call = (method: string, path: string, options: CallOptions = {}) =>
  callAsking(harness, method, path, options);

describe('items', () => {
  test('are created', async () => {
    const json = {
      sku: '85123A',
      name: 'a',
      description: 'b\nc',
      category: 'd',
      attributes: { colour: 'white', size: null },
      initialLevels: [{ warehouseId: warehouseId.toUpperCase(), quantity: 0 }],
    };
    const { status, headers, body, asked } = await call('POST', '/v1/items', { json });
    expect([status, headers.get('location'), body]).toEqual([
      201,
      `/v1/items/${itemIdOfSku('85123A')}`,
      {
        ...itemJson,
        id: itemIdOfSku('85123A'),
      },
    ]);
    expect(asked).toEqual([
      {
        ref: skuRef('85123A'),
        command: { type: 'create', ...json, initialLevels: [{ warehouseId, quantity: 0 }] },
      },
    ]);
  });

  test('need nothing but a SKU; what is not given is empty, and attributes are left out', async () => {
    const details = { ...item.details, attributes: null };
    harness.fakes.asker.answer = () => ({ ok: { ...item, details } });
    const { body, asked } = await call('POST', '/v1/items', { json: { sku: 'ü%/' } });
    expect(asked[0]?.command).toEqual({
      type: 'create',
      sku: 'ü%/',
      name: '',
      description: '',
      category: '',
      attributes: null,
      initialLevels: [],
    });
    expect(isObject(body) && 'attributes' in body).toBe(false);
  });

  test.each([
    ['a UUID', itemId, itemRef],
    ['a UUID in capitals', itemId.toUpperCase(), itemRef],
    ['a SKU', 'sku:85123A', skuRef('85123A')],
    ['a SKU, encoded', encodeURIComponent('sku:a/b%c ü?'), skuRef('a/b%c ü?')],
    ['a SKU that begins like one', 'sku:sku:x', skuRef('sku:x')],
  ])('are named in the path by %s', async (_what, id, ref) => {
    const read = await call('GET', `/v1/items/${id}`);
    expect([read.status, read.asked]).toEqual([200, [{ ref, command: { type: 'get' } }]]);
    harness.fakes.asker.asked.length = 0;
    const changed = await call('PATCH', `/v1/items/${id}`, { json: { name: '', attributes: {} } });
    expect(changed.asked).toEqual([{ ref, command: { type: 'update', name: '', attributes: {} } }]);
    harness.fakes.asker.asked.length = 0;
    const deleted = await call('DELETE', `/v1/items/${id}`);
    expect([deleted.status, deleted.body, deleted.asked]).toEqual([
      204,
      '',
      [{ ref, command: { type: 'delete' } }],
    ]);
  });

  test('in bulk: each has its own answer and problem', async () => {
    harness.fakes.asker.answer = (asked) =>
      asked.ref.id === itemIdOfSku('old')
        ? { error: { code: 'sku-exists', message: 'there is one' } }
        : { ok: usualAnswer(asked) };
    const json = { items: [{ sku: 'new' }, { sku: 'old' }, { sku: 'bad', name: '\0' }] };
    const { status, body } = await call('POST', '/v1/items:bulk', { json });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      results: [
        { item: { id: itemIdOfSku('new') } },
        { error: { code: 'sku-exists', status: 409 } },
        { error: { code: 'invalid-argument', field: 'items[2].name' } },
      ],
    });
  });

  test('are changed in bulk, by id or SKU', async () => {
    const json = { items: [{ itemId, name: 'x' }, { sku: 'b', category: 'y' }, { name: 'z' }] };
    const { body, asked } = await call('PATCH', '/v1/items:bulk', { json });
    expect(asked).toEqual([
      { ref: itemRef, command: { type: 'update', name: 'x' } },
      { ref: skuRef('b'), command: { type: 'update', category: 'y' } },
    ]);
    expect(body).toMatchObject({
      results: [{ item: {} }, { item: {} }, { error: { field: 'items[2].itemId' } }],
    });
  });
});

test('warehouses are created, read and changed', async () => {
  const made = await call('POST', '/v1/warehouses', { json: { name: 'North', priority: -1 } });
  expect([made.status, made.headers.get('location')]).toEqual([
    201,
    '/v1/warehouses/99999999-9999-4999-8999-999999999999',
  ]);
  expect(made.asked[0]?.command).toEqual({
    type: 'create',
    name: 'North',
    location: '',
    customerId: '',
    priority: -1,
  });
  const read = await call('GET', `/v1/warehouses/${warehouseId}`);
  expect([read.status, read.body]).toEqual([200, warehouseJson]);
  harness.fakes.asker.asked.length = 0;
  const changed = await call('PATCH', `/v1/warehouses/${warehouseId}`, { json: { isActive: false } });
  expect([changed.status, changed.body]).toEqual([200, warehouseJson]);
  expect(changed.asked).toEqual([
    { ref: { kind: 'warehouse', id: warehouseId }, command: { type: 'update', isActive: false } },
  ]);
});

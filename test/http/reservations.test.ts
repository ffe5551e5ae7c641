// The routes of reservations and allocations: what the actors are asked, and what the client gets.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { itemIdOfSku } from '../../src/actors/ids.ts';
import { level, reservation, reserved } from '../grpc/support/fakes.ts';
import type { CallOptions } from './support/checked.ts';
import { itemId, levelJson, reservationJson, warehouseId } from './support/json.ts';
import { callAsking, type Harness, reset, serve } from './support/server.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await serve();
});
afterAll(() => harness.stop());
beforeEach(() => reset(harness));

const call = (method: string, path: string, options: CallOptions = {}) =>
  callAsking(harness, method, path, options);

describe('reservations', () => {
  const basket = { orderId: 'order-1', items: [{ sku: 'A', quantity: 2 }] };

  test('are made', async () => {
    const json = {
      ...basket,
      items: [
        { sku: 'A', quantity: 1 },
        { itemId, quantity: 2 },
        { sku: 'A', quantity: 1 },
      ],
      warehouseId,
      ttlSeconds: 60,
      customerId: 'c',
      drawStrategy: 'single_warehouse',
    };
    const { status, headers, body, asked } = await call('POST', '/v1/reservations', { json });
    expect([status, headers.get('location')]).toEqual([201, `/v1/reservations/${reserved.reservationId}`]);
    expect(body).toEqual({
      id: reserved.reservationId,
      orderId: 'order-1',
      status: 'held',
      attempt: 1,
      items: [
        {
          itemId,
          sku: '85123A',
          inStock: true,
          requested: 2,
          availableQuantity: 5,
          draws: [{ warehouseId, quantity: 2, levelVersion: 8 }],
        },
      ],
      expiresAt: '2023-11-14T22:28:20.000Z',
    });
    expect(asked).toMatchObject([
      {
        ref: { kind: 'order', id: 'order-1' },
        command: {
          type: 'reserve',
          key: 'order-1',
          request: {
            items: [
              { itemId: itemIdOfSku('A'), quantity: 2 },
              { itemId, quantity: 2 },
            ],
            warehouseId,
            strategy: 'single',
            ttlSeconds: 60,
            customerId: 'c',
          },
        },
      },
    ]);
  });

  test('of too little stock are refused, and say what there is', async () => {
    const [line] = reserved.items;
    const items = [{ ...line, inStock: false, requested: 9, draws: [] }];
    harness.fakes.asker.answer = () => ({
      ok: { ...reserved, success: false, status: 'refused', items, expiresAt: null },
    });
    const { status, headers, body } = await call('POST', '/v1/reservations', { json: basket });
    expect([status, headers.get('content-type')]).toEqual([409, 'application/problem+json']);
    expect(body).toMatchObject({
      type: 'urn:synkro:error:insufficient-stock',
      code: 'insufficient-stock',
      detail: 'too little stock of 1 of 1 items',
      details: { reservationId: reserved.reservationId, attempt: '1' },
      items: [{ itemId, sku: '85123A', inStock: false, requested: 9, availableQuantity: 5 }],
    });
    expect(harness.fakes.observed.at(-1)?.outcome).toBe('insufficient-stock');
  });

  test('are read, committed, released and extended, with or without a body', async () => {
    const path = `/v1/reservations/${reservation.reservationId}`;
    const ref = { kind: 'order', id: 'order-1' };
    const cases: readonly [string, string, unknown, object][] = [
      ['GET', '', undefined, { type: 'get', attempt: 1 }],
      ['POST', '/commit', undefined, { type: 'commit', attempt: 1 }],
      ['POST', '/commit', {}, { type: 'commit', attempt: 1 }],
      ['POST', '/release', undefined, { type: 'release', attempt: 1, reason: '' }],
      ['POST', '/release', { reason: 'why' }, { type: 'release', attempt: 1, reason: 'why' }],
      ['POST', '/extend', undefined, { type: 'extend', attempt: 1, ttlSeconds: 900 }],
      ['POST', '/extend', { ttlSeconds: 7 }, { type: 'extend', attempt: 1, ttlSeconds: 7 }],
    ];
    for (const [method, suffix, json, command] of cases) {
      harness.fakes.asker.asked.length = 0;
      const { status, body, asked } = await call(method, `${path}${suffix}`, { json });
      expect([status, body]).toEqual([200, reservationJson]);
      expect(asked).toEqual([{ ref, command }]);
    }
  });

  test('take an empty body that is said to be JSON', async () => {
    const path = `/v1/reservations/${reservation.reservationId}/commit`;
    expect((await call('POST', path, { raw: '' })).status).toBe(200);
  });
});

describe('allocations', () => {
  const ref = { kind: 'order', id: 'order-1' };

  test('are made', async () => {
    const json = { orderId: 'order-1', sku: 'A', warehouseId, quantity: 2 };
    const { status, body, asked } = await call('POST', '/v1/allocations', { json });
    expect([status, body]).toEqual([200, levelJson]);
    const command = { type: 'allocate', itemId: itemIdOfSku('A'), warehouseId, quantity: 2 };
    expect(asked).toEqual([{ ref, command }]);
  });

  test.each([
    ['with a level', [level], { itemId, sku: '85123A', availableQuantity: 5 }],
    ['without one', [], { itemId, sku: '', availableQuantity: 0 }],
  ])('of too little stock are refused, %s there', async (_what, levels, told) => {
    harness.fakes.asker.answer = () => ({ ok: { success: false, levels } });
    const json = { orderId: 'order-1', itemId, warehouseId, quantity: 9 };
    const { status, body } = await call('POST', '/v1/allocations', { json });
    expect(status).toBe(409);
    expect(body).toMatchObject({
      code: 'insufficient-stock',
      items: [{ ...told, inStock: false, requested: 9 }],
    });
  });

  test('are given back and fulfilled, all or some', async () => {
    const some = { sku: 'A', warehouseId, quantity: 2 };
    const named = { itemId: itemIdOfSku('A'), warehouseId, quantity: 2 };
    const all = { itemId: null, warehouseId: null, quantity: null };
    const cases: readonly [string, object, object][] = [
      ['release', {}, { type: 'giveBack', ...all }],
      ['release', some, { type: 'giveBack', ...named }],
      ['fulfill', {}, { type: 'fulfill', lines: [] }],
      ['fulfill', { lines: [some, { itemId }] }, { type: 'fulfill', lines: [named, { ...all, itemId }] }],
    ];
    for (const [what, given, command] of cases) {
      harness.fakes.asker.asked.length = 0;
      const json = { orderId: 'order-1', ...given };
      const { status, body, asked } = await call('POST', `/v1/allocations/${what}`, { json });
      expect([status, body]).toEqual([200, { levels: [levelJson] }]);
      expect(asked).toEqual([{ ref, command }]);
    }
  });
});

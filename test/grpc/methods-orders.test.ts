// What the methods of orders ask of which actor, and what becomes of the answer.
import type { Metadata } from '@grpc/grpc-js';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as pb from '../../src/generated/synkro/inventory/v1/inventory.ts';
import { callBytes, callMessage, type Harness, type MethodName, problemOf, serve } from './support/client.ts';
import { level, reservation, reserved, usualAnswer, wireLevel } from './support/fakes.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await serve();
});
afterAll(() => harness.stop());
beforeEach(() => {
  harness.fakes.asker.asked.length = 0;
  harness.fakes.asker.answer = (asked) => ({ ok: usualAnswer(asked) });
  harness.fakes.queries.asked.length = 0;
});

const { itemId, warehouseId } = level;

const call = <T>(
  method: MethodName,
  type: pb.MessageFns<T>,
  request: Parameters<pb.MessageFns<T>['create']>[0],
  metadata?: Metadata,
) => callMessage(harness, method, type, request, metadata);

describe('reservations', () => {
  test('a basket: lines of one item are summed, in the order of first mention', async () => {
    const { asked, response } = await call('checkAndReserveStock', pb.StockReservationRequest, {
      orderId: 'order-1',
      items: [
        { sku: 'B', quantity: 1n },
        { sku: '85123A', quantity: 2n },
        { itemId, quantity: 3n },
      ],
      drawStrategy: pb.DrawStrategy.SINGLE_WAREHOUSE,
      requestId: 'r',
    });
    const command = Object(asked?.command);
    expect(asked).toMatchObject({
      ref: { kind: 'order', id: 'order-1' },
      options: { kind: 'write', receipt: null },
    });
    expect(command).toMatchObject({
      type: 'reserve',
      key: 'order-1',
      request: { warehouseId: null, strategy: 'single', ttlSeconds: 900, customerId: '' },
    });
    expect(command.request.items).toMatchObject([{ quantity: 1 }, { itemId, quantity: 5 }]);
    expect(response).toEqual({
      success: true,
      reservationId: reserved.reservationId,
      orderId: 'order-1',
      items: [
        {
          itemId,
          sku: '85123A',
          inStock: true,
          requested: 2n,
          availableQuantity: 5n,
          draws: [{ warehouseId, quantity: 2n, levelVersion: 8n }],
        },
      ],
      message: '',
      expiresAt: new Date(1_700_000_900_000),
      status: pb.ReservationStatus.HELD,
      attempt: 1,
    });
  });

  test('the key is not part of the fingerprint, and neither is the request id', async () => {
    const ask = async (over: object) =>
      Object(
        (
          await call('checkAndReserveStock', pb.StockReservationRequest, {
            orderId: 'o',
            items: [{ sku: 'A', quantity: 1n }],
            ...over,
          })
        ).asked?.command,
      );
    const plain = await ask({});
    expect(await ask({ idempotencyKey: 'k', requestId: 'r' })).toMatchObject({
      key: 'k',
      fingerprint: plain.fingerprint,
    });
    expect((await ask({ ttlSeconds: 900 })).fingerprint).toBe(plain.fingerprint);
    expect((await ask({ ttlSeconds: 901 })).fingerprint).not.toBe(plain.fingerprint);
  });

  test('too little stock is an answer, and observed as refused', async () => {
    harness.fakes.asker.answer = () => ({
      ok: {
        ...reserved,
        success: false,
        status: 'refused',
        expiresAt: null,
        items: reserved.items.map((each) => ({ ...each, inStock: false, draws: [] })),
      },
    });
    harness.fakes.observed.length = 0;
    const { response } = await call('checkAndReserveStock', pb.StockReservationRequest, {
      orderId: 'o',
      items: [{ sku: '85123A', quantity: 6n }],
    });
    expect(response).toMatchObject({
      success: false,
      status: pb.ReservationStatus.REFUSED,
      message: 'too little stock of 1 of 1 items',
      expiresAt: undefined,
    });
    expect(harness.fakes.observed).toMatchObject([{ method: 'CheckAndReserveStock', outcome: 'refused' }]);
  });

  test.each([
    ['getReservation', pb.GetReservationRequest, { type: 'get' }, 'read'],
    ['extendReservation', pb.ExtendReservationRequest, { type: 'extend', ttlSeconds: 900 }, 'write'],
    ['releaseReservedStock', pb.ReleaseStockRequest, { type: 'release', reason: '' }, 'write'],
    ['commitReservation', pb.CommitReservationRequest, { type: 'commit' }, 'write'],
  ] as const)(
    '%s leads from the reservation’s id, or the order’s, to the order',
    async (method, type, command, kind) => {
      const { reservationId, orderId } = reservation;
      for (const [address, attempt] of [
        [{ reservationId }, 1],
        [{ orderId }, null],
        [{ reservationId, orderId }, 1],
      ] as const) {
        const bytes = type.encode(Object.assign(Object(type.create()), address)).finish();
        const { response } = await callBytes(harness, method, bytes);
        expect(harness.fakes.asker.asked.at(-1)).toMatchObject({
          ref: { kind: 'order', id: 'order-1' },
          command: { ...command, attempt },
          options: { kind, receipt: null },
        });
        expect(response).toMatchObject({
          reservation: { id: reservationId, orderId, status: pb.ReservationStatus.HELD },
        });
      }
    },
  );

  test.each([
    'x',
    'rsv-0-b3JkZXItMQ',
    'rsv-1-',
    'rsv-1-b3JkZXItMQ=',
    'rsv-1-AA',
    `rsv-1-${'A'.repeat(2_000)}`,
  ])('an id that we never gave is NOT_FOUND: %s', async (reservationId) => {
    const { error } = await call('getReservation', pb.GetReservationRequest, { reservationId });
    expect(problemOf(error)).toMatchObject({ code: 'NOT_FOUND', reason: 'reservation-not-found' });
    expect(harness.fakes.asker.asked).toEqual([]);
  });
});

describe('allocations', () => {
  test('AllocateInventory: too little is success = false', async () => {
    harness.fakes.asker.answer = () => ({ ok: { success: false, levels: [level] } });
    const { response } = await call('allocateInventory', pb.AllocateInventoryRequest, {
      orderId: 'o',
      itemId,
      warehouseId,
      quantity: 99n,
    });
    expect(response).toEqual({ success: false, inventoryLevel: wireLevel });
  });

  test('ReleaseInventory of everything', async () => {
    const { asked, response } = await call('releaseInventory', pb.ReleaseInventoryRequest, { orderId: 'o' });
    expect(asked?.command).toEqual({ type: 'giveBack', itemId: null, warehouseId: null, quantity: null });
    expect(response).toEqual({ success: true, inventoryLevels: [wireLevel] });
  });

  test('FulfillInventory sums lines of one place', async () => {
    const { asked } = await call('fulfillInventory', pb.FulfillInventoryRequest, {
      orderId: 'o',
      lines: [
        { itemId, warehouseId, quantity: 1n },
        { sku: '85123A', quantity: 0n },
        { sku: '85123A', warehouseId, quantity: 2n },
      ],
    });
    expect(asked?.command).toEqual({
      type: 'fulfill',
      lines: [
        { itemId, warehouseId, quantity: 3 },
        { itemId, warehouseId: null, quantity: null },
      ],
    });
  });
});

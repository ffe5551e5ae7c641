// What each method asks of which actor, under which key, and how the order that it is answered with is shown.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as pb from '../../src/generated/synkro/logistics/v1/logistics.ts';
import { problemOf } from '../grpc/support/client.ts';
import { asSealed, customerId, orderId, shipmentId, warehouseId } from '../http/support/logistics-fakes.ts';
import { callMessage, type Harness, type MethodName, reset, serve, withKey } from './support/client.ts';
import { wireOrder } from './support/wire.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await serve();
});
afterAll(() => harness.stop());
beforeEach(() => reset(harness));

const call = <T>(
  method: MethodName,
  type: pb.MessageFns<T>,
  request: Parameters<pb.MessageFns<T>['create']>[0],
  options = {},
) => callMessage(harness, method, type, request, options);

const answered = { order: wireOrder, atRest: true };

test('GetOrder reads the actor, and shows everything', async () => {
  const got = await call('getOrder', pb.GetOrderRequest, { orderId: orderId.toUpperCase() });
  expect(got.error).toBeNull();
  expect(got.asked).toMatchObject([
    {
      ref: { kind: 'order', id: orderId },
      command: { type: 'get' },
      options: { kind: 'read', receipt: null },
    },
  ]);
  expect(got.response).toEqual(answered);
});

test('GetOrderHistory: every move, oldest first', async () => {
  const { response } = await call('getOrderHistory', pb.GetOrderHistoryRequest, { orderId });
  const at = Date.parse('2026-01-31T12:00:00.000Z');
  const { UNSPECIFIED, CREATED, PROCESSING, RESERVING_STOCK, CONFIRMED } = pb.OrderStatus;
  const entry = (
    previousStatus: pb.OrderStatus,
    newStatus: pb.OrderStatus,
    ms: number,
    changedBy: string,
    reason = '',
  ) => ({ previousStatus, newStatus, timestamp: new Date(at + ms), changedBy, reason });
  expect(response).toEqual({
    entries: [
      entry(UNSPECIFIED, CREATED, 0, 'customer'),
      entry(CREATED, PROCESSING, 0, 'system'),
      entry(PROCESSING, RESERVING_STOCK, 1_000, 'payment', 'authorized'),
      entry(RESERVING_STOCK, CONFIRMED, 2_000, 'stock'),
    ],
  });
});

describe('changes', () => {
  const ship = {
    type: 'ship',
    carrier: 'Royal Mail',
    trackingNumber: 'RM1',
    lines: [{ lineId: '2', quantity: 1 }],
    warehouseId,
  };
  const shipment = pb.Shipment.create({
    carrier: 'Royal Mail',
    trackingNumber: 'RM1',
    warehouseId: warehouseId.toUpperCase(),
    items: [pb.OrderItem.create({ lineId: '2', quantity: 1n })],
  });
  const { SHIPPED, DELIVERED, CANCELLED } = pb.OrderStatus;
  const status = (newStatus: pb.OrderStatus, over = {}) =>
    ['updateOrderStatus', pb.UpdateOrderStatusRequest, { newStatus, ...over }] as const;
  const everything = { type: 'ship', carrier: '', trackingNumber: '', lines: [], warehouseId: null };
  const back = { items: [{ lineId: '1', quantity: 2n }], reason: 'too small', restock: true };
  const line = { lineId: '1', quantity: 2 };

  const table = [
    ['SHIPPED', ...status(SHIPPED, { shipment }), ship],
    ['SHIPPED without more: all of it', ...status(SHIPPED), everything],
    ['DELIVERED: all that is on its way', ...status(DELIVERED), { type: 'deliver', shipmentId: null }],
    [
      'CANCELLED, by the shop',
      ...status(CANCELLED, { statusNotes: 'sold out' }),
      { type: 'cancel', by: 'shop', reason: 'sold out' },
    ],
    [
      'CancelOrder, by the customer',
      'cancelOrder',
      pb.CancelOrderRequest,
      { reason: 'too late' },
      { type: 'cancel', by: 'customer', reason: 'too late' },
    ],
    [
      'ReturnItems',
      'returnItems',
      pb.ReturnItemsRequest,
      back,
      { type: 'return', lines: [line], reason: 'too small', restock: true },
    ],
    ['RetryRefunds', 'retryRefunds', pb.RetryRefundsRequest, {}, { type: 'retryRefunds' }],
    [
      'DeliverShipment',
      'deliverShipment',
      pb.DeliverShipmentRequest,
      { shipmentId: shipmentId.toUpperCase() },
      { type: 'deliver', shipmentId },
    ],
  ] as const;

  test.each(table)('%s', async (_what, method, type, request, command) => {
    const full: object = { ...request, orderId, idempotencyKey: 'k' };
    const got = await callMessage<unknown>(harness, method, type, full);
    expect(got.error).toBeNull();
    expect(got.response).toEqual(answered);
    const name = `${method[0]?.toUpperCase()}${method.slice(1)}`;
    expect(got.asked.filter(({ options }) => options.kind === 'write')).toMatchObject([
      {
        ref: { kind: 'order', id: orderId },
        command: asSealed(command),
        options: { kind: 'write', receipt: { key: `${name}|${orderId}|k` } },
      },
    ]);
  });

  test('a key in the metadata counts as well, one in both places must be one, and without one there is none', async () => {
    const request = { orderId, reason: 'x' };
    const inMetadata = await call('cancelOrder', pb.CancelOrderRequest, request, withKey('m'));
    expect(inMetadata.asked.at(-1)?.options.receipt?.key).toBe(`CancelOrder|${orderId}|m`);
    const both = await call(
      'cancelOrder',
      pb.CancelOrderRequest,
      { ...request, idempotencyKey: 'k' },
      withKey('m'),
    );
    expect(problemOf(both.error).fields).toEqual(['idempotency_key']);
    const none = await call('cancelOrder', pb.CancelOrderRequest, request);
    expect(none.asked.at(-1)?.options.receipt).toBeNull();
  });

  test('the fingerprint is of the content: other content has another, the same has the same', async () => {
    const fingerprint = async (reason: string, quantity: bigint) => {
      const request = { orderId, reason, items: [{ lineId: '1', quantity }], idempotencyKey: 'k' };
      const { asked } = await call('returnItems', pb.ReturnItemsRequest, request);
      return asked.at(-1)?.options.receipt?.fingerprint;
    };
    const first = await fingerprint('a', 1n);
    expect(await fingerprint('a', 1n)).toBe(first);
    expect(await fingerprint('b', 1n)).not.toBe(first);
    expect(await fingerprint('a', 2n)).not.toBe(first);
  });

  test.each([
    [...status(SHIPPED), 'shipment.items[3].line_id'],
    ['returnItems', pb.ReturnItemsRequest, back, 'items[3].line_id'],
  ] as const)(
    'a line that the order has not got is named as %s has it',
    async (method, type, request, field) => {
      harness.fakes.asker.answer = () => ({
        error: {
          code: 'invalid-argument',
          message: 'items[3].line_id: the order has no line 9',
          field: 'items[3].line_id',
        },
      });
      const full: object = { ...request, orderId };
      const { error } = await callMessage<unknown>(harness, method, type, full);
      expect(problemOf(error)).toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: `${field}: the order has no line 9`,
        fields: [field],
      });
    },
  );

  test.each([
    ['order-not-found', 'NOT_FOUND'],
    ['order-state', 'FAILED_PRECONDITION'],
    ['idempotency-key-reused', 'ALREADY_EXISTS'],
    ['unavailable', 'UNAVAILABLE'],
  ] as const)('a refusal of the order goes to the caller: %s', async (code, grpc) => {
    harness.fakes.asker.answer = () => ({ error: { code, message: 'no' } });
    const { error } = await call('cancelOrder', pb.CancelOrderRequest, { orderId });
    expect(problemOf(error)).toMatchObject({ code: grpc, reason: code });
  });
});

describe('an order whose customer was deleted', () => {
  test('goes on without address and notes', async () => {
    const view = await harness.fakes.view(orderId, { customerId: '77777777-1111-4111-8111-111111111111' });
    await harness.fakes.keys.destroy(view.customerId);
    harness.fakes.asker.answer = () => ({ ok: view });
    const { response } = await call('getOrder', pb.GetOrderRequest, { orderId });
    const { customerId: owner } = view;
    const order = { ...wireOrder, customerId: owner, shippingAddress: undefined, notes: '' };
    expect(response).toEqual({ order, atRest: true });
  });

  test('as a guest’s does whose own key is gone', async () => {
    const id = '88888888-1111-4111-8111-111111111111';
    const view = await harness.fakes.view(id, { customerId: '' });
    harness.fakes.asker.answer = () => ({ ok: view });
    const ask = async () => (await call('getOrder', pb.GetOrderRequest, { orderId: id })).response;
    expect(await ask()).toMatchObject({ order: { customerId: '', notes: 'at the back' } });
    await harness.fakes.keys.destroy(`order/${id}`);
    expect(await ask()).toMatchObject({ order: { id, notes: '', shippingAddress: undefined } });
  });
});

test('an actor that answers with something else is a fault of ours, and says nothing of the inside', async () => {
  harness.fakes.asker.answer = () => ({ ok: { id: orderId, secret: customerId } });
  const problem = problemOf((await call('getOrder', pb.GetOrderRequest, { orderId })).error);
  expect(problem).toMatchObject({ code: 'INTERNAL', reason: 'internal' });
  expect(JSON.stringify(problem)).not.toContain(customerId);
});

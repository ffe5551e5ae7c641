// What the generators send is what the contract says, and what they read off an answer is what it says.
import { expect, test } from 'vitest';
import {
  encodeKey,
  encodeOrder,
  orderBodyOf,
  orderIdOf,
  orderRequestOf,
  outcomeOfBody,
  outcomeOfMessage,
} from '../../bench/load/order-frames.ts';
import { confirmedView } from '../../bench/orders/confirmed.ts';
import { money } from '../../src/actors/logistics/money.ts';
import { type OrderStatus, orderStatuses } from '../../src/actors/logistics/order/transitions.ts';
import { orderMessage } from '../../src/api/logistics/present.ts';
import { isOrderView } from '../../src/api/logistics/views.ts';
import {
  CreateOrderRequest,
  Order,
  OrderResponse,
} from '../../src/generated/synkro/logistics/v1/logistics.ts';
import { orderResponseJson } from '../../src/http/logistics/present.ts';

const lines = [
  { sku: '85123A', quantity: 6 },
  { sku: 'Ünïcode "quoted"', quantity: 300 },
];
const id = '0b9d4a4e-0f3c-5c52-9a3e-8f1d2b7c4a10';

const order = {
  customerId: '',
  lines: lines.map(({ sku, quantity }, n) => ({
    lineId: String(n + 1),
    itemId: id,
    sku,
    quantity,
    unitMinor: '250',
  })),
  total: money('GBP', 76_500n),
  sealed: '',
  method: 'tok_approve',
  fingerprint: 'f',
  patience: { paymentMs: 1_000, stockMs: 1_000, unitsMax: 1_000 },
};
const view = confirmedView(id, order, { paymentId: id, transactionId: id, warehouseOf: new Map([[id, id]]) });

function answered(status: OrderStatus): OrderResponse {
  return { order: orderMessage({ ...view, status }, { address: null, notes: '' }), atRest: true };
}

const bytesOf = (response: OrderResponse) => OrderResponse.encode(response).finish();
const bodyOf = (response: OrderResponse) => Buffer.from(JSON.stringify(orderResponseJson(response)));

test('a key and an order that was encoded before are the message that the generated encoder makes', () => {
  const message = Buffer.concat([encodeKey('run-1-42'), encodeOrder(lines)]);
  expect(CreateOrderRequest.decode(message)).toEqual(orderRequestOf('run-1-42', lines));
});

test('both ways ask for the same order', () => {
  const { items, shippingAddress, paymentMethod } = orderRequestOf('', lines);
  const body: unknown = JSON.parse(orderBodyOf(lines).toString());
  expect(body).toEqual({
    items: items.map(({ sku, quantity, unitPrice }) => ({
      sku,
      quantity: Number(quantity),
      unitPrice: {
        amount: `${unitPrice?.units}.${String(unitPrice?.nanos).padStart(9, '0').slice(0, 2)}`,
        currency: unitPrice?.currencyCode,
      },
    })),
    shippingAddress: expect.objectContaining({ line1: shippingAddress?.line1 }),
    paymentMethod,
  });
});

const outcomes: Readonly<Partial<Record<OrderStatus, string>>> = {
  confirmed: 'granted',
  backOrdered: 'refused',
};

test.each(orderStatuses)('an order that is %s is told from one that is confirmed', (status) => {
  const response = answered(status);
  const other = /^order \w/;
  for (const outcome of [outcomeOfMessage(bytesOf(response)), outcomeOfBody(bodyOf(response))])
    expect(outcome).toEqual(outcomes[status] ?? expect.stringMatching(other));
});

test('an answer without an order, or without a status, confirms nothing', () => {
  expect(outcomeOfMessage(new Uint8Array())).toBe('no order');
  expect(outcomeOfMessage(bytesOf({ order: Order.create({ id }), atRest: true }))).toBe('order status 0');
  expect(outcomeOfBody(Buffer.from('{}'))).toBe('no order');
});

test('the id of the order that was answered is found either way', () => {
  const response = answered('confirmed');
  expect(orderIdOf('grpc', bytesOf(response))).toBe(id);
  expect(orderIdOf('rest', bodyOf(response))).toBe(id);
  expect(orderIdOf('rest', Buffer.from('{}'))).toBe('');
});

test('what other engines answer passes for an order, and says where each line comes from', () => {
  expect(isOrderView(view)).toBe(true);
  expect(view.history.map(({ from, to }) => [from, to])).toEqual([
    [null, 'created'],
    ['created', 'processing'],
    ['processing', 'reservingStock'],
    ['reservingStock', 'confirmed'],
  ]);
  expect(view.draws).toEqual(
    order.lines.map(({ lineId, quantity }) => ({
      lineId,
      warehouseId: id,
      quantity,
      shipped: 0,
      returned: 0,
    })),
  );
});

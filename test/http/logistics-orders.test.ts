// Orders over HTTP: how they are made, and how they are shown.
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { fail } from '../../src/actors/failure.ts';
import { itemIdOfSku } from '../../src/actors/ids.ts';
import type { Order } from '../../src/actors/logistics/order/model.ts';
import { isObject } from '../../src/actors/shape.ts';
import { processNow } from '../../src/runtime/ask.ts';
import { asOf, errorId } from '../grpc/support/fakes.ts';
import type { CallOptions } from './support/checked.ts';
import { askingLogistics, type LogisticsHarness, resetLogistics, serveBoth } from './support/logistics.ts';
import { address, customerId, order, orderId } from './support/logistics-fakes.ts';
import { gbp, orderJson } from './support/logistics-json.ts';

let harness: LogisticsHarness;
beforeAll(async () => {
  harness = await serveBoth();
});
afterAll(() => harness.stop());
beforeEach(() => resetLogistics(harness));

const call = (method: string, path: string, options: CallOptions = {}) =>
  askingLogistics(harness, method, path, options);

/** The actor answers so. */
function answering(over: Partial<Order>): void {
  harness.logistics.asker.answer = async ({ ref }) =>
    ref.kind === 'order'
      ? { ok: await harness.logistics.view(ref.id, over) }
      : { ok: await harness.logistics.customer(ref.id) };
}

/** Reads are answered so; writes when their time is up, as the router does it. */
function neverResting(over: Partial<Order>): void {
  answering(over);
  const { answer } = harness.logistics.asker;
  harness.logistics.asker.answer = async (asked) => {
    if (asked.options.kind === 'read') return answer(asked);
    await pause(asked.options.deadline - processNow());
    return fail('deadline-exceeded', 'not answered in time');
  };
}

const line = { sku: '85123A', quantity: 2, unitPrice: gbp('2.55') };

describe('an order is made', () => {
  const place = (json: unknown, headers: Record<string, string> = {}) =>
    call('POST', '/v1/orders', { json, headers });
  const full = {
    orderId: orderId.toUpperCase(),
    customerId,
    items: [line, { productId: itemIdOfSku('71053'), quantity: 1, unitPrice: gbp('0.05') }],
    shippingAddress: address,
    paymentMethod: 'tok_approve',
    notes: 'at the\nback',
  };

  test('of everything there is to say: 201, where it is, and the order at rest', async () => {
    const { status, headers, body, asked } = await place(full);
    expect([status, headers.get('location'), headers.get('preference-applied')]).toEqual([
      201,
      `/v1/orders/${orderId}`,
      null,
    ]);
    // Address and notes are what was sent: the order has just been told them.
    expect(body).toEqual({ ...orderJson, notes: 'at the\nback', atRest: true });
    expect(asked.map(({ ref }) => ref)).toEqual([
      { kind: 'customer', id: customerId },
      { kind: 'order', id: orderId },
    ]);
    expect(asked[1]?.command).toMatchObject({
      type: 'create',
      isIdOfKey: false,
      order: {
        customerId,
        lines: [
          { lineId: '1', itemId: itemIdOfSku('85123A'), quantity: 2, unitMinor: '255' },
          { lineId: '2', itemId: itemIdOfSku('71053'), quantity: 1, unitMinor: '5' },
        ],
        total: { currency: 'GBP', minor: '515' },
        method: 'tok_approve',
      },
    });
    expect(JSON.stringify(asked)).not.toMatch(/Lovelace|back/);
  });

  test('of no more than a line: a guest’s, under an id of ours', async () => {
    const { status, body, asked } = await place({ items: [{ ...line, unitPrice: gbp('0') }] });
    expect([status, Object(body).id]).toEqual([201, errorId]);
    expect(asked).toMatchObject([
      { ref: { kind: 'order', id: errorId }, command: { order: { customerId: '', method: '' } } },
    ]);
    expect(isObject(body) && 'shippingAddress' in body).toBe(false);
  });

  test.each([
    ['2.55', 'GBP', '255'],
    ['2.5', 'GBP', '250'],
    ['2', 'GBP', '200'],
    ['2.550000000', 'GBP', '255'],
    ['0.01', 'GBP', '1'],
    ['0.07', 'GBP', '7'],
    ['1250', 'JPY', '1250'],
    ['1.250', 'KWD', '1250'],
    ['9999999999999.99', 'GBP', '999999999999999'],
  ])('%s %s is exact', async (amount, currency, minor) => {
    const unitPrice = { amount, currency };
    const json = { items: [{ ...line, quantity: 1, unitPrice }], paymentMethod: 'tok' };
    const { asked } = await place(json);
    expect(asked[0]?.command).toMatchObject({ order: { total: { currency, minor } } });
  });

  test.each([
    [{ amount: 2.55, currency: 'GBP' }, 'items[0].unitPrice.amount'],
    [{ amount: '2.555', currency: 'GBP' }, 'items[0].unitPrice.amount'],
    [{ amount: '1.5', currency: 'JPY' }, 'items[0].unitPrice.amount'],
    [{ amount: '-1.00', currency: 'GBP' }, 'items[0].unitPrice.amount'],
    [{ amount: '1,00', currency: 'GBP' }, 'items[0].unitPrice.amount'],
    [{ amount: '1e2', currency: 'GBP' }, 'items[0].unitPrice.amount'],
    [{ amount: '.5', currency: 'GBP' }, 'items[0].unitPrice.amount'],
    [{ amount: '9999999999999999', currency: 'GBP' }, 'items[0].unitPrice.amount'],
    [{ amount: '1.00', currency: 'gbp' }, 'items[0].unitPrice.currency'],
    [{ amount: '1.00', currency: 'XYZ' }, 'items[0].unitPrice.currency'],
  ])('%j is refused', async (unitPrice, field) => {
    const { status, body, asked } = await place({ items: [{ ...line, unitPrice }], paymentMethod: 'tok' });
    expect([status, Object(body).field, asked]).toEqual([400, field, []]);
  });

  test('lines of two currencies are refused, the second named', async () => {
    const euros = { ...line, unitPrice: { amount: '1.00', currency: 'EUR' } };
    const { status, body } = await place({ items: [line, euros], paymentMethod: 'tok' });
    expect([status, Object(body).field]).toEqual([400, 'items[1].unitPrice.currency']);
  });

  test('something to pay needs a token', async () => {
    const { status, body } = await place({ items: [line] });
    expect([status, Object(body).field]).toEqual([400, 'paymentMethod']);
  });

  test('an item that there is not: 404 that names it as the client did, and nothing is made', async () => {
    harness.logistics.unknownItems.add(itemIdOfSku('none'));
    const items = [line, { ...line, sku: 'none' }];
    const { status, body, asked } = await place({ items, paymentMethod: 'tok' });
    expect([status, asked]).toEqual([404, []]);
    expect(body).toMatchObject({
      code: 'item-not-found',
      field: 'items[1]',
      details: { sku: 'none', itemId: itemIdOfSku('none') },
    });
  });

  test('a payment that was declined is an order that was cancelled: 201', async () => {
    const move = {
      from: 'processing',
      to: 'cancelled',
      at: 1,
      by: 'payment',
      why: 'the payment was declined: no',
    } as const;
    answering({ status: 'cancelled', history: [move] });
    const { status, body } = await place({ items: [line], paymentMethod: 'tok_decline' });
    expect([status, body]).toMatchObject([
      201,
      { status: 'cancelled', cancellationReason: 'the payment was declined: no', atRest: true },
    ]);
  });

  test('one that waits for stock rests: 201, and says when there may be enough', async () => {
    answering({ status: 'backOrdered', estimatedAt: Date.parse('2026-02-01T00:00:00.000Z') });
    const { status, body } = await place({ items: [line], paymentMethod: 'tok' });
    expect([status, body]).toMatchObject([
      201,
      { status: 'back_ordered', estimatedAvailability: '2026-02-01T00:00:00.000Z', atRest: true },
    ]);
  });

  test.each(['processing', 'reservingStock'] as const)(
    'one that is %s when the time is up: 202',
    async (reached) => {
      neverResting({ customerId: '', status: reached, lines: oneLine, total: ofOneLine });
      const { status, headers, body } = await place(oneLineJson, { prefer: 'wait=1' });
      expect([status, headers.get('location'), headers.get('preference-applied')]).toEqual([
        202,
        `/v1/orders/${errorId}`,
        'wait=1',
      ]);
      expect(body).toMatchObject({ atRest: false });
    },
  );

  test('nothing was reached when the time is up: 504', async () => {
    const never = Promise.withResolvers<never>();
    harness.logistics.asker.answer = ({ options }) =>
      options.kind === 'read' ? fail('order-not-found', 'no') : never.promise;
    const { status, body } = await place(oneLineJson, { prefer: 'wait=1' });
    expect([status, Object(body).code]).toEqual([504, 'deadline-exceeded']);
  });
});

const oneLine = order.lines.slice(0, 1);
const ofOneLine = { currency: 'GBP', minor: '510' };
const oneLineJson = {
  items: [line],
  shippingAddress: address,
  paymentMethod: 'tok_approve',
  notes: 'at the back',
};

describe('Prefer: respond-async', () => {
  const under = { customerId: '', status: 'processing', lines: oneLine, total: ofOneLine } as const;
  const place = (prefer: string) => call('POST', '/v1/orders', { json: oneLineJson, headers: { prefer } });

  test('answers as soon as the order is durable, and says so', async () => {
    neverResting(under);
    const { status, headers, body } = await place('respond-async');
    expect([status, headers.get('preference-applied'), headers.get('location')]).toEqual([
      202,
      'respond-async',
      `/v1/orders/${errorId}`,
    ]);
    expect(body).toMatchObject({ status: 'processing', atRest: false });
  });

  test('is 202 also where the order rests already, and the order says that', async () => {
    const { status, body } = await place('respond-async');
    expect([status, Object(body).atRest]).toEqual([202, true]);
  });

  test('with a wait: 201 where the order rests by then', async () => {
    const { status, headers } = await place('respond-async, wait=20');
    expect([status, headers.get('preference-applied')]).toEqual([201, 'wait=20']);
  });

  test('with a wait: 202 where it does not', async () => {
    neverResting(under);
    const { status, headers } = await place('wait=1, respond-async');
    expect([status, headers.get('preference-applied')]).toEqual([202, 'respond-async, wait=1']);
  });
});

describe('an order is shown', () => {
  test('with everything in it', async () => {
    const { status, body, asked } = await call('GET', `/v1/orders/${orderId.toUpperCase()}`);
    expect([status, body]).toEqual([200, { ...orderJson, atRest: true }]);
    expect(asked).toEqual([{ ref: { kind: 'order', id: orderId }, command: { type: 'get' } }]);
  });

  test('without what there is not', async () => {
    answering({ customerId: '', payments: [], shipments: [], returns: [] });
    const { body } = await call('GET', `/v1/orders/${orderId}`);
    expect(body).toMatchObject({ customerId: '', payments: [], shipments: [], returns: [] });
    expect(isObject(body) && 'estimatedAvailability' in body).toBe(false);
  });

  test('without address and notes where its customer is deleted', async () => {
    const other = '77777777-7777-4777-8777-777777777777';
    const view = await harness.logistics.view(orderId, { customerId: other });
    await harness.logistics.keys.destroy(other);
    harness.logistics.asker.answer = () => ({ ok: view });
    const { status, body } = await call('GET', `/v1/orders/${orderId}`);
    expect([status, Object(body).notes]).toEqual([200, '']);
    expect(isObject(body) && 'shippingAddress' in body).toBe(false);
  });

  test.each([
    ['created', 'created', false],
    ['processing', 'processing', false],
    ['reservingStock', 'reserving_stock', false],
    ['confirmed', 'confirmed', true],
    ['backOrdered', 'back_ordered', true],
    ['shipped', 'shipped', true],
    ['delivered', 'delivered', true],
    ['cancelled', 'cancelled', true],
  ] as const)('%s as %s', async (status, spelled, atRest) => {
    answering({ status });
    const { body } = await call('GET', `/v1/orders/${orderId}`);
    expect(body).toMatchObject({ status: spelled, atRest });
  });

  test.each([
    ['authorizing', 'pending'],
    ['pending', 'pending'],
    ['authorized', 'authorized'],
    ['capturing', 'authorized'],
    ['voiding', 'authorized'],
    ['voided', 'voided'],
    ['declined', 'declined'],
    ['failed', 'failed'],
    ['captured', 'captured'],
  ] as const)('with a payment that is %s as %s', async (status, spelled) => {
    answering({ payments: order.payments.map((payment) => ({ ...payment, status, refunds: [] })) });
    const { body } = await call('GET', `/v1/orders/${orderId}`);
    expect(body).toMatchObject({ payments: [{ status: spelled, refundedAmount: gbp('0.00') }] });
  });

  test.each([
    ['JPY', '515'],
    ['KWD', '0.515'],
    ['GBP', '5.15'],
  ])('with amounts in %s', async (currency, amount) => {
    answering({ total: { currency, minor: '515' }, payments: [] });
    const { body } = await call('GET', `/v1/orders/${orderId}`);
    expect(body).toMatchObject({ totalAmount: { amount, currency } });
  });

  test('with its history, the oldest first', async () => {
    const { status, body } = await call('GET', `/v1/orders/${orderId}/history`);
    expect([status, body]).toEqual([
      200,
      {
        entries: [
          { newStatus: 'created', timestamp: '2026-01-31T12:00:00.000Z', changedBy: 'customer', reason: '' },
          {
            previousStatus: 'created',
            newStatus: 'processing',
            timestamp: '2026-01-31T12:00:00.000Z',
            changedBy: 'system',
            reason: '',
          },
          {
            previousStatus: 'processing',
            newStatus: 'reserving_stock',
            timestamp: '2026-01-31T12:00:01.000Z',
            changedBy: 'payment',
            reason: 'authorized',
          },
          {
            previousStatus: 'reserving_stock',
            newStatus: 'confirmed',
            timestamp: '2026-01-31T12:00:02.000Z',
            changedBy: 'stock',
            reason: '',
          },
        ],
      },
    ]);
  });
});

describe('orders are listed', () => {
  const idOf = (i: number) => `10000000-0000-4000-8000-00000000000${i}`;

  test('page after page, the newest first, without word of whether they rest', async () => {
    const { sealed } = await harness.logistics.view(orderId);
    harness.logistics.queries.orders = [3, 2, 1].map((i) => ({
      id: idOf(i),
      order: { ...order, sealed, createdAt: i },
    }));
    const first = await call('GET', '/v1/orders?pageSize=2');
    expect([first.status, first.headers.get('x-synkro-as-of')]).toEqual([200, String(asOf)]);
    expect(first.body).toMatchObject({
      orders: [3, 2].map((i) => ({
        ...orderJson,
        id: idOf(i),
        createdAt: new Date(i).toISOString(),
      })),
    });
    expect(JSON.stringify(first.body)).not.toContain('atRest');
    const second = await call('GET', `/v1/orders?pageSize=2&pageToken=${Object(first.body).nextPageToken}`);
    expect(second.body).toMatchObject({ orders: [{ id: idOf(1) }], nextPageToken: '' });
    const other = await call(
      'GET',
      `/v1/orders?status=shipped&pageToken=${Object(first.body).nextPageToken}`,
    );
    expect([other.status, Object(other.body).field]).toEqual([400, 'pageToken']);
  });

  test('by every filter', async () => {
    await call(
      'GET',
      `/v1/orders?customerId=${customerId.toUpperCase()}&status=back_ordered&createdAfter=2026-01-01T00:00:00Z&createdBefore=2026-02-01T00:00:00.5%2B01:00`,
    );
    expect(harness.logistics.queries.asked).toEqual([
      {
        customerId,
        status: 'backOrdered',
        createdAfter: Date.parse('2026-01-01T00:00:00Z'),
        createdBefore: Date.parse('2026-01-31T23:00:00.500Z'),
        after: null,
        limit: 51,
      },
    ]);
  });

  test('without a filter', async () => {
    await call('GET', '/v1/orders');
    expect(harness.logistics.queries.asked).toEqual([
      { customerId: null, status: null, createdAfter: null, createdBefore: null, after: null, limit: 51 },
    ]);
  });
});

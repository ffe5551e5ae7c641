// Lists and the report: what the tables are asked, page after page, and how old the answer is.
import type { Metadata } from '@grpc/grpc-js';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { OrderRow } from '../../src/api/logistics/deps.ts';
import { ownerOf } from '../../src/api/logistics/personal.ts';
import * as pb from '../../src/generated/synkro/logistics/v1/logistics.ts';
import { problemOf } from '../grpc/support/client.ts';
import { asOf } from '../grpc/support/fakes.ts';
import { address, customerId, order } from '../http/support/logistics-fakes.ts';
import { callBytes, callMessage, type Harness, reset, serve } from './support/client.ts';
import { gbp } from './support/wire.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await serve();
});
afterAll(() => harness.stop());
beforeEach(() => reset(harness));

const age = (header: Metadata) => header.get('x-synkro-as-of');
const asked = () => harness.fakes.queries.asked;
const idOf = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

async function listOrders(request: Partial<pb.ListOrdersRequest> = {}) {
  const bytes = pb.ListOrdersRequest.encode(pb.ListOrdersRequest.create(request)).finish();
  const { error, response, header } = await callBytes(harness, 'listOrders', bytes);
  const page = pb.ListOrdersResponse.create(Object(response));
  return { error, header, ...page };
}

describe('ListOrders', () => {
  async function rows(count: number): Promise<OrderRow[]> {
    const { vault } = harness.fakes;
    return Promise.all(
      Array.from({ length: count }, async (_, i) => {
        const owner = i % 2 === 0 ? customerId : '';
        const id = idOf(i);
        const sealed = await vault.seal(ownerOf({ id, customerId: owner }), { address, notes: `order ${i}` });
        return { id, order: { ...order, customerId: owner, sealed, createdAt: order.createdAt - i } };
      }),
    );
  }

  test('goes from page to page, newest first, and opens every order', async () => {
    harness.fakes.queries.orders = await rows(5);
    const notes: string[] = [];
    let pageToken = '';
    const sizes: number[] = [];
    do {
      const page = await listOrders({ pageSize: 2, pageToken });
      expect(page.error).toBeNull();
      expect(age(page.header)).toEqual([String(asOf)]);
      notes.push(...page.orders.map((each) => each.notes));
      sizes.push(page.orders.length);
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    expect(sizes).toEqual([2, 2, 1]);
    expect(notes).toEqual(['order 0', 'order 1', 'order 2', 'order 3', 'order 4']);
    expect(asked()).toMatchObject([
      { after: null, limit: 3 },
      { after: { createdAt: order.createdAt - 1, id: idOf(1) }, limit: 3 },
      { after: { createdAt: order.createdAt - 3, id: idOf(3) }, limit: 3 },
    ]);
  });

  test('asks as the filter says', async () => {
    await listOrders({
      customerId: customerId.toUpperCase(),
      status: pb.OrderStatus.BACK_ORDERED,
      createdAfter: new Date(1_000),
      createdBefore: new Date(2_000),
      pageSize: 1_000,
    });
    await listOrders();
    const nothing = { customerId: null, status: null, createdAfter: null, createdBefore: null, after: null };
    expect(asked()).toEqual([
      {
        customerId,
        status: 'backOrdered',
        createdAfter: 1_000,
        createdBefore: 2_000,
        after: null,
        limit: 1_001,
      },
      { ...nothing, limit: 51 },
    ]);
  });

  test('an order whose key is gone is listed without address and notes', async () => {
    harness.fakes.queries.orders = (await rows(2)).map((row) => ({
      ...row,
      order: { ...row.order, sealed: '' },
    }));
    const { orders } = await listOrders();
    expect(orders.map(({ notes, shippingAddress }) => [notes, shippingAddress])).toEqual([
      ['', undefined],
      ['', undefined],
    ]);
  });

  test('a token is good for its own question only', async () => {
    harness.fakes.queries.orders = await rows(3);
    const { nextPageToken: pageToken } = await listOrders({ pageSize: 1 });
    for (const over of [{ customerId }, { status: pb.OrderStatus.SHIPPED }, { createdAfter: new Date(1) }]) {
      const { error } = await listOrders({ pageSize: 1, pageToken, ...over });
      expect(problemOf(error)).toMatchObject({ code: 'INVALID_ARGUMENT', fields: ['page_token'] });
    }
    expect((await listOrders({ pageSize: 2, pageToken })).error).toBeNull();
  });

  test.each(['x', '1/x', `-1/${idOf(1)}`, `1e3/${idOf(1)}`, `1/${idOf(1)}1`])(
    'a token whose place is none is refused: %s',
    async (place) => {
      harness.fakes.queries.orders = await rows(2);
      const { nextPageToken } = await listOrders({ pageSize: 1 });
      const content: unknown = JSON.parse(Buffer.from(nextPageToken, 'base64url').toString());
      const forged = Array.isArray(content) ? [content[0], content[1], place] : [];
      const pageToken = Buffer.from(JSON.stringify(forged)).toString('base64url');
      const { error } = await listOrders({ pageSize: 1, pageToken });
      expect(problemOf(error)).toMatchObject({ code: 'INVALID_ARGUMENT', fields: ['page_token'] });
    },
  );
});

describe('ListCustomers', () => {
  async function list(request: Partial<pb.ListCustomersRequest> = {}) {
    const { error, response, header } = await callMessage(
      harness,
      'listCustomers',
      pb.ListCustomersRequest,
      request,
    );
    return { error, header, ...pb.ListCustomersResponse.create(Object(response)) };
  }

  beforeEach(async () => {
    harness.fakes.queries.customers = await Promise.all(
      [1, 2, 3].map((n) => harness.fakes.customer(idOf(n))),
    );
  });

  test('goes from page to page', async () => {
    const first = await list({ pageSize: 2 });
    expect(age(first.header)).toEqual([String(asOf)]);
    expect(first.customers.map(({ id, name }) => [id, name])).toEqual([
      [idOf(1), 'Ada Lovelace'],
      [idOf(2), 'Ada Lovelace'],
    ]);
    const second = await list({ pageSize: 2, pageToken: first.nextPageToken });
    expect(second.customers.map(({ id }) => id)).toEqual([idOf(3)]);
    expect(second.nextPageToken).toBe('');
    expect(asked()).toEqual([
      { terms: [], afterId: null, limit: 3 },
      { terms: [], afterId: idOf(2), limit: 3 },
    ]);
  });

  test('looks for words as they were kept: by hash, whatever the case and the accents', async () => {
    await list({ query: 'LOVELÁCE ada' });
    await list({ query: ' Ada@Example.org' });
    const { vault } = harness.fakes;
    expect(asked()).toMatchObject([
      { terms: await vault.terms(['lovelace ada']) },
      { terms: await vault.terms(['ada@example.org']) },
    ]);
    expect(JSON.stringify(asked()).toLowerCase()).not.toContain('ada');
    const kept = await vault.terms(['Ada Lovelace', 'ada@example.org']);
    expect(kept).toEqual(expect.arrayContaining([...(await vault.terms(['LOVELÁCE ada']))]));
  });

  test('who was deleted is not shown, though the tables do not know it yet', async () => {
    await harness.fakes.keys.destroy(idOf(2));
    const { customers, nextPageToken } = await list({ pageSize: 2 });
    expect(customers.map(({ id }) => id)).toEqual([idOf(1)]);
    expect((await list({ pageSize: 2, pageToken: nextPageToken })).customers.map(({ id }) => id)).toEqual([
      idOf(3),
    ]);
  });
});

test('GetOrdersReport: a line for each status and currency', async () => {
  harness.fakes.queries.lines = [
    {
      status: 'delivered',
      currency: 'GBP',
      orders: 3,
      units: 9_007_199_254_740_991,
      total: '1000000000000000',
      captured: '505',
      refunded: '0',
    },
    {
      status: 'cancelled',
      currency: 'JPY',
      orders: 1,
      units: 1,
      total: '12',
      captured: '12',
      refunded: '12',
    },
  ];
  const request = pb.GetOrdersReportRequest.create({ createdAfter: new Date(5), createdBefore: new Date(6) });
  const bytes = pb.GetOrdersReportRequest.encode(request).finish();
  const { response, header } = await callBytes(harness, 'getOrdersReport', bytes);
  const yen = (units: bigint) => ({ currencyCode: 'JPY', units, nanos: 0 });
  expect(response).toEqual({
    lines: [
      {
        status: pb.OrderStatus.DELIVERED,
        orders: 3n,
        units: 9_007_199_254_740_991n,
        totalAmount: gbp(10_000_000_000_000n),
        capturedAmount: gbp(5n, 50_000_000),
        refundedAmount: gbp(0n),
      },
      {
        status: pb.OrderStatus.CANCELLED,
        orders: 1n,
        units: 1n,
        totalAmount: yen(12n),
        capturedAmount: yen(12n),
        refundedAmount: yen(12n),
      },
    ],
    reportTime: new Date(asOf),
  });
  expect(age(header)).toEqual([String(asOf)]);
  expect(asked()).toEqual([{ createdAfter: 5, createdBefore: 6 }]);
});

// Customers as a list, found by words; the report of orders, as JSON and as CSV.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { StoreError } from '../../src/runtime/store.ts';
import { asOf } from '../grpc/support/fakes.ts';
import { type LogisticsHarness, resetLogistics, serveBoth } from './support/logistics.ts';
import { customerJson, gbp } from './support/logistics-json.ts';

let harness: LogisticsHarness;
beforeAll(async () => {
  harness = await serveBoth();
});
afterAll(() => harness.stop());
beforeEach(() => resetLogistics(harness));

describe('customers', () => {
  const idOf = (i: number) => `10000000-0000-4000-8000-00000000000${i}`;

  test('page after page; one whose key is gone is left out', async () => {
    const { logistics, call } = harness;
    logistics.queries.customers = await Promise.all([1, 2, 3, 4].map((i) => logistics.customer(idOf(i))));
    await logistics.keys.destroy(idOf(2));
    const first = await call('GET', '/v1/customers?pageSize=3');
    expect([first.status, first.headers.get('x-synkro-as-of')]).toEqual([200, String(asOf)]);
    expect(first.body).toMatchObject({
      customers: [
        { ...customerJson, id: idOf(1) },
        { ...customerJson, id: idOf(3) },
      ],
    });
    const { nextPageToken } = Object(first.body);
    const second = await call('GET', `/v1/customers?pageSize=3&pageToken=${nextPageToken}`);
    expect(second.body).toEqual({ customers: [{ ...customerJson, id: idOf(4) }], nextPageToken: '' });
    expect(logistics.queries.asked).toEqual([
      { terms: [], afterId: null, limit: 4 },
      { terms: [], afterId: idOf(3), limit: 4 },
    ]);
  });

  test('by words: what is looked for are keyed hashes, the same for other case and accents', async () => {
    const termsOf = async (words: string) => {
      harness.logistics.queries.asked.length = 0;
      await harness.call('GET', `/v1/customers?query=${encodeURIComponent(words)}`);
      return Object(harness.logistics.queries.asked[0]).terms;
    };
    const terms = await termsOf('Ada Lovelace');
    expect(terms).toHaveLength(2);
    expect(await termsOf('ADA lóvelace')).toEqual(terms);
    expect(await termsOf('Ada')).toHaveLength(1);
    expect(JSON.stringify(terms)).not.toMatch(/ada/i);
  });

  test('by nothing that is a word: refused, rather than everybody', async () => {
    const { status, body } = await harness.call('GET', '/v1/customers?query=%20-%20');
    expect([status, Object(body).field]).toEqual([400, 'query']);
  });
});

describe('the report of orders', () => {
  const path = '/v1/reports/orders';
  beforeEach(() => {
    const line = { currency: 'GBP', total: '1075', captured: '1075', refunded: '5' };
    harness.logistics.queries.lines = [
      { ...line, status: 'backOrdered', orders: 2, units: 5 },
      { ...line, status: 'delivered', orders: 1, units: 2, currency: 'JPY' },
    ];
  });

  test('as JSON', async () => {
    const { status, headers, body } = await harness.call('GET', path);
    expect([status, headers.get('x-synkro-as-of')]).toEqual([200, String(asOf)]);
    const yen = (amount: string) => ({ amount, currency: 'JPY' });
    expect(body).toEqual({
      lines: [
        {
          status: 'back_ordered',
          orders: 2,
          units: 5,
          totalAmount: gbp('10.75'),
          capturedAmount: gbp('10.75'),
          refundedAmount: gbp('0.05'),
        },
        {
          status: 'delivered',
          orders: 1,
          units: 2,
          totalAmount: yen('1075'),
          capturedAmount: yen('1075'),
          refundedAmount: yen('5'),
        },
      ],
      reportTime: new Date(asOf).toISOString(),
    });
  });

  const csv = [
    'status,currency,orders,units,totalAmount,capturedAmount,refundedAmount',
    'back_ordered,GBP,2,5,10.75,10.75,0.05',
    'delivered,JPY,1,2,1075,1075,5',
    '',
  ].join('\r\n');

  test.each([
    ['?format=csv', undefined],
    ['?format=csv', 'application/json'],
    ['', 'text/csv'],
  ])('as CSV: %s, Accept: %s', async (query, accept) => {
    const headers: Record<string, string> = accept === undefined ? {} : { accept };
    const answered = await harness.call('GET', `${path}${query}`, { headers });
    expect([answered.status, answered.body]).toEqual([200, csv]);
    expect(answered.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    expect(answered.headers.get('content-disposition')).toBe('attachment; filename="orders.csv"');
  });

  test('as JSON where it is asked for by name, whatever Accept likes better', async () => {
    const { headers } = await harness.call('GET', `${path}?format=json`, { headers: { accept: 'text/csv' } });
    expect(headers.get('content-type')).toContain('application/json');
  });

  test('of a time: both ends are told the tables', async () => {
    await harness.call('GET', `${path}?createdAfter=2026-01-01T00:00:00Z&createdBefore=2026-02-01T00:00:00Z`);
    expect(harness.logistics.queries.asked).toEqual([
      {
        createdAfter: Date.parse('2026-01-01T00:00:00Z'),
        createdBefore: Date.parse('2026-02-01T00:00:00Z'),
      },
    ]);
  });
});

test.each([
  '/v1/orders',
  '/v1/customers',
  '/v1/reports/orders',
  '/v1/reports/orders?format=csv',
  '/v1/supply',
  '/v1/supply?format=csv',
])('%s, where the tables cannot be read: 503, and nothing of the inside', async (path) => {
  const { queries } = harness.logistics;
  const fault = () => Promise.reject(new StoreError('unknown', 'secret'));
  // Over the methods of its class, until they are taken away again.
  Object.assign(queries, { listOrders: fault, listCustomers: fault, ordersReport: fault, listSupply: fault });
  const { status, headers, body } = await harness.call('GET', path);
  expect([status, Object(body).code, headers.get('retry-after')]).toEqual([503, 'unavailable', '1']);
  expect(JSON.stringify(body)).not.toContain('secret');
  for (const name of ['listOrders', 'listCustomers', 'ordersReport', 'listSupply'])
    Reflect.deleteProperty(queries, name);
});

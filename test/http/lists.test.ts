// Lists over HTTP: what is asked of the tables, pages and their tokens, how old it is, and the report as CSV.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { itemIdOfSku } from '../../src/actors/ids.ts';
import { asOf, item, itemRow, level, movement, reservation, warehouseRow } from '../grpc/support/fakes.ts';
import { reservationJson } from './support/json.ts';
import { type Harness, reset, serve } from './support/server.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await serve();
});
afterAll(() => harness.stop());
beforeEach(() => {
  reset(harness);
  const { queries } = harness.fakes;
  queries.items = [itemRow];
  queries.movements = [movement];
  queries.reservations = [reservation];
  queries.examinedTo = null;
});

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);
const uuidOf = (i: number) => `10000000-0000-4000-8000-00000000000${i}`;

/** Follows the tokens to the end. @param read what is listed in a page */
async function pages(path: string, read: (body: Record<string, unknown>) => unknown): Promise<string[][]> {
  const seen: string[][] = [];
  for (let token = ''; seen.length < 20; ) {
    const url = `${path}${path.includes('?') ? '&' : '?'}pageToken=${token}`;
    const { status, headers, body } = await harness.call('GET', url);
    expect([status, headers.get('x-synkro-as-of')]).toEqual([200, String(asOf)]);
    const page: unknown = read(Object(body));
    seen.push(Array.isArray(page) ? page.map(String) : []);
    token = String(Object(body).nextPageToken);
    if (token === '') return seen;
  }
  throw new Error('the list does not end');
}

describe('pages', () => {
  test.each([3, 7, 8])('of %d items', async (pageSize) => {
    harness.fakes.queries.items = numbers(7).map((i) => ({ ...itemRow, sku: `s${i}` }));
    const path = `/v1/items?category=c&skuPrefix=s&pageSize=${pageSize}`;
    const seen = await pages(path, ({ items }) => Array.isArray(items) && items.map(({ sku }) => sku));
    expect(seen.flat()).toEqual(numbers(7).map((i) => `s${i}`));
    expect(seen).toHaveLength(Math.ceil(7 / pageSize));
    expect(harness.fakes.queries.asked[0]).toEqual({
      category: 'c',
      skuPrefix: 's',
      afterSku: null,
      limit: pageSize + 1,
    });
  });

  test('of warehouses', async () => {
    harness.fakes.queries.warehouses = numbers(5).map((i) => ({ ...warehouseRow, id: uuidOf(i) }));
    const seen = await pages(
      '/v1/warehouses?pageSize=2',
      ({ warehouses }) => Array.isArray(warehouses) && warehouses.map(({ id }) => id),
    );
    expect(seen).toEqual([[uuidOf(0), uuidOf(1)], [uuidOf(2), uuidOf(3)], [uuidOf(4)]]);
    harness.fakes.queries.warehouses = [warehouseRow];
  });

  test('of the report', async () => {
    harness.fakes.queries.items = numbers(3).map((i) => ({ ...itemRow, sku: `s${i}` }));
    const seen = await pages(
      '/v1/reports/stock?pageSize=2&threshold=4&lowStockOnly=true',
      ({ lines }) => Array.isArray(lines) && lines.map((line) => line.item.sku),
    );
    expect(seen).toEqual([['s0', 's1'], ['s2']]);
    expect(harness.fakes.queries.asked[1]).toMatchObject({
      afterSku: 's1',
      threshold: 4,
      lowStockOnly: true,
    });
  });

  test('are of 50 where nothing is said', async () => {
    await harness.call('GET', '/v1/items');
    expect(harness.fakes.queries.asked).toMatchObject([{ limit: 51, category: null, skuPrefix: null }]);
  });

  test.each(['/v1/warehouses', '/v1/items?category=other', '/v1/reports/stock', '/v1/reservations'])(
    'a token of another list is refused by %s',
    async (path) => {
      harness.fakes.queries.items = numbers(3).map((i) => ({ ...itemRow, sku: `s${i}` }));
      const { body } = await harness.call('GET', '/v1/items?pageSize=1');
      const token = String(Object(body).nextPageToken);
      const url = `${path}${path.includes('?') ? '&' : '?'}pageToken=${token}`;
      expect((await harness.call('GET', url)).body).toMatchObject({ status: 400, field: 'pageToken' });
    },
  );
});

describe('movements', () => {
  test('newest first, page after page', async () => {
    harness.fakes.queries.movements = numbers(5).map((i) => ({ ...movement, version: 9 - i, at: 1_000 - i }));
    const path = `/v1/items/sku:A/movements?pageSize=2&warehouseId=${level.warehouseId.toUpperCase()}`;
    const seen = await pages(
      path,
      ({ movements }) => Array.isArray(movements) && movements.map(({ version }) => version),
    );
    expect(seen).toEqual([['9', '8'], ['7', '6'], ['5']]);
    const { warehouseId } = level;
    expect(harness.fakes.queries.asked.slice(0, 2)).toEqual([
      { itemId: itemIdOfSku('A'), warehouseId, before: null, limit: 3 },
      { itemId: itemIdOfSku('A'), warehouseId, before: { at: 999, warehouseId, version: 8 }, limit: 3 },
    ]);
    expect(harness.fakes.asker.asked).toEqual([]);
  });

  test('say what happened', async () => {
    const { body } = await harness.call('GET', `/v1/items/${level.itemId}/movements`);
    expect(body).toEqual({
      movements: [{ ...movement, at: '2023-11-14T22:13:20.000Z' }],
      nextPageToken: '',
    });
  });

  test('where there are none the item itself says whether there is one', async () => {
    harness.fakes.queries.movements = [];
    const none = await harness.call('GET', '/v1/items/sku:A/movements');
    expect(none.body).toEqual({ movements: [], nextPageToken: '' });
    harness.fakes.asker.answer = ({ ref }) => ({
      error: { code: 'item-not-found', message: `no item ${ref.id}`, details: { itemId: ref.id } },
    });
    const unknown = await harness.call('GET', '/v1/items/sku:A/movements');
    expect(unknown.body).toMatchObject({ status: 404, field: 'id', detail: 'no item A' });
  });
});

describe('reservations', () => {
  test.each([
    ['', { orderId: null, itemId: null, status: null }],
    ['?orderId=order-1', { orderId: 'order-1', itemId: null, status: null }],
    ['?sku=A', { orderId: null, itemId: itemIdOfSku('A'), status: null }],
    [`?itemId=${level.itemId}&status=held`, { orderId: null, itemId: level.itemId, status: 'held' }],
  ])('%s', async (query, question) => {
    const { body } = await harness.call('GET', `/v1/reservations${query}`);
    expect(body).toEqual({ reservations: [reservationJson], nextPageToken: '' });
    expect(harness.fakes.queries.asked).toMatchObject([{ ...question, after: null, limit: 51 }]);
  });

  test('page after page', async () => {
    harness.fakes.queries.reservations = numbers(5).map((i) => ({ ...reservation, orderId: `"${i}` }));
    const seen = await pages(
      '/v1/reservations?pageSize=2',
      ({ reservations }) => Array.isArray(reservations) && reservations.map(({ orderId }) => orderId),
    );
    expect(seen).toEqual([['"0', '"1'], ['"2', '"3'], ['"4']]);
    expect(harness.fakes.queries.asked[1]).toMatchObject({ after: { orderId: '"1', attempt: 1 } });
  });

  test('a page that looked at as many as it may goes on where it came to', async () => {
    harness.fakes.queries.reservations = [];
    harness.fakes.queries.examinedTo = { orderId: 'm', attempt: 2 };
    const { body } = await harness.call('GET', '/v1/reservations?status=held');
    expect(body).toMatchObject({ reservations: [] });
    const token = String(Object(body).nextPageToken);
    await harness.call('GET', `/v1/reservations?status=held&pageToken=${token}`);
    expect(harness.fakes.queries.asked[1]).toMatchObject({ after: { orderId: 'm', attempt: 2 } });
  });
});

describe('a token with a key that is none', () => {
  const forged = (token: string, after: unknown) => {
    const content: unknown[] = JSON.parse(Buffer.from(token, 'base64url').toString());
    const text = typeof after === 'string' ? after : JSON.stringify(after);
    return Buffer.from(JSON.stringify([content[0], content[1], text])).toString('base64url');
  };

  test.each([
    'no JSON',
    '{}',
    [],
    ['o'],
    ['o', '1'],
    [1, 1],
    ['o', 1.5],
    ['o', -1],
    ['o', 2 ** 40],
    ['o', 1, 1],
  ])('of reservations: %j', async (after) => {
    harness.fakes.queries.reservations = numbers(2).map((i) => ({ ...reservation, orderId: `o${i}` }));
    const { body } = await harness.call('GET', '/v1/reservations?pageSize=1');
    const token = forged(String(Object(body).nextPageToken), after);
    const url = `/v1/reservations?pageSize=1&pageToken=${token}`;
    expect((await harness.call('GET', url)).body).toMatchObject({ status: 400, field: 'pageToken' });
  });

  test.each([
    [],
    [1, level.warehouseId],
    [1, 'x', 1],
    [-1, level.warehouseId, 1],
    [1, level.warehouseId, 1.5],
    [1e18, level.warehouseId, 1],
    [1, level.warehouseId, 1, 1],
  ])('of movements: %j, %j, %j', async (...after) => {
    harness.fakes.queries.movements = numbers(2).map((i) => ({ ...movement, at: 1_000 - i }));
    const path = `/v1/items/${level.itemId}/movements?pageSize=1`;
    const { body } = await harness.call('GET', path);
    const token = forged(String(Object(body).nextPageToken), after);
    const { body: refused } = await harness.call('GET', `${path}&pageToken=${token}`);
    expect(refused).toMatchObject({ status: 400, field: 'pageToken' });
  });
});

describe('the report as CSV', () => {
  test('has all pages in one piece, a row a level', async () => {
    const levels = numbers(2_500).map((i) => `s${String(i).padStart(4, '0')}`);
    harness.fakes.queries.items = levels.map((sku) => ({ ...itemRow, sku }));
    const { status, headers, body } = await harness.call('GET', '/v1/reports/stock?format=csv&pageSize=1');
    expect([status, headers.get('content-type'), headers.get('x-synkro-as-of')]).toEqual([
      200,
      'text/csv; charset=utf-8; header=present',
      String(asOf),
    ]);
    const rows = String(body).split('\r\n');
    expect(rows[0]).toBe(
      'sku,name,category,itemId,warehouseId,quantity,reserved,available,held,allocated,lowStock',
    );
    expect(rows[1]).toBe(
      `s0000,White hanging heart,decoration,${level.itemId},${level.warehouseId},10,5,5,3,2,true`,
    );
    expect(rows.slice(1, -1).map((row) => row.slice(0, 5))).toEqual(levels.flatMap((sku) => [sku, sku]));
    expect(harness.fakes.queries.asked).toHaveLength(3);
  });

  test('quotes what has to be, and lets no text be run as a formula', async () => {
    const row = { ...itemRow, sku: '=1+1', name: 'a "b",\nc', category: '@x' };
    harness.fakes.queries.items = [row];
    const { body } = await harness.call('GET', '/v1/reports/stock', { headers: { accept: 'text/csv' } });
    expect(String(body).split('\r\n')[1]).toMatch(/^'=1\+1,"a ""b"",\nc",'@x,/);
  });

  test('has a row for an item without levels', async () => {
    const { queries } = harness.fakes;
    const { report } = queries;
    queries.report = async (question) => {
      const found = await report.call(queries, question);
      return { ...found, rows: found.rows.map((row) => ({ ...row, levels: [] })) };
    };
    const { body } = await harness.call('GET', '/v1/reports/stock?format=csv');
    queries.report = report;
    expect(String(body).split('\r\n')[1]).toBe(`85123A,White hanging heart,decoration,${item.id},,,,,,,true`);
  });

  test('that fails at the start is a problem; later it breaks off', async () => {
    const { queries } = harness.fakes;
    const { report } = queries;
    queries.report = () => Promise.reject(new Error('secret'));
    const failed = await harness.call('GET', '/v1/reports/stock?format=csv');
    expect([failed.status, failed.headers.get('content-type')]).toEqual([500, 'application/problem+json']);
    queries.items = numbers(1_500).map((i) => ({ ...itemRow, sku: `s${String(i).padStart(4, '0')}` }));
    queries.report = (question) =>
      question.afterSku === null ? report.call(queries, question) : Promise.reject(new Error('secret'));
    await expect(harness.call('GET', '/v1/reports/stock?format=csv')).rejects.toThrow();
    queries.report = report;
  });
});

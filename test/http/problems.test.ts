// Errors over HTTP: one shape for all of them, with the code, the status, the field as the client wrote it, and nothing
// of the inside.
import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type FailureCode, failures } from '../../src/actors/failure.ts';
import { StoreError } from '../../src/runtime/store.ts';
import { errorId, level } from '../grpc/support/fakes.ts';
import { type Harness, reset, serve } from './support/server.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await serve();
});
afterAll(() => harness.stop());
beforeEach(() => {
  reset(harness);
  harness.fakes.logged.length = 0;
});

const { itemId, warehouseId } = level;
const fail = (code: FailureCode, message = 'why', details?: Readonly<Record<string, string>>) => {
  const failure = details === undefined ? { code, message } : { code, message, details };
  harness.fakes.asker.answer = () => ({ error: failure });
};

describe('failures of actors', () => {
  test.each([
    ['item-not-found', 404],
    ['sku-exists', 409],
    ['quantity-differs', 412],
    ['overloaded', 429],
    ['unavailable', 503],
    ['deadline-exceeded', 504],
  ] satisfies [FailureCode, number][])('%s is %d', async (code, status) => {
    fail(code, 'what there was');
    const path = `/v1/items/${itemId}/adjustments`;
    const answered = await harness.call('POST', code === 'sku-exists' ? '/v1/items' : path, {
      json: code === 'sku-exists' ? { sku: 'A' } : { warehouseId, delta: 1 },
    });
    expect(answered.status).toBe(status);
    expect(answered.headers.get('content-type')).toBe('application/problem+json');
    expect(answered.body).toMatchObject({
      type: `urn:synkro:error:${code}`,
      title: failures[code].meaning,
      status,
      detail: 'what there was',
      code,
    });
    expect(harness.fakes.observed.at(-1)?.outcome).toBe(code);
  });

  test.each([
    ['overloaded', undefined, 100, '1'],
    ['overloaded', '2500', 2_500, '3'],
    ['unavailable', undefined, 500, '1'],
    ['deadline-exceeded', undefined, 0, '1'],
    ['item-not-found', undefined, undefined, null],
  ] satisfies [FailureCode, string | undefined, number | undefined, string | null][])(
    '%s (%s): when to try again',
    async (code, said, retryAfterMs, header) => {
      fail(code, 'why', said === undefined ? undefined : { retryAfterMs: said });
      const { headers, body } = await harness.call('GET', `/v1/items/${itemId}`);
      expect(headers.get('retry-after')).toBe(header);
      expect(Object(body).retryAfterMs).toBe(retryAfterMs);
      expect(Object(body).details).toBeUndefined();
    },
  );

  test('say which orders hold the stock, as lists', async () => {
    fail('below-reserved', 'it is reserved');
    const { body } = await harness.call('POST', `/v1/items/${itemId}/adjustments`, {
      json: { warehouseId, delta: -1 },
    });
    expect(body).toMatchObject({
      status: 409,
      details: { orders: ['order-1', 'order-2'], asOf: '2023-11-14T22:15:23.456Z' },
    });
  });

  test('call items as the client does', async () => {
    const id = 'd9d17cea-5a0e-51e6-92f9-5d9ee5d5a3c8';
    harness.fakes.asker.answer = ({ ref }) => ({
      error: { code: 'item-not-found', message: `no item ${ref.id}`, details: { itemId: ref.id } },
    });
    const inPath = await harness.call('PATCH', '/v1/items/sku%3Anobody', { json: {} });
    expect(inPath.body).toMatchObject({ detail: 'no item nobody', field: 'id', details: { sku: 'nobody' } });
    const inBody = await harness.call('POST', '/v1/allocations', {
      json: { orderId: 'o', itemId: id, warehouseId, quantity: 1 },
    });
    // Of an allocation the order is asked; what it says of the item is the same.
    harness.fakes.asker.answer = () => ({
      error: { code: 'item-not-found', message: `no item ${id}`, details: { itemId: id } },
    });
    expect(inBody.status).toBe(404);
    const inBasket = await harness.call('POST', '/v1/reservations', {
      json: {
        orderId: 'o',
        items: [
          { sku: 'x', quantity: 1 },
          { itemId: id, quantity: 1 },
        ],
      },
    });
    expect(inBasket.body).toMatchObject({ field: 'items[1]', detail: `no item ${id}` });
  });

  test('of many levels are told as lists and numbers', async () => {
    fail('item-not-found');
    const { body } = await harness.call('GET', '/v1/levels?sku=a&sku=%5B1%5D');
    expect(body).toMatchObject({ code: 'item-not-found', details: { items: ['a', '[1]'], count: 2 } });
  });

  test('whose field is told by an actor are spelled as the client wrote it', async () => {
    const error = { code: 'invalid-argument', field: 'initial_levels[1].warehouse_id' } as const;
    const message = 'initial_levels[1].warehouse_id: this warehouse was named before';
    harness.fakes.asker.answer = () => ({ error: { ...error, message } });
    const { body } = await harness.call('POST', '/v1/items', { json: { sku: 'A' } });
    expect(body).toMatchObject({
      detail: 'initialLevels[1].warehouseId: this warehouse was named before',
      field: 'initialLevels[1].warehouseId',
    });
  });
});

describe('all problems of a request', () => {
  test('are told, with other fields spelled as the client does', async () => {
    const { body } = await harness.call('POST', '/v1/reservations', {
      json: { orderId: 'a\u200bb', items: [{ quantity: 1 }], customerId: 'a\u0007' },
    });
    expect(body).toMatchObject({
      detail: 'orderId: may not contain control characters or lone surrogates',
      field: 'orderId',
      violations: [
        { field: 'orderId', description: 'may not contain control characters or lone surrogates' },
        { field: 'items[0].itemId', description: 'is required, or sku instead' },
        { field: 'customerId', description: 'may not contain control characters or lone surrogates' },
      ],
    });
  });

  test('are cut to a bounded number, and names of the client to a bounded length', async () => {
    const items = Array.from({ length: 200 }, () => ({ quantity: 1 }));
    const many = await harness.call('POST', '/v1/reservations', { json: { orderId: 'o', items } });
    expect(Object(many.body).violations).toHaveLength(16);
    const json = { sku: 'A', ['n'.repeat(100_000)]: 1 };
    const long = await harness.call('POST', '/v1/items', { json });
    expect(JSON.stringify(long.body).length).toBeLessThan(2_000);
  });

  test('name parameters, paths and headers as they are written', async () => {
    const cases = [
      ['/v1/levels', 'itemId'],
      ['/v1/levels?sku=a&warehouseId=x', 'warehouseId[0]'],
      ['/v1/levels?sku=', 'sku[0]'],
      ['/v1/items/x/levels', 'id'],
      ['/v1/items/sku:%07/levels', 'id'],
      ['/v1/availability', 'sku'],
      ['/v1/reports/stock?lowStockOnly=yes', 'lowStockOnly'],
      ['/v1/items?pageToken=!', 'pageToken'],
    ];
    for (const [path = '', field] of cases) {
      expect((await harness.call('GET', path)).body, path).toMatchObject({ status: 400, field });
    }
    const options = { json: { sku: 'A' }, headers: { 'idempotency-key': 'a\x85' } };
    expect((await harness.call('POST', '/v1/items', options)).body).toMatchObject({
      field: 'Idempotency-Key',
    });
  });
});

describe('faults of ours', () => {
  test.each([
    ['an answer of another shape', () => ({ ok: { secret: true } })],
    ['an internal failure', () => ({ error: { code: 'internal', message: 'secret' } as const })],
    ['something thrown', () => Promise.reject(new Error('secret'))],
  ])('%s: an id that is in the log, and nothing else', async (_what, answer) => {
    harness.fakes.asker.answer = answer;
    const { status, body } = await harness.call('GET', `/v1/items/${itemId}`);
    expect(status).toBe(500);
    expect(body).toMatchObject({
      code: 'internal',
      detail: `internal error ${errorId}`,
      details: { id: errorId },
    });
    expect(JSON.stringify(body)).not.toContain('secret');
    expect(harness.fakes.logged.filter((line) => line.includes(errorId))).toHaveLength(1);
  });

  test('a database that cannot be read is none', async () => {
    const { queries } = harness.fakes;
    const { listItems } = queries;
    queries.listItems = () => Promise.reject(new StoreError('unknown', 'secret'));
    const { status, body } = await harness.call('GET', '/v1/items');
    queries.listItems = listItems;
    expect(status).toBe(503);
    expect(JSON.stringify(body)).not.toContain('secret');
  });
});

describe('what is no request of ours', () => {
  test.each([
    ['GET', '/', 404, 'route-not-found'],
    ['GET', '/v1/nothing?a=b', 404, 'route-not-found'],
    ['POST', '/v1/items/a/b/c', 404, 'route-not-found'],
    ['PUT', '/v1/items', 405, 'method-not-allowed'],
    ['DELETE', '/v1/reservations', 405, 'method-not-allowed'],
    ['POST', '/healthz', 405, 'method-not-allowed'],
  ])('%s %s is %d', async (method, path, status, code) => {
    const answered = await harness.call(method, path, method === 'GET' ? {} : { raw: 'no JSON' });
    expect([answered.status, Object(answered.body).code]).toEqual([status, code]);
  });

  test('a method that a path has not got: Allow says which it has', async () => {
    const answered = await harness.call('PUT', '/v1/items');
    expect(answered.headers.get('allow')).toBe('POST, GET, HEAD');
  });

  test.each([
    ['another type', { 'content-type': 'text/plain' }],
    ['none', { 'content-type': '' }],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['something else', { 'content-type': 'nonsense' }],
    ['another charset', { 'content-type': 'application/json; charset=latin1' }],
    ['an encoding', { 'content-encoding': 'gzip' }],
  ])('a body of %s is 415', async (_what, headers) => {
    const answered = await harness.call('POST', '/v1/items', { raw: '{"sku": "A"}', headers });
    expect([answered.status, Object(answered.body).code]).toEqual([415, 'unsupported-media-type']);
  });

  test.each(['application/json;charset=UTF-8', 'Application/JSON; charset="utf-8"'])(
    'a body of %s is read',
    async (type) => {
      const options = { raw: '\ufeff{"sku": "A"}', headers: { 'content-type': type } };
      expect((await harness.call('POST', '/v1/items', options)).status).toBe(201);
    },
  );

  test.each([
    ['text/html', '/v1/items', 406],
    ['application/json;q=0, */*', '/v1/items', 406],
    ['text/html, application/*;q=0.1', '/v1/items', 200],
    ['application/json', '/v1/inventory/events', 406],
    ['text/csv', '/v1/reports/stock', 200],
    ['image/png', '/v1/reports/stock', 406],
    ['application/problem+json', '/v1/items', 406],
  ])('Accept: %s for %s is %d', async (accept, path, status) => {
    expect((await harness.call('GET', path, { headers: { accept } })).status).toBe(status);
  });

  test('a body of more than 8 MiB is 413, also where its length is not told', async () => {
    const large = `{"sku": "A", "description": "${'x'.repeat(8 * 1_024 * 1_024)}"}`;
    expect((await harness.call('POST', '/v1/items', { raw: large })).status).toBe(413);
    const answer = await raw(
      `POST /v1/items HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${Buffer.byteLength(large).toString(16)}\r\n${large}\r\n0\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 413 (?:.|\s)*"code":"request-too-large"/);
  });

  test.each([
    [
      'headers that are too large',
      `GET / HTTP/1.1\r\nHost: x\r\nA: ${'x'.repeat(70_000)}\r\n\r\n`,
      431,
      'headers-too-large',
    ],
    ['a request line that is none', 'NONSENSE\r\n\r\n', 400, 'invalid-argument'],
    [
      'a length that is none',
      'GET / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n',
      400,
      'invalid-argument',
    ],
    [
      'two lengths',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      400,
      'invalid-argument',
    ],
    [
      'a path that cannot be',
      'GET /v1/items/%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
      400,
      'invalid-argument',
    ],
  ])('%s', async (_what, request, status, code) => {
    const answer = await raw(request);
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    expect(head).toMatch(
      new RegExp(`^HTTP/1.1 ${status} (?:.|\\s)*content-type: application/problem\\+json`, 'i'),
    );
    harness.call.assertIs('Problem', JSON.parse(body));
    expect(JSON.parse(body)).toMatchObject({ status, code });
  });
});

/** Sends bytes and gathers whatever comes until the other end hangs up. */
function raw(request: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(harness.base).port), '127.0.0.1');
    let answer = '';
    socket.setEncoding('utf8');
    socket.on('data', (text) => {
      answer += text;
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
    socket.write(request);
  });
}

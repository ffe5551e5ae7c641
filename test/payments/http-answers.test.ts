// What of an HTTP gateway's answers is final, what is tried again, and what is unknown at once: byte by byte, from a
// server that says what the test wants.
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { GatewayUnknownError, type PaymentGateway } from '../../src/payments/gateway.ts';
import { createHttpGateway } from '../../src/payments/http-gateway.ts';
import { verifyWebhook } from '../../src/payments/webhook.ts';
import { authorizeRequest, followUp, never, orderId, paymentId } from './support/requests.ts';

const secret = 'a secret of many characters';
const now = 1_800_000_000_000;
interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const received: Received[] = [];
/** One for each request; the last one for all further ones. */
let script: readonly ((response: ServerResponse) => void)[] = [];
let base = '';
let gateway: PaymentGateway;

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const { method = '', url = '', headers } = request;
    received.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
    script[Math.min(received.length, script.length) - 1]?.(response);
  });
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  base = `http://127.0.0.1:${address.port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  received.length = 0;
  gateway = open(`${base}/pay`);
});
afterEach(() => gateway.close());

function open(url: string, callMsMax = 15_000): PaymentGateway {
  return createHttpGateway({ url, secret, pausesMs: [1, 1], now: () => now, callMsMax });
}

const answer =
  (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
  (response: ServerResponse) => {
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
  };

const approved = { outcome: 'approved', transactionId: 'tx-1', until: null };
const declined = { outcome: 'declined', reason: 'no' };
const authorize = () => gateway.authorize(authorizeRequest('tok_1'), never);
const capture = () => gateway.capture(followUp('tx-1'), never);

describe('what is sent', () => {
  test.each([
    ['behind a path', '/pay', '/pay/authorizations'],
    ['behind a path with a slash', '/pay/', '/pay/authorizations'],
    ['behind none', '', '/authorizations'],
  ])('an authorization, %s', async (_what, path, url) => {
    gateway = open(`${base}${path}`);
    script = [answer(200, approved)];
    await authorize();
    expect(received).toMatchObject([
      {
        method: 'POST',
        url,
        headers: { 'content-type': 'application/json', 'idempotency-key': `${paymentId}:authorize` },
      },
    ]);
    expect(JSON.parse(received[0]?.body ?? '')).toEqual({
      operation: 'authorization',
      key: `${paymentId}:authorize`,
      paymentId,
      orderId,
      method: 'tok_1',
      amount: { amount: '12.50', currency: 'GBP' },
      isRenewal: false,
    });
  });

  test.each(['capture', 'void', 'refund'] as const)('a %s', async (operation) => {
    script = [answer(200, { outcome: 'done' })];
    await gateway[operation](followUp('tx-1', { key: 'k-1' }), never);
    expect(received).toMatchObject([{ url: `/pay/${operation}s`, headers: { 'idempotency-key': 'k-1' } }]);
    expect(JSON.parse(received[0]?.body ?? '')).toEqual({
      operation,
      key: 'k-1',
      transactionId: 'tx-1',
      amount: { amount: '12.50', currency: 'GBP' },
    });
  });

  test('is signed, each try, and the same each try', async () => {
    script = [answer(500, ''), answer(200, approved)];
    await authorize();
    expect(received).toHaveLength(2);
    expect(received[1]?.body).toBe(received[0]?.body);
    for (const { headers, body } of received) {
      const header = headers['synkro-signature'];
      if (typeof header !== 'string') throw new Error('no signature');
      expect(verifyWebhook({ secrets: [secret], header, body, now })).toEqual({ ok: true });
    }
  });

  test('a key that cannot be a header is a fault of ours', async () => {
    await expect(gateway.capture(followUp('tx-1', { key: 'a\nb' }), never)).rejects.toThrow(TypeError);
    expect(received).toEqual([]);
  });
});

describe('final', () => {
  test.each<[number, object]>([
    [200, approved],
    [201, { ...approved, further: 1 }],
    [200, declined],
    [202, { outcome: 'pending', transactionId: 'tx-1' }],
    [400, declined],
    [402, declined],
    [404, declined],
    [409, declined],
    [422, declined],
  ])('%d %j', async (status, body) => {
    script = [answer(status, body)];
    const { further: _left, ...expected } = { further: 0, ...body };
    expect(await authorize()).toEqual(expected);
    expect(received).toHaveLength(1);
  });

  test('a time comes as text', async () => {
    script = [answer(200, { ...approved, until: '2027-01-15T08:00:01.500Z' })];
    expect(await authorize()).toEqual({ ...approved, until: 1_800_000_001_500 });
  });

  test.each<[number, object]>([
    [200, { outcome: 'done' }],
    [402, declined],
  ])('of a capture: %d %j', async (status, body) => {
    script = [answer(status, body)];
    expect(await capture()).toEqual(body);
    expect(received).toHaveLength(1);
  });
});

describe('unknown at once', () => {
  test.each<[number, unknown]>([
    [200, ''],
    [200, 'OK'],
    [200, [approved]],
    [200, { outcome: 'done' }],
    [200, { outcome: 'approved', until: null }],
    [200, { ...approved, until: 1 }],
    [200, { ...approved, transactionId: '' }],
    [200, { ...approved, transactionId: 'x'.repeat(256) }],
    [200, { ...approved, more: 'x'.repeat(65_536) }],
    [400, ''],
    [401, { error: 'who are you?' }],
    [403, '<html>'],
    [404, 'no such page'],
    [409, { error: 'under way' }],
    [422, approved],
    [400, { outcome: 'pending', transactionId: 'tx-1' }],
  ])('%d %j', async (status, body) => {
    script = [answer(status, body)];
    await expect(authorize()).rejects.toThrow(GatewayUnknownError);
    expect(received).toHaveLength(1);
  });

  test.each([301, 302, 303, 307, 308])('a redirect is not followed: %d', async (status) => {
    script = [answer(status, '', { location: `${base}/elsewhere` }), answer(200, approved)];
    await expect(authorize()).rejects.toThrow(GatewayUnknownError);
    expect(received).toHaveLength(1);
  });

  test.each<[number, unknown]>([
    [200, approved],
    [200, 'done'],
    [402, { outcome: 'done' }],
    [402, { outcome: 'declined' }],
  ])('of a capture: %d %j', async (status, body) => {
    script = [answer(status, body)];
    await expect(capture()).rejects.toThrow(GatewayUnknownError);
    expect(received).toHaveLength(1);
  });
});

describe('tried again', () => {
  test.each([408, 425, 429, 500, 502, 503, 504, 599])('%d, whatever the body says', async (status) => {
    script = [answer(status, declined), answer(status, declined), answer(200, approved)];
    expect(await authorize()).toEqual(approved);
    expect(received).toHaveLength(3);
    script = [answer(status, declined)];
    await expect(authorize()).rejects.toThrow(`status ${status} with no final answer, after 3 tries`);
  });

  test('an answer that breaks off', async () => {
    const half = (response: ServerResponse) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"outcome":', () => response.destroy());
    };
    script = [half, answer(200, approved)];
    expect(await authorize()).toEqual(approved);
    expect(received).toHaveLength(2);
  });

  test('no sooner than the gateway says', async () => {
    script = [answer(503, '', { 'retry-after': '1' }), answer(200, approved)];
    const begunAt = performance.now();
    expect(await authorize()).toEqual(approved);
    expect(performance.now() - begunAt).toBeGreaterThan(990);
  });

  test('not where the gateway says to wait longer than a call may take', async () => {
    script = [answer(429, '', { 'retry-after': '15' }), answer(200, approved)];
    await expect(authorize()).rejects.toThrow('status 429 with no final answer, after 1 tries');
    expect(received).toHaveLength(1);
  });

  test('a date in Retry-After, which is not read, does not hinder', async () => {
    script = [answer(503, '', { 'retry-after': 'Fri, 31 Dec 2027 23:59:59 GMT' }), answer(200, approved)];
    expect(await authorize()).toEqual(approved);
  });
});

test('an answer without end is not read to its end', async () => {
  let sent = 0;
  const endless = (response: ServerResponse) => {
    response.writeHead(200);
    const more = () => {
      while (!response.destroyed) {
        sent += 1;
        if (!response.write(' '.repeat(16_384))) return void response.once('drain', more);
      }
    };
    more();
  };
  script = [endless];
  await expect(authorize()).rejects.toThrow(GatewayUnknownError);
  expect(received).toHaveLength(1);
  expect(sent * 16_384).toBeLessThan(64 * 1_048_576);
});

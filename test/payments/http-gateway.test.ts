// The HTTP gateway against a real server with faults: each effect once, whatever happens on the way, and nothing called
// final that is not.
import { getEventListeners } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { uuidv5 } from '../../src/actors/ids.ts';
import {
  type Authorization,
  GatewayUnknownError,
  type PaymentGateway,
  type PaymentNotice,
} from '../../src/payments/gateway.ts';
import { createHttpGateway, type HttpGatewayOptions } from '../../src/payments/http-gateway.ts';
import { parseNotice } from '../../src/payments/notice.ts';
import { verifyWebhook } from '../../src/payments/webhook.ts';
import { until } from '../support/until.ts';
import { type Fault, type GatewayServer, startGatewayServer } from './gateway-server.ts';
import { amount, authorizeRequest, followUp, never, orderId, paymentId } from './support/requests.ts';

const quick = { pausesMs: [1, 1], random: () => 0 };
const transactionId = uuidv5(`${paymentId}:authorize`);
const approved = { outcome: 'approved', transactionId, until: null };
const silentMs = 600;

let server: GatewayServer;
let gateway: PaymentGateway;

function open(over: Partial<HttpGatewayOptions> = {}): PaymentGateway {
  return createHttpGateway({ url: server.url, secret: server.secret, ...quick, ...over });
}

beforeEach(async () => {
  server = await startGatewayServer();
  gateway = open();
});
afterEach(async () => {
  await gateway.close();
  await server.close();
});

const authorize = (method = 'tok_approve', over = {}) =>
  gateway.authorize(authorizeRequest(method, over), never);

describe('all is well', () => {
  test('authorized, captured, refunded; each is one effect with its amount', async () => {
    expect(await authorize()).toEqual(approved);
    expect(await gateway.capture(followUp(transactionId), never)).toEqual({ outcome: 'done' });
    const back = { currency: 'GBP', minor: '5' };
    const refund = followUp(transactionId, { key: `${paymentId}:refund:1`, amount: back });
    expect(await gateway.refund(refund, never)).toEqual({ outcome: 'done' });
    expect(server.effects()).toMatchObject([
      { operation: 'authorization', orderId, paymentId, minor: 1250n, currency: 'GBP', outcome: 'approved' },
      { operation: 'capture', orderId, paymentId, transactionId, minor: 1250n, outcome: 'done' },
      { operation: 'refund', orderId, key: `${paymentId}:refund:1`, minor: 5n, outcome: 'done' },
    ]);
    expect(server.problems()).toEqual([]);
    expect(server.requests()).toBe(3);
  });

  test('authorized and voided', async () => {
    await authorize();
    const request = followUp(transactionId, { key: `${paymentId}:void` });
    expect(await gateway.void(request, never)).toEqual({ outcome: 'done' });
    expect(server.doneFor(orderId, 'void')).toHaveLength(1);
    expect(server.problems()).toEqual([]);
  });

  test.each([
    ['JPY', '1250', 1250n],
    ['KWD', '1250', 1250n],
    ['GBP', '7', 7n],
  ])('amounts in %s arrive as they are', async (currency, minor, expected) => {
    await authorize('tok_approve', { amount: { currency, minor } });
    expect(server.effects()).toMatchObject([{ currency, minor: expected }]);
  });

  test('a lapsing authorization says until when; its renewal is told as one', async () => {
    const before = Date.now();
    const first = await authorize('tok_lapse_decline');
    if (first.outcome !== 'approved' || first.until === null) throw new Error(JSON.stringify(first));
    expect(first.until).toBeGreaterThanOrEqual(before + 1_000);
    expect(first.until).toBeLessThanOrEqual(Date.now() + 1_000);
    const renewal = { key: `${paymentId}:authorize:2`, isRenewal: true };
    expect(await authorize('tok_lapse_decline', renewal)).toEqual({
      outcome: 'declined',
      reason: 'renewal declined',
    });
  });

  test('declined: an answer like others', async () => {
    expect(await authorize('tok_decline')).toEqual({ outcome: 'declined', reason: 'declined' });
    expect(await gateway.capture(followUp('tx-of-nobody'), never)).toEqual({
      outcome: 'declined',
      reason: 'unknown transaction',
    });
    expect(server.requests()).toBe(2);
  });
});

describe('a fault that passes', () => {
  test.each<Fault['kind']>(['silent', 'silent-after', 'cut', 'cut-after', 'error', 'error-after', 'busy'])(
    '%s: tried again with the same key, and one effect',
    async (kind) => {
      gateway = open({ tryMsMax: silentMs });
      server.setFault({ kind, times: 2 });
      expect(await authorize()).toEqual(approved);
      expect(server.requests()).toBe(3);
      expect(server.doneFor(orderId, 'authorization')).toHaveLength(1);
      server.setFault({ kind, times: 1 });
      expect(await gateway.capture(followUp(transactionId), never)).toEqual({ outcome: 'done' });
      expect(server.doneFor(orderId, 'capture')).toHaveLength(1);
      expect(server.problems()).toEqual([]);
    },
  );

  test('slow, but in time', async () => {
    server.setFault({ kind: 'slow', ms: 100 });
    expect(await authorize()).toEqual(approved);
    expect(server.requests()).toBe(1);
  });
});

describe('a fault that stays: unknown, after three tries', () => {
  test.each<Fault['kind']>(['silent', 'silent-after', 'cut', 'cut-after', 'error', 'error-after', 'busy'])(
    '%s',
    async (kind) => {
      gateway = open({ tryMsMax: silentMs });
      server.setFault({ kind });
      await expect(authorize()).rejects.toThrow(GatewayUnknownError);
      expect(server.requests()).toBe(3);
      server.setFault(null);
      expect(await authorize()).toEqual(approved);
      expect(server.doneFor(orderId, 'authorization')).toHaveLength(1);
      expect(server.problems()).toEqual([]);
    },
  );

  test('nobody listens', async () => {
    await server.close();
    await expect(authorize()).rejects.toThrow(GatewayUnknownError);
  });

  test('slower than a call may be in all', async () => {
    gateway = open({ tryMsMax: 10_000, callMsMax: 1_000 });
    server.setFault({ kind: 'silent' });
    await expect(authorize()).rejects.toThrow(GatewayUnknownError);
    expect(server.requests()).toBe(1);
  });
});

test('an answer that nobody can read is unknown at once', async () => {
  server.setFault({ kind: 'garbage', times: 1 });
  await expect(authorize()).rejects.toThrow('status 200');
  expect(server.requests()).toBe(1);
  expect(await authorize()).toEqual(approved);
});

test('a wrong secret stops payments, and declines none', async () => {
  gateway = open({ secret: 'another secret, also long' });
  await expect(authorize()).rejects.toThrow(GatewayUnknownError);
  expect(server.problems()).toEqual(['wrong-signature']);
  expect(server.effects()).toEqual([]);
});

test('other content under a known key is no decline', async () => {
  await authorize();
  await expect(authorize('tok_approve', { amount: { ...amount, minor: '1' } })).rejects.toThrow('status 409');
});

describe('given up', () => {
  const begun = () => until('a request', () => server.requests() > 0);

  test('by its signal, while it waits for the answer', async () => {
    server.setFault({ kind: 'silent' });
    const giving = new AbortController();
    const settled = expect(gateway.authorize(authorizeRequest('tok_approve'), giving.signal)).rejects.toThrow(
      GatewayUnknownError,
    );
    await begun();
    giving.abort();
    await settled;
    expect(server.requests()).toBe(1);
  });

  test('by its signal, between two tries', async () => {
    gateway = open({ pausesMs: [60_000], callMsMax: 120_000 });
    server.setFault({ kind: 'error' });
    const giving = new AbortController();
    const settled = expect(gateway.authorize(authorizeRequest('tok_approve'), giving.signal)).rejects.toThrow(
      'status 500',
    );
    await begun();
    giving.abort();
    await settled;
    expect(server.requests()).toBe(1);
  });

  test('a signal that lives on is let go of', async () => {
    const { signal } = new AbortController();
    server.setFault({ kind: 'error', times: 2 });
    expect(await gateway.authorize(authorizeRequest('tok_approve'), signal)).toEqual(approved);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('before it began: nothing is sent', async () => {
    await expect(gateway.authorize(authorizeRequest('tok_approve'), AbortSignal.abort())).rejects.toThrow(
      GatewayUnknownError,
    );
    expect(server.requests()).toBe(0);
  });

  test('by closing, for good', async () => {
    server.setFault({ kind: 'silent' });
    const settled = expect(authorize()).rejects.toThrow(GatewayUnknownError);
    await begun();
    await gateway.close();
    await settled;
    await expect(authorize()).rejects.toThrow(GatewayUnknownError);
    expect(server.requests()).toBe(1);
  });
});

describe('webhooks of the test gateway', () => {
  const received: { readonly notice: PaymentNotice; readonly ok: boolean }[] = [];
  const refuse = { times: 0 };
  const shop = createServer((request, response) => void take(request, response));

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const header = request.headers['synkro-signature'];
    const { ok } = verifyWebhook({
      secrets: [server.secret],
      header: typeof header === 'string' ? header : undefined,
      body,
      now: Date.now(),
    });
    const notice = parseNotice(body);
    if ('violations' in notice) throw new Error(JSON.stringify(notice));
    if (refuse.times > 0) {
      refuse.times -= 1;
      response.writeHead(503).end();
      return;
    }
    received.push({ notice, ok });
    response.writeHead(204).end();
  }

  beforeEach(async () => {
    received.length = 0;
    refuse.times = 0;
    await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
    const address = shop.address();
    if (typeof address !== 'object' || address === null) throw new Error('no port');
    server.sendWebhooksTo(`http://127.0.0.1:${address.port}/v1/payments/webhook`);
  });
  afterEach(async () => {
    shop.closeAllConnections();
    await new Promise((resolve) => shop.close(resolve));
  });

  const notice = (authorization: Authorization) => ({
    notice: { id: uuidv5(`${paymentId}:authorize:notice`), paymentId, orderId, authorization },
    ok: true,
  });
  const yes: Authorization = { outcome: 'approved', transactionId, until: null };

  test.each([
    ['the token', 'tok_twice', null],
    ['the fault', 'tok_approve', { kind: 'twice' } as const],
  ])('twice, by %s: one answer, and one notice two times', async (_what, method, fault) => {
    server.setFault(fault);
    expect(await authorize(method)).toEqual(approved);
    await until('both', () => received.length === 2);
    expect(received).toEqual([notice(yes), notice(yes)]);
  });

  test.each([
    ['the token', 'tok_late', null],
    ['the fault', 'tok_approve', { kind: 'late', ms: 50 } as const],
  ])('late, by %s: pending, then told, and answered to whoever asks again', async (_what, method, fault) => {
    server.setFault(fault);
    expect(await authorize(method)).toEqual({ outcome: 'pending', transactionId });
    await until('the notice', () => received.length === 1);
    expect(received).toEqual([notice(yes)]);
    expect(await authorize(method)).toEqual(approved);
    expect(server.doneFor(orderId, 'authorization')).toHaveLength(1);
  });

  test('again until they are taken', async () => {
    refuse.times = 2;
    server.setFault({ kind: 'late', ms: 0 });
    await authorize();
    await until('the delivery', () => server.deliveries()[0]?.statuses.length === 3);
    expect(server.deliveries()[0]?.statuses).toEqual([503, 503, 204]);
    expect(received).toHaveLength(1);
  });
});

describe('what a correct client never does is noted, and can be counted', () => {
  test('a second capture of an order', async () => {
    await authorize();
    await gateway.capture(followUp(transactionId), never);
    await gateway.capture(followUp(transactionId), never);
    expect(server.problems()).toEqual([]);
    await gateway.capture(followUp(transactionId, { key: 'another' }), never);
    expect(server.problems()).toEqual(['another: a second capture of the order']);
    expect(server.doneFor(orderId, 'capture')).toHaveLength(2);
  });

  test('another amount, a void of what was captured, too large a refund', async () => {
    await authorize();
    const some = { ...amount, minor: '1249' };
    await gateway.capture(followUp(transactionId, { amount: some }), never);
    await gateway.void(followUp(transactionId, { key: 'v' }), never);
    await gateway.refund(followUp(transactionId, { key: 'r' }), never);
    expect(server.problems()).toEqual([
      `${paymentId}:capture: captures another amount than was authorized`,
      'v: voids what was captured',
      'r: refunds more than was captured',
    ]);
  });
});

test.each([
  ['no URL', 'payments'],
  ['another protocol', 'ftp://payments.example'],
  ['a password', 'https://a:b@payments.example'],
  ['a query', 'https://payments.example/?a=b'],
])('an address that cannot be one is refused: %s', (_what, url) => {
  expect(() => createHttpGateway({ url, secret: 'long enough to be one' })).toThrow(RangeError);
});

// The bounds of the HTTP server: what is too much or too slow is refused or cut off, and hurts nobody else.
import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { level, usualAnswer } from '../grpc/support/fakes.ts';
import { until } from '../support/until.ts';
import { EventClient } from './support/events.ts';
import { type Harness, type ServeOptions, serve } from './support/server.ts';

const opened: { close(): void }[] = [];
const harnesses: Harness[] = [];
afterEach(async () => {
  for (const client of opened.splice(0)) client.close();
  await Promise.all(harnesses.splice(0).map((harness) => harness.stop()));
});

async function start(limits: NonNullable<ServeOptions['limits']>): Promise<Harness> {
  const harness = await serve({ limits });
  harnesses.push(harness);
  return harness;
}

function follow(harness: Harness): EventClient {
  const client = new EventClient(`${harness.base}/v1/inventory/events`);
  opened.push(client);
  return client;
}

function change(version: number) {
  const { itemId, sku, warehouseId } = level;
  const numbers = { delta: 1, quantity: version, held: 0, allocated: 0, version, at: version };
  const texts = { type: 'level', cause: 'adjusted', sku, warehouseId, reason: '', reference: '' };
  return ['item', itemId, { ...texts, ...numbers }] as const;
}

const path = `/v1/items/${level.itemId}`;

test('too many requests at once: the next is refused, and operators are answered all the same', async () => {
  const harness = await start({ openRequestsMax: 2 });
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  harness.fakes.asker.answer = async (asked) => {
    await held;
    return { ok: usualAnswer(asked) };
  };
  const open = [harness.call('GET', path), harness.call('GET', path)];
  await until('both', () => harness.fakes.asker.asked.length === 2);
  const refused = await harness.call('GET', path);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
  expect((await harness.call('GET', '/readyz')).status).toBe(200);
  release();
  expect((await Promise.all(open)).map(({ status }) => status)).toEqual([200, 200]);
  expect((await harness.call('GET', path)).status).toBe(200);
});

test('clients that go away free their places', async () => {
  const harness = await start({ openRequestsMax: 1 });
  harness.fakes.asker.answer = () => new Promise(() => {});
  for (let round = 1; round <= 3; round += 1) {
    const leaving = new AbortController();
    const call = harness.call('GET', path, { signal: leaving.signal });
    await until('the request', () => harness.fakes.asker.asked.length === round);
    leaving.abort();
    await expect(call).rejects.toThrow();
    const { observed } = harness.fakes;
    await until('its end', () => observed.filter(({ outcome }) => outcome === 'cancelled').length === round);
  }
});

test('too many event streams: the next is refused', async () => {
  const harness = await start({ eventStreamsMax: 1 });
  const first = await follow(harness).began();
  expect((await harness.call('GET', '/v1/inventory/events')).status).toBe(429);
  first.close();
  await until('room', async () => !(await follow(harness).began()).ended);
});

test('a stream without events shows signs of life', async () => {
  const client = await follow(await start({ heartbeatIntervalMs: 10 })).began();
  await until('three of them', () => client.comments.length >= 3);
  expect(client.events).toEqual([]);
});

test('a client that takes nothing for too long is cut off; one that reads is not', async () => {
  const harness = await start({ stalledMsMax: 300 });
  const { queries, notices, observed } = harness.fakes;
  const reading = await follow(harness).began();
  const stuck = await follow(harness).began();
  stuck.pause();
  const rows = 250;
  for (let row = 0; row < rows; row += 1) {
    const changes = Array.from({ length: 200 }, (_, i) => change(row * 200 + i));
    notices.tell(0, queries.append(0, changes));
  }
  await reading.has(rows * 200);
  await until('the other one to be cut off', () =>
    observed.some(({ method, outcome }) => method === 'streamLevels' && outcome === 'cancelled'),
  );
  expect(reading.ended).toBe(false);
});

test.each([
  ['headers', 'GET / HTTP/1.1\r\nHost: x\r\n'],
  [
    'a body',
    'POST /v1/items HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
  ],
])('%s that do not come to their end in time: 408', async (_what, beginning) => {
  const harness = await start({ headersMsMax: 100, requestMsMax: 200, lateCheckIntervalMs: 20 });
  const socket = connect(Number(new URL(harness.base).port), '127.0.0.1');
  let answer = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    answer += text;
  });
  socket.on('error', () => {});
  socket.write(beginning);
  await until('its end', () => socket.closed);
  expect(answer).toMatch(/^HTTP\/1.1 408 /);
  expect(answer).toMatch(/\r\nRetry-After: 1\r\n/);
  const body: unknown = JSON.parse(answer.split('\r\n\r\n')[1] ?? '');
  harness.call.assertIs('Problem', body);
  expect(body).toMatchObject({ code: 'request-timeout', status: 408 });
  expect(harness.fakes.asker.asked).toEqual([]);
});

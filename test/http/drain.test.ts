// The end of a server: what is open is answered, nothing new comes in, and it does not take for ever.
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { level, usualAnswer } from '../grpc/support/fakes.ts';
import { until } from '../support/until.ts';
import { EventClient } from './support/events.ts';
import { type Harness, make, serve } from './support/server.ts';

let harness: Harness;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
beforeEach(async () => {
  harness = await serve();
});
afterEach(() => harness.stop());

const path = `/v1/items/${level.itemId}`;

/** Over one connection that is kept. */
function get(): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request(`${harness.base}${path}`, { agent }, (response) => {
      response.resume();
      response.on('end', () => resolve(response));
    })
      .on('error', reject)
      .end();
  });
}

/** The actor answers when it is told. */
function holdAnswers(): () => void {
  const { promise, resolve } = Promise.withResolvers<void>();
  harness.fakes.asker.answer = async (asked) => {
    await promise;
    return { ok: usualAnswer(asked) };
  };
  return resolve;
}

const wasAsked = () => until('a request', () => harness.fakes.asker.asked.length > 0);

async function refusesConnections(): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(Number(new URL(harness.base).port), '127.0.0.1');
  socket.on('connect', () => resolve(false));
  socket.on('error', () => resolve(true));
  const refused = await promise;
  socket.destroy();
  return refused;
}

test('what is open is answered, with word that the connection closes; nothing new is taken', async () => {
  const release = holdAnswers();
  const answered = get();
  await wasAsked();
  let drained = false;
  const drain = harness.server.drain(20_000).then(() => {
    drained = true;
  });
  await until('the port to be closed', refusesConnections);
  expect(drained).toBe(false);
  release();
  const response = await answered;
  expect([response.statusCode, response.headers.connection]).toEqual([200, 'close']);
  await drain;
});

test('kept connections without a request do not hold it up', async () => {
  expect((await get()).headers.connection).toBe('keep-alive');
  const begun = performance.now();
  await harness.server.drain(20_000);
  expect(performance.now() - begun).toBeLessThan(10_000);
});

test('an answer that had begun does not hold it up once it is over', async () => {
  const { queries } = harness.fakes;
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  const { report } = queries;
  let asked = 0;
  queries.items = Array.from({ length: 1_500 }, (_, i) => ({ ...queriesItem(), sku: `s${10_000 + i}` }));
  queries.report = async (question) => {
    asked += 1;
    if (asked > 1) await held;
    return report.call(queries, question);
  };
  const csv = new Promise<IncomingMessage>((resolve) => {
    request(`${harness.base}/v1/reports/stock?format=csv`, { agent }, resolve).end();
  });
  const response = await csv;
  let rows = 0;
  response.setEncoding('utf8').on('data', (text: string) => {
    rows += text.split('\r\n').length - 1;
  });
  const ended = new Promise((resolve) => response.on('end', resolve));
  await until('the second page', () => asked > 1);
  const drained = harness.server.drain(20_000);
  const begun = performance.now();
  release();
  await ended;
  await drained;
  expect(rows).toBe(3_001);
  expect(performance.now() - begun).toBeLessThan(10_000);

  function queriesItem() {
    const [row] = queries.items;
    if (row === undefined) throw new Error('no item to copy');
    return row;
  }
});

test('after the deadline it cuts off what is open', async () => {
  holdAnswers();
  const answered = get();
  await wasAsked();
  const drained = harness.server.drain(50);
  await expect(answered).rejects.toThrow();
  await drained;
});

test('a second drain with a sooner deadline counts', async () => {
  holdAnswers();
  const answered = get();
  await wasAsked();
  const first = harness.server.drain(60_000);
  const second = harness.server.drain(0);
  await expect(answered).rejects.toThrow();
  await Promise.all([first, second]);
});

test('event streams end, and none begins any more', async () => {
  const client = await new EventClient(`${harness.base}/v1/inventory/events`).began();
  await harness.server.drain(20_000);
  await until('its end', () => client.ended);
});

test('a request that is never finished does not hold it up', async () => {
  const socket = connect(Number(new URL(harness.base).port), '127.0.0.1');
  socket.on('error', () => {});
  socket.write(
    'POST /v1/items HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{',
  );
  await until('it to be there', () => socket.readyState === 'open');
  await harness.server.drain(50);
  await until('its end', () => socket.destroyed || socket.readableEnded);
});

test('a port that is taken is an error, and so is a host that there is not', async () => {
  const { server } = make();
  await expect(server.listen('127.0.0.1', Number(new URL(harness.base).port))).rejects.toThrow(/EADDRINUSE/);
  await server.drain(0);
  const other = make();
  await expect(other.server.listen('203.0.113.1', 0)).rejects.toThrow(/EADDRNOTAVAIL/);
  await other.server.drain(0);
});

test('it may end before it listens', async () => {
  const { server } = make();
  await server.drain(0);
  await server.drain(0);
  await expect(server.listen('127.0.0.1', 0)).rejects.toThrow();
});

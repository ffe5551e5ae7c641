// Two thousand subscribers, most of whom never read: those that do get every event, in order and promptly, and what the
// others have not taken does not pile up.
import { once } from 'node:events';
import { type ClientHttp2Session, connect as connectRaw } from 'node:http2';
import { credentials } from '@grpc/grpc-js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Follower } from '../../src/api/feed/follower.ts';
import { streamOrderUpdates } from '../../src/api/logistics/updates.ts';
import * as pb from '../../src/generated/synkro/logistics/v1/logistics.ts';
import { logisticsServiceName } from '../../src/grpc/logistics-service.ts';
import { createGrpcServer, type GrpcServer } from '../../src/grpc/server.ts';
import { serviceOf, updatesEntry } from '../../src/grpc/service.ts';
import { customerId, type LogisticsFakes, logisticsFakes } from '../http/support/logistics-fakes.ts';
import { type Opened, open, until } from './support/client.ts';

const deadOfAll = 1_499;
const deadOfOne = 499;
const deadPerConnection = 100;

let given: LogisticsFakes;
let server: GrpcServer;
let address = '';
let delivered = 0;
const clients: pb.LogisticsServiceClient[] = [];
const sessions: ClientHttp2Session[] = [];

beforeAll(async () => {
  given = logisticsFakes();
  const follower = new Follower({ ...given, ...streamOrderUpdates });
  const counting = {
    ...streamOrderUpdates,
    eventOf: (change: Parameters<typeof streamOrderUpdates.eventOf>[0]) => {
      delivered += 1;
      return streamOrderUpdates.eventOf(change);
    },
  };
  const name = logisticsServiceName;
  server = createGrpcServer((calls) => [
    serviceOf(name, [updatesEntry(name, counting, given, calls, follower)]),
  ]);
  address = `127.0.0.1:${await server.bind('127.0.0.1', 0)}`;
});
afterAll(async () => {
  for (const client of clients) client.close();
  for (const session of sessions) session.destroy();
  await server.drain(100);
});

/** A connection of its own: streams of one share what it may have in flight. */
function connect(): pb.LogisticsServiceClient {
  const options = { 'grpc.use_local_subchannel_pool': 1 };
  const client = new pb.LogisticsServiceClient(address, credentials.createInsecure(), options);
  clients.push(client);
  return client;
}

const idOf = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

/**
 * Subscribers that hear that the stream has begun, and never read what it says. Raw HTTP/2: the gRPC client takes in what
 * nobody reads.
 */
async function openDead(count: number, requestOf: (index: number) => Partial<pb.StreamOrderUpdatesRequest>) {
  for (let from = 0; from < count; from += deadPerConnection) {
    // What the client's own buffers hold is not of interest: they are small, so that they are full soon.
    const session = connectRaw(`http://${address}`, { settings: { initialWindowSize: 1_024 } });
    sessions.push(session);
    const indexes = Array.from({ length: Math.min(deadPerConnection, count - from) }, (_, i) => from + i);
    await Promise.all(
      indexes.map((index) => {
        const request = pb.StreamOrderUpdatesRequest.create(requestOf(index));
        const message = pb.StreamOrderUpdatesRequest.encode(request).finish();
        const prefix = Buffer.alloc(5);
        prefix.writeUInt32BE(message.length, 1);
        const stream = session.request({
          ':method': 'POST',
          ':path': `/${logisticsServiceName}/${streamOrderUpdates.name}`,
          'content-type': 'application/grpc',
          te: 'trailers',
        });
        stream.on('error', () => {});
        stream.end(Buffer.concat([prefix, message]));
        return once(stream, 'response');
      }),
    );
  }
}

let committed = 0;

/** Makes a row of moves durable, one for each of these orders, and tells of it. */
function commit(orders: readonly string[]): void {
  const events = orders.map((id) => {
    const at = begin + committed;
    committed += 1;
    return [
      'order',
      id,
      { type: 'moved', from: 'created', to: 'processing', customerId, at, by: '', why: '' },
    ] as const;
  });
  given.notices.tell(0, given.queries.append(0, events));
}

const begin = 1_700_000_000_000;
const placesOf = ({ messages }: Opened) => messages.map(({ timestamp }) => Number(timestamp) - begin);
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);
const heap = () => process.memoryUsage().heapUsed + process.memoryUsage().external;

test('two thousand subscribers', { timeout: 120_000 }, async () => {
  await openDead(deadOfAll, () => ({}));
  await openDead(deadOfOne, (index) => ({ orderId: idOf(index) }));
  const live = open(connect(), {});
  const ofOne = open(connect(), { orderId: idOf(deadOfOne) });
  await Promise.all([live.begun, ofOne.begun]);

  // Everybody has something to take, which most do not.
  for (let from = 0; from < deadOfOne; from += 10) commit(upTo(10).map((number) => idOf(from + number)));
  // Until nobody takes in more who does not read: then only the one that does is told anything.
  const others = upTo(500).map((number) => idOf(10_000 + number));
  for (let quiet = 0; quiet < 3; ) {
    const before = delivered;
    for (let from = 0; from < others.length; from += 10) commit(others.slice(from, from + 10));
    await until('the live one', () => live.messages.length === committed);
    quiet = delivered - before === others.length ? quiet + 1 : 0;
  }
  expect(placesOf(live)).toEqual(upTo(committed));
  expect(ofOne.messages).toHaveLength(1);

  // One row after another, each waited for.
  const [deliveredBefore, heapBefore, committedBefore] = [delivered, heap(), committed];
  const waits: number[] = [];
  for (let row = 0; row < 400; row += 1) {
    const committedAt = performance.now();
    commit([...others.slice(0, 24), idOf(deadOfOne)]);
    await until(
      'both that read',
      () => live.messages.length === committed && ofOne.messages.length === row + 2,
    );
    waits.push(performance.now() - committedAt);
  }
  expect(placesOf(live)).toEqual(upTo(committed));
  expect(placesOf(ofOne).slice(1)).toEqual(upTo(400).map((row) => committedBefore + row * 25 + 24));
  // Promptly: nothing is done for those that do not read. And nothing is kept for them.
  expect(waits.toSorted((a, b) => a - b)[200]).toBeLessThan(100);
  expect(delivered - deliveredBefore).toBe(400 * 25 + 400);
  expect(heap() - heapBefore).toBeLessThan(64 * 1_024 * 1_024);
});

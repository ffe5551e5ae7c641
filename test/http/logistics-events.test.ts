// Server-Sent Events of orders: whose are sent, in which words, and that nothing is lost or comes twice across a reconnect.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { OrderEvent } from '../../src/actors/logistics/order/messages.ts';
import type { OrderStatus } from '../../src/actors/logistics/order/transitions.ts';
import { StoreError } from '../../src/runtime/store.ts';
import { until } from '../support/until.ts';
import { EventClient, type Received } from './support/events.ts';
import { type LogisticsHarness, serveBoth } from './support/logistics.ts';
import { customerId, order } from './support/logistics-fakes.ts';

const subscribersMax = 4;
let harness: LogisticsHarness;
const opened: EventClient[] = [];
beforeEach(async () => {
  harness = await serveBoth({ subscribersMax });
});
afterEach(async () => {
  for (const client of opened.splice(0)) client.close();
  await harness.stop();
});

const path = '/v1/orders/events';
const at = Date.parse('2026-01-31T12:00:00.000Z');
const idOf = (i: number) => `10000000-0000-4000-8000-${String(i).padStart(12, '0')}`;

const created = (i: number, whose = '') => {
  const event: OrderEvent = { type: 'created', order: { ...order, customerId: whose }, at };
  return ['order', idOf(i), event] as const;
};

const moved = (i: number, from: OrderStatus, to: OrderStatus, whose = '') => {
  const event: OrderEvent = { type: 'moved', from, to, customerId: whose, at, by: 'stock', why: '' };
  return ['order', idOf(i), event] as const;
};

/** Makes a row durable and tells of it. */
function commit(shard: number, ...events: readonly (readonly [string, string, unknown])[]): void {
  const { queries, notices } = harness.logistics;
  notices.tell(shard, queries.append(shard, events));
}

function open(query = '', headers: Readonly<Record<string, string>> = {}): EventClient {
  const client = new EventClient(`${harness.base}${path}${query}`, headers);
  opened.push(client);
  return client;
}

const orders = (client: EventClient) => client.events.map(({ data }: Received) => Object(data).orderId);

test('first comes an id without data, then every move, in the words of answers', async () => {
  const client = await open().began();
  expect(client.received[0]).toMatchObject({ event: '', data: undefined });
  commit(0, created(1, customerId), moved(1, 'created', 'processing', customerId));
  commit(1, ['queue', 'q', { type: 'moved' }], moved(2, 'reservingStock', 'backOrdered'));
  await client.has(3);
  const timestamp = '2026-01-31T12:00:00.000Z';
  expect(client.events.map(({ event, data }) => ({ event, data }))).toEqual([
    { event: 'created', data: { orderId: idOf(1), customerId, newStatus: 'created', timestamp } },
    {
      event: 'processing',
      data: {
        orderId: idOf(1),
        customerId,
        previousStatus: 'created',
        newStatus: 'processing',
        timestamp,
      },
    },
    {
      event: 'back_ordered',
      data: {
        orderId: idOf(2),
        customerId: '',
        previousStatus: 'reserving_stock',
        newStatus: 'back_ordered',
        timestamp,
      },
    },
  ]);
  for (const { data } of client.events) harness.call.assertIs('OrderEvent', data);
});

test('what happens within an order besides its moves is nobody’s', async () => {
  const client = await open().began();
  commit(0, ['order', idOf(1), { type: 'attemptBegan' }], ['customer', customerId, { type: 'erased' }]);
  commit(0, created(2));
  await client.has(1);
  expect(orders(client)).toEqual([idOf(2)]);
});

describe('filters', () => {
  test.each([
    ['nothing', '', [1, 2, 3]],
    ['a customer', `?customerId=${customerId.toUpperCase()}`, [1, 3]],
    ['an order', `?orderId=${idOf(2)}`, [2]],
    ['both', `?orderId=${idOf(3)}&customerId=${customerId}`, [3]],
  ])('by %s', async (_what, query, expected) => {
    const client = await open(query).began();
    commit(0, created(1, customerId), created(2), created(3, customerId));
    await client.has(expected.length);
    expect(orders(client)).toEqual(expected.map(idOf));
  });

  test('one who waits for one order among many is told when it moves', async () => {
    const client = await open(`?orderId=${idOf(7)}`).began();
    for (let i = 0; i < 20; i += 1) commit(i % 2, created(100 + i));
    commit(0, moved(7, 'shipped', 'delivered'));
    await client.has(1);
    expect(client.events.map(({ event }) => event)).toEqual(['delivered']);
  });
});

describe('resuming', () => {
  test('from every id, by header or query, what came after it is sent, once', async () => {
    const first = await open().began();
    commit(0, created(1), created(2));
    commit(1, created(3));
    commit(0, created(4));
    await first.has(4);
    for (const [index, { id }] of first.received.entries()) {
      const rest = orders(first).slice(index).sort();
      const again = index % 2 === 0 ? open('', { 'last-event-id': id }) : open(`?lastEventId=${id}`);
      await again.began();
      await again.has(rest.length);
      expect(again.received[0]).toEqual({ id, event: '', data: undefined });
      expect(orders(again).sort()).toEqual(rest);
      again.close();
      await until('its place', () => again.ended);
    }
  });

  test('what happened while nobody was connected is not lost', async () => {
    const first = await open().began();
    commit(0, created(1));
    await first.has(1);
    first.close();
    await until('nobody to listen', () => harness.logistics.notices.listeners.size === 0);
    commit(0, created(2));
    commit(1, created(3));
    const again = await open('', { 'last-event-id': first.lastId }).began();
    await again.has(2);
    expect(orders(again).sort()).toEqual([idOf(2), idOf(3)]);
  });

  test('from an id that is older than what is kept: 410', async () => {
    const { lastId } = await open().began();
    commit(0, created(1), created(2));
    harness.logistics.queries.trimmedTo.set(0, 1);
    const { status, body } = await harness.call('GET', `${path}?lastEventId=${lastId}`);
    expect([status, Object(body).code]).toEqual([410, 'token-expired']);
  });

  test.each([
    ['?lastEventId=!!', {}, 'lastEventId'],
    ['', { 'last-event-id': 'AAAA' }, 'Last-Event-ID'],
    ['?customerId=x', {}, 'customerId'],
    ['?orderId=', {}, 'orderId'],
  ])('%s %j is refused', async (query, headers, field) => {
    const { status, body } = await harness.call('GET', `${path}${query}`, { headers });
    expect([status, Object(body).field]).toEqual([400, field]);
  });
});

test('one too many is refused at once, and may try again', async () => {
  for (let i = 0; i < subscribersMax; i += 1) await open().began();
  const { status, headers } = await harness.call('GET', path);
  expect([status, headers.get('retry-after')]).toEqual([429, '1']);
  opened[0]?.close();
  await until('room', async () => !(await open().began()).ended);
});

test('a journal that cannot be read: 503, and nothing of the inside', async () => {
  harness.logistics.queries.journalHeads = () => Promise.reject(new StoreError('unknown', 'secret'));
  const { status, body } = await harness.call('GET', path);
  expect(status).toBe(503);
  expect(JSON.stringify(body)).not.toContain('secret');
});

test('a server that stops ends the streams', async () => {
  const client = await open().began();
  await harness.server.drain(10_000);
  await until('its end', () => client.ended);
});

test('an order that is called "events" there is not: the route is the stream’s', async () => {
  const { status, headers } = await harness.call('POST', path);
  expect([status, headers.get('allow')]).toEqual([405, 'GET']);
});

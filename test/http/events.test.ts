// Server-Sent Events of level changes: nothing lost, nothing twice, from any id, however slow the client is.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { itemIdOfSku } from '../../src/actors/ids.ts';
import { StoreError } from '../../src/runtime/store.ts';
import { level } from '../grpc/support/fakes.ts';
import { until } from '../support/until.ts';
import { EventClient, type Received } from './support/events.ts';
import { type Harness, serve } from './support/server.ts';

let harness: Harness;
const opened: EventClient[] = [];
beforeEach(async () => {
  harness = await serve({ subscribersMax });
});
afterEach(async () => {
  for (const client of opened.splice(0)) client.close();
  await harness.stop();
});

const { itemId, warehouseId } = level;
const otherWarehouseId = '22222222-2222-4222-8222-222222222222';
const path = '/v1/inventory/events';
const subscribersMax = 8;

function change(version: number, over: { item?: string; warehouseId?: string; cause?: string } = {}) {
  const event = {
    type: 'level',
    cause: over.cause ?? 'adjusted',
    sku: '85123A',
    warehouseId: over.warehouseId ?? warehouseId,
    delta: 1,
    quantity: version,
    held: 0,
    allocated: 0,
    version,
    at: 1_700_000_000_000 + version,
    reason: '',
    reference: '',
  };
  return ['item', over.item ?? itemId, event] as const;
}

/** Makes a row durable and tells of it. */
function commit(shard: number, ...events: Parameters<Harness['fakes']['queries']['append']>[1]) {
  harness.fakes.notices.tell(shard, harness.fakes.queries.append(shard, events));
}

function open(query = '', headers: Readonly<Record<string, string>> = {}): EventClient {
  const client = new EventClient(`${harness.base}${path}${query}`, headers);
  opened.push(client);
  return client;
}

const versionOf = ({ data }: Received) => Number(Object(data).level.version);
const versions = (client: EventClient) => client.events.map(versionOf);
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

test('first comes an id without data, then the changes', async () => {
  commit(0, change(1));
  const client = await open().began();
  expect(client.response?.headers).toMatchObject({
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
  });
  expect(client.response?.headers['content-encoding']).toBeUndefined();
  expect(client.received[0]).toMatchObject({ event: '', data: undefined });
  commit(1, ['order', 'o', { type: 'held' }], change(2, { cause: 'held' }));
  await client.has(1);
  const [event] = client.events;
  expect(event).toMatchObject({
    event: 'held',
    data: {
      eventId: '1-1-1',
      eventType: 'held',
      timestamp: '2023-11-14T22:13:20.002Z',
      level: { itemId, sku: '85123A', warehouseId, quantity: 2, available: 2, version: 2 },
    },
  });
  harness.call.assertIs('LevelEvent', event?.data);
});

test('is not compressed, whatever the client takes', async () => {
  const client = await open('', { 'accept-encoding': 'gzip, br' }).began();
  expect(client.response?.headers['content-encoding']).toBeUndefined();
  commit(0, ...range(1, 200).map((i) => change(i)));
  await client.has(200);
});

describe('filters', () => {
  const other = itemIdOfSku('B');
  test.each([
    ['nothing', '', [1, 2, 3, 4]],
    ['an item', `?itemId=${itemId.toUpperCase()}`, [1, 3]],
    ['a SKU', '?sku=B', [2, 4]],
    ['both', `?sku=B&itemId=${itemId}`, [1, 2, 3, 4]],
    ['a warehouse', `?warehouseId=${otherWarehouseId}`, [3, 4]],
    ['all of it', `?sku=B&warehouseId=${otherWarehouseId}`, [4]],
  ])('by %s', async (_what, query, expected) => {
    const client = await open(query).began();
    commit(
      0,
      change(1),
      change(2, { item: other }),
      change(3, { warehouseId: otherWarehouseId }),
      change(4, { item: other, warehouseId: otherWarehouseId }),
    );
    await client.has(expected.length);
    expect(versions(client)).toEqual(expected);
  });
});

describe('resuming', () => {
  test('from every id, by header or query, what came after it is sent, once', async () => {
    const first = await open().began();
    commit(0, change(1), change(2), change(3));
    commit(1, change(4));
    commit(0, change(5));
    await first.has(5);
    for (const [index, { id }] of first.received.entries()) {
      const rest = versions(first).slice(index).sort();
      const again = index % 2 === 0 ? open('', { 'last-event-id': id }) : open(`?lastEventId=${id}`);
      await again.began();
      await again.has(rest.length);
      expect(again.received[0]).toEqual({ id, event: '', data: undefined });
      expect(versions(again).sort()).toEqual(rest);
    }
  });

  test('the header counts where both are given', async () => {
    const first = await open().began();
    const start = first.lastId;
    commit(0, change(1), change(2));
    await first.has(2);
    const again = open(`?lastEventId=${start}`, { 'last-event-id': first.events[0]?.id ?? '' });
    await again.has(1);
    expect(versions(again)).toEqual([2]);
  });

  test('from an id that is older than what is kept: 410', async () => {
    const { lastId } = await open().began();
    commit(0, change(1), change(2));
    harness.fakes.queries.trimmedTo.set(0, 1);
    const { status, body } = await harness.call('GET', `${path}?lastEventId=${lastId}`);
    expect([status, Object(body).code]).toEqual([410, 'token-expired']);
  });

  test.each([
    ['?lastEventId=!!', {}, 'lastEventId'],
    ['', { 'last-event-id': 'AAAA' }, 'Last-Event-ID'],
    ['?itemId=x', {}, 'itemId[0]'],
    ['?sku=', {}, 'sku[0]'],
  ])('%s %j is refused', async (query, headers, field) => {
    const { status, body } = await harness.call('GET', `${path}${query}`, { headers });
    expect([status, Object(body).field]).toEqual([400, field]);
  });
});

test('a warehouse that there is not is a problem, not an empty stream', async () => {
  harness.fakes.asker.answer = () => ({ error: { code: 'warehouse-not-found', message: 'no' } });
  const { status, body } = await harness.call('GET', `${path}?warehouseId=${otherWarehouseId}`);
  expect(status).toBe(404);
  expect(body).toMatchObject({ field: 'warehouseId', details: { warehouses: [otherWarehouseId], count: 1 } });
});

test('a client that does not read stops us from reading for it, and loses nothing', async () => {
  const slow = await open().began();
  slow.pause();
  const rows = 200;
  for (const row of range(0, rows - 1)) commit(0, ...range(0, 199).map((i) => change(row * 200 + i)));
  const fast = await open().began();
  commit(1, change(rows * 200));
  await fast.has(1);
  slow.resume();
  await slow.has(rows * 200 + 1);
  expect(versions(slow).filter((version) => version < rows * 200)).toEqual(range(0, rows * 200 - 1));
});

test('when the last client has gone the journal is left alone', async () => {
  const client = await open().began();
  expect(harness.fakes.notices.listeners.size).toBe(1);
  client.close();
  await until('nobody to listen', () => harness.fakes.notices.listeners.size === 0);
  const { observed } = harness.fakes;
  await until('it to be observed', () => observed.some(({ method }) => method === 'streamLevels'));
});

test('one too many is refused at once, and may try again', async () => {
  await Promise.all(range(1, subscribersMax).map(() => open().began()));
  const { status, headers } = await harness.call('GET', path);
  expect([status, headers.get('retry-after')]).toEqual([429, '1']);
  opened[0]?.close();
  await until('room', async () => {
    const client = open();
    await client.began();
    return !client.ended;
  });
});

describe('a journal that cannot be read', () => {
  test('at the start: 503', async () => {
    harness.fakes.queries.journalHeads = () => Promise.reject(new StoreError('unknown', 'secret'));
    const { status, body } = await harness.call('GET', path);
    expect(status).toBe(503);
    expect(JSON.stringify(body)).not.toContain('secret');
  });

  test('any more: the stream ends, with a comment that says why', async () => {
    const client = await open().began();
    harness.fakes.queries.append(0, [change(1)]);
    harness.fakes.queries.append(0, [change(2)]);
    harness.fakes.queries.journal.splice(0, 1);
    harness.fakes.notices.tell(0, 2);
    await until('its end', () => client.ended);
    expect(client.comments.at(-1)).toBe('unavailable');
  });
});

test('a server that stops ends the streams', async () => {
  const client = await open().began();
  await harness.server.drain(10_000);
  await until('its end', () => client.ended);
});

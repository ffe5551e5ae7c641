// StreamInventoryUpdates: nothing lost, nothing twice, in the order of each shard's journal, from any token, however
// slow the client is.
import type { ClientReadableStream, ServiceError } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Follower } from '../../src/api/feed/follower.ts';
import { streamInventoryUpdates } from '../../src/api/inventory/updates.ts';
import { feedLimits } from '../../src/api/limits.ts';
import * as pb from '../../src/generated/synkro/inventory/v1/inventory.ts';
import { StoreError } from '../../src/runtime/store.ts';
import { type Harness, problemOf, serve, until } from './support/client.ts';
import { level } from './support/fakes.ts';

let harness: Harness;
beforeEach(async () => {
  harness = await serve();
});
afterEach(() => harness.stop());

const { itemId, warehouseId } = level;
const otherItem = '33333333-3333-5333-8333-333333333333';
const otherWarehouse = '22222222-2222-4222-8222-222222222222';

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

interface Opened {
  readonly stream: ClientReadableStream<pb.InventoryUpdateEvent>;
  readonly messages: pb.InventoryUpdateEvent[];
  readonly versions: () => number[];
  readonly ended: Promise<ServiceError>;
}

const opened: Opened[] = [];
afterEach(() => {
  for (const { stream } of opened.splice(0)) stream.cancel();
});

function open(request: Parameters<typeof pb.StreamInventoryUpdatesRequest.create>[0] = {}): Opened {
  const stream = harness.client.streamInventoryUpdates(pb.StreamInventoryUpdatesRequest.create(request));
  const messages: pb.InventoryUpdateEvent[] = [];
  stream.on('data', (message: pb.InventoryUpdateEvent) => messages.push(message));
  const ended = new Promise<ServiceError>((resolve) => stream.on('error', resolve));
  const versions = () => messages.slice(1).map((message) => Number(message.inventoryLevel?.version));
  const stands = { stream, messages, versions, ended };
  opened.push(stands);
  return stands;
}

async function openLive(request: Parameters<typeof pb.StreamInventoryUpdatesRequest.create>[0] = {}) {
  const stands = open(request);
  await until('the first message', () => stands.messages.length > 0);
  return stands;
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

test('the first message is only a token; then come the changes', async () => {
  commit(0, change(1));
  const { messages } = await openLive();
  expect(messages[0]).toMatchObject({ eventId: '', eventType: '', inventoryLevel: undefined });
  expect(messages[0]?.resumeToken).not.toBe('');
  commit(1, ['order', 'o', { type: 'held' }], change(2, { cause: 'held' }));
  await until('the change', () => messages.length === 2);
  expect(messages[1]).toMatchObject({
    eventId: '1-1-1',
    eventType: 'held',
    timestamp: new Date(1_700_000_000_002),
    inventoryLevel: { itemId, sku: '85123A', warehouseId, quantity: 2n, available: 2n, version: 2n },
  });
});

test('what was committed before a notice is found all the same', async () => {
  const { versions } = await openLive();
  harness.fakes.queries.append(0, [change(1)]);
  commit(0, change(2));
  await until('both', () => versions().length === 2);
  expect(versions()).toEqual([1, 2]);
});

test('a lost notice delays a change by a look at most', async () => {
  const { versions } = await openLive();
  harness.fakes.queries.append(0, [change(1)]);
  await until('the change', () => versions().length === 1, 3 * feedLimits.pollIntervalMs);
});

describe('filters', () => {
  const all = [
    change(1),
    change(2, { item: otherItem }),
    change(3, { warehouseId: otherWarehouse }),
    change(4, { item: otherItem, warehouseId: otherWarehouse }),
  ];
  test.each([
    ['nothing', {}, [1, 2, 3, 4]],
    ['an item', { itemIds: [itemId.toUpperCase()] }, [1, 3]],
    ['a warehouse', { warehouseIds: [otherWarehouse] }, [3, 4]],
    ['both', { itemIds: [otherItem], warehouseIds: [otherWarehouse] }, [4]],
  ])('by %s', async (_what, request, expected) => {
    const { versions } = await openLive(request);
    commit(0, ...all);
    await until('the changes', () => versions().length === expected.length);
    expect(versions()).toEqual(expected);
  });
});

describe('resuming', () => {
  test('from every event’s token, what came after it is sent, once', async () => {
    const first = await openLive();
    commit(0, change(1), change(2), change(3));
    commit(1, change(4, { item: otherItem }));
    commit(0, change(5));
    await until('five changes', () => first.messages.length === 6);
    for (const message of first.messages) {
      const index = first.messages.indexOf(message);
      const rest = first.messages.slice(index + 1).map(({ eventId }) => eventId);
      const again = open({ resumeToken: message.resumeToken });
      await until(
        `the ${rest.length} after message ${index}`,
        () => again.messages.length >= 1 + rest.length,
      );
      commit(1, ['order', 'o', {}]);
      expect(again.messages[0]).toMatchObject({ resumeToken: message.resumeToken, eventId: '' });
      expect(
        again.messages
          .slice(1)
          .map(({ eventId }) => eventId)
          .sort(),
      ).toEqual(rest.sort());
    }
  });

  test('goes on where rows of several pages were missed, and then live', async () => {
    const first = await openLive();
    const token = first.messages[0]?.resumeToken ?? '';
    const missed = 3 * feedLimits.pageRowsMax + 5;
    for (const version of range(1, missed)) harness.fakes.queries.append(version % 2, [change(version)]);
    first.stream.cancel();
    const again = open({ resumeToken: token });
    await until('what was missed', () => again.versions().length === missed);
    commit(0, change(missed + 1));
    await until('the live one', () => again.versions().length === missed + 1);
    expect(again.versions().filter((version) => version % 2 === 0)).toEqual(
      range(1, missed + 1).filter((version) => version % 2 === 0),
    );
    expect(again.versions().toSorted((a, b) => a - b)).toEqual(range(1, missed + 1));
  });

  test('a token older than what is kept is OUT_OF_RANGE', async () => {
    commit(0, change(1));
    const { messages } = await openLive();
    commit(0, change(2));
    harness.fakes.queries.trimmedTo.set(0, 2);
    const { ended } = open({ resumeToken: messages[0]?.resumeToken ?? '' });
    expect(problemOf(await ended)).toMatchObject({ code: 'OUT_OF_RANGE', reason: 'token-expired' });
  });

  test('rows that were trimmed away meanwhile are noticed by their numbers', async () => {
    const { messages } = await openLive();
    for (const { stream } of opened) stream.cancel();
    await until('nobody to listen', () => harness.fakes.notices.listeners.size === 0);
    for (const version of range(1, 3)) harness.fakes.queries.append(0, [change(version)]);
    harness.fakes.queries.journal.splice(0, 1);
    const { ended } = open({ resumeToken: messages[0]?.resumeToken ?? '' });
    expect(problemOf(await ended)).toMatchObject({ code: 'OUT_OF_RANGE', reason: 'token-expired' });
  });

  const token = (content: unknown) => Buffer.from(JSON.stringify(content)).toString('base64url');
  test.each([
    ['no base64url', '!!'],
    ['no JSON', 'AAAA'],
    ['another version', token([2, [0, 0]])],
    ['too few shards', token([1, [0]])],
    ['a negative position', token([1, [0, -1]])],
    ['a fraction', token([1, [0, 0.5]])],
    ['an unknown shard', token([1, [0, 0], 2, 0])],
    ['a position ahead of the journal', token([1, [0, 1]])],
    ['a row ahead of the journal', token([1, [0, 0], 0, 0])],
    ['one with more behind it', `${token([1, [0, 0]])}A`],
    ['one with a space behind it', Buffer.from('[1,[0,0]] ').toString('base64url')],
    ['far too long', 'A'.repeat(5_000)],
  ])('a token that is none is refused: %s', async (_what, resumeToken) => {
    const problem = problemOf(await open({ resumeToken }).ended);
    expect(problem).toMatchObject({ code: 'INVALID_ARGUMENT', fields: ['resume_token'] });
  });
});

test.each([
  [{ itemIds: ['x'] }, 'item_ids[0]'],
  [{ itemIds: [itemId], warehouseIds: [warehouseId, ''] }, 'warehouse_ids[1]'],
  [{ itemIds: Array(1_001).fill(itemId) }, 'item_ids'],
])('a bad filter is refused, %#', async (request, field) => {
  expect(problemOf(await open(request).ended)).toMatchObject({ code: 'INVALID_ARGUMENT', fields: [field] });
});

test('a filter by a warehouse that does not exist is refused', async () => {
  harness.fakes.asker.answer = () => ({ error: { code: 'warehouse-not-found', message: 'no' } });
  expect(problemOf(await open({ warehouseIds: [otherWarehouse] }).ended)).toMatchObject({
    code: 'NOT_FOUND',
    reason: 'warehouse-not-found',
    message: `no such warehouse: ${otherWarehouse}`,
    details: { field: 'warehouse_ids' },
  });
});

describe('many streams', () => {
  test('share one reading of the journal', async () => {
    const streams = await Promise.all(range(1, 8).map(() => openLive()));
    const before = harness.fakes.queries.reads;
    commit(0, change(1));
    await until('all to have it', () => streams.every(({ versions }) => versions().length === 1));
    expect(harness.fakes.queries.reads - before).toBeLessThan(6);
  });

  test('the journal is left alone when the last one has gone', async () => {
    const { stream } = await openLive();
    expect(harness.fakes.notices.listeners.size).toBe(1);
    stream.cancel();
    await until('nobody to listen', () => harness.fakes.notices.listeners.size === 0);
    const { versions } = await openLive();
    commit(0, change(1));
    await until('the change', () => versions().length === 1);
  });

  test('one too many is refused at once, and may try again', async () => {
    const follower = new Follower(
      { ...harness.fakes, project: streamInventoryUpdates.project },
      { ...feedLimits, subscribersMax: 3 },
    );
    await harness.stop();
    harness = await serve(harness.fakes, follower);
    await Promise.all(range(1, 3).map(() => openLive()));
    const problem = problemOf(await open().ended);
    expect(problem).toMatchObject({ code: 'RESOURCE_EXHAUSTED', reason: 'overloaded' });
    expect(problem.retryDelayMs).toBeGreaterThan(0);
  });
});

test('a client that does not read for a while loses nothing', async () => {
  const { stream, messages, versions } = await openLive();
  stream.pause();
  for (const row of range(0, 19)) commit(0, ...range(0, 199).map((i) => change(row * 200 + i)));
  const fast = await openLive();
  commit(1, change(4_000));
  await until('the fast one', () => fast.messages.length === 2);
  stream.resume();
  await until('the slow one', () => messages.length === 4_002);
  expect(versions().filter((version) => version < 4_000)).toEqual(range(0, 3_999));
});

describe('a journal that cannot be read', () => {
  test('for a moment: the streams go on', async () => {
    const { versions } = await openLive();
    const { readTail } = harness.fakes.queries;
    let failed = 0;
    harness.fakes.queries.readTail = () => {
      failed += 1;
      return Promise.reject(new Error('gone'));
    };
    commit(0, change(1));
    await until('a failed look', () => failed > 0);
    harness.fakes.queries.readTail = readTail;
    await until('the change', () => versions().length === 1);
  });

  test('at the start: UNAVAILABLE, with an inside that stays inside', async () => {
    harness.fakes.queries.journalHeads = () => Promise.reject(new StoreError('unknown', 'secret'));
    const problem = problemOf(await open().ended);
    expect(problem).toMatchObject({ code: 'UNAVAILABLE', reason: 'unavailable' });
    expect(JSON.stringify(problem)).not.toContain('secret');
  });
});

test('a stopping server ends the streams with UNAVAILABLE', async () => {
  const { ended } = await openLive();
  const drained = harness.server.drain(10_000);
  expect(problemOf(await ended).code).toBe('UNAVAILABLE');
  await drained;
});

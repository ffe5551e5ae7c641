// The window that all update streams share, and streams that fall out of it: nothing is lost, and nothing grows.
import { expect, test } from 'vitest';
import { Follower } from '../../src/api/feed/follower.ts';
import { Subscription } from '../../src/api/feed/subscription.ts';
import { decodeToken } from '../../src/api/feed/token.ts';
import { type LevelChange, streamInventoryUpdates } from '../../src/api/inventory/updates.ts';
import type { FeedLimits } from '../../src/api/limits.ts';
import { until } from './support/client.ts';
import { type Fakes, fakes, level } from './support/fakes.ts';

const { project } = streamInventoryUpdates;

const limits: FeedLimits = {
  subscribersMax: 4,
  windowRowsMax: 4,
  windowEventsMax: 12,
  pageRowsMax: 3,
  pollIntervalMs: 60_000,
  unreadableMsMax: 100,
};

const event = (version: number) =>
  [
    'item',
    level.itemId,
    {
      type: 'level',
      cause: 'held',
      sku: 'A',
      warehouseId: 'w',
      quantity: 9,
      held: 0,
      allocated: 0,
      version,
      at: 1,
    },
  ] as const;

function commit(given: Fakes, shard: number, ...versions: number[]) {
  given.notices.tell(shard, given.queries.append(shard, versions.map(event)));
}

/** A subscriber that takes a change only when it is let. */
async function subscribe(given: Fakes, follower: Follower<LevelChange>) {
  const heads = await given.queries.journalHeads();
  const { window, leave } = follower.join(heads);
  const ending = new AbortController();
  const got: number[] = [];
  const tokens: string[] = [];
  let allowed = 0;
  let wake = () => {};
  const subscription = new Subscription(
    {
      queries: given.queries,
      window,
      project,
      passes: () => true,
      signal: ending.signal,
      async deliver({ change, token }) {
        while (got.length >= allowed && !ending.signal.aborted) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        got.push(change.event.version);
        tokens.push(token);
      },
    },
    { seqs: new Map(heads.map(({ shard, seq }) => [shard, seq])), within: null },
  );
  const ended = subscription.run().then(leave, (thrown: unknown) => {
    leave();
    return thrown;
  });
  return {
    window,
    got,
    tokens,
    ended,
    let(count: number) {
      allowed = count;
      wake();
    },
    stop() {
      ending.abort();
      wake();
      return ended;
    },
  };
}

test('a slow stream falls out of the window, reads by itself, and comes back into it', async () => {
  const given = fakes();
  const follower = new Follower({ ...given, project }, limits);
  const slow = await subscribe(given, follower);
  const fast = await subscribe(given, follower);
  fast.let(Number.POSITIVE_INFINITY);
  for (let version = 1; version <= 40; version += 1) commit(given, version % 2, version);
  await until('the fast one', () => fast.got.length === 40);
  expect(slow.window.floorOrdinal).toBe(36);
  const before = given.queries.reads;
  slow.let(40);
  await until('the slow one', () => slow.got.length === 40);
  expect(given.queries.reads - before).toBeGreaterThan(8);
  for (const parity of [0, 1]) {
    const ofShard = (versions: number[]) => versions.filter((version) => version % 2 === parity);
    expect(ofShard(slow.got)).toEqual(ofShard(fast.got));
    expect(ofShard(slow.got)).toHaveLength(20);
  }
  const reads = given.queries.reads;
  slow.let(41);
  commit(given, 0, 42);
  await until('the live one', () => slow.got.length === 41 && fast.got.length === 41);
  expect(given.queries.reads - reads).toBeLessThanOrEqual(3);
  await Promise.all([slow.stop(), fast.stop()]);
  expect(given.notices.listeners.size).toBe(0);
});

test('the window is bounded by events too', async () => {
  const given = fakes();
  const follower = new Follower({ ...given, project }, limits);
  const one = await subscribe(given, follower);
  one.let(Number.POSITIVE_INFINITY);
  for (let row = 0; row < 3; row += 1) commit(given, 0, ...Array.from({ length: 5 }, (_, i) => row * 5 + i));
  await until('all', () => one.got.length === 15);
  expect(one.window.floorOrdinal).toBe(1);
  commit(given, 0, ...Array.from({ length: 100 }, (_, i) => 15 + i));
  await until('the large row', () => one.got.length === 115);
  expect(one.window.floorOrdinal).toBe(4);
  expect(one.got).toEqual(Array.from({ length: 115 }, (_, i) => i));
  await one.stop();
});

test('a token says how far it came within a row', async () => {
  const given = fakes();
  const follower = new Follower({ ...given, project }, limits);
  const one = await subscribe(given, follower);
  one.let(5);
  commit(given, 1, 1, 2);
  commit(given, 0, 3, 4);
  commit(given, 0, 5);
  await until('all', () => one.got.length === 5);
  expect(one.tokens.map((token) => decodeToken(token, 2))).toEqual([
    {
      seqs: new Map([
        [0, 0],
        [1, 0],
      ]),
      within: { shard: 1, index: 0 },
    },
    {
      seqs: new Map([
        [0, 0],
        [1, 0],
      ]),
      within: { shard: 1, index: 1 },
    },
    {
      seqs: new Map([
        [0, 0],
        [1, 1],
      ]),
      within: { shard: 0, index: 0 },
    },
    {
      seqs: new Map([
        [0, 0],
        [1, 1],
      ]),
      within: { shard: 0, index: 1 },
    },
    {
      seqs: new Map([
        [0, 1],
        [1, 1],
      ]),
      within: { shard: 0, index: 0 },
    },
  ]);
  await one.stop();
});

test('a row that cannot be read ends the streams, and the next one starts anew', async () => {
  const given = fakes();
  const follower = new Follower({ ...given, project }, limits);
  const one = await subscribe(given, follower);
  const seq = given.queries.append(0, []);
  const [row] = given.queries.journal.splice(0, 1);
  if (row === undefined) throw new Error('no row');
  given.queries.journal.push({ ...row, events: '{"v":99}' });
  given.notices.tell(0, seq);
  expect(await one.ended).toMatchObject({ failure: { code: 'unavailable' } });
  const two = await subscribe(given, follower);
  two.let(1);
  commit(given, 0, 7);
  await until('the change', () => two.got.length === 1);
  await two.stop();
});

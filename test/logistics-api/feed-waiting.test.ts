// Streams that wait: woken by what concerns them and by nothing else, together, and with a position that has not fallen
// behind what they slept through.
import { describe, expect, test } from 'vitest';
import { Follower } from '../../src/api/feed/follower.ts';
import type { FeedRow } from '../../src/api/feed/rows.ts';
import { Subscription } from '../../src/api/feed/subscription.ts';
import { decodeToken } from '../../src/api/feed/token.ts';
import type { Filter, Found } from '../../src/api/feed/waiters.ts';
import { Window } from '../../src/api/feed/window.ts';
import { type FeedLimits, feedLimits } from '../../src/api/limits.ts';
import { FakeNotices, FakeQueries, fakes } from '../grpc/support/fakes.ts';
import { until } from './support/client.ts';

interface Change {
  readonly key: string;
  readonly value: number;
}

const limits: FeedLimits = { ...feedLimits, windowRowsMax: 4, windowEventsMax: 100, pageRowsMax: 3 };
const keysOf = ({ key }: Change) => [key];
const signal = () => new AbortController().signal;

const row = (shard: number, seq: number, ...changes: readonly Change[]): FeedRow<Change> => ({
  shard,
  seq,
  events: Math.max(1, changes.length),
  changes: changes.map((change, index) => ({ index, change })),
});

/** Passes what has this key, and counts how often it is asked. */
function only(key: string): Filter<Change> & { asked: number } {
  const filter = Object.assign(
    (change: Change) => {
      filter.asked += 1;
      return change.key === key;
    },
    { key, asked: 0 },
  );
  return filter;
}

const begin = new Map([
  [0, 10],
  [1, 20],
]);

describe('a window', () => {
  test('wakes who waits for a key by a change that has it, with the row and what stood before it', async () => {
    const window = new Window(limits, begin, keysOf);
    const filter = only('a');
    const found = window.next(filter, signal());
    window.push([row(0, 11, { key: 'b', value: 1 }), row(1, 21)]);
    window.push([
      row(0, 12, { key: 'b', value: 2 }, { key: 'a', value: 3 }),
      row(0, 13, { key: 'a', value: 4 }),
    ]);
    expect(await found).toEqual({
      ordinal: 2,
      seqs: new Map([
        [0, 11],
        [1, 21],
      ]),
    });
    expect(filter.asked).toBe(1);
  });

  test('does not look at those that wait for something else', () => {
    const window = new Window(limits, begin, keysOf);
    const filters = Array.from({ length: 1_000 }, (_, i) => only(`key ${i}`));
    for (const filter of filters) void window.next(filter, signal());
    for (let seq = 11; seq <= 110; seq += 1) window.push([row(0, seq, { key: `key ${seq}`, value: seq })]);
    const asked = filters.map((filter) => filter.asked);
    expect(asked.reduce((sum, each) => sum + each)).toBe(100);
  });

  test('wakes all of a page together, after its last row', async () => {
    const window = new Window(limits, begin, keysOf);
    const order: string[] = [];
    const wait = async (key: string) => {
      await window.next(only(key), signal());
      order.push(`${key} at ${window.positions.get(0)}`);
    };
    const waiting = [wait('a'), wait('b')];
    window.push([row(0, 11, { key: 'b', value: 1 }), row(0, 12, { key: 'a', value: 1 }), row(0, 13)]);
    await Promise.all(waiting);
    expect(order).toEqual(['b at 13', 'a at 13']);
  });

  test('asks those that have no key, and all where nobody tells the keys', async () => {
    const withKeys = new Window(limits, begin, keysOf);
    const without = new Window<Change>(limits, begin);
    const large: Filter<Change> = ({ value }) => value > 1;
    const found: Promise<Found | null>[] = [
      withKeys.next(large, signal()),
      without.next(large, signal()),
      without.next(only('b'), signal()),
    ];
    for (const window of [withKeys, without])
      window.push([row(0, 11, { key: 'a', value: 1 }), row(0, 12, { key: 'b', value: 2 })]);
    expect((await Promise.all(found)).map((each) => each?.ordinal)).toEqual([1, 1, 1]);
  });

  test('lets go of who gives up, and of his key', async () => {
    const window = new Window(limits, begin, keysOf);
    const ending = new AbortController();
    const filter = only('a');
    const found = window.next(filter, ending.signal);
    ending.abort();
    expect(await found).toBeNull();
    window.push([row(0, 11, { key: 'a', value: 1 })]);
    expect(filter.asked).toBe(0);
    expect(await window.next(filter, ending.signal)).toBeNull();
  });

  test('tells everybody that it failed, also those that come then', async () => {
    const window = new Window(limits, begin, keysOf);
    const found = [window.next(only('a'), signal()), window.next(() => true, signal())];
    window.fail();
    expect(await Promise.all([...found, window.next(only('a'), signal())])).toEqual([null, null, null]);
  });

  test('takes no row that does not follow', () => {
    const window = new Window(limits, begin, keysOf);
    expect(() => window.push([row(0, 12)])).toThrow('shard 0 goes on at 12, not at 11');
  });
});

describe('a stream that slept', () => {
  const project = ({ kind, event }: { readonly kind: string; readonly event: unknown }): Change | null =>
    typeof event === 'number' ? { key: kind, value: event } : null;

  function follow(given: ReturnType<typeof fakes>, key: string) {
    const follower = new Follower({ ...given, project, keysOf }, limits);
    const got: number[] = [];
    const tokens: string[] = [];
    const ending = new AbortController();
    const run = async () => {
      const heads = await follower.heads();
      const { window, leave } = follower.join(heads);
      const seqs = new Map(heads.map(({ shard, seq }) => [shard, seq]));
      const deps = {
        queries: given.queries,
        window,
        project,
        passes: only(key),
        signal: ending.signal,
        async deliver({ change, token }: { readonly change: Change; readonly token: string }) {
          got.push(change.value);
          tokens.push(token);
        },
      };
      await new Subscription(deps, { seqs, within: null }).run().finally(leave);
    };
    return { got, tokens, ended: run(), stop: () => ending.abort() };
  }

  function commit(given: ReturnType<typeof fakes>, shard: number, ...events: readonly [string, number][]) {
    const rows = events.map(([kind, event]) => [kind, 'id', event] as const);
    given.notices.tell(shard, given.queries.append(shard, rows));
  }

  test('while the window moved on far beyond it reads nothing of what it missed, and goes on where it is', async () => {
    const given = fakes();
    const sleeper = follow(given, 'mine');
    await until('it to listen', () => given.notices.listeners.size === 1);
    for (let value = 0; value < 40; value += 1) commit(given, value % 2, ['other', value]);
    const beyond = given.queries.journal.length;
    await until('all to be read', () => given.queries.reads * limits.pageRowsMax > beyond);
    commit(given, 1, ['other', 40], ['mine', 41], ['other', 42], ['mine', 43]);
    await until('its own', () => sleeper.got.length === 2);
    expect(sleeper.got).toEqual([41, 43]);
    const places = sleeper.tokens.map((token) => decodeToken(token, 2));
    const seqs = new Map([
      [0, 20],
      [1, 20],
    ]);
    expect(places).toEqual([
      { seqs, within: { shard: 1, index: 1 } },
      { seqs, within: { shard: 1, index: 3 } },
    ]);
    sleeper.stop();
    await sleeper.ended;
    expect(given.notices.listeners.size).toBe(0);
  });

  test('is woken also by a row that falls out of the window in the moment in which it comes', async () => {
    const given = fakes();
    const sleeper = follow(given, 'mine');
    await until('it to listen', () => given.notices.listeners.size === 1);
    const many = (kind: string) => Array.from({ length: 90 }, (_, i): [string, number] => [kind, i]);
    // One page of three rows, of which the window has room for one.
    given.queries.append(0, [['mine', 'id', 7]]);
    given.queries.append(
      0,
      many('other').map(([kind, value]) => [kind, 'id', value] as const),
    );
    commit(given, 0, ...many('mine'));
    await until('all of its own', () => sleeper.got.length === 91);
    expect(sleeper.got).toEqual([7, ...many('mine').map(([, value]) => value)]);
    sleeper.stop();
    await sleeper.ended;
  });
});

describe('the heads of the journal', () => {
  class SlowQueries extends FakeQueries {
    readonly open: (() => void)[] = [];

    override async journalHeads() {
      const heads = await super.journalHeads();
      await new Promise<void>((resolve) => this.open.push(resolve));
      return heads;
    }
  }

  test('are read once for all that come while they are read, and after they came', async () => {
    const queries = new SlowQueries();
    const { log } = fakes();
    const notices = new FakeNotices();
    const follower = new Follower({ queries, notices, log, project: () => null }, limits);
    const first = follower.heads();
    await until('the first reading', () => queries.open.length === 1);
    const rest = Array.from({ length: 1_000 }, () => follower.heads());
    queries.append(0, []);
    queries.open[0]?.();
    await until('the second reading', () => queries.open.length === 2);
    queries.open[1]?.();
    const [earlier, ...later] = await Promise.all([first, ...rest]);
    expect(earlier?.map(({ seq }) => seq)).toEqual([0, 0]);
    expect(later.every((heads) => heads[0]?.seq === 1)).toBe(true);
    expect(queries.open).toHaveLength(2);
  });

  test('are asked for again after a reading that failed', async () => {
    const given = fakes();
    const { journalHeads } = given.queries;
    given.queries.journalHeads = () => Promise.reject(new Error('gone'));
    const follower = new Follower({ ...given, project: () => null }, limits);
    await expect(follower.heads()).rejects.toThrow('gone');
    given.queries.journalHeads = journalHeads;
    expect(await follower.heads()).toHaveLength(2);
  });
});

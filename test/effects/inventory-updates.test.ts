// Inventory's update stream, in process and over gRPC: from its position on nothing is lost and nothing comes twice,
// also across streams that broke.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Refused } from '../../src/api/errors.ts';
import type { InventoryConnection, InventoryUpdates } from '../../src/effects/inventory/connection.ts';
import { overGrpc } from '../../src/effects/inventory/over-grpc.ts';
import type { InventoryUpdateEvent } from '../../src/generated/synkro/inventory/v1/inventory.ts';
import { StoreError } from '../../src/runtime/store.ts';
import { type Fakes, fakes, level } from '../grpc/support/fakes.ts';
import { until } from '../support/until.ts';
import { hasty, type Reached, reach, serveAt, ways } from './support/connections.ts';

/** Makes a change of a level durable and tells of it. */
function commit({ queries, notices }: Fakes, ...versions: readonly number[]): void {
  const events = versions.map((version) => {
    const event = {
      type: 'level',
      cause: 'received',
      sku: level.sku,
      warehouseId: level.warehouseId,
      quantity: version,
      held: 0,
      allocated: 0,
      version,
      at: 1_700_000_000_000 + version,
    };
    return ['item', level.itemId, event] as const;
  });
  notices.tell(0, queries.append(0, events));
}

interface Followed {
  readonly events: InventoryUpdateEvent[];
  readonly versions: () => number[];
  readonly begun: () => number;
  /** Undefined where it ended by its signal. */
  readonly ended: Promise<unknown>;
  stop(): Promise<unknown>;
}

function follow(
  updates: InventoryUpdates,
  onEvent: (event: InventoryUpdateEvent) => void | Promise<void> = () => {},
): Followed {
  const ending = new AbortController();
  const events: InventoryUpdateEvent[] = [];
  let begun = 0;
  const take = (event: InventoryUpdateEvent) => {
    events.push(event);
    return onEvent(event);
  };
  const onBegin = () => {
    begun += 1;
  };
  const ended = updates.follow(ending.signal, take, onBegin).catch((thrown: unknown) => thrown);
  return {
    events,
    versions: () => events.map(({ inventoryLevel }) => Number(inventoryLevel?.version)),
    begun: () => begun,
    ended,
    stop() {
      ending.abort();
      return ended;
    },
  };
}

async function followLive(...given: Parameters<typeof follow>): Promise<Followed> {
  const followed = follow(...given);
  await until('the beginning', () => followed.begun() === 1);
  return followed;
}

const refused = (code: string) => expect.objectContaining({ failure: expect.objectContaining({ code }) });
const have = (followed: Followed, many: number) =>
  until(`${many} events`, () => followed.events.length >= many, 20_000, followed.versions);

describe.each(ways)('%s', (way) => {
  let reached: Reached;
  let updates: InventoryUpdates;
  beforeEach(async () => {
    reached = await reach(way);
    updates = reached.inventory.updates();
  });
  afterEach(() => reached.stop());

  test('begins at what is newest, says so once, and tells what changes from then on', async () => {
    commit(reached.fakes, 1);
    const followed = await followLive(updates);
    commit(reached.fakes, 2, 3);
    commit(reached.fakes, 4);
    await have(followed, 3);
    expect(followed.versions()).toEqual([2, 3, 4]);
    expect(followed.begun()).toBe(1);
    expect(followed.events[0]).toMatchObject({
      eventType: 'received',
      timestamp: new Date(1_700_000_000_002),
      inventoryLevel: { sku: level.sku, warehouseId: level.warehouseId, quantity: 2n, available: 2n },
    });
    expect(await followed.stop()).toBeUndefined();
  });

  test('goes on where it was, and misses nothing meanwhile', async () => {
    const first = await followLive(updates);
    commit(reached.fakes, 1, 2);
    await have(first, 2);
    await first.stop();
    commit(reached.fakes, 3);
    commit(reached.fakes, 4, 5);
    const second = await followLive(updates);
    commit(reached.fakes, 6);
    await have(second, 4);
    expect(second.versions()).toEqual([3, 4, 5, 6]);
    await second.stop();
  });

  test('goes on where it began, where nothing had come yet', async () => {
    await (await followLive(updates)).stop();
    commit(reached.fakes, 1);
    const second = await followLive(updates);
    await have(second, 1);
    expect(second.versions()).toEqual([1]);
    await second.stop();
  });

  test('each object has a position of its own', async () => {
    const first = await followLive(updates);
    commit(reached.fakes, 1);
    await have(first, 1);
    await first.stop();
    commit(reached.fakes, 2);
    const other = await followLive(reached.inventory.updates());
    commit(reached.fakes, 3);
    await have(other, 1);
    expect(other.versions()).toEqual([3]);
    await other.stop();
  });

  test('a journal that cannot be read breaks it; then it goes on', async () => {
    const first = await followLive(updates);
    commit(reached.fakes, 1);
    await have(first, 1);
    const { journal } = reached.fakes.queries;
    commit(reached.fakes, 2);
    await have(first, 2);
    await first.stop();
    commit(reached.fakes, 3);
    const [whole] = journal.splice(2, 1);
    if (whole === undefined) throw new Error('no row');
    journal.push({ ...whole, events: '{"v":99}' });
    const broken = follow(updates);
    expect(await broken.ended).toBeInstanceOf(Refused);
    expect(broken.events).toEqual([]);
    journal.splice(2, 1, whole);
    const again = await followLive(updates);
    await have(again, 1);
    expect(again.versions()).toEqual([3]);
    await again.stop();
  });

  test('a database that does not answer at its beginning: unavailable, and no inside', async () => {
    reached.fakes.queries.journalHeads = () => Promise.reject(new StoreError('unknown', 'secret'));
    const followed = follow(updates);
    const thrown = await followed.ended;
    expect(thrown).toEqual(refused('unavailable'));
    expect(JSON.stringify(thrown)).not.toContain('secret');
    expect(followed.begun()).toBe(0);
  });

  test('a position that is no longer kept is told once; then it begins at what is newest', async () => {
    const first = await followLive(updates);
    commit(reached.fakes, 1);
    await have(first, 1);
    await first.stop();
    commit(reached.fakes, 2);
    commit(reached.fakes, 3);
    reached.fakes.queries.trimmedTo.set(0, 3);
    const lost = follow(updates);
    expect(await lost.ended).toEqual(refused('token-expired'));
    expect(lost.begun()).toBe(0);
    const anew = await followLive(updates);
    commit(reached.fakes, 4);
    await have(anew, 1);
    expect(anew.versions()).toEqual([4]);
    await anew.stop();
  });

  test('a position of another database is told once; then it begins at what is newest', async () => {
    const first = await followLive(updates);
    commit(reached.fakes, 1);
    commit(reached.fakes, 2);
    await have(first, 2);
    await first.stop();
    reached.fakes.queries.journal.splice(0);
    expect(await follow(updates).ended).toEqual(refused('invalid-argument'));
    await (await followLive(updates)).stop();
  });

  test('what the follower throws ends it, is thrown as it is, and the event comes again', async () => {
    const fault = new Error('the follower’s own');
    const first = await followLive(updates, ({ inventoryLevel }) => {
      if (inventoryLevel?.version === 2n) throw fault;
    });
    commit(reached.fakes, 1, 2, 3);
    expect(await first.ended).toBe(fault);
    expect(first.versions()).toEqual([1, 2]);
    const again = await followLive(updates);
    await have(again, 2);
    expect(again.versions()).toEqual([2, 3]);
    await again.stop();
  });

  test('what it throws at the beginning too', async () => {
    const fault = new Refused({ code: 'item-not-found', message: 'the follower’s own' });
    const begin = () => {
      throw fault;
    };
    await expect(updates.follow(new AbortController().signal, () => {}, begin)).rejects.toBe(fault);
  });

  test('the next event waits until the last one is handled', async () => {
    const handled: (() => void)[] = [];
    const followed = await followLive(updates, () => new Promise<void>((resolve) => handled.push(resolve)));
    commit(reached.fakes, 1, 2, 3);
    for (const count of [1, 2, 3]) {
      await have(followed, count);
      expect(followed.versions()).toHaveLength(count);
      expect(handled).toHaveLength(count);
      handled.at(-1)?.();
    }
    expect(followed.versions()).toEqual([1, 2, 3]);
    await followed.stop();
  });

  test('an event that is being handled when it is stopped counts once it is handled', async () => {
    let release = () => {};
    const first = await followLive(updates, () => new Promise<void>((resolve) => (release = resolve)));
    commit(reached.fakes, 1, 2);
    await have(first, 1);
    const ended = first.stop();
    release();
    expect(await ended).toBeUndefined();
    const again = await followLive(updates);
    await have(again, 1);
    expect(again.versions()).toEqual([2]);
    await again.stop();
  });

  test('a signal that was given before: nothing is asked', async () => {
    let heads = 0;
    const { queries } = reached.fakes;
    const { journalHeads } = queries;
    queries.journalHeads = () => {
      heads += 1;
      return journalHeads.call(queries);
    };
    expect(
      await updates.follow(
        AbortSignal.abort(),
        () => {},
        () => {},
      ),
    ).toBeUndefined();
    expect(heads).toBe(0);
  });

  test('closing the connection ends it: unavailable, also from then on', async () => {
    const followed = await followLive(updates);
    await reached.inventory.close();
    expect(await followed.ended).toEqual(refused('unavailable'));
    expect(await follow(updates).ended).toEqual(refused('unavailable'));
  });

  test('who has left is no longer told, and costs nothing', async () => {
    const followed = await followLive(updates);
    await followed.stop();
    await until('nobody to listen', () => reached.fakes.notices.listeners.size === 0);
    commit(reached.fakes, 1);
    expect(followed.events).toEqual([]);
  });
});

describe('over gRPC, with a process that goes and comes back', () => {
  let given: Fakes;
  let inventory: InventoryConnection | null = null;
  afterEach(() => inventory?.close());

  test('the stream breaks, and goes on without loss or repeat', async () => {
    given = fakes();
    let served = await serveAt(given, 0);
    inventory = overGrpc({ url: `127.0.0.1:${served.port}`, log: given.log, limits: hasty });
    const updates = inventory.updates();
    const got: number[] = [];
    for (let version = 1; version <= 9; version += 3) {
      const followed = follow(updates);
      await until('the beginning', () => followed.begun() === 1);
      commit(given, version, version + 1);
      await until('both', () => followed.versions().includes(version + 1));
      await served.stop();
      expect(await followed.ended).toEqual(refused('unavailable'));
      got.push(...followed.versions());
      commit(given, version + 2);
      expect(await follow(updates).ended).toEqual(refused('unavailable'));
      served = await serveAt(given, served.port);
      await untilReachable(updates, got);
    }
    expect(got).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    await served.stop();
  });

  /** Follows until a stream begins, and takes the one that was missed. */
  async function untilReachable(updates: InventoryUpdates, got: number[]): Promise<void> {
    await until('a stream', async () => {
      const followed = follow(updates);
      const before = got.length;
      await Promise.race([followed.ended, until('one', () => followed.events.length > 0)]);
      await followed.stop();
      got.push(...followed.versions());
      return got.length > before;
    });
  }

  test('a stream that does not begin is given up', async () => {
    given = fakes();
    given.queries.journalHeads = () => new Promise(() => {});
    const served = await serveAt(given, 0);
    const limits = { ...hasty, streamBeginMsMax: 200 };
    inventory = overGrpc({ url: `127.0.0.1:${served.port}`, log: given.log, limits });
    const followed = follow(inventory.updates());
    expect(await followed.ended).toEqual(refused('deadline-exceeded'));
    expect(followed.begun()).toBe(0);
    await served.stop();
  });
});

// What queues hear of Inventory's levels: as soon as any is other than what they know, and of what they doubt after a while.
import { beforeEach, describe, expect, test } from 'vitest';
import type { QueueState } from '../../src/actors/logistics/queue/model.ts';
import { Refused } from '../../src/api/errors.ts';
import type { InventoryMethod } from '../../src/api/inventory/deps.ts';
import type { InventoryConnection } from '../../src/effects/inventory/connection.ts';
import { LevelWatch } from '../../src/effects/level-watch.ts';
import { effectLimits as limits } from '../../src/effects/limits.ts';
import type { DeepPartial } from '../../src/generated/synkro/inventory/v1/inventory.ts';
import {
  GetInventoryLevelsRequest,
  GetInventoryLevelsResponse,
  type InventoryUpdateEvent,
} from '../../src/generated/synkro/inventory/v1/inventory.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import { until } from '../support/until.ts';

const itemId = '11111111-1111-4111-8111-111111111111';
const north = '22222222-2222-4222-8222-222222222222';

type Levels = NonNullable<DeepPartial<GetInventoryLevelsResponse>['levels']>;

/** Inventory with one item, whose levels change without anybody being told, unless told. */
class Fake implements InventoryConnection {
  levels: Levels = [];
  looks = 0;
  readonly asked: string[][] = [];
  readonly unknown = new Set<string>();
  tell: (event: InventoryUpdateEvent) => void = () => {};

  call<Request, Response>(
    { response, request: type }: InventoryMethod<Request, Response>,
    request: Request,
  ): Promise<Response> {
    this.looks += 1;
    const { itemIds } = GetInventoryLevelsRequest.decode(type.encode(request).finish());
    this.asked.push(itemIds);
    const unknown = itemIds.filter((id) => this.unknown.has(id));
    if (unknown.length > 0)
      return Promise.reject(
        new Refused({ code: 'item-not-found', message: `no such item: ${unknown.join()}` }),
      );
    const levels = this.levels.filter((each) => itemIds.includes(each.itemId ?? ''));
    const answer = GetInventoryLevelsResponse.create({ levels });
    return Promise.resolve(response.decode(GetInventoryLevelsResponse.encode(answer).finish()));
  }

  updates(): ReturnType<InventoryConnection['updates']> {
    return {
      follow: (signal, onEvent, onBegin) => {
        this.tell = (event) => void onEvent(event);
        onBegin();
        return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
      },
    };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Time that goes on when it is told to. */
class ManualClock implements Clock {
  #now = 1_000_000;
  readonly #timers = new Set<{ readonly at: number; readonly task: () => void }>();

  monotonic(): number {
    return this.#now;
  }

  after(delayMs: number, task: () => void): () => void {
    const timer = { at: this.#now + delayMs, task };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  defer(task: () => void): void {
    setImmediate(task);
  }

  pass(ms: number): void {
    this.#now += ms;
    for (const timer of [...this.#timers]) {
      if (timer.at > this.#now) continue;
      this.#timers.delete(timer);
      timer.task();
    }
  }
}

let inventory: Fake;
let clock: ManualClock;
let watch: LevelWatch;

beforeEach(() => {
  inventory = new Fake();
  clock = new ManualClock();
  watch = new LevelWatch(inventory, clock);
});

function watching(levels: QueueState['levels'], isDoubted = false, id = itemId) {
  const ending = new AbortController();
  let heard: unknown = null;
  void watch.watch(id, { levels, isDoubted }, ending.signal).then(
    (told) => {
      heard = told;
    },
    () => {},
  );
  return { heard: () => heard, stop: () => ending.abort() };
}

const level = (version: number, available: number, more: Levels[number] = {}) => ({
  itemId,
  warehouseId: north,
  version: BigInt(version),
  available: BigInt(available),
  ...more,
});
const known = { [north]: { version: 3, available: 5 } };

describe('a watch', () => {
  test('is answered at once where a level is newer than what is known', async () => {
    inventory.levels = [level(4, 5)];
    const { heard } = watching(known);
    await until('it hears', () => heard() !== null);
    expect(heard()).toEqual([{ warehouseId: north, version: 4, available: 5 }]);
  });

  test('hears by a look of its own that a warehouse was closed and opened, which no level tells', async () => {
    inventory.levels = [level(3, 5, { warehouseInactive: true })];
    const { heard } = watching(known);
    await until('it hears', () => heard() !== null);
    expect(heard(), 'closed: nothing is there').toEqual([{ warehouseId: north, version: 3, available: 0 }]);
    const closed = watching({ [north]: { version: 3, available: 0 } });
    clock.pass(limits.lookIntervalMs);
    await until('looks', () => inventory.looks === 2);
    expect(closed.heard()).toBeNull();
    inventory.levels = [level(3, 5)];
    clock.pass(limits.lookAnywayMs);
    await until('it hears', () => closed.heard() !== null);
    expect(closed.heard()).toEqual([{ warehouseId: north, version: 3, available: 5 }]);
  });

  test.each([true, false])(
    'whether it doubts what it knows, %s, tells if it hears of the same again',
    async (isDoubted) => {
      inventory.levels = [level(3, 5)];
      const { heard, stop } = watching(known, isDoubted);
      await until('it looks', () => inventory.looks === 1);
      expect(heard()).toBeNull();
      clock.pass(limits.lookAnywayMs);
      await until('it looks again', () => inventory.looks === 2);
      await new Promise(setImmediate);
      expect(heard()).toEqual(isDoubted ? [{ warehouseId: north, version: 3, available: 5 }] : null);
      stop();
    },
  );

  test('of many items at once takes few looks, also where some of them are no more', async () => {
    const ids = Array.from({ length: 40 }, (_, number) => `item-${number}`);
    inventory.unknown.add('item-7').add('item-30');
    inventory.levels = ids.map((id) => ({ ...level(1, 1), itemId: id }));
    const all = ids.map((id) => watching({}, false, id));
    await until('all but two hear', () => all.filter(({ heard }) => heard() !== null).length === 38);
    expect(inventory.asked[0]).toEqual(ids);
    expect(inventory.looks, 'halves, quarters, …').toBeLessThan(25);
    for (const { stop } of all) stop();
  });
});

// What queues want of Inventory: news of an item's levels. One update stream serves all queues of a thread, and is open
// only while any of them waits. It says when to look; what is there is read. So nothing rests on any event: a look follows
// the stream's beginning, and every break of it, and now and then one comes without being asked for.
import { isNews } from '../actors/logistics/queue/evolve.ts';
import type { SeenLevel } from '../actors/logistics/queue/model.ts';
import type { WatchEffect } from '../actors/logistics/queue/queue.ts';
import { Refused } from '../api/errors.ts';
import { getInventoryLevels } from '../api/inventory/levels.ts';
import {
  GetInventoryLevelsRequest,
  type InventoryUpdateEvent,
} from '../generated/synkro/inventory/v1/inventory.ts';
import { type Clock, pause } from '../runtime/clock.ts';
import { Gatherer } from '../runtime/gatherer.ts';
import type { InventoryConnection, InventoryUpdates } from './inventory/connection.ts';
import { effectLimits as limits } from './limits.ts';

/** Changes after which there can be more than before. */
const raising: ReadonlySet<string> = new Set([
  'created',
  'adjusted',
  'transferred',
  'released',
  'expired',
  'givenBack',
]);

interface Stream {
  /** Settles when the stream has its position, or has broken before. */
  readonly begun: Promise<void>;
  readonly end: AbortController;
}

export class LevelWatch {
  readonly #inventory: InventoryConnection;
  readonly #updates: InventoryUpdates;
  readonly #clock: Clock;
  readonly #looks: Gatherer<string, readonly SeenLevel[]>;
  /** By item: those that wait for news of it. */
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #lookedAt = new Map<string, number>();
  #watches = 0;
  #stream: Stream | null = null;

  constructor(inventory: InventoryConnection, clock: Clock) {
    this.#inventory = inventory;
    this.#updates = inventory.updates();
    this.#clock = clock;
    this.#looks = new Gatherer((itemIds) => this.#lookAll(itemIds), {
      itemsMax: limits.lookItemsMax,
      underWayMax: limits.looksInFlightMax,
    });
  }

  /**
   * @param watched the levels that the queue has seen, by warehouse, and whether it doubts them
   * @returns the item's levels, as soon as any is other than what is known; where that is doubted, also after a while
   * @throws Refused where Inventory does not answer; the signal's reason
   */
  async watch(itemId: string, watched: WatchEffect, signal: AbortSignal): Promise<readonly SeenLevel[]> {
    this.#watches += 1;
    try {
      for (let looks = 1; ; looks += 1) {
        const news = this.#news(itemId, signal);
        try {
          await this.#begun();
          await this.#untilNextLook(itemId, signal);
          signal.throwIfAborted();
          const levels = await this.#looks.ask(itemId);
          if (levels.some((level) => isNews(watched.levels, level))) return levels;
          if (watched.isDoubted && looks > 1) return levels;
          await news.came;
          signal.throwIfAborted();
        } finally {
          news.stop();
        }
      }
    } finally {
      this.#watches -= 1;
      if (this.#watches === 0) this.#end();
    }
  }

  close(): void {
    this.#end();
  }

  /** Registered before the look, so that nothing falls in between. */
  #news(itemId: string, signal: AbortSignal): { readonly came: Promise<void>; stop(): void } {
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting = this.#waiting.get(itemId) ?? new Set();
    this.#waiting.set(itemId, waiting);
    waiting.add(resolve);
    const over = new AbortController();
    void pause(this.#clock, limits.lookAnywayMs, AbortSignal.any([signal, over.signal])).then(resolve);
    return {
      came: promise,
      stop: () => {
        over.abort();
        waiting.delete(resolve);
        if (waiting.size === 0) this.#waiting.delete(itemId);
      },
    };
  }

  async #untilNextLook(itemId: string, signal: AbortSignal): Promise<void> {
    const now = this.#clock.monotonic();
    const at = Math.max(now, (this.#lookedAt.get(itemId) ?? 0) + limits.lookIntervalMs);
    this.#lookedAt.set(itemId, at);
    if (at <= now) return;
    await pause(this.#clock, at - now, signal);
  }

  /** Many at a time as one: after a broken stream all that are waited for are looked at. */
  async #lookAll(itemIds: readonly string[]): Promise<readonly (readonly SeenLevel[])[]> {
    const unique = [...new Set(itemIds)];
    const found = await this.#read(unique);
    return itemIds.map((itemId) => found.get(itemId) ?? []);
  }

  /** By item. An item that is no more has no levels. */
  async #read(itemIds: readonly string[]): Promise<ReadonlyMap<string, readonly SeenLevel[]>> {
    const request = GetInventoryLevelsRequest.create({ itemIds: [...itemIds] });
    try {
      const { levels } = await this.#inventory.call(getInventoryLevels, request, {
        waitMs: limits.inventoryMsMax,
      });
      const seen = levels.map(({ itemId, warehouseId, available, version, warehouseInactive }) => ({
        itemId,
        level: {
          warehouseId,
          available: warehouseInactive ? 0 : Number(available),
          version: Number(version),
        },
      }));
      const byItem = Map.groupBy(seen, ({ itemId }) => itemId);
      return new Map(Array.from(byItem, ([itemId, its]) => [itemId, its.map(({ level }) => level)]));
    } catch (thrown) {
      if (!(thrown instanceof Refused) || thrown.failure.code !== 'item-not-found') throw thrown;
      return this.#readWithoutUnknown(itemIds);
    }
  }

  /** One that is unknown refuses them all: each half by itself finds out which. */
  async #readWithoutUnknown(itemIds: readonly string[]): Promise<ReadonlyMap<string, readonly SeenLevel[]>> {
    if (itemIds.length <= 1) return new Map();
    const middle = Math.ceil(itemIds.length / 2);
    const first = await this.#read(itemIds.slice(0, middle));
    return new Map([...first, ...(await this.#read(itemIds.slice(middle)))]);
  }

  #begun(): Promise<void> {
    this.#stream ??= this.#open();
    return this.#stream.begun;
  }

  #open(): Stream {
    const { promise: begun, resolve, reject } = Promise.withResolvers<void>();
    const end = new AbortController();
    const stream: Stream = { begun, end };
    // Whoever waits for it hears of it; nobody may be waiting.
    begun.catch(() => {});
    this.#updates
      .follow(end.signal, (event) => this.#heard(event), resolve)
      .catch((thrown: unknown) => thrown)
      .then((thrown) => {
        reject(thrown ?? new Refused({ code: 'unavailable', message: 'the update stream has ended' }));
        if (this.#stream !== stream) return;
        this.#stream = null;
        // Something may have been missed: everybody looks again, over a new stream.
        for (const waiting of this.#waiting.values()) for (const tell of waiting) tell();
      });
    return stream;
  }

  #heard({ eventType, inventoryLevel }: InventoryUpdateEvent): void {
    if (inventoryLevel === undefined || !raising.has(eventType)) return;
    for (const tell of this.#waiting.get(inventoryLevel.itemId) ?? []) tell();
  }

  #end(): void {
    this.#stream?.end.abort();
    this.#stream = null;
    this.#lookedAt.clear();
  }
}

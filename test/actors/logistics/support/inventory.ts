// A pretend Inventory: levels with versions in warehouses, what orders have of them, and what it was asked by key. It
// answers a repeat as it did before, and throws where an order is reserved twice or moved what it has not.
import type { MoveEffect, ReserveEffect } from '../../../../src/actors/logistics/order/effects.ts';
import type {
  FollowUpAnswer,
  ItemDraw,
  ReserveAnswer,
} from '../../../../src/actors/logistics/order/messages.ts';
import { isNews } from '../../../../src/actors/logistics/queue/evolve.ts';
import type { KnownLevel, SeenLevel } from '../../../../src/actors/logistics/queue/model.ts';

interface Level {
  available: number;
  version: number;
}

/** What an order has of one item in one warehouse. */
export interface Holding {
  readonly itemId: string;
  readonly warehouseId: string;
  allocated: number;
  fulfilled: number;
  returned: number;
}

interface Held {
  commits: number;
  readonly holdings: Map<string, Holding>;
}

export class Inventory {
  /** Tries to reserve, by their outcome; repeats not counted. */
  readonly attempts = { committed: 0, short: 0, lost: 0 };
  /** Orders in the order in which they were served. */
  readonly served: string[] = [];
  /** Its next try to reserve comes to nothing: the hold expires before it is committed. */
  readonly losesHoldOf = new Set<string>();
  /** Warehouses that do not ship; that are closed; that sell nothing although their levels say otherwise. */
  readonly doesNotShip = new Set<string>();
  readonly inactive = new Set<string>();
  readonly lying = new Set<string>();
  /** When more of an item will have come. */
  readonly incomingAt = new Map<string, number>();
  readonly #levels = new Map<string, Map<string, Level>>();
  readonly #orders = new Map<string, Held>();
  readonly #reserved = new Map<string, ReserveAnswer>();
  readonly #followed = new Map<string, FollowUpAnswer>();

  /** Units arrive (or, below zero, are taken by somebody who knows of no queue). */
  stock(itemId: string, warehouseId: string, units: number): void {
    const level = this.#level(itemId, warehouseId);
    level.available += units;
    level.version += 1;
    if (level.available < 0) throw new Error('I1: less than nothing is available');
  }

  /** In all warehouses that sell. */
  available(itemId: string): number {
    return this.#selling(itemId).reduce((sum, [, { available }]) => sum + available, 0);
  }

  holdings(orderId: string): readonly Holding[] {
    return [...(this.#orders.get(orderId)?.holdings.values() ?? [])];
  }

  /** How often the order's lines were committed. */
  commits(orderId: string): number {
    return this.#orders.get(orderId)?.commits ?? 0;
  }

  reserve(orderId: string, { items, key }: ReserveEffect): ReserveAnswer {
    return once(this.#reserved, `${orderId}/${key}`, () => {
      if (this.losesHoldOf.delete(orderId)) {
        this.attempts.lost += 1;
        return { outcome: 'lost' };
      }
      const short = items.filter(({ itemId, quantity }) => this.available(itemId) < quantity);
      if (short.length > 0) {
        this.attempts.short += 1;
        return {
          outcome: 'short',
          items: short.map(({ itemId }) => itemId),
          estimatedAt: this.incomingAt.get(short[0]?.itemId ?? '') ?? null,
        };
      }
      const held = this.#held(orderId);
      if (held.commits > 0) throw new Error(`I6: ${orderId} is reserved twice`);
      held.commits += 1;
      this.attempts.committed += 1;
      this.served.push(orderId);
      const draws = items.flatMap(({ itemId, quantity }) => this.#draw(orderId, itemId, quantity));
      return { outcome: 'committed', reservationId: `rsv-${orderId}`, draws };
    });
  }

  giveBack(orderId: string): FollowUpAnswer {
    return once(this.#followed, `${orderId}/giveBack`, () => {
      for (const holding of this.holdings(orderId)) {
        this.stock(holding.itemId, holding.warehouseId, holding.allocated);
        holding.allocated = 0;
      }
      return { outcome: 'done' };
    });
  }

  /** Only what was done is remembered: a refusal leaves its key free. */
  fulfill(orderId: string, { key, lines }: MoveEffect): FollowUpAnswer {
    const isFlooded = lines.some(({ warehouseId }) => this.doesNotShip.has(warehouseId));
    if (isFlooded && !this.#followed.has(`${orderId}/${key}`))
      return { outcome: 'declined', reason: 'the warehouse is flooded' };
    return once(this.#followed, `${orderId}/${key}`, () => {
      for (const { itemId, warehouseId, quantity } of lines) {
        const holding = this.#holding(orderId, itemId, warehouseId);
        holding.allocated -= quantity;
        holding.fulfilled += quantity;
        if (holding.allocated < 0) throw new Error('I2: more is shipped than was allocated');
      }
      return { outcome: 'done' };
    });
  }

  restock(orderId: string, { key, lines }: MoveEffect): FollowUpAnswer {
    return once(this.#followed, `${orderId}/${key}`, () => {
      for (const { itemId, warehouseId, quantity } of lines) {
        const holding = this.#holding(orderId, itemId, warehouseId);
        holding.returned += quantity;
        if (holding.returned > holding.fulfilled) throw new Error('I2: more comes back than has left');
        this.stock(itemId, warehouseId, quantity);
      }
      return { outcome: 'done' };
    });
  }

  /** All levels of the item where any is other than what is known; null: no news. */
  news(itemId: string, known: Readonly<Record<string, KnownLevel>>): readonly SeenLevel[] | null {
    const levels = this.levels(itemId);
    return levels.some((level) => isNews(known, level)) ? levels : null;
  }

  levels(itemId: string): readonly SeenLevel[] {
    return [...(this.#levels.get(itemId) ?? [])].map(([warehouseId, { available, version }]) => ({
      warehouseId,
      available: this.inactive.has(warehouseId) ? 0 : available,
      version,
    }));
  }

  #draw(orderId: string, itemId: string, quantity: number): readonly ItemDraw[] {
    let missing = quantity;
    return this.#selling(itemId).flatMap(([warehouseId, level]) => {
      const taken = Math.min(missing, level.available);
      if (taken === 0) return [];
      missing -= taken;
      level.available -= taken;
      level.version += 1;
      this.#holding(orderId, itemId, warehouseId).allocated += taken;
      return [{ itemId, warehouseId, quantity: taken, levelVersion: level.version }];
    });
  }

  #selling(itemId: string): readonly (readonly [string, Level])[] {
    return [...(this.#levels.get(itemId) ?? [])].filter(
      ([warehouseId]) => !this.inactive.has(warehouseId) && !this.lying.has(warehouseId),
    );
  }

  #level(itemId: string, warehouseId: string): Level {
    const levels = this.#levels.get(itemId) ?? new Map<string, Level>();
    this.#levels.set(itemId, levels);
    const level = levels.get(warehouseId) ?? { available: 0, version: 0 };
    levels.set(warehouseId, level);
    return level;
  }

  #held(orderId: string): Held {
    const held = this.#orders.get(orderId) ?? { commits: 0, holdings: new Map() };
    this.#orders.set(orderId, held);
    return held;
  }

  #holding(orderId: string, itemId: string, warehouseId: string): Holding {
    const { holdings } = this.#held(orderId);
    const key = `${itemId}/${warehouseId}`;
    const holding = holdings.get(key) ?? { itemId, warehouseId, allocated: 0, fulfilled: 0, returned: 0 };
    holdings.set(key, holding);
    return holding;
  }
}

function once<T>(answers: Map<string, T>, key: string, act: () => T): T {
  const known = answers.get(key);
  if (known !== undefined) return known;
  const answer = act();
  answers.set(key, answer);
  return answer;
}

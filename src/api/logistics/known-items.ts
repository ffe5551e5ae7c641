// Which items there are, as Inventory said a moment ago: every order names items, and a few thousand of them make up nearly
// all orders. Only those that were found are kept, and for a minute at most: an item deleted since then counts as short when
// it is reserved.

import { GetItemRequest } from '../../generated/synkro/inventory/v1/inventory.ts';
import { processNow } from '../../runtime/ask.ts';
import { Refused } from '../errors.ts';
import { getItem } from '../inventory/items.ts';
import type { InventoryPort } from '../inventory/port.ts';
import { allSettledInOrder } from '../parallel.ts';
import { logisticsLimits as limits } from './limits.ts';

interface Known {
  readonly sku: string;
  readonly until: number;
}

/** Bounded; who was found first goes first. */
export class KnownItems {
  readonly #items = new Map<string, Known>();
  readonly #now: () => number;
  readonly #itemsMax: number;

  /** @param now monotonic milliseconds */
  constructor(now: () => number = processNow, itemsMax: number = limits.knownItemsMax) {
    this.#now = now;
    this.#itemsMax = itemsMax;
  }

  get size(): number {
    return this.#items.size;
  }

  /**
   * The SKU of each of these items.
   * @param deadline in milliseconds of `processNow()`
   * @throws Refused: item-not-found for the first that is unknown; whatever else Inventory answered
   */
  async skusOf(
    itemIds: Iterable<string>,
    inventory: InventoryPort,
    deadline: number,
  ): Promise<ReadonlyMap<string, string>> {
    const skus = new Map<string, string>();
    const missing: string[] = [];
    for (const itemId of new Set(itemIds)) {
      const sku = this.#skuOf(itemId);
      if (sku === null) missing.push(itemId);
      else skus.set(itemId, sku);
    }
    const results = await allSettledInOrder(missing, limits.itemsInFlightMax, (itemId) =>
      ask(itemId, inventory, deadline),
    );
    const thrown: unknown[] = [];
    for (const [index, result] of results.entries()) {
      const itemId = missing[index] ?? '';
      if (result.status === 'rejected') thrown.push(result.reason);
      else {
        skus.set(itemId, result.value);
        this.#keep(itemId, result.value);
      }
    }
    if (thrown.length > 0) throw thrown.find(isUnknownItem) ?? thrown[0];
    return skus;
  }

  #skuOf(itemId: string): string | null {
    const known = this.#items.get(itemId);
    return known !== undefined && known.until > this.#now() ? known.sku : null;
  }

  #keep(itemId: string, sku: string): void {
    this.#items.delete(itemId);
    this.#items.set(itemId, { sku, until: this.#now() + limits.knownItemMsMax });
    for (const oldest of this.#items.keys()) {
      if (this.#items.size <= this.#itemsMax) return;
      this.#items.delete(oldest);
    }
  }
}

async function ask(itemId: string, inventory: InventoryPort, deadline: number): Promise<string> {
  const request = GetItemRequest.create({ id: itemId });
  const { item } = await inventory.call(getItem, request, { waitMs: deadline - processNow() });
  if (item === undefined) throw new TypeError('GetItem answered without an item');
  return item.sku;
}

export function isUnknownItem(thrown: unknown): boolean {
  return thrown instanceof Refused && thrown.failure.code === 'item-not-found';
}

const byInventory = new WeakMap<InventoryPort, KnownItems>();

/** What is known of the items of this Inventory: one for all calls of an ingress. */
export function knownItemsOf(inventory: InventoryPort): KnownItems {
  const known = byInventory.get(inventory) ?? new KnownItems();
  byInventory.set(inventory, known);
  return known;
}

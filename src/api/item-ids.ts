// The item ids of SKUs as this ingress has met them. Hashing takes 2 µs, a basket has 27 lines, and a few thousand
// SKUs make up nearly all of the traffic.
import { itemIdOfSku } from '../actors/ids.ts';
import { callLimits } from './limits.ts';

/** Bounded; the entry that was unused for longest goes first. */
export class ItemIds {
  readonly #ids = new Map<string, string>();
  readonly #entriesMax: number;

  constructor(entriesMax: number = callLimits.itemIdCacheEntriesMax) {
    this.#entriesMax = entriesMax;
  }

  of(sku: string): string {
    const known = this.#ids.get(sku);
    const id = known ?? itemIdOfSku(sku);
    if (known !== undefined) this.#ids.delete(sku);
    this.#ids.set(sku, id);
    if (this.#ids.size > this.#entriesMax) this.#dropOldest();
    return id;
  }

  get size(): number {
    return this.#ids.size;
  }

  #dropOldest(): void {
    for (const oldest of this.#ids.keys()) {
      this.#ids.delete(oldest);
      return;
    }
  }
}

// Sets the stock of items that exist to what was counted: compare-and-set adjustments with reason `counted`, so that
// a change made by someone else in between is seen and not overwritten blindly.
import { randomUUID } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import { InventoryServiceService as inventory } from '../../generated/synkro/inventory/v1/inventory.ts';
import { CallError, type InventoryCaller } from '../client.ts';
import { compareAndSetTriesMax } from '../limits.ts';
import type { BatchEntry } from './batch.ts';

/** Quantity by warehouse id. A warehouse where the item has never been has none. */
type Levels = ReadonlyMap<string, bigint>;

export class StockSetter {
  readonly #caller: InventoryCaller;
  readonly #levels: ReadonlyMap<string, Levels>;

  private constructor(caller: InventoryCaller, levels: ReadonlyMap<string, Levels>) {
    this.#caller = caller;
    this.#levels = levels;
  }

  /** Reads the levels of all entries that say something of stock, at most 1,000, in one call. */
  static async read(caller: InventoryCaller, entries: readonly BatchEntry[]): Promise<StockSetter> {
    const skus = entries.filter(({ stock }) => stock.size > 0).map(({ record }) => record.sku);
    return new StockSetter(caller, skus.length === 0 ? new Map() : await readLevels(caller, skus));
  }

  /** @returns true where a quantity changed. @throws CallError */
  async set(entry: BatchEntry): Promise<boolean> {
    let changed = false;
    for (const [warehouseId, counted] of entry.stock) {
      const quantity = this.#levels.get(entry.record.sku)?.get(warehouseId) ?? 0n;
      if (await this.#setOne(entry, warehouseId, BigInt(counted), quantity)) changed = true;
    }
    return changed;
  }

  async #setOne(
    { record, lines }: BatchEntry,
    warehouseId: string,
    counted: bigint,
    quantity: bigint,
  ): Promise<boolean> {
    let current = quantity;
    for (let tries = 1; current !== counted; tries += 1) {
      try {
        await this.#caller.call(inventory.adjustInventory, {
          itemId: '',
          sku: record.sku,
          warehouseId,
          delta: counted - current,
          reason: 'counted',
          reference: `import line ${lines[0] ?? 0}`,
          expectedQuantity: current,
          idempotencyKey: `import/${randomUUID()}`,
        });
        return true;
      } catch (error) {
        const lostRace = error instanceof CallError && error.code === status.ABORTED;
        if (!lostRace || tries >= compareAndSetTriesMax) throw error;
        const levels = await readLevels(this.#caller, [record.sku]);
        current = levels.get(record.sku)?.get(warehouseId) ?? 0n;
      }
    }
    return false;
  }
}

async function readLevels(
  caller: InventoryCaller,
  skus: string[],
): Promise<Map<string, Map<string, bigint>>> {
  const { levels } = await caller.call(inventory.getInventoryLevels, { itemIds: [], skus, warehouseIds: [] });
  const quantities = new Map<string, Map<string, bigint>>();
  for (const level of levels) {
    const ofSku = quantities.get(level.sku) ?? new Map<string, bigint>();
    ofSku.set(level.warehouseId, level.quantity);
    quantities.set(level.sku, ofSku);
  }
  return quantities;
}

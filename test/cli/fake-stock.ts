// The stock of the service in memory: levels by SKU and warehouse.
import type { InventoryLevel } from '../../src/generated/synkro/inventory/v1/inventory.ts';

export interface Level {
  quantity: bigint;
  reserved: bigint;
}

export interface Draw {
  readonly sku: string;
  readonly warehouseId: string;
  readonly quantity: bigint;
}

export class FakeStock {
  readonly warehouseIds: () => readonly string[];
  readonly #levels = new Map<string, Map<string, Level>>();
  /** Grants everything, whatever there is; a service that breaks I1. */
  oversells = false;

  constructor(warehouseIds: () => readonly string[]) {
    this.warehouseIds = warehouseIds;
  }

  level(sku: string, warehouseId: string): Level {
    const ofSku = this.#levels.get(sku) ?? new Map<string, Level>();
    const level = ofSku.get(warehouseId) ?? { quantity: 0n, reserved: 0n };
    ofSku.set(warehouseId, level);
    this.#levels.set(sku, ofSku);
    return level;
  }

  total(sku: string): bigint {
    return [...(this.#levels.get(sku)?.values() ?? [])].reduce((sum, { quantity }) => sum + quantity, 0n);
  }

  levelsOf(sku: string): InventoryLevel[] {
    return [...(this.#levels.get(sku) ?? [])].map(([warehouseId, level]) => asLevel(sku, warehouseId, level));
  }

  /** All lines, from the first warehouses first; null, and nothing reserved, where there is too little. */
  reserve(lines: readonly { readonly sku: string; readonly quantity: bigint }[]): readonly Draw[] | null {
    const draws: Draw[] = [];
    for (const { sku, quantity } of lines) {
      if (this.#draw(sku, quantity, draws)) continue;
      for (const draw of draws) this.level(draw.sku, draw.warehouseId).reserved -= draw.quantity;
      return null;
    }
    return draws;
  }

  ship(draws: readonly Draw[]): void {
    for (const { sku, warehouseId, quantity } of draws) {
      const level = this.level(sku, warehouseId);
      level.quantity -= quantity;
      level.reserved -= quantity;
    }
  }

  #draw(sku: string, quantity: bigint, draws: Draw[]): boolean {
    let wanted = quantity;
    const warehouseIds = this.warehouseIds();
    for (const [index, warehouseId] of warehouseIds.entries()) {
      const level = this.level(sku, warehouseId);
      const free = level.quantity - level.reserved;
      const all = this.oversells && index === warehouseIds.length - 1;
      const taken = all || free > wanted ? wanted : free;
      level.reserved += taken;
      draws.push({ sku, warehouseId, quantity: taken });
      wanted -= taken;
    }
    return wanted === 0n;
  }
}

export function asLevel(sku: string, warehouseId: string, { quantity, reserved }: Level): InventoryLevel {
  const available = quantity - reserved;
  const counters = { quantity, reserved, available, held: 0n, allocated: reserved, version: 1n };
  const rest = { lastUpdated: undefined, policy: undefined, warehouseInactive: false, isLow: false };
  return { itemId: `id-${sku}`, sku, warehouseId, ...counters, ...rest };
}

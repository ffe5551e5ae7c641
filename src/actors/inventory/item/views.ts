// What an item answers with: its view, and the refusals that several commands share.
import type { Context } from '../../behaviour.ts';
import { compareText } from '../../compare.ts';
import { fail } from '../../failure.ts';
import { directoryOf, entryOf } from '../warehouse/directory.ts';
import { levelView } from './levels.ts';
import type { ItemDetails, ItemState, ItemView, StockPolicy } from './model.ts';

/** Null where the item was never created, or was deleted. */
export function liveDetails(state: ItemState): ItemDetails | null {
  return state.deletedAt === null ? state.details : null;
}

/** Levels are in order of warehouse id. */
export function itemView(context: Context, details: ItemDetails, levels: ItemState['levels']): ItemView {
  const { id } = context.self;
  const directory = directoryOf(context);
  const entries = Object.entries(levels).sort(([a], [b]) => compareText(a, b));
  const policies: Record<string, StockPolicy> = {};
  for (const [warehouseId, level] of entries) {
    if (level.policy !== null) policies[warehouseId] = level.policy;
  }
  return {
    id,
    details,
    levels: entries.map(([warehouseId, level]) => levelView(id, details.sku, warehouseId, level)),
    policies,
    low: entries.filter(([, level]) => level.isLow).map(([warehouseId]) => warehouseId),
    inactive: Object.keys(levels).filter((warehouseId) => entryOf(directory, warehouseId)?.isActive !== true),
  };
}

export function itemNotFound(itemId: string) {
  return fail('item-not-found', `no item ${itemId}`, { itemId });
}

export function warehouseNotFound(warehouseId: string) {
  return fail('warehouse-not-found', `no warehouse ${warehouseId}`, { warehouseId });
}

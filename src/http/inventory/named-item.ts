// How routes name items: `{id}` of a path is a UUID or `sku:` and the SKU; bodies have `itemId` or `sku`.
import Type from 'typebox';
import type { ItemIds } from '../../api/item-ids.ts';
import { checked } from '../../api/validate/check.ts';
import { itemOf, type NamedItem } from '../../api/validate/references.ts';
import type { Names } from '../names.ts';

export const itemPath = {
  id: Type.String({
    description: 'UUID of the item, or `sku:` and its SKU, percent-encoded.',
    examples: ['sku:85123A'],
  }),
};

export const ItemPath = Type.Object(itemPath);

/** Whatever a method finds wrong with the item, the path is to blame. */
export const itemInPath: Names = { item_id: 'id', sku: 'id' };

const prefix = 'sku:';

export function itemNamed(id: string): NamedItem {
  return id.startsWith(prefix) ? { itemId: '', sku: id.slice(prefix.length) } : { itemId: id, sku: '' };
}

export function referenceOf({ itemId, sku }: { readonly itemId?: string; readonly sku?: string }): NamedItem {
  return { itemId: itemId ?? '', sku: sku ?? '' };
}

/** For methods that know items by their ids only. @throws Refused naming item_id or sku */
export function idOf(item: NamedItem, ids: ItemIds): string {
  return checked((check) => itemOf(check, item, ids));
}

// A refusal in the caller's own words: actors know items by id alone, callers mostly by SKU. Costs nothing where
// nothing is refused: the ids of a request's lines are compared only then.
import type { EdgeFailure } from './errors.ts';
import type { ItemIds } from './item-ids.ts';
import type { NamedItem } from './validate/references.ts';

/** An item, as a request names it. */
export interface NamedLine extends NamedItem {
  /** Where it stands, as the contract spells it, such as `items[3]`; '' where the request is about this one item. */
  readonly field: string;
}

const uuids = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
const asIs: ReadonlySet<string> = new Set(['invalid-argument', 'internal']);

/**
 * Puts the SKU in the place of an item's id in the message, where the caller gave one, and says in the details which
 * `sku` it is about, and which field of the request.
 */
export function inCallersWords(
  failure: EdgeFailure,
  lines: readonly NamedLine[],
  itemIds: ItemIds,
): EdgeFailure {
  if (asIs.has(failure.code)) return failure;
  const told = new Set(failure.message.match(uuids));
  const detail = failure.details?.['itemId'];
  if (detail !== undefined) told.add(detail);
  if (told.size === 0) return failure;
  const idOf = ({ sku, itemId }: NamedItem) => (sku === '' ? itemId.toLowerCase() : itemIds.of(sku));
  const line = lines.find((each) => told.has(idOf(each)));
  if (line === undefined) return failure;
  const id = idOf(line);
  const { sku } = line;
  const field = line.field !== '' ? line.field : sku === '' ? 'item_id' : 'sku';
  if (sku === '') return { ...failure, field };
  return {
    ...failure,
    field,
    message: failure.message.replaceAll(id, () => sku),
    details: { ...failure.details, itemId: id, sku },
  };
}

export function linesOf(name: string, lines: readonly NamedItem[]): NamedLine[] {
  return lines.map(({ itemId, sku }, index) => ({ field: `${name}[${index}]`, itemId, sku }));
}

/** Of a request that is about one item. */
export function onlyItemOf({ itemId, sku }: NamedItem): NamedLine[] {
  return [{ field: '', itemId, sku }];
}

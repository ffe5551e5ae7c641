// Which units a shipment takes and a return brings back: lines as the caller names them, out of what warehouses hold.
import { type Failure, fail, failField } from '../../failure.ts';
import type { Draw, Order, ReturnedItem, ShippedItem } from './model.ts';
import { spelled } from './views.ts';

interface Group {
  readonly warehouseId: string;
  readonly items: readonly ShippedItem[];
}

/**
 * By warehouse, in order of the lines.
 * @param lines empty: everything that has not left
 * @param warehouseId only from there, where set
 */
export function pickShipped(
  order: Order,
  lines: readonly ShippedItem[],
  warehouseId: string | null,
): { readonly groups: readonly Group[] } | { readonly error: Failure } {
  const draws = order.draws.filter((draw) => warehouseId === null || draw.warehouseId === warehouseId);
  const left = ({ quantity, shipped }: Draw) => quantity - shipped;
  const picked = pick(
    order,
    draws,
    lines.length === 0 ? everything(draws, left) : lines,
    left,
    'to be shipped',
  );
  if ('error' in picked) return picked;
  if (picked.items.length === 0)
    return fail('order-state', 'there is nothing to be shipped there', { state: spelled(order.status) });
  const groups = Map.groupBy(picked.items, (item) => item.warehouseId);
  return {
    groups: Array.from(groups, ([id, items]) => ({
      warehouseId: id,
      items: items.map(({ lineId, quantity }) => ({ lineId, quantity })),
    })),
  };
}

export function pickReturned(
  order: Order,
  lines: readonly ShippedItem[],
): { readonly items: readonly ReturnedItem[] } | { readonly error: Failure } {
  if (lines.length === 0) return failField('items', 'names nothing that comes back');
  return pick(
    order,
    order.draws,
    lines,
    ({ shipped, returned }) => shipped - returned,
    'that have left and not come back',
  );
}

function everything(draws: readonly Draw[], left: (draw: Draw) => number): readonly ShippedItem[] {
  const sums = sumsOf(draws.map((draw) => ({ lineId: draw.lineId, quantity: left(draw) })));
  return Array.from(sums, ([lineId, quantity]) => ({ lineId, quantity })).filter(
    ({ quantity }) => quantity > 0,
  );
}

function pick(
  order: Order,
  draws: readonly Draw[],
  lines: readonly ShippedItem[],
  left: (draw: Draw) => number,
  what: string,
): { readonly items: readonly ReturnedItem[] } | { readonly error: Failure } {
  const known = new Set(order.lines.map(({ lineId }) => lineId));
  const items: ReturnedItem[] = [];
  const unknown = lines.findIndex(({ lineId }) => !known.has(lineId));
  if (unknown >= 0)
    return failField(`items[${unknown}].line_id`, `the order has no line ${lines[unknown]?.lineId}`);
  for (const [lineId, quantity] of sumsOf(lines)) {
    let missing = quantity;
    for (const draw of draws) {
      if (draw.lineId !== lineId) continue;
      const taken = Math.min(missing, left(draw));
      if (taken === 0) continue;
      missing -= taken;
      items.push({ lineId, warehouseId: draw.warehouseId, quantity: taken });
    }
    if (missing > 0)
      return fail(
        'order-state',
        `of line ${lineId} there are ${quantity - missing} ${what}, not ${quantity}`,
        {
          state: spelled(order.status),
          lineId,
          quantity: String(quantity - missing),
        },
      );
  }
  return { items };
}

/** A line that is named twice is wanted twice. */
function sumsOf(lines: readonly ShippedItem[]): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const { lineId, quantity } of lines) sums.set(lineId, (sums.get(lineId) ?? 0) + quantity);
  return sums;
}

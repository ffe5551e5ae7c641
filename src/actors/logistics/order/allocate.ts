// Which line gets which units: a reservation knows items and warehouses, an order has lines, and the same item may stand
// on several.
import { InvariantViolation } from '../../behaviour.ts';
import type { ItemDraw } from './messages.ts';
import type { Draw, Order } from './model.ts';

/**
 * Deals what was drawn of each item to its lines, in their order.
 * @throws InvariantViolation where that is not exactly what was ordered
 */
export function allocate(order: Order, drawn: readonly ItemDraw[]): readonly Draw[] {
  const pools = new Map<string, { readonly warehouseId: string; left: number }[]>();
  for (const { itemId, warehouseId, quantity } of drawn) {
    const pool = pools.get(itemId);
    if (pool === undefined) pools.set(itemId, [{ warehouseId, left: quantity }]);
    else pool.push({ warehouseId, left: quantity });
  }
  const draws: Draw[] = [];
  for (const { lineId, itemId, quantity } of order.lines) {
    let missing = quantity;
    for (const slot of pools.get(itemId) ?? []) {
      const taken = Math.min(missing, slot.left);
      if (taken === 0) continue;
      slot.left -= taken;
      missing -= taken;
      draws.push({ lineId, warehouseId: slot.warehouseId, quantity: taken, shipped: 0, returned: 0 });
    }
    if (missing > 0) throw new InvariantViolation('I6', `line ${lineId} lacks ${missing} of ${quantity}`);
  }
  if ([...pools.values()].flat().some(({ left }) => left > 0))
    throw new InvariantViolation('I6', 'more was reserved than was ordered');
  return draws;
}

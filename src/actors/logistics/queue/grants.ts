// Who may try to reserve next. Pure arithmetic over what a queue knows.
import { limits } from '../limits.ts';
import type { QueueState } from './model.ts';

/** Units that are there by all that the queue knows, and promised to nobody. */
export function budgetOf({ entries, levels, taken }: QueueState): number {
  let budget = 0;
  for (const { available } of Object.values(levels)) budget += available;
  for (const { quantity } of taken) budget -= quantity;
  for (const { state, quantity } of entries) if (state === 'granted') budget -= quantity;
  return budget;
}

/**
 * Waiting orders that can be granted now, in order: the first that the rest of the stock does not cover bars those
 * behind it. Those that are passed over bar nobody.
 */
export function grantable(queue: QueueState): readonly string[] {
  if (queue.doubt === 'stale') return [];
  const grantsMax = queue.doubt === 'probing' ? 1 : limits.grantsMax;
  let budget = budgetOf(queue);
  let granted = 0;
  for (const { state } of queue.entries) if (state === 'granted') granted += 1;
  const orderIds: string[] = [];
  for (const { orderId, quantity, state } of queue.entries) {
    if (granted >= grantsMax) break;
    if (state !== 'waiting') continue;
    if (quantity > budget) break;
    budget -= quantity;
    granted += 1;
    orderIds.push(orderId);
  }
  return orderIds;
}

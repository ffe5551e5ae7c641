// How much of each SKU can be had, over all active warehouses: the fast read for storefronts. No method of the contract;
// REST alone has it. What is exact to the moment, the levels say.
import type { ItemView } from '../../actors/inventory/item/model.ts';
import { processNow } from '../../runtime/ask.ts';
import { Call, deadlineAfter } from '../call.ts';
import { Refused } from '../errors.ts';
import { requestLimits as limits } from '../limits.ts';
import type { Method } from '../method.ts';
import { checked } from '../validate/check.ts';
import * as rules from '../validate/text.ts';
import { AvailabilityCache, type AvailabilityCacheDeps } from './availability-cache.ts';
import type { InventoryDeps } from './deps.ts';
import { itemRef } from './items.ts';
import { isItemView } from './views.ts';

interface AvailabilityRequest {
  readonly skus: readonly string[];
}

interface AvailabilityAnswer {
  readonly availability: { readonly sku: string; readonly itemId: string; readonly available: number }[];
  /** SKUs of which there is no item. */
  readonly unknown: string[];
  /** Milliseconds since 1970: everything in the answer was true then, or later. */
  readonly asOf: number;
}

export function getAvailability(
  cache: AvailabilityCache,
): Pick<Method<AvailabilityRequest, AvailabilityAnswer, InventoryDeps>, 'name' | 'handle'> {
  return {
    name,
    async handle(request, call) {
      const bounds = { min: 1, max: limits.levelsItemsMax };
      const skus = checked((check) =>
        check.each('skus', request.skus, bounds, (sku, at) => at.field('', sku, rules.sku)),
      );
      const asked = [...new Set(skus)];
      const readings = await cache.read(asked);
      const answer: Omit<AvailabilityAnswer, 'asOf'> = { availability: [], unknown: [] };
      let oldest = processNow();
      for (const [index, { amount, readAt }] of readings.entries()) {
        const sku = asked[index] ?? '';
        oldest = Math.min(oldest, readAt);
        if (amount === null) answer.unknown.push(sku);
        else answer.availability.push({ sku, itemId: call.deps.itemIds.of(sku), available: amount });
      }
      return { ...answer, asOf: Math.floor(Date.now() - (processNow() - oldest)) };
    },
  };
}

const name = 'GetAvailability';

/** One for each ingress thread. */
export function createAvailabilityCache(
  deps: InventoryDeps,
  more: Omit<AvailabilityCacheDeps, 'ask'> = {},
): AvailabilityCache {
  return new AvailabilityCache({ ...more, ask: (sku) => askItem(sku, deps) });
}

/** For everybody who waits for it, so with a deadline of its own. @throws Refused */
async function askItem(sku: string, deps: InventoryDeps): Promise<number | null> {
  const source = { deadline: deadlineAfter(Number.NaN), idempotencyKey: '', sendAsOf: () => {} };
  const call = new Call(name, deps, source);
  try {
    return availableIn(await call.read(itemRef(deps.itemIds.of(sku)), { type: 'get' }, isItemView));
  } catch (thrown) {
    if (thrown instanceof Refused && thrown.failure.code === 'item-not-found') return null;
    throw thrown;
  }
}

function availableIn({ levels, inactive }: ItemView): number {
  return levels
    .filter(({ warehouseId }) => !inactive.includes(warehouseId))
    .reduce((sum, { quantity, held, allocated }) => sum + quantity - held - allocated, 0);
}

// Who is in the way: a change that reserved stock forbids names the orders that hold it, as the tables have them.

import { Refused } from '../errors.ts';
import { errorLimits } from '../limits.ts';
import type { InventoryCall } from './deps.ts';

const codes: ReadonlySet<string> = new Set(['below-reserved', 'item-reserved']);

/**
 * Passes the answer on; to a refusal for reserved stock it adds `orders` (a JSON list of at most ten ids) and `asOf`
 * (ISO 8601). Where the tables cannot be read the refusal stays as it is.
 */
export async function namingHolders<T>(
  call: InventoryCall,
  where: { readonly itemId: string; readonly warehouseId: string | null },
  answer: Promise<T>,
): Promise<T> {
  try {
    return await answer;
  } catch (thrown) {
    if (!(thrown instanceof Refused) || !codes.has(thrown.failure.code)) throw thrown;
    throw await named(call, where, thrown);
  }
}

async function named(
  call: InventoryCall,
  { itemId, warehouseId }: { readonly itemId: string; readonly warehouseId: string | null },
  refused: Refused,
): Promise<Refused> {
  const { failure } = refused;
  try {
    const { rows, asOf } = await call.deps.queries.ordersHolding(
      itemId,
      warehouseId,
      errorLimits.namedOrdersMax,
    );
    const at = new Date(asOf).toISOString();
    const who =
      rows.length === 0 ? 'the orders that hold it are not in the tables yet' : `held by ${rows.join(', ')}`;
    return new Refused({
      ...failure,
      message: `${failure.message}; ${who} (as of ${at})`,
      details: { ...failure.details, orders: JSON.stringify(rows), asOf: at },
    });
  } catch (err) {
    call.deps.log.warn({ err, itemId }, 'the orders that hold the stock could not be read');
    return refused;
  }
}

// Filters name warehouses that exist: one that is mistyped would otherwise answer as if there were no stock.

import { Refused } from '../errors.ts';
import { callLimits, errorLimits } from '../limits.ts';
import { allSettledInOrder } from '../parallel.ts';
import type { InventoryCall } from './deps.ts';
import { isWarehouse } from './views.ts';
import { warehouseRef } from './warehouses.ts';

/** @throws Refused (warehouse-not-found) naming those that are unknown */
export async function assertWarehouses(
  call: InventoryCall,
  field: string,
  ids: Iterable<string>,
): Promise<void> {
  const asked = [...new Set(ids)];
  const results = await allSettledInOrder(asked, callLimits.bulkInFlightMax, (id) =>
    call.read(warehouseRef(id), { type: 'get' }, isWarehouse),
  );
  const unknown: string[] = [];
  for (const [index, result] of results.entries()) {
    if (result.status === 'fulfilled') continue;
    if (!isUnknownWarehouse(result.reason)) throw result.reason;
    unknown.push(asked[index] ?? '');
  }
  if (unknown.length > 0) throw new Refused(unknownWarehouses(field, unknown));
}

function isUnknownWarehouse(reason: unknown): boolean {
  return reason instanceof Refused && reason.failure.code === 'warehouse-not-found';
}

function unknownWarehouses(field: string, unknown: readonly string[]) {
  const named = unknown.slice(0, errorLimits.namedWarehousesMax);
  const more = unknown.length > named.length ? ` and ${unknown.length - named.length} more` : '';
  return {
    code: 'warehouse-not-found',
    message: `no such warehouse: ${named.join(', ')}${more}`,
    field,
    details: { warehouses: JSON.stringify(named), count: String(unknown.length) },
  } as const;
}

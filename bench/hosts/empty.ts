// The engine that does nothing: every basket is granted at once, and forgotten. What it reaches is the ceiling of
// everything around an engine: the load generator, the server, the threads.
import type { Reply } from '../../src/actors/behaviour.ts';
import { fail } from '../../src/actors/failure.ts';
import type { ReserveView } from '../../src/actors/inventory/order-stock/model.ts';
import { formatReservationId } from '../../src/actors/inventory/order-stock/reservation-id.ts';
import { isReserveAsked } from './command.ts';

const warehouseId = '00000000-0000-5000-8000-000000000001';

/** An answer of the size that a real one has. */
export function grantAll(orderId: string, command: unknown): Reply {
  if (!isReserveAsked(command)) return fail('internal', 'not a basket');
  const items = command.request.items.map(({ itemId, quantity }) => ({
    itemId,
    sku: 'BENCH',
    inStock: true,
    requested: quantity,
    available: 1_000_000_000,
    draws: [{ warehouseId, quantity, levelVersion: 1 }],
  }));
  const view: ReserveView = {
    success: true,
    reservationId: formatReservationId(orderId, 1),
    attempt: 1,
    status: 'held',
    items,
    expiresAt: Date.now(),
  };
  return { ok: view };
}

// CheckAndReserveStock: one basket, held all or not at all. ReserveStream asks the same, many at a time.
import type { OrderCommand, ReserveRequest, Wanted } from '../../actors/inventory/order-stock/model.ts';
import {
  StockReservationRequest,
  StockReservationResponse,
} from '../../generated/synkro/inventory/v1/inventory.ts';
import { fingerprintOf, keyOf } from '../idempotency.ts';
import { requestLimits as limits } from '../limits.ts';
import { linesOf } from '../naming.ts';
import { type Check, checked } from '../validate/check.ts';
import { drawStrategy, quantity, ttlSeconds } from '../validate/numbers.ts';
import { itemOf } from '../validate/references.ts';
import * as text from '../validate/text.ts';
import type { InventoryCall, InventoryMethod } from './deps.ts';
import { reserveMessage } from './present.ts';
import { isReserveView } from './views.ts';

export const orderRef = (id: string) => ({ kind: 'order', id });

export const checkAndReserveStock: InventoryMethod<StockReservationRequest, StockReservationResponse> = {
  name: 'CheckAndReserveStock',
  request: StockReservationRequest,
  response: StockReservationResponse,
  async handle(request, call) {
    const { orderId, key, basket } = checked((check) => ({
      orderId: check.field('order_id', request.orderId, text.orderId),
      key: keyOf(check, request.idempotencyKey, call.metadataKey),
      requestId: check.field('request_id', request.requestId, text.requestId),
      basket: basketOf(check, request, call),
    }));
    const command: OrderCommand = {
      type: 'reserve',
      key: key === '' ? orderId : key,
      fingerprint: fingerprintOf(basket),
      request: basket,
    };
    return reserveMessage(orderId, await call.write(orderRef(orderId), command, null, isReserveView));
  },
  itemsOf: (request) => linesOf('items', request.items),
  outcomeOf: (response) => (response.success ? 'ok' : 'refused'),
};

function basketOf(check: Check, request: StockReservationRequest, call: InventoryCall): ReserveRequest {
  return {
    items: wantedItems(check, request.items, call),
    warehouseId: check.field('warehouse_id', request.warehouseId, text.uuidOptional),
    strategy: check.field('draw_strategy', request.drawStrategy, drawStrategy),
    ttlSeconds: check.field('ttl_seconds', request.ttlSeconds, ttlSeconds),
    customerId: check.field('customer_id', request.customerId, text.customerId),
    // Not set where it is not asked for, so that the fingerprint of such a request is what it always was.
    ...(request.commit ? { commits: true } : {}),
  };
}

/** One for each item, in the order of first mention: lines of the same item count as their sum. */
function wantedItems(check: Check, lines: StockReservationRequest['items'], call: InventoryCall): Wanted[] {
  const sums = new Map<string, number>();
  check.each('items', lines, { min: 1, max: limits.basketLinesMax }, (line, at) => {
    const itemId = itemOf(at, line, call.deps.itemIds);
    const sum = (sums.get(itemId) ?? 0) + at.field('quantity', line.quantity, quantity);
    if (sum > Number.MAX_SAFE_INTEGER && line.quantity <= BigInt(Number.MAX_SAFE_INTEGER)) {
      at.refuse('quantity', 'with the other lines of this item is beyond what is counted exactly');
    }
    sums.set(itemId, Math.min(sum, Number.MAX_SAFE_INTEGER));
  });
  return Array.from(sums, ([itemId, wanted]) => ({ itemId, quantity: wanted }));
}

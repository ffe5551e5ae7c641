// Allocations: promised to an order for good, given back, or shipped.
import type { OrderCommand } from '../../actors/inventory/order-stock/model.ts';
import {
  AllocateInventoryRequest,
  AllocateInventoryResponse,
  FulfillInventoryRequest,
  FulfillInventoryResponse,
  ReleaseInventoryRequest,
  ReleaseInventoryResponse,
} from '../../generated/synkro/inventory/v1/inventory.ts';
import { keyOf, receiptOf } from '../idempotency.ts';
import { requestLimits as limits } from '../limits.ts';
import { linesOf, onlyItemOf } from '../naming.ts';
import { type Check, checked } from '../validate/check.ts';
import { quantity, quantityOrAll } from '../validate/numbers.ts';
import { itemOf, itemOrNone } from '../validate/references.ts';
import * as text from '../validate/text.ts';
import type { InventoryCall, InventoryMethod } from './deps.ts';
import { levelMessage } from './present.ts';
import { orderRef } from './reserve.ts';
import { isLevelsView } from './views.ts';

type GiveBack = Extract<OrderCommand, { type: 'giveBack' }>;
type FulfillLine = Extract<OrderCommand, { type: 'fulfill' }>['lines'][number];

export const allocateInventory: InventoryMethod<AllocateInventoryRequest, AllocateInventoryResponse> = {
  name: 'AllocateInventory',
  request: AllocateInventoryRequest,
  response: AllocateInventoryResponse,
  async handle(request, call) {
    const { orderId, key, command } = checked((check) => ({
      ...addressOf(check, request, call),
      command: {
        type: 'allocate',
        itemId: itemOf(check, request, call.deps.itemIds),
        warehouseId: check.field('warehouse_id', request.warehouseId, text.uuid),
        quantity: check.field('quantity', request.quantity, quantity),
      } satisfies OrderCommand,
    }));
    const { success, levels } = await change(call, orderId, key, command);
    return { success, inventoryLevel: levels.map(levelMessage)[0] };
  },
  itemsOf: onlyItemOf,
  outcomeOf: (response) => (response.success ? 'ok' : 'refused'),
};

export const releaseInventory: InventoryMethod<ReleaseInventoryRequest, ReleaseInventoryResponse> = {
  name: 'ReleaseInventory',
  request: ReleaseInventoryRequest,
  response: ReleaseInventoryResponse,
  async handle(request, call) {
    const { orderId, key, command } = checked((check) => ({
      ...addressOf(check, request, call),
      command: giveBackCommand(check, request, call),
    }));
    const { success, levels } = await change(call, orderId, key, command);
    return { success, inventoryLevels: levels.map(levelMessage) };
  },
  itemsOf: onlyItemOf,
};

function giveBackCommand(check: Check, request: ReleaseInventoryRequest, call: InventoryCall): GiveBack {
  const itemId = itemOrNone(check, request, call.deps.itemIds);
  const amount = check.field('quantity', request.quantity, quantityOrAll);
  if (itemId === null && amount !== null) check.refuse('item_id', 'is required where a quantity is given');
  return {
    type: 'giveBack',
    itemId,
    warehouseId: check.field('warehouse_id', request.warehouseId, text.uuidOptional),
    quantity: amount,
  };
}

export const fulfillInventory: InventoryMethod<FulfillInventoryRequest, FulfillInventoryResponse> = {
  name: 'FulfillInventory',
  request: FulfillInventoryRequest,
  response: FulfillInventoryResponse,
  async handle(request, call) {
    const { orderId, key, command } = checked((check) => ({
      ...addressOf(check, request, call),
      command: {
        type: 'fulfill',
        lines: fulfillLines(check, request.lines, call),
      } satisfies OrderCommand,
    }));
    const { success, levels } = await change(call, orderId, key, command);
    return { success, inventoryLevels: levels.map(levelMessage) };
  },
  itemsOf: (request) => linesOf('lines', request.lines),
};

/** Lines of the same item and warehouse count as their sum; one for all of it and another one contradict each other. */
function fulfillLines(
  check: Check,
  lines: FulfillInventoryRequest['lines'],
  call: InventoryCall,
): FulfillLine[] {
  const merged = new Map<string, FulfillLine>();
  check.each('lines', lines, { min: 0, max: limits.fulfillLinesMax }, (line, at) => {
    const itemId = itemOf(at, line, call.deps.itemIds);
    const warehouseId = at.field('warehouse_id', line.warehouseId, text.uuidOptional);
    const amount = at.field('quantity', line.quantity, quantityOrAll);
    const place = `${itemId}|${warehouseId ?? ''}`;
    const earlier = merged.get(place);
    merged.set(place, { itemId, warehouseId, quantity: addTo(earlier, amount, at) });
  });
  return [...merged.values()];
}

function addTo(earlier: FulfillLine | undefined, amount: number | null, at: Check): number | null {
  if (earlier === undefined) return amount;
  if (earlier.quantity === null || amount === null) {
    at.refuse(
      'quantity',
      'all of it (0) and another line of the same item and warehouse contradict each other',
    );
    return null;
  }
  const sum = earlier.quantity + amount;
  if (sum > Number.MAX_SAFE_INTEGER) {
    at.refuse('quantity', 'with the other lines of this item is beyond what is counted exactly');
  }
  return Math.min(sum, Number.MAX_SAFE_INTEGER);
}

function addressOf(
  check: Check,
  request: { readonly orderId: string; readonly idempotencyKey: string },
  call: InventoryCall,
): { readonly orderId: string; readonly key: string } {
  return {
    orderId: check.field('order_id', request.orderId, text.orderId),
    key: keyOf(check, request.idempotencyKey, call.metadataKey),
  };
}

function change(call: InventoryCall, orderId: string, key: string, command: OrderCommand) {
  return call.write(orderRef(orderId), command, receiptOf(call.method, orderId, key, command), isLevelsView);
}

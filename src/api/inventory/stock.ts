// Stock levels: adjusted, moved between warehouses, and what is expected to come.
import type { ItemCommand } from '../../actors/inventory/item/model.ts';
import {
  AdjustInventoryRequest,
  AdjustInventoryResponse,
  SetStockPolicyRequest,
  SetStockPolicyResponse,
  TransferInventoryRequest,
  TransferInventoryResponse,
} from '../../generated/synkro/inventory/v1/inventory.ts';
import { keyOf, receiptOf } from '../idempotency.ts';
import { onlyItemOf } from '../naming.ts';
import { type Check, checked } from '../validate/check.ts';
import { count, delta, quantity, time } from '../validate/numbers.ts';
import { itemOf } from '../validate/references.ts';
import * as text from '../validate/text.ts';
import { timestampProblem } from '../validate/timestamps.ts';
import type { InventoryMethod } from './deps.ts';
import { namingHolders } from './holders.ts';
import { itemRef } from './items.ts';
import { levelMessage, policyMessage } from './present.ts';
import { hasLevels, isLevelView, isStockPolicy } from './views.ts';

type Adjust = Extract<ItemCommand, { type: 'adjust' }>;
type Transfer = Extract<ItemCommand, { type: 'transfer' }>;
type SetPolicy = Extract<ItemCommand, { type: 'setPolicy' }>;

/** What an adjustment without a reason is booked as. */
const reasonDefault = 'correction';

export const adjustInventory: InventoryMethod<AdjustInventoryRequest, AdjustInventoryResponse> = {
  name: 'AdjustInventory',
  request: AdjustInventoryRequest,
  response: AdjustInventoryResponse,
  async handle(request, call) {
    const { itemId, key, command } = checked((check) => ({
      itemId: itemOf(check, request, call.deps.itemIds),
      key: keyOf(check, request.idempotencyKey, call.metadataKey),
      command: adjustCommand(check, request),
    }));
    const receipt = receiptOf('AdjustInventory', itemId, key, command);
    const adjusted = call.write(itemRef(itemId), command, receipt, isLevelView);
    const level = await namingHolders(call, { itemId, warehouseId: command.warehouseId }, adjusted);
    return { inventoryLevel: levelMessage(level) };
  },
  itemsOf: onlyItemOf,
};

function adjustCommand(check: Check, request: AdjustInventoryRequest): Adjust {
  const expected = check.field('expected_quantity', request.expectedQuantity, text.optional(count));
  return {
    type: 'adjust',
    warehouseId: check.field('warehouse_id', request.warehouseId, text.uuid),
    delta: check.field('delta', request.delta, delta),
    reason: check.field('reason', request.reason, text.reason) || reasonDefault,
    reference: check.field('reference', request.reference, text.reference),
    expectedQuantity: expected ?? null,
  };
}

export const transferInventory: InventoryMethod<TransferInventoryRequest, TransferInventoryResponse> = {
  name: 'TransferInventory',
  request: TransferInventoryRequest,
  response: TransferInventoryResponse,
  async handle(request, call) {
    const { itemId, key, command } = checked((check) => ({
      itemId: itemOf(check, request, call.deps.itemIds),
      key: keyOf(check, request.idempotencyKey, call.metadataKey),
      command: transferCommand(check, request),
    }));
    const receipt = receiptOf('TransferInventory', itemId, key, command);
    const { levels } = await call.write(itemRef(itemId), command, receipt, hasLevels);
    return { inventoryLevels: levels.map(levelMessage) };
  },
  itemsOf: onlyItemOf,
};

function transferCommand(check: Check, request: TransferInventoryRequest): Transfer {
  const fromWarehouseId = check.field('from_warehouse_id', request.fromWarehouseId, text.uuid);
  const toWarehouseId = check.field('to_warehouse_id', request.toWarehouseId, text.uuid);
  if (fromWarehouseId !== '' && fromWarehouseId === toWarehouseId) {
    check.refuse('to_warehouse_id', 'is the warehouse that the stock comes from');
  }
  return {
    type: 'transfer',
    fromWarehouseId,
    toWarehouseId,
    quantity: check.field('quantity', request.quantity, quantity),
    reference: check.field('reference', request.reference, text.reference),
  };
}

export const setStockPolicy: InventoryMethod<SetStockPolicyRequest, SetStockPolicyResponse> = {
  name: 'SetStockPolicy',
  request: {
    ...SetStockPolicyRequest,
    problemOf: (bytes) => timestampProblem(bytes, 'policy.incoming_at', [4, 3]),
  },
  response: SetStockPolicyResponse,
  async handle(request, call) {
    const { itemId, command } = checked((check) => ({
      itemId: itemOf(check, request, call.deps.itemIds),
      command: policyCommand(check, request),
    }));
    return { policy: policyMessage(await call.write(itemRef(itemId), command, null, isStockPolicy)) };
  },
  itemsOf: onlyItemOf,
};

function policyCommand(check: Check, { warehouseId, policy }: SetStockPolicyRequest): SetPolicy {
  if (policy === undefined) check.refuse('policy', 'is required');
  const at = check.within('policy');
  const lowStockThreshold = at.field('low_stock_threshold', policy?.lowStockThreshold ?? 0n, count);
  const back = at.field('back_in_stock_threshold', policy?.backInStockThreshold ?? 0n, (value, refuse) => {
    if (value > 0n && value < lowStockThreshold) {
      refuse(`is below low_stock_threshold, which is ${lowStockThreshold}`);
    }
    return count(value, refuse);
  });
  return {
    type: 'setPolicy',
    warehouseId: check.field('warehouse_id', warehouseId, text.uuid),
    policy: {
      lowStockThreshold,
      backInStockThreshold: lowStockThreshold === 0 ? 0 : back || lowStockThreshold,
      incomingQuantity: at.field('incoming_quantity', policy?.incomingQuantity ?? 0n, count),
      incomingAt: at.field('incoming_at', policy?.incomingAt, time),
    },
  };
}

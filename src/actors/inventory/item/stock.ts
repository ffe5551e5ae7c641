// Decisions about the stock of an item that no order asks for: adjust, transfer, policy.
import type { Context, Decision } from '../../behaviour.ts';
import { fail, failField } from '../../failure.ts';
import { limits } from '../limits.ts';
import { directoryOf, entryOf } from '../warehouse/directory.ts';
import { policyAlert } from './alerts.ts';
import { availableOf, levelChanged, levelOf, viewAfter } from './levels.ts';
import type { ItemCommand, ItemEvent, ItemState, TransferView } from './model.ts';
import { itemNotFound, liveDetails, warehouseNotFound } from './views.ts';

type Adjust = Extract<ItemCommand, { readonly type: 'adjust' }>;
type Transfer = Extract<ItemCommand, { readonly type: 'transfer' }>;
type SetPolicy = Extract<ItemCommand, { readonly type: 'setPolicy' }>;

export function adjust(state: ItemState, command: Adjust, context: Context): Decision<ItemEvent> {
  const details = liveDetails(state);
  if (details === null) return { reply: itemNotFound(context.self.id) };
  const { warehouseId, delta, expectedQuantity } = command;
  if (entryOf(directoryOf(context), warehouseId) === null) return { reply: warehouseNotFound(warehouseId) };

  const level = levelOf(state.levels, warehouseId);
  const { quantity } = level;
  if (expectedQuantity !== null && expectedQuantity !== quantity) {
    return {
      reply: fail('quantity-differs', `the quantity is ${quantity}, not ${expectedQuantity}`, {
        quantity: String(quantity),
      }),
    };
  }
  if (totalQuantity(state) + delta > limits.quantityMax) {
    return { reply: failField('delta', `the item's stock would exceed ${limits.quantityMax}`) };
  }
  const reserved = level.held + level.allocated;
  if (quantity + delta < reserved) {
    return {
      reply: fail(
        'below-reserved',
        `${quantity} less ${-delta} would be below the ${reserved} that are reserved`,
        {
          reserved: String(reserved),
          quantity: String(quantity),
        },
      ),
    };
  }
  const { reason, reference } = command;
  const event = levelChanged(
    level,
    { sku: details.sku, warehouseId },
    { cause: 'adjusted', delta, reason, reference },
    context.now,
  );
  return { events: [event], reply: { ok: viewAfter(context.self.id, event) } };
}

/** Over all warehouses: that this sum is exact makes every smaller one exact too. */
function totalQuantity(state: ItemState): number {
  return Object.values(state.levels).reduce((sum, level) => sum + level.quantity, 0);
}

export function transfer(state: ItemState, command: Transfer, context: Context): Decision<ItemEvent> {
  const details = liveDetails(state);
  if (details === null) return { reply: itemNotFound(context.self.id) };
  const { fromWarehouseId, toWarehouseId, quantity, reference } = command;
  if (fromWarehouseId === toWarehouseId) {
    return { reply: failField('to_warehouse_id', 'is the warehouse that the stock comes from') };
  }
  const directory = directoryOf(context);
  for (const id of [fromWarehouseId, toWarehouseId]) {
    if (entryOf(directory, id) === null) return { reply: warehouseNotFound(id) };
  }
  const available = availableOf(levelOf(state.levels, fromWarehouseId));
  if (quantity > available) {
    return {
      reply: fail('insufficient-available', `${available} are available, not ${quantity}`, {
        available: String(available),
      }),
    };
  }
  const moved = (warehouseId: string, delta: number) =>
    levelChanged(
      levelOf(state.levels, warehouseId),
      { sku: details.sku, warehouseId },
      { cause: 'transferred', delta, reason: 'transfer', reference },
      context.now,
    );
  const events = [moved(fromWarehouseId, -quantity), moved(toWarehouseId, quantity)];
  const ok: TransferView = { levels: events.map((event) => viewAfter(context.self.id, event)) };
  return { events, reply: { ok } };
}

/** Answers with the policy. What it says of the level as it stands comes with the event. */
export function setPolicy(state: ItemState, command: SetPolicy, context: Context): Decision<ItemEvent> {
  const details = liveDetails(state);
  if (details === null) return { reply: itemNotFound(context.self.id) };
  const { warehouseId, policy } = command;
  if (entryOf(directoryOf(context), warehouseId) === null) return { reply: warehouseNotFound(warehouseId) };
  const level = levelOf(state.levels, warehouseId);
  const alert = policyAlert(level, availableOf(level), details.sku, policy);
  return {
    events: [{ type: 'policySet', warehouseId, policy, at: context.now, ...alert }],
    reply: { ok: policy },
  };
}

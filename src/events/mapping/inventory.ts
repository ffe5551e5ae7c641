// What the outside world hears of Inventory's journal: each event that is published, as the data of its messages.
import type { ItemEvent, PolicyAlert } from '../../actors/inventory/item/model.ts';
import { isShopCause } from '../../actors/inventory/item/published.ts';
import type { GroupPart, OrderEvent, TakenLine } from '../../actors/inventory/order-stock/model.ts';
import { formatReservationId } from '../../actors/inventory/order-stock/reservation-id.ts';
import type { WarehouseEvent } from '../../actors/inventory/warehouse/model.ts';
import { type Message, message, timeOf, timeOrNull } from './message.ts';

type Of<Event, Type> = Extract<Event, { readonly type: Type }>;

export function reservationMessages(orderId: string, event: OrderEvent): readonly Message[] {
  switch (event.type) {
    case 'held':
      return [reserved(orderId, event)];
    case 'refused':
      return [message('InventoryRefused', { ...named(orderId, event.attempt), short: event.short })];
    case 'extended':
      return [
        message('InventoryExtended', {
          ...named(orderId, event.attempt),
          expiresAt: timeOf(event.expiresAt),
        }),
      ];
    case 'began':
      return moved(orderId, event);
    case 'settled':
      return event.allocated === undefined
        ? []
        : [message('InventoryAllocated', { orderId, lines: event.allocated })];
    default:
      return [];
  }
}

function reserved(orderId: string, { attempt, expiresAt, lines }: Of<OrderEvent, 'held'>): Message {
  return message('InventoryReserved', {
    ...named(orderId, attempt),
    status: expiresAt === null ? 'committed' : 'held',
    expiresAt: timeOrNull(expiresAt),
    lines,
  });
}

/** An operation is told of when it is decided: from then on it is sure, and its units follow at once. */
function moved(orderId: string, { attempt, groups, kind }: Of<OrderEvent, 'began'>): readonly Message[] {
  const lines = groups.flatMap(({ parts }) => parts.flatMap(linesOf));
  switch (kind) {
    case 'commit':
      return [message('InventoryCommitted', { ...named(orderId, attempt), lines })];
    case 'release':
      return [message('InventoryReleased', { ...named(orderId, attempt), from: 'held', lines })];
    case 'expire':
      return [message('InventoryExpired', { ...named(orderId, attempt), lines })];
    case 'giveBack':
      return [message('InventoryReleased', { reservationId: null, orderId, from: 'allocated', lines })];
    case 'fulfill':
      return [message('InventoryFulfilled', { orderId, lines })];
    default:
      return [];
  }
}

function linesOf({ itemId, sku = '', moves }: GroupPart): readonly TakenLine[] {
  return moves.map(({ warehouseId, quantity }) => ({ itemId, sku, warehouseId, quantity }));
}

function named(orderId: string, attempt: number | null) {
  return { reservationId: formatReservationId(orderId, attempt ?? 0), orderId };
}

export function itemMessages(itemId: string, event: ItemEvent): readonly Message[] {
  switch (event.type) {
    case 'created':
    case 'updated': {
      const { sku, name, category } = event.details;
      const type = event.type === 'created' ? 'ItemCreated' : 'ItemUpdated';
      return [message(type, { itemId, sku, name, category })];
    }
    case 'deleted':
      return [message('ItemDeleted', { itemId })];
    case 'policySet':
      return [policySet(itemId, event), ...alertOf(itemId, event.warehouseId, event)];
    case 'level': {
      const { sku, quantity, held, allocated, warehouseId, cause } = event;
      const alert = alertOf(itemId, warehouseId, { ...event, sku, available: quantity - held - allocated });
      return isShopCause(cause) ? [adjusted(itemId, event), ...alert] : alert;
    }
  }
}

function policySet(itemId: string, { warehouseId, policy }: Of<ItemEvent, 'policySet'>): Message {
  const { lowStockThreshold, backInStockThreshold, incomingQuantity, incomingAt } = policy;
  return message('StockPolicySet', {
    itemId,
    warehouseId,
    lowStockThreshold,
    backInStockThreshold: backInStockThreshold ?? lowStockThreshold,
    incomingQuantity,
    incomingAt: timeOrNull(incomingAt),
  });
}

/** What an event says of a level besides what it is: that it is low, or back. */
function alertOf(
  itemId: string,
  warehouseId: string,
  { alert, sku, available, quantity, threshold }: Partial<PolicyAlert>,
): readonly Message[] {
  if (alert === undefined) return [];
  const type = alert === 'low' ? 'LowStock' : 'BackInStock';
  return [message(type, { itemId, sku, warehouseId, available, quantity, threshold })];
}

export function warehouseMessages(warehouseId: string, event: WarehouseEvent): readonly Message[] {
  if (event.type !== 'changed') return [];
  const { name, location, isActive, customerId, priority } = event.warehouse;
  const type = event.isNew ? 'WarehouseCreated' : 'WarehouseUpdated';
  return [message(type, { warehouseId, name, location, isActive, customerId, priority })];
}

function adjusted(itemId: string, event: Of<ItemEvent, 'level'>): Message {
  const { sku, warehouseId, delta, quantity, held, allocated, version, cause, reason, reference } = event;
  return message('InventoryAdjusted', {
    itemId,
    sku,
    warehouseId,
    available: quantity - held - allocated,
    quantity,
    delta,
    cause,
    reason,
    reference,
    version,
  });
}

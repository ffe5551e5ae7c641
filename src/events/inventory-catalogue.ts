// The events of Inventory and their data.
import Type from 'typebox';
import { count, orNull, quantity, stockLine, text, time, uuid } from './fields.ts';

const reservationId = text('Id of the reservation.');
const orderId = text('Id of the order, as whoever reserved named it.');
const lines = Type.Array(stockLine, { description: 'By item and warehouse.' });
const item = { itemId: uuid('Id of the item.'), sku: text('SKU of the item.') };
const level = {
  ...item,
  warehouseId: uuid('Of the warehouse.'),
  available: count('Units that are neither held nor allocated, after the change.'),
  quantity: count('Units that are there, after the change.'),
};
const warehouse = {
  warehouseId: uuid('Id of the warehouse.'),
  name: text('Name.'),
  location: text('Where it is.'),
  isActive: Type.Boolean({ description: 'Whether stock is drawn from it.' }),
  customerId: text("Whose stock it is (a merchant); ''."),
  priority: Type.Integer({ description: 'Lower is drawn from first.' }),
};
const details = {
  ...item,
  name: text('Name.'),
  category: text('Category.'),
};

export const inventoryCatalogue = {
  InventoryReserved: {
    routingKey: 'inventory.reserved',
    summary: 'An order has all that it asked for, held until it expires or committed at once.',
    data: Type.Object({
      reservationId,
      orderId,
      status: Type.Enum(['held', 'committed']),
      expiresAt: orNull(time('When the hold ends; null where it was committed at once.')),
      lines,
    }),
  },
  InventoryRefused: {
    routingKey: 'inventory.refused',
    summary: 'There was too little for an order: nothing is held.',
    data: Type.Object({
      reservationId,
      orderId,
      short: Type.Array(
        Type.Object({
          ...item,
          requested: quantity('Units that were asked for.'),
          available: count('Units that there were.'),
        }),
        { description: 'What there was too little of.' },
      ),
    }),
  },
  InventoryExtended: {
    routingKey: 'inventory.extended',
    summary: 'A hold lasts longer.',
    data: Type.Object({ reservationId, orderId, expiresAt: time('When it ends now.') }),
  },
  InventoryCommitted: {
    routingKey: 'inventory.committed',
    summary: 'What was held is allocated, and no longer expires.',
    data: Type.Object({ reservationId, orderId, lines }),
  },
  InventoryReleased: {
    routingKey: 'inventory.released',
    summary: 'What was held or allocated is given back.',
    data: Type.Object({
      reservationId: orNull(reservationId),
      orderId,
      from: Type.Enum(['held', 'allocated']),
      lines,
    }),
  },
  InventoryExpired: {
    routingKey: 'inventory.expired',
    summary: 'A hold has ended by itself, and its units are free again.',
    data: Type.Object({ reservationId, orderId, lines }),
  },
  InventoryAllocated: {
    routingKey: 'inventory.allocated',
    summary: 'Units were allocated to an order without a reservation.',
    data: Type.Object({ orderId, lines }),
  },
  InventoryFulfilled: {
    routingKey: 'inventory.fulfilled',
    summary: 'Allocated units have left the warehouse.',
    data: Type.Object({ orderId, lines }),
  },
  InventoryAdjusted: {
    routingKey: 'inventory.adjusted',
    summary: 'How many units there are has changed, other than by an order.',
    data: Type.Object({
      ...level,
      delta: Type.Integer({ description: 'Units that came, or, negative, went.' }),
      cause: Type.Enum(['created', 'adjusted', 'transferred', 'deleted']),
      reason: text('received, returned, damaged, counted, correction, transfer, deleted, …'),
      reference: text("The caller's own."),
      version: quantity('Of the level: one more with each of its changes.'),
    }),
  },
  LowStock: {
    routingKey: 'inventory.low_stock',
    summary: 'What is available in a warehouse has fallen below the threshold.',
    data: Type.Object({ ...level, threshold: quantity('The low-stock threshold.') }),
  },
  BackInStock: {
    routingKey: 'inventory.back_in_stock',
    summary: 'After LowStock: what is available has reached the threshold for that again.',
    data: Type.Object({ ...level, threshold: quantity('The back-in-stock threshold.') }),
  },
  StockPolicySet: {
    routingKey: 'inventory.policy_set',
    summary: "The thresholds or the expected delivery of an item's stock in a warehouse were set.",
    data: Type.Object({
      itemId: item.itemId,
      warehouseId: level.warehouseId,
      lowStockThreshold: count('0: no alerts.'),
      backInStockThreshold: count('At least the low-stock threshold; 0 where there are no alerts.'),
      incomingQuantity: count('Units that are expected.'),
      incomingAt: orNull(time('When they are expected.')),
    }),
  },
  WarehouseCreated: {
    routingKey: 'inventory.warehouse_created',
    summary: 'A warehouse was created.',
    data: Type.Object(warehouse),
  },
  WarehouseUpdated: {
    routingKey: 'inventory.warehouse_updated',
    summary: 'What is known of a warehouse was changed, or it was closed or opened.',
    data: Type.Object(warehouse),
  },
  ItemCreated: {
    routingKey: 'inventory.item_created',
    summary: 'An item was created.',
    data: Type.Object(details),
  },
  ItemUpdated: {
    routingKey: 'inventory.item_updated',
    summary: 'What is known of an item was changed.',
    data: Type.Object(details),
  },
  ItemDeleted: {
    routingKey: 'inventory.item_deleted',
    summary: 'An item was deleted.',
    data: Type.Object({ itemId: item.itemId }),
  },
} as const;

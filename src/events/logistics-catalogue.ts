// The events of Logistics and their data. None carries what is known of a person: who may know that asks Logistics.
import Type from 'typebox';
import { Money, orNull, quantity, shippedLine, text, time, uuid } from './fields.ts';

export const orderStatusNames = [
  'created',
  'processing',
  'reserving_stock',
  'confirmed',
  'back_ordered',
  'shipped',
  'delivered',
  'cancelled',
] as const;

const orderId = uuid('Id of the order.');
const customerId = orNull(uuid('Id of the customer; null for a guest.'));
const payment = { orderId, paymentId: uuid('Id of the payment.') };
const shipment = { orderId, shipmentId: uuid('Id of the shipment.') };
const refund = { ...payment, number: quantity('Among the refunds of the order, from 1.') };
const reason = text("Why, where the system knows; '' for what people wrote, which is personal.");
const by = Type.Enum(['customer', 'shop', 'payment', 'stock', 'timeout', 'system'], {
  description: 'Who made it so.',
});

export const logisticsCatalogue = {
  OrderCreated: {
    routingKey: 'order.created',
    summary: 'An order was placed.',
    data: Type.Object({
      orderId,
      customerId,
      lines: Type.Array(
        Type.Object({
          lineId: text('Names the line in shipments and returns.'),
          itemId: uuid('Id of the item.'),
          sku: text('SKU of the item.'),
          quantity: quantity('Units.'),
          unitPrice: Money,
        }),
      ),
      total: Money,
    }),
  },
  OrderStatusChanged: {
    routingKey: 'order.status_changed',
    summary: 'An order has another state.',
    data: Type.Object({
      orderId,
      customerId,
      from: Type.Enum([...orderStatusNames]),
      to: Type.Enum([...orderStatusNames]),
      by,
      reason,
    }),
  },
  OrderCancelled: {
    routingKey: 'order.cancelled',
    summary: 'An order was cancelled; comes right after its OrderStatusChanged.',
    data: Type.Object({ orderId, customerId, by, reason }),
  },
  OrderReduced: {
    routingKey: 'order.reduced',
    summary: 'What had not left of an order was cancelled; the order goes on without.',
    data: Type.Object({ orderId, lines: Type.Array(shippedLine) }),
  },
  OrderReturned: {
    routingKey: 'order.returned',
    summary: 'Goods of an order came back.',
    data: Type.Object({
      orderId,
      number: quantity('Among the returns of the order, from 1.'),
      lines: Type.Array(shippedLine),
      isRestocked: Type.Boolean({ description: 'Whether they go back into stock.' }),
      refund: Money,
    }),
  },
  PaymentAuthorized: {
    routingKey: 'payment.authorized',
    summary: 'The money is set aside.',
    data: Type.Object({ ...payment, amount: Money, expiresAt: orNull(time('When that lapses.')) }),
  },
  PaymentProcessed: {
    routingKey: 'payment.processed',
    summary: 'The money is taken.',
    data: Type.Object({ ...payment, amount: Money }),
  },
  PaymentFailed: {
    routingKey: 'payment.failed',
    summary: 'The money could not be set aside or taken.',
    data: Type.Object({
      ...payment,
      amount: Money,
      stage: Type.Enum(['authorization', 'capture']),
      reason: text('What the payment gateway said.'),
    }),
  },
  PaymentVoided: {
    routingKey: 'payment.voided',
    summary: 'What was set aside is free again.',
    data: Type.Object({ ...payment, amount: Money }),
  },
  PaymentRefunded: {
    routingKey: 'payment.refunded',
    summary: 'Money was given back.',
    data: Type.Object({ ...refund, amount: Money }),
  },
  RefundFailed: {
    routingKey: 'payment.refund_failed',
    summary: 'Money could not be given back.',
    data: Type.Object({ ...refund, amount: Money, reason: text('What the payment gateway said.') }),
  },
  ShipmentCreated: {
    routingKey: 'shipment.created',
    summary: 'Goods are to leave a warehouse.',
    data: Type.Object({
      ...shipment,
      carrier: text('Who carries it.'),
      trackingNumber: text("The carrier's."),
      warehouseId: uuid('Where it leaves from.'),
      lines: Type.Array(shippedLine),
    }),
  },
  ShipmentDispatched: {
    routingKey: 'shipment.dispatched',
    summary: 'The goods have left the warehouse.',
    data: Type.Object(shipment),
  },
  ShipmentDelivered: {
    routingKey: 'shipment.delivered',
    summary: 'The goods have arrived.',
    data: Type.Object(shipment),
  },
  ShipmentFailed: {
    routingKey: 'shipment.failed',
    summary: 'The warehouse does not have what it was to ship.',
    data: Type.Object({ ...shipment, reason: text('What the warehouse said.') }),
  },
  CustomerCreated: {
    routingKey: 'customer.created',
    summary: 'A customer was created.',
    data: Type.Object({ customerId: uuid('Id of the customer.') }),
  },
  CustomerUpdated: {
    routingKey: 'customer.updated',
    summary: 'What is known of a customer was changed.',
    data: Type.Object({ customerId: uuid('Id of the customer.') }),
  },
  CustomerErased: {
    routingKey: 'customer.erased',
    summary: 'All that was known of a customer is gone: whoever keeps a copy deletes it.',
    data: Type.Object({ customerId: uuid('Id of the customer.') }),
  },
} as const;

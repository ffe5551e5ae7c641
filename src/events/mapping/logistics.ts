// What the outside world hears of Logistics' journal: each event that is published, as the data of its messages. Nothing of a
// person is among it: what people wrote is left out.
import type { CustomerEvent } from '../../actors/logistics/customer/model.ts';
import { formatAmount, type Money, money } from '../../actors/logistics/money.ts';
import type { OrderEvent } from '../../actors/logistics/order/messages.ts';
import type { Shipment } from '../../actors/logistics/order/model.ts';
import type { OrderStatus } from '../../actors/logistics/order/transitions.ts';
import type { orderStatusNames } from '../logistics-catalogue.ts';
import { type Message, message, timeOrNull } from './message.ts';

type Of<Type> = Extract<OrderEvent, { readonly type: Type }>;

const statusNames: Readonly<Record<OrderStatus, (typeof orderStatusNames)[number]>> = {
  created: 'created',
  processing: 'processing',
  reservingStock: 'reserving_stock',
  confirmed: 'confirmed',
  backOrdered: 'back_ordered',
  shipped: 'shipped',
  delivered: 'delivered',
  cancelled: 'cancelled',
};

/** Texts that people wrote are sealed, and begin so. */
const sealedMark = 'sealed:';

export function orderMessages(orderId: string, event: OrderEvent): readonly Message[] {
  switch (event.type) {
    case 'created':
      return [created(orderId, event)];
    case 'moved':
      return moved(orderId, event);
    case 'paymentAnswered':
    case 'paymentFailed':
    case 'captureAnswered':
    case 'voidAnswered':
    case 'refundAnswered':
      return paymentMessages(orderId, event);
    case 'shipmentsMade':
      return event.shipments.map((shipment) => shipmentCreated(orderId, shipment));
    case 'shipmentLeft':
      return [message('ShipmentDispatched', { orderId, shipmentId: event.id })];
    case 'shipmentFailed':
      return [message('ShipmentFailed', { orderId, shipmentId: event.id, reason: event.reason })];
    case 'shipmentsDelivered':
      return event.ids.map((shipmentId) => message('ShipmentDelivered', { orderId, shipmentId }));
    case 'returnMade':
      return [returned(orderId, event)];
    case 'restCancelled':
      return [message('OrderReduced', { orderId, lines: event.rest.items })];
    default:
      return [];
  }
}

function created(orderId: string, { order }: Of<'created'>): Message {
  const { currency } = order.total;
  return message('OrderCreated', {
    orderId,
    customerId: order.customerId === '' ? null : order.customerId,
    lines: order.lines.map(({ lineId, itemId, sku, quantity, unitMinor }) => ({
      lineId,
      itemId,
      sku,
      quantity,
      unitPrice: amountOf(money(currency, BigInt(unitMinor))),
    })),
    total: amountOf(order.total),
  });
}

function moved(orderId: string, { from, to, by, why, ...of }: Of<'moved'>): readonly Message[] {
  const customerId = of.customerId === '' ? null : of.customerId;
  const reason = why.startsWith(sealedMark) ? '' : why;
  const changed = message('OrderStatusChanged', {
    orderId,
    customerId,
    from: statusNames[from],
    to: statusNames[to],
    by,
    reason,
  });
  return to === 'cancelled'
    ? [changed, message('OrderCancelled', { orderId, customerId, by, reason })]
    : [changed];
}

type PaymentEvent = Of<
  'paymentAnswered' | 'paymentFailed' | 'captureAnswered' | 'voidAnswered' | 'refundAnswered'
>;

function paymentMessages(orderId: string, event: PaymentEvent): readonly Message[] {
  const payment = { orderId, paymentId: event.id, amount: amountOf(event.amount) };
  const failed = (stage: 'authorization' | 'capture', reason: string) => [
    message('PaymentFailed', { ...payment, stage, reason }),
  ];
  if (event.type === 'paymentFailed') return failed('authorization', event.reason);
  const { answer } = event;
  switch (event.type) {
    case 'paymentAnswered':
      if (answer.outcome === 'approved')
        return [message('PaymentAuthorized', { ...payment, expiresAt: timeOrNull(answer.until) })];
      return answer.outcome === 'declined' ? failed('authorization', answer.reason) : [];
    case 'captureAnswered':
      return answer.outcome === 'declined'
        ? failed('capture', answer.reason)
        : [message('PaymentProcessed', payment)];
    case 'voidAnswered':
      return answer.outcome === 'declined' ? [] : [message('PaymentVoided', payment)];
    case 'refundAnswered': {
      const refund = { ...payment, number: event.number };
      return answer.outcome === 'declined'
        ? [message('RefundFailed', { ...refund, reason: answer.reason })]
        : [message('PaymentRefunded', refund)];
    }
  }
}

function shipmentCreated(orderId: string, shipment: Omit<Shipment, 'status'>): Message {
  const { id: shipmentId, carrier, trackingNumber, warehouseId, items } = shipment;
  return message('ShipmentCreated', {
    orderId,
    shipmentId,
    carrier,
    trackingNumber,
    warehouseId,
    lines: items.map(({ lineId, quantity }) => ({ lineId, quantity })),
  });
}

function returned(orderId: string, { made }: Of<'returnMade'>): Message {
  return message('OrderReturned', {
    orderId,
    number: made.number,
    lines: made.items.map(({ lineId, quantity }) => ({ lineId, quantity })),
    isRestocked: made.restock,
    refund: amountOf(made.refund),
  });
}

function amountOf({ currency, minor }: Money): { readonly amount: string; readonly currency: string } {
  return { amount: formatAmount(money(currency, BigInt(minor))), currency };
}

const customerTypes = {
  created: 'CustomerCreated',
  updated: 'CustomerUpdated',
  erased: 'CustomerErased',
} as const;

export function customerMessages(customerId: string, event: CustomerEvent): readonly Message[] {
  return event.type === 'erasureBegan' ? [] : [message(customerTypes[event.type], { customerId })];
}

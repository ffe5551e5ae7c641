// From the messages of the contract to JSON.
import type { Static } from 'typebox';
import type {
  OrderHistoryEntry,
  OrderResponse,
  OrderStatusEvent,
  OrderItem as WireItem,
  Order as WireOrder,
} from '../../generated/synkro/logistics/v1/logistics.ts';
import { given, isoTime } from '../given.ts';
import { moneyJson } from './money.ts';
import type { Order, OrderEvent, OrderHistory } from './order-schemas.ts';
import { paymentStatus, refundStatus, shipmentStatus, statusName, statusOrNone } from './statuses.ts';

export function orderJson(message: WireOrder | undefined): Static<typeof Order> {
  const order = given(message);
  const { shippingAddress, estimatedAvailability } = order;
  return {
    id: order.id,
    customerId: order.customerId,
    status: statusName(order.status),
    items: order.items.map(itemJson),
    totalAmount: moneyJson(order.totalAmount),
    ...(shippingAddress === undefined ? {} : { shippingAddress }),
    payments: order.payments.map(paymentJson),
    shipments: order.shipments.map(shipmentJson),
    returns: order.returns.map(returnJson),
    cancelledItems: order.cancelledItems.map(itemJson),
    reservationId: order.reservationId,
    ...(estimatedAvailability === undefined ? {} : { estimatedAvailability: isoTime(estimatedAvailability) }),
    cancellationReason: order.cancellationReason,
    notes: order.notes,
    createdAt: isoTime(order.createdAt),
    updatedAt: isoTime(order.updatedAt),
  };
}

/** Of one order, of which is known whether it rests. */
export function orderResponseJson({ order, atRest }: OrderResponse): Static<typeof Order> {
  return { ...orderJson(order), atRest };
}

function itemJson({ lineId, productId, sku, quantity, unitPrice, totalPrice }: WireItem) {
  return {
    lineId,
    productId,
    sku,
    quantity: Number(quantity),
    unitPrice: moneyJson(unitPrice),
    totalPrice: moneyJson(totalPrice),
  };
}

function paymentJson(payment: WireOrder['payments'][number]) {
  return {
    id: payment.id,
    status: paymentStatus(payment.status),
    amount: moneyJson(payment.amount),
    transactionId: payment.transactionId,
    capturedAmount: moneyJson(payment.capturedAmount),
    refundedAmount: moneyJson(payment.refundedAmount),
    refunds: payment.refunds.map(({ number, status, amount, reason }) => ({
      number,
      status: refundStatus(status),
      amount: moneyJson(amount),
      reason,
    })),
  };
}

function shipmentJson(shipment: WireOrder['shipments'][number]) {
  const { id, carrier, trackingNumber, status, warehouseId, items, createdAt } = shipment;
  return {
    id,
    carrier,
    trackingNumber,
    status: shipmentStatus(status),
    warehouseId,
    items: items.map(itemJson),
    createdAt: isoTime(createdAt),
  };
}

function returnJson({
  number,
  items,
  reason,
  restock,
  refundAmount,
  refundNumber,
  createdAt,
}: WireOrder['returns'][number]) {
  return {
    number,
    items: items.map(itemJson),
    reason,
    restock,
    refundAmount: moneyJson(refundAmount),
    ...(refundNumber === 0 ? {} : { refundNumber }),
    createdAt: isoTime(createdAt),
  };
}

export function historyJson(entries: readonly OrderHistoryEntry[]): Static<typeof OrderHistory> {
  return {
    entries: entries.map(({ timestamp, changedBy, reason, ...statuses }) => ({
      ...moveJson(statuses),
      timestamp: isoTime(timestamp),
      changedBy,
      reason,
    })),
  };
}

export function eventJson({
  orderId,
  customerId,
  timestamp,
  ...statuses
}: OrderStatusEvent): Static<typeof OrderEvent> {
  return { orderId, customerId, ...moveJson(statuses), timestamp: isoTime(timestamp) };
}

function moveJson({ previousStatus, newStatus }: Pick<OrderStatusEvent, 'previousStatus' | 'newStatus'>) {
  const previous = statusOrNone(previousStatus);
  return { ...(previous === null ? {} : { previousStatus: previous }), newStatus: statusName(newStatus) };
}

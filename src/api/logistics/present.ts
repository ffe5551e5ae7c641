// From what orders and customers are to the messages of the contract. Pure.
import { add, compareMoney, type Money, money, times, zero } from '../../actors/logistics/money.ts';
import type { OrderLine, OrderView, Payment, ShippedItem } from '../../actors/logistics/order/model.ts';
import type {
  Customer,
  Order,
  OrderHistoryEntry,
  OrderItem,
  Payment as WirePayment,
  Return as WireReturn,
  Shipment as WireShipment,
} from '../../generated/synkro/logistics/v1/logistics.ts';
import { addressMessage } from './address.ts';
import { moneyMessage } from './money.ts';
import type { CustomerPersonal, OrderPersonal } from './personal.ts';
import { statusMessage } from './statuses.ts';

/** @param personal null where the key is gone: then address and notes are not shown */
export function orderMessage(view: OrderView, personal: OrderPersonal | null): Order {
  const { id, customerId, status, stock, total, estimatedAt } = view;
  const lines = new Map(view.lines.map((line) => [line.lineId, line]));
  const itemsOf = (items: readonly ShippedItem[]) =>
    items.flatMap(({ lineId, quantity }) => {
      const line = lines.get(lineId);
      return line === undefined ? [] : [itemMessage(line, quantity, total.currency)];
    });
  return {
    id,
    customerId,
    status: statusMessage(status),
    items: view.lines.map((line) => itemMessage(line, line.quantity, total.currency)),
    totalAmount: moneyMessage(total),
    shippingAddress: addressMessage(personal?.address ?? null),
    payments: view.payments.map(paymentMessage),
    shipments: view.shipments.map(
      ({ items, status: reached, createdAt, ...shipment }): WireShipment => ({
        ...shipment,
        status: reached === 'inTransit' ? 'in_transit' : reached,
        items: itemsOf(items),
        createdAt: new Date(createdAt),
      }),
    ),
    reservationId: stock.reservationId,
    estimatedAvailability:
      status === 'backOrdered' && estimatedAt !== null ? new Date(estimatedAt) : undefined,
    cancellationReason: cancellationReason(view),
    createdAt: new Date(view.createdAt),
    updatedAt: new Date(view.updatedAt),
    notes: personal?.notes ?? '',
    cancelledItems: itemsOf(sumsOf(view.restCancel?.items ?? [])),
    returns: view.returns.map(
      ({ number, items, reason, restock, refund, refundNumber, at }): WireReturn => ({
        number,
        items: itemsOf(items),
        reason,
        restock,
        refundAmount: moneyMessage(refund),
        refundNumber: refundNumber ?? 0,
        createdAt: new Date(at),
      }),
    ),
  };
}

/** A line that lay in several warehouses is one. */
function sumsOf(items: readonly ShippedItem[]): readonly ShippedItem[] {
  const byLine = Map.groupBy(items, ({ lineId }) => lineId);
  return Array.from(byLine, ([lineId, its]) => ({
    lineId,
    quantity: its.reduce((sum, { quantity }) => sum + quantity, 0),
  }));
}

function itemMessage(line: OrderLine, quantity: number, currency: string): OrderItem {
  const unitPrice = money(currency, BigInt(line.unitMinor));
  return {
    productId: line.itemId,
    sku: line.sku,
    quantity: BigInt(quantity),
    unitPrice: moneyMessage(unitPrice),
    totalPrice: moneyMessage(times(unitPrice, quantity)),
    lineId: line.lineId,
  };
}

function paymentMessage(payment: Payment): WirePayment {
  const { id, amount, transactionId } = payment;
  const none = zero(amount.currency);
  const refunded = payment.refunds
    .filter(({ status }) => status === 'done')
    .reduce((sum, refund) => add(sum, refund.amount), none);
  return {
    id,
    status: paymentStatus(payment, refunded),
    amount: moneyMessage(amount),
    transactionId,
    capturedAmount: moneyMessage(payment.status === 'captured' ? amount : none),
    refundedAmount: moneyMessage(refunded),
    refunds: payment.refunds.map(({ number, status, amount: given, reason }) => ({
      number,
      status,
      amount: moneyMessage(given),
      reason,
    })),
  };
}

/** As the contract lists them: what is asked and not answered yet is what it was before. */
function paymentStatus({ status, amount }: Payment, refunded: Money): string {
  switch (status) {
    case 'authorizing':
    case 'pending':
      return 'pending';
    case 'authorized':
    case 'capturing':
    case 'voiding':
      return 'authorized';
    case 'captured':
      if (BigInt(refunded.minor) === 0n) return 'captured';
      return compareMoney(refunded, amount) < 0 ? 'partially_refunded' : 'refunded';
    case 'declined':
    case 'failed':
    case 'voided':
      return status;
  }
}

/** Also of a cancellation that is noted, and done when the order rests. */
function cancellationReason({ cancel, restCancel, status, history }: OrderView): string {
  if (cancel !== null) return cancel.reason;
  if (restCancel !== null) return restCancel.reason;
  return status === 'cancelled' ? (history.at(-1)?.why ?? '') : '';
}

export function historyMessage({ history }: OrderView): OrderHistoryEntry[] {
  return history.map(({ from, to, at, by, why }) => ({
    previousStatus: statusMessage(from),
    newStatus: statusMessage(to),
    timestamp: new Date(at),
    changedBy: by,
    reason: why,
  }));
}

export function customerMessage(
  customer: { readonly id: string; readonly createdAt: number; readonly updatedAt: number },
  { name, email, phone, address }: CustomerPersonal,
): Customer {
  return {
    id: customer.id,
    name,
    email,
    phone,
    defaultAddress: addressMessage(address),
    createdAt: new Date(customer.createdAt),
    updatedAt: new Date(customer.updatedAt),
  };
}

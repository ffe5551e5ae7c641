// What an order answers with, and the refusals that several commands share.
import { fail } from '../../failure.ts';
import { isZero } from '../money.ts';
import type { Order, OrderView, Payment } from './model.ts';
import type { OrderStatus } from './transitions.ts';

export function orderView(id: string, order: Order): OrderView {
  const {
    talk: _talk,
    talks: _talks,
    waits: _waits,
    operation: _operation,
    operations: _operations,
    fingerprint: _fingerprint,
    patience: _patience,
    ...shown
  } = order;
  return { ...shown, id, isResting: isResting(order) };
}

export function lastPayment(order: Order): Payment | null {
  return order.payments.at(-1) ?? null;
}

export function isPaid(order: Order): boolean {
  return isZero(order.total) || lastPayment(order)?.status === 'captured';
}

/** Nothing happens any more unless somebody asks, stock arrives, or time passes. */
export function isResting(order: Order): boolean {
  switch (order.status) {
    case 'created':
    case 'processing':
    case 'reservingStock':
      return false;
    case 'confirmed':
      return isPaid(order) && order.cancel === null;
    case 'backOrdered':
    case 'shipped':
    case 'delivered':
    case 'cancelled':
      return true;
  }
}

/** Whether all that a cancellation undoes is undone. */
export function isUndone({ status, stock, payments }: Order): boolean {
  return (
    status === 'cancelled' &&
    stock.state !== 'givingBack' &&
    payments.every(
      (payment) =>
        payment.status !== 'voiding' && payment.refunds.every((refund) => refund.status !== 'asked'),
    )
  );
}

export function orderNotFound(id: string) {
  return fail('order-not-found', `no order ${id}`, { orderId: id });
}

/** The state does not allow it. `advice` says what would be allowed, or what is in the way. */
export function orderState(order: Order, advice: string) {
  const state = spelled(order.status);
  return fail('order-state', `the order is ${state}: ${advice}`, { state });
}

/** As both APIs spell it: back_ordered. */
export function spelled(status: OrderStatus): string {
  return status.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

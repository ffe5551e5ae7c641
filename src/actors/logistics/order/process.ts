// The order as a process: what follows from where it stands, step by step, until it waits for somebody. Every decision
// about an order ends here, so that what happens next is written down once.

import { uuidv5 } from '../../ids.ts';
import { limits } from '../limits.ts';
import { isZero, money } from '../money.ts';
import { refundedOf } from './evolve.ts';
import type { ItemDraw } from './messages.ts';
import type { Order } from './model.ts';
import { beginAsk, beginPass, declineGrants, leaveQueues } from './queues.ts';
import { cancelToken, operationToken, restingToken, restToken, type Steps } from './steps.ts';
import type { OrderStatus } from './transitions.ts';
import { isResting, isUndone, lastPayment, orderState, orderView } from './views.ts';

/** Goes on as far as it can, and wakes whoever waited for where it is now. */
export function proceed(steps: Steps): void {
  while (step(steps));
  endOperation(steps);
  wakeWaiting(steps);
}

export function move(steps: Steps, to: OrderStatus, by: string, why: string): void {
  const { status: from, customerId } = steps.order;
  steps.add({ type: 'moved', from, to, customerId, at: steps.context.now, by, why });
}

/** @returns whether something was done */
function step(steps: Steps): boolean {
  switch (steps.order.status) {
    case 'created':
      move(steps, 'processing', 'system', '');
      return true;
    case 'processing':
      return authorize(steps);
    case 'reservingStock':
      return reserve(steps);
    case 'backOrdered':
      return wait(steps);
    case 'confirmed':
      return confirm(steps);
    case 'shipped':
    case 'delivered':
    case 'cancelled':
      return voidLate(steps);
  }
}

function authorize(steps: Steps): boolean {
  const { order } = steps;
  if (isZero(order.total)) {
    move(steps, 'reservingStock', 'payment', 'there is nothing to pay');
    return true;
  }
  const payment = lastPayment(order);
  if (payment === null) return openPayment(steps, false);
  if (payment.status === 'authorized') {
    move(steps, 'reservingStock', 'payment', 'authorized');
    return true;
  }
  if (payment.status === 'declined' || payment.status === 'failed') {
    cancel(steps, 'payment', `the payment was ${payment.status}: ${payment.reason}`);
    return true;
  }
  return false;
}

function openPayment(steps: Steps, isRenewal: boolean): true {
  const { order, context } = steps;
  const id = uuidv5(`${context.self.id}/payment/${order.payments.length + 1}`);
  steps.add({ type: 'paymentOpened', id, isRenewal, at: context.now });
  return true;
}

function reserve(steps: Steps): boolean {
  const { stock, talk } = steps.order;
  if (stock.state === 'committed') {
    move(steps, 'confirmed', 'stock', '');
    return true;
  }
  if (stock.state === 'none' && talk === null) {
    beginPass(steps);
    return true;
  }
  return false;
}

/** Granted by one queue it asks the others; granted by all it reserves. */
function wait(steps: Steps): boolean {
  const { order } = steps;
  if (order.cancel !== null) {
    cancel(steps, order.cancel.by, order.cancel.reason);
    return true;
  }
  const waits = Object.entries(order.waits);
  const granted = waits.filter(([, wait]) => wait === 'granted').map(([itemId]) => itemId);
  if (order.talk !== null || granted.length === 0) return false;
  if (granted.length < waits.length) {
    const refused = waits.filter(([, wait]) => wait === 'asked').map(([itemId]) => itemId);
    if (refused.length > 0 && !asksAgain(steps)) {
      // They keep its place, and grant when they can; those that did grant pass it over until it asks.
      steps.add({ type: 'waitChanged', items: refused, to: 'waiting' });
      declineGrants(steps, granted);
      return true;
    }
    beginAsk(steps);
    return true;
  }
  move(steps, 'reservingStock', 'stock', 'it is its turn');
  steps.add({ type: 'attemptBegan' });
  return true;
}

/**
 * Two orders that each hold what the other lacks would both give back, be granted the other's, and meet again, as long as
 * their messages keep step. So one in two, by chance as it were, asks once more before it gives back.
 */
function asksAgain({ context, isContended, order }: Steps): boolean {
  return isContended && /^[0-7]/.test(uuidv5(`${context.self.id}/talk/${order.talks}`));
}

function confirm(steps: Steps): boolean {
  const { order, context } = steps;
  const payment = lastPayment(order);
  const isCaptured = payment === null || payment.status === 'captured';
  if (
    order.cancel !== null &&
    order.shipments.length === 0 &&
    (isCaptured || payment.status === 'authorized')
  ) {
    cancel(steps, order.cancel.by, order.cancel.reason);
    return true;
  }
  if (isCaptured) return shipped(steps);
  if (payment.status === 'authorized') {
    if (payment.until === null || context.now < payment.until) {
      steps.add({ type: 'captureBegan', id: payment.id });
      return true;
    }
    const { id, amount } = payment;
    steps.add({ type: 'paymentFailed', id, amount, reason: 'the authorization lapsed' });
    // One that always lapses before it can be captured is not renewed for ever.
    return order.payments.length < limits.paymentsPerOrderMax ? openPayment(steps, true) : true;
  }
  if (payment.status === 'declined' || payment.status === 'failed') {
    // A renewal that is declined counts as a declined capture.
    const what = payment.status === 'declined' ? 'the renewed payment was declined' : 'the payment failed';
    cancel(steps, 'payment', `${what}: ${payment.reason}`);
    return true;
  }
  return false;
}

function shipped(steps: Steps): boolean {
  const { draws, restCancel, shipments } = steps.order;
  if (draws.some((draw) => draw.shipped < draw.quantity)) return false;
  if (shipments.some(({ status }) => status === 'created')) return false;
  move(steps, 'shipped', 'shop', restCancel === null ? '' : 'what had not left was cancelled');
  return true;
}

/** An approval that comes when the order is no more is let go again. */
function voidLate(steps: Steps): boolean {
  if (steps.order.status !== 'cancelled') return false;
  const late = steps.order.payments.find(({ status }) => status === 'authorized');
  if (late === undefined) return false;
  steps.add({ type: 'voidBegan', id: late.id, transactionId: late.transactionId });
  return true;
}

/** Everything that was taken is given back: stock, money, places in queues. */
export function cancel(steps: Steps, by: string, why: string): void {
  move(steps, 'cancelled', by, why);
  if (steps.order.stock.state === 'committed') steps.add({ type: 'giveBackBegan' });
  leaveQueues(steps, []);
  for (const payment of steps.order.payments) {
    if (payment.status === 'authorized')
      steps.add({ type: 'voidBegan', id: payment.id, transactionId: payment.transactionId });
    if (payment.status === 'captured') refundRest(steps, payment.id);
  }
}

function refundRest(steps: Steps, paymentId: string): void {
  const { order } = steps;
  const rest = BigInt(order.total.minor) - refundedOf(order);
  if (rest > 0n) refund(steps, paymentId, money(order.total.currency, rest));
}

export function refund(steps: Steps, paymentId: string, amount: Order['total']): void {
  steps.add({ type: 'refundBegan', id: paymentId, number: nextRefund(steps.order), amount });
}

/** The number of the refund that comes next. */
export function nextRefund({ payments }: Order): number {
  return payments.reduce((sum, { refunds }) => sum + refunds.length, 0) + 1;
}

/** The reservation is committed: who was in queues has been served. */
export function served(steps: Steps, draws: readonly ItemDraw[]): void {
  leaveQueues(steps, draws);
}

function endOperation(steps: Steps): void {
  const { operation } = steps.order;
  if (operation === null || !isOver(steps.order)) return;
  const { failure, number, receipt } = operation;
  steps.add({ type: 'operationEnded' });
  if (failure !== null) {
    // An error had no effect that counts, and its key is free again.
    steps.wake(operationToken(number), orderState(steps.order, failure));
    return;
  }
  const reply = { ok: orderView(steps.context.self.id, steps.order) };
  steps.wake(operationToken(number), reply);
  steps.keep(receipt, reply);
}

function isOver(order: Order): boolean {
  const { operation, shipments, returns, payments } = order;
  if (operation?.kind === 'ship')
    return shipments.every(({ id, status }) => status !== 'created' || !operation.ids.includes(id));
  const isPaidBack = payments.every(({ refunds }) => refunds.every(({ status }) => status !== 'asked'));
  if (operation?.kind === 'refund') return isPaidBack;
  if (operation?.kind === 'cancelRest') return isPaidBack && order.stock.state !== 'givingBack';
  const made = returns.find(({ number }) => String(number) === operation?.ids[0]);
  return made?.isRestocked === true && isPaidBack;
}

function wakeWaiting(steps: Steps): void {
  const { order } = steps;
  const reply = { ok: orderView(steps.context.self.id, order) };
  if (isResting(order)) steps.wake(restingToken, reply);
  if (isUndone(order)) {
    steps.wake(cancelToken, reply);
    if (order.cancel !== null && !steps.wasUndone) steps.keep(order.cancel.receipt, reply);
  }
  if (isResting(order) && order.operation === null) steps.wake(restToken);
}

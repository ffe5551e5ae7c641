// What callers ask of an order: create, get, cancel, ship, deliver, return.
import type { Context, Decision, ReceiptKey } from '../../behaviour.ts';
import { fail, keyReused } from '../../failure.ts';
import { uuidv5 } from '../../ids.ts';
import { limits } from '../limits.ts';
import { add, isZero, type Money, money, times, zero } from '../money.ts';
import type { OrderCommand, OrderEvent } from './messages.ts';
import type { Operation, Order, OrderState, Shipment, ShippedItem } from './model.ts';
import { pickReturned, pickShipped } from './picks.ts';
import { move, nextRefund, proceed, refund } from './process.ts';
import { cancelToken, operationToken, restingToken, restToken, Steps } from './steps.ts';
import { isResting, isUndone, orderNotFound, orderState, orderView } from './views.ts';

type Of<Type extends OrderCommand['type']> = Extract<OrderCommand, { readonly type: Type }>;

/** Answered when the order rests. A repeat hears of the same order. */
export function create(state: OrderState, command: Of<'create'>, context: Context): Decision<OrderEvent> {
  const { order } = state;
  if (order !== null) {
    if (order.fingerprint !== command.order.fingerprint)
      return { reply: command.isIdOfKey ? keyReused() : orderExists(context.self.id) };
    return isResting(order) ? { reply: { ok: orderView(context.self.id, order) } } : { park: restingToken };
  }
  const steps = new Steps(state, context);
  steps.add({ type: 'created', order: command.order, at: context.now });
  proceed(steps);
  // Before anything is paid or reserved it never rests.
  return steps.decision({ park: restingToken });
}

function orderExists(orderId: string) {
  return fail('order-exists', `an order ${orderId} with other content exists`, { orderId });
}

export function get({ order }: OrderState, context: Context): Decision<OrderEvent> {
  return {
    reply: order === null ? orderNotFound(context.self.id) : { ok: orderView(context.self.id, order) },
  };
}

/** Before it rests, the cancellation is noted; it is answered when everything is undone. */
export function cancelOrder(
  state: OrderState,
  command: Of<'cancel'>,
  context: Context,
): Decision<OrderEvent> {
  const { order } = state;
  if (order === null) return { reply: orderNotFound(context.self.id) };
  if (order.status === 'cancelled')
    return isUndone(order)
      ? { reply: { ok: orderView(context.self.id, order) } }
      : parkFor(order, context.receipt);
  if (order.cancel !== null) return parkFor(order, context.receipt);
  const waits = waitForOperation(order, 'cancelRest', context.receipt);
  if (waits !== null) return waits;
  if (order.restCancel !== null) return { reply: { ok: orderView(context.self.id, order) } };
  if (order.shipments.length > 0) return cancelRest(state, order, command, context);
  const steps = new Steps(state, context);
  const { by, reason } = command;
  steps.add({ type: 'cancelNoted', cancel: { by, reason, receipt: keyOf(context.receipt) } });
  proceed(steps);
  return isUndone(steps.order)
    ? steps.decision({ reply: { ok: orderView(context.self.id, steps.order) } })
    : steps.decision({ park: cancelToken });
}

/** Some of it has left and can only be returned; what has not goes back into stock, and is refunded. */
function cancelRest(
  state: OrderState,
  order: Order,
  { by, reason }: Of<'cancel'>,
  context: Context,
): Decision<OrderEvent> {
  const left = order.draws.filter((draw) => draw.shipped < draw.quantity);
  if (order.status !== 'confirmed' || left.length === 0)
    return { reply: orderState(order, 'goods have left, and can only be returned') };
  const items = left.map(({ lineId, quantity, shipped }) => ({ lineId, quantity: quantity - shipped }));
  const amount = priceOf(order, items);
  const paidBy = isZero(amount) ? undefined : order.payments.find(({ status }) => status === 'captured');
  const refundNumber = paidBy === undefined ? null : nextRefund(order);
  const steps = new Steps(state, context);
  const rest = { by, reason, items, refundNumber, at: context.now };
  steps.add({ type: 'restCancelled', rest, receipt: keyOf(context.receipt) });
  const { operations } = steps.order;
  if (paidBy !== undefined) refund(steps, paidBy.id, amount);
  return steps.decision({ park: operationToken(operations) });
}

/** Somebody cancelled it before. Who has a key of his own decides again then, so that his answer is kept under it. */
function parkFor({ cancel }: Order, receipt: ReceiptKey | null): Decision<OrderEvent> {
  if (receipt === null) return { park: cancelToken };
  if (cancel?.receipt?.key !== receipt.key) return { park: restToken };
  return cancel.receipt.fingerprint === receipt.fingerprint ? { park: cancelToken } : { reply: keyReused() };
}

/** One shipment for each warehouse; answered when the goods have left it. */
export function ship(state: OrderState, command: Of<'ship'>, context: Context): Decision<OrderEvent> {
  const { order } = state;
  if (order === null) return { reply: orderNotFound(context.self.id) };
  const waits = waitFor(order, 'ship', context.receipt);
  if (waits !== null) return waits;
  const { warehouseId } = command;
  if (warehouseId !== null && !order.draws.some((draw) => draw.warehouseId === warehouseId))
    return { reply: orderState(order, `it has nothing in warehouse ${warehouseId}`) };
  const isAll = command.lines.length === 0;
  if (isAll && (order.status === 'shipped' || order.status === 'delivered'))
    return { reply: { ok: orderView(context.self.id, order) } };
  if (order.status !== 'confirmed') return { reply: orderState(order, 'only a confirmed order is shipped') };
  const picked = pickShipped(order, command.lines, warehouseId);
  if ('error' in picked) return { reply: picked };
  if (order.shipments.length + picked.groups.length > limits.shipmentsPerOrderMax)
    return { reply: fail('limit-reached', `an order has at most ${limits.shipmentsPerOrderMax} shipments`) };
  const { carrier, trackingNumber } = command;
  const shipments = picked.groups.map(({ warehouseId, items }, index): Omit<Shipment, 'status'> => {
    const id = uuidv5(`${context.self.id}/shipment/${order.operations + 1}/${index + 1}`);
    return { id, carrier, trackingNumber, warehouseId, items, createdAt: context.now };
  });
  const steps = new Steps(state, context);
  steps.add({ type: 'shipmentsMade', shipments, receipt: keyOf(context.receipt) });
  return steps.decision({ park: operationToken(steps.order.operations) });
}

export function deliver(state: OrderState, command: Of<'deliver'>, context: Context): Decision<OrderEvent> {
  const { order } = state;
  if (order === null) return { reply: orderNotFound(context.self.id) };
  if (order.operation !== null) return { park: restToken };
  const { shipmentId } = command;
  const arriving = order.shipments.filter(({ id }) => shipmentId === null || id === shipmentId);
  if (shipmentId !== null && arriving.length === 0)
    return { reply: fail('shipment-not-found', `the order has no shipment ${shipmentId}`, { shipmentId }) };
  if (order.status === 'delivered') return { reply: { ok: orderView(context.self.id, order) } };
  if (shipmentId === null && order.status !== 'shipped')
    return { reply: orderState(order, 'only a shipped order is delivered') };
  const ids = arriving.filter(({ status }) => status !== 'delivered').map(({ id }) => id);
  const steps = new Steps(state, context);
  if (ids.length > 0) steps.add({ type: 'shipmentsDelivered', ids, at: context.now });
  if (steps.order.status === 'shipped' && steps.order.shipments.every(({ status }) => status === 'delivered'))
    move(steps, 'delivered', 'shop', '');
  proceed(steps);
  return steps.decision({ reply: { ok: orderView(context.self.id, steps.order) } });
}

/** Answered when the goods are back in stock and the money is on its way. */
export function giveBack(state: OrderState, command: Of<'return'>, context: Context): Decision<OrderEvent> {
  const { order } = state;
  if (order === null) return { reply: orderNotFound(context.self.id) };
  const waits = waitFor(order, 'return', context.receipt);
  if (waits !== null) return waits;
  if (order.returns.length >= limits.returnsPerOrderMax)
    return { reply: fail('limit-reached', `an order has at most ${limits.returnsPerOrderMax} returns`) };
  if (!order.shipments.some(({ status }) => status !== 'created'))
    return { reply: orderState(order, 'nothing of it has left') };
  const picked = pickReturned(order, command.lines);
  if ('error' in picked) return { reply: picked };
  const { reason, restock } = command;
  const amount = priceOf(order, picked.items);
  const number = order.returns.length + 1;
  const steps = new Steps(state, context);
  const captured = order.payments.find(({ status }) => status === 'captured');
  const paidBy = captured !== undefined && !isZero(amount) ? captured : null;
  const refundNumber = paidBy === null ? null : nextRefund(order);
  const made = {
    number,
    items: picked.items,
    reason,
    restock,
    refund: amount,
    refundNumber,
    at: context.now,
  };
  steps.add({ type: 'returnMade', made, receipt: keyOf(context.receipt) });
  const { operations } = steps.order;
  if (paidBy !== null) refund(steps, paidBy.id, amount);
  proceed(steps);
  if (steps.order.operation === null)
    return steps.decision({ reply: { ok: orderView(context.self.id, steps.order) } });
  return steps.decision({ park: operationToken(operations) });
}

/** Answered when the gateway has said yes or no to each. Where none was declined there is nothing to do. */
export function retryRefunds(state: OrderState, context: Context): Decision<OrderEvent> {
  const { order } = state;
  if (order === null) return { reply: orderNotFound(context.self.id) };
  const waits = waitForOperation(order, 'refund', context.receipt);
  if (waits !== null) return waits;
  // Until then the answer to the cancellation is not kept.
  if (order.status === 'cancelled' && !isUndone(order)) return { park: restToken };
  const declined = order.payments.flatMap(({ refunds }) =>
    refunds.flatMap(({ number, status }) => (status === 'declined' ? [number] : [])),
  );
  if (declined.length === 0) return { reply: { ok: orderView(context.self.id, order) } };
  const steps = new Steps(state, context);
  steps.add({ type: 'refundsRetried', numbers: declined, receipt: keyOf(context.receipt) });
  return steps.decision({ park: operationToken(steps.order.operations) });
}

function priceOf(order: Order, items: readonly ShippedItem[]): Money {
  const { currency } = order.total;
  const unitOf = new Map(
    order.lines.map(({ lineId, unitMinor }) => [lineId, money(currency, BigInt(unitMinor))]),
  );
  return items.reduce(
    (sum, { lineId, quantity }) => add(sum, times(unitOf.get(lineId) ?? zero(currency), quantity)),
    zero(currency),
  );
}

/** Null where nothing is under way: else the caller waits, for the same answer if it is his own. */
function waitForOperation(
  { operation }: Order,
  kind: Operation['kind'],
  receipt: ReceiptKey | null,
): Decision<OrderEvent> | null {
  if (operation === null) return null;
  if (operation.kind !== kind || receipt === null || operation.receipt?.key !== receipt.key)
    return { park: restToken };
  return operation.receipt.fingerprint === receipt.fingerprint
    ? { park: operationToken(operation.number) }
    : { reply: keyReused() };
}

/** The same; null where the order rests besides. */
function waitFor(
  order: Order,
  kind: 'ship' | 'return',
  receipt: ReceiptKey | null,
): Decision<OrderEvent> | null {
  const waits = waitForOperation(order, kind, receipt);
  if (waits !== null || isResting(order)) return waits;
  return order.status === 'confirmed'
    ? { park: restToken }
    : { reply: orderState(order, 'wait until it rests') };
}

function keyOf(receipt: ReceiptKey | null): ReceiptKey | null {
  return receipt === null ? null : { key: receipt.key, fingerprint: receipt.fingerprint };
}

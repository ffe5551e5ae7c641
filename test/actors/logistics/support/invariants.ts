// What has to hold of a shop at every step, and what once it has come to rest. Each check throws with the number of the
// invariant that is broken.
import type { AnyBehaviour } from '../../../../src/actors/behaviour.ts';
import { openLogisticsBooks } from '../../../../src/actors/logistics/books.ts';
import { wantedItems } from '../../../../src/actors/logistics/order/effects.ts';
import type { Order } from '../../../../src/actors/logistics/order/model.ts';
import { isResting } from '../../../../src/actors/logistics/order/views.ts';
import { isQueueState } from '../../../../src/actors/logistics/queue/guards.ts';
import { queue as queueBehaviour } from '../../../../src/actors/logistics/queue/queue.ts';
import { isObject, isText, listOf, objectOf, oneOf } from '../../../../src/actors/shape.ts';
import { stored } from '../../support/strict.ts';
import type { Shop } from './shop.ts';

const queue: AnyBehaviour = queueBehaviour;

/** What happened to the order, by the events' types. */
export function typesOf(shop: Shop, orderId: string): readonly string[] {
  return shop.world.events('order', orderId).map((event) => (isObject(event) ? String(event['type']) : ''));
}

export function checkAlways(shop: Shop): void {
  const books = openLogisticsBooks();
  for (const id of shop.world.ids('order')) books.addOrder(id, stored(shop.world.state('order', id)));
  for (const id of shop.world.ids('queue')) books.addQueue(id, stored(shop.world.state('queue', id)));
  for (const { message, origin } of shop.world.underWay()) books.addMessage(origin, message);
  const [difference] = books.close().differences;
  if (difference !== undefined) throw new Error(difference);
  for (const id of shop.world.ids('order')) checkMoney(shop, id);
}

/** Money is taken once, for what is confirmed and not cancelled; and never more is kept than the order is worth. */
function checkMoney(shop: Shop, id: string): void {
  const order = shop.order(id);
  const { captured, captures, refunded } = shop.gateway.balance(id, shop.world.now);
  if (captures > 1) throw new Error(`I19: ${id} was captured ${captures} times`);
  if (refunded > captured || captured > BigInt(order.total.minor))
    throw new Error(`I19: of ${id} ${captured} were captured and ${refunded} refunded`);
  if (captures > 0 && shop.inventory.commits(id) !== 1)
    throw new Error(`I19: ${id} was captured without its stock`);
  const types = typesOf(shop, id);
  const noted = types.indexOf('cancelNoted');
  if (noted >= 0 && types.includes('captureBegan', noted))
    throw new Error(`I19: ${id} is captured after it was cancelled`);
  if (
    shop.inventory.holdings(id).some(({ fulfilled }) => fulfilled > 0) &&
    captured < BigInt(order.total.minor)
  )
    throw new Error(`I19: goods of ${id} have left unpaid`);
}

/** @param shop with nothing on its way, and nothing that could be performed */
export function checkAtRest(shop: Shop): void {
  shop.world.checkFolds();
  checkAlways(shop);
  const stuck = shop.world.wanted().filter(({ effect }) => effect.isWatch !== true);
  if (stuck.length > 0) throw new Error(`I16: ${JSON.stringify(stuck)} is wanted for ever`);
  if (shop.world.waiting().length > 0) throw new Error('I16: callers are never answered');
  for (const id of shop.world.ids('order')) checkOrder(shop, id);
  for (const itemId of shop.world.ids('queue')) {
    checkQueue(shop, itemId);
    checkTurns(shop, itemId);
  }
}

function checkOrder(shop: Shop, id: string): void {
  const order = shop.order(id);
  const { captured, open, refunded } = shop.gateway.balance(id, shop.world.now);
  const holdings = shop.inventory.holdings(id);
  const allocated = holdings.reduce((sum, holding) => sum + holding.allocated, 0);
  if (!isResting(order) || order.operation !== null || order.talk !== null)
    throw new Error(`I16: ${id} does not rest: ${JSON.stringify(order)}`);
  const isRefundDeclined = order.payments.some(({ refunds }) =>
    refunds.some((each) => each.status === 'declined'),
  );
  switch (order.status) {
    case 'cancelled':
      if (allocated > 0) throw new Error(`I6: ${id} is cancelled, and has ${allocated} units`);
      if (holdings.some(({ fulfilled }) => fulfilled > 0))
        throw new Error(`I2: ${id} is cancelled, and some of it has left`);
      if (captured !== refunded && !isRefundDeclined)
        throw new Error(`I19: ${id} is cancelled, and paid for`);
      if (open > 0) throw new Error(`I19: ${id} is cancelled, and an authorization of it is open`);
      break;
    case 'backOrdered':
      if (allocated > 0) throw new Error(`I6: ${id} is backOrdered, and has ${allocated} units`);
      if (captured > 0n) throw new Error(`I19: ${id} is backOrdered, and paid for`);
      checkServable(shop, id, order);
      break;
    default:
      checkKept(shop, id, order, isRefundDeclined);
  }
}

/** Exactly its lines, once; paid in full but for what came back. */
function checkKept(shop: Shop, id: string, order: Order, isRefundDeclined: boolean): void {
  const { captured, refunded } = shop.gateway.balance(id, shop.world.now);
  if (shop.inventory.commits(id) !== 1) throw new Error(`I6: ${id} is ${order.status} without its stock`);
  const without = new Map<string, number>();
  for (const { lineId, quantity } of order.restCancel?.items ?? []) {
    const itemId = order.lines.find((line) => line.lineId === lineId)?.itemId ?? '';
    without.set(itemId, (without.get(itemId) ?? 0) + quantity);
  }
  for (const wanted of wantedItems(order)) {
    const { itemId } = wanted;
    const quantity = wanted.quantity - (without.get(itemId) ?? 0);
    const its = shop.inventory.holdings(id).filter((holding) => holding.itemId === itemId);
    const has = its.reduce((sum, holding) => sum + holding.allocated + holding.fulfilled, 0);
    if (has !== quantity)
      throw new Error(`I6: ${id} is ${order.status}, and has ${has} of ${quantity} ${itemId}`);
  }
  if (captured !== BigInt(order.total.minor)) throw new Error(`I19: ${id} has paid ${captured}`);
  const ofRest = order.restCancel?.items.reduce((sum, { lineId, quantity }) => {
    const { unitMinor = '0' } = order.lines.find((line) => line.lineId === lineId) ?? {};
    return sum + BigInt(unitMinor) * BigInt(quantity);
  }, 0n);
  const returned = order.returns.reduce((sum, { refund }) => sum + BigInt(refund.minor), ofRest ?? 0n);
  if (refunded !== returned && !isRefundDeclined) throw new Error(`I19: ${id} has been refunded ${refunded}`);
  const fulfilled = shop.inventory.holdings(id).reduce((sum, holding) => sum + holding.fulfilled, 0);
  const shipped = order.draws.reduce((sum, draw) => sum + draw.shipped, 0);
  if (fulfilled !== shipped)
    throw new Error(`I2: of ${id} ${shipped} have left, and Inventory says ${fulfilled}`);
}

/** Who waits lacks something, or is behind somebody who does. */
function checkServable(shop: Shop, id: string, order: Order): void {
  const isBarred = Object.keys(order.waits).some((itemId) => {
    const { entries } = shop.queue(itemId);
    const own = entries.findIndex(({ orderId }) => orderId === id);
    const first = entries.findIndex(({ state }) => state === 'waiting');
    return own >= 0 && first >= 0 && first <= own;
  });
  if (!isBarred) throw new Error(`I16: ${id} waits, and nothing is in its way`);
}

/** The stock that there is does not suffice for the first who waits. */
function checkQueue(shop: Shop, itemId: string): void {
  const { entries, doubt } = shop.queue(itemId);
  const granted = entries.find(({ state }) => state === 'granted');
  if (granted !== undefined) throw new Error(`I16: ${granted.orderId} keeps a grant of ${itemId} at rest`);
  const first = entries.find(({ state }) => state === 'waiting');
  const available = shop.inventory.available(itemId);
  if (first !== undefined && first.quantity <= available)
    throw new Error(
      `I16: ${first.orderId} waits for ${first.quantity} of ${itemId}, and ${available} are there${doubt === 'none' ? '' : ` (${doubt})`}`,
    );
}

/** Nobody was ever granted what somebody before him waits for. */
function checkTurns(shop: Shop, itemId: string): void {
  let state: unknown = queue.initial;
  for (const event of shop.world.events('queue', itemId)) {
    state = queue.evolve(state, event);
    if (!isGranted(event) || !isQueueState(state)) continue;
    const { entries } = state;
    const last = entries.findLastIndex(({ orderId }) => event.orderIds.includes(orderId));
    const passed = entries.slice(0, last).find((entry) => entry.state === 'waiting');
    if (passed !== undefined)
      throw new Error(
        `I20: ${passed.orderId} waits for ${itemId}, and ${event.orderIds.join()} go before it`,
      );
  }
}

const isGranted = objectOf<{ readonly type: 'granted'; readonly orderIds: readonly string[] }>({
  type: oneOf(['granted']),
  orderIds: listOf(isText),
});

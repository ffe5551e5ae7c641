// The audit of Logistics: whether every order is one that could have come about, and whether who waits stands in the
// queues that it waits in, and nobody else. Pure: whoever asks brings the states as they stood at ONE set of journal
// positions, and the messages between orders and queues that were not done with there. It names what differs; it mends
// nothing. What orders have in Inventory is compared in books-stock.ts.
import type { Message, Ref } from '../behaviour.ts';
import { isObject } from '../shape.ts';
import { Differences } from './books-differences.ts';
import { auditOrder } from './books-order.ts';
import { wantedItems } from './order/effects.ts';
import type { Order, Wait } from './order/model.ts';
import { isOrderState } from './order/state-guards.ts';
import { isQueueState } from './queue/guards.ts';
import type { Entry } from './queue/model.ts';

export interface LogisticsReport {
  readonly ordersChecked: number;
  /** Places in queues. */
  readonly placesChecked: number;
  /** Each begins with the number of the invariant that is broken; the first ones. */
  readonly differences: readonly string[];
  readonly differenceCount: number;
}

/** The order of the pieces does not matter. */
export interface LogisticsBooks {
  /** @param state as it comes out of storage. @returns the order; null where there is none */
  addOrder(id: string, state: unknown): Order | null;
  addQueue(itemId: string, state: unknown): void;
  /** One that was sent, and whose answer its sender had not recorded. */
  addMessage(origin: Ref, message: Message): void;
  addDifference(difference: string): void;
  close(): LogisticsReport;
}

/** An order's side of one place in a queue. */
interface Claim {
  readonly quantity: number;
  /** passing: the queue has answered that it waits there, and other queues have not answered yet. */
  readonly wait: Wait | 'passing';
}

interface Ledger {
  /** By `${itemId}/${orderId}`. */
  readonly claims: Map<string, Claim>;
  readonly entries: Map<string, Entry>;
  /** Places about which a message is under way: neither side can be held to what the other says. */
  readonly unsettled: Set<string>;
  readonly differences: Differences;
  orders: number;
}

export function openLogisticsBooks(): LogisticsBooks {
  const ledger: Ledger = {
    claims: new Map(),
    entries: new Map(),
    unsettled: new Set(),
    differences: new Differences(),
    orders: 0,
  };
  return {
    addOrder: (id, state) => addOrder(ledger, id, state),
    addQueue: (itemId, state) => addQueue(ledger, itemId, state),
    addMessage(origin, message) {
      for (const place of placesOf(origin, message)) ledger.unsettled.add(place);
    },
    addDifference: (difference) => ledger.differences.add(difference),
    close: () => close(ledger),
  };
}

function addOrder(ledger: Ledger, id: string, state: unknown): Order | null {
  if (!isOrderState(state)) {
    ledger.differences.add(`I3: the state of order ${id} is not one`);
    return null;
  }
  const { order } = state;
  if (order === null) return null;
  ledger.orders += 1;
  for (const difference of auditOrder(order)) ledger.differences.add(`${difference} (order ${id})`);
  const { waits, talk } = order;
  if (talk === null && Object.keys(waits).length === 0) return order;
  const quantityOf = new Map(wantedItems(order).map(({ itemId, quantity }) => [itemId, quantity]));
  const claim = (itemId: string, wait: Claim['wait']): void => {
    ledger.claims.set(`${itemId}/${id}`, { quantity: quantityOf.get(itemId) ?? 0, wait });
  };
  if (talk?.kind === 'pass') for (const itemId of talk.items) claim(itemId, 'passing');
  for (const [itemId, wait] of Object.entries(waits)) claim(itemId, wait);
  return order;
}

function addQueue(ledger: Ledger, itemId: string, state: unknown): void {
  if (!isQueueState(state)) {
    ledger.differences.add(`I3: the state of queue ${itemId} is not one`);
    return;
  }
  for (const entry of state.entries) {
    const place = `${itemId}/${entry.orderId}`;
    if (ledger.entries.has(place))
      ledger.differences.add(`I20: order ${entry.orderId} stands twice in the queue of ${itemId}`);
    ledger.entries.set(place, entry);
  }
}

/** Orders speak to queues in parts that name the order; queues to orders in parts that name the item. */
function* placesOf(origin: Ref, { parts }: Message): Generator<string> {
  for (const { ref, command } of parts) {
    if (origin.kind === 'order' && ref.kind === 'queue') yield `${ref.id}/${origin.id}`;
    if (origin.kind === 'queue' && ref.kind === 'order' && isObject(command)) yield `${origin.id}/${ref.id}`;
  }
}

function close(ledger: Ledger): LogisticsReport {
  const { claims, differences, entries, unsettled } = ledger;
  const places = new Set([...claims.keys(), ...entries.keys()]);
  for (const place of places) {
    if (unsettled.has(place)) continue;
    const claim = claims.get(place);
    const entry = entries.get(place);
    const what = differenceOf(claim, entry);
    if (what !== null) differences.add(`I20: ${what} (item/order ${place})`);
  }
  return {
    ordersChecked: ledger.orders,
    placesChecked: places.size,
    differences: differences.named,
    differenceCount: differences.count,
  };
}

function differenceOf(claim: Claim | undefined, entry: Entry | undefined): string | null {
  if (claim === undefined) return 'the order stands in the queue, and does not wait there';
  if (entry === undefined) return 'the order waits, and does not stand in the queue';
  if (claim.quantity !== entry.quantity)
    return `the order wants ${claim.quantity}, the queue has it down for ${entry.quantity}`;
  // Never given back, it bars all who wait behind it. (An order may well believe in a grant that it has given back: a late
  // message said so again. It asks, and learns.)
  if (claim.wait === 'waiting' && entry.state === 'granted')
    return 'the queue has granted the order, which does not know of it';
  return null;
}

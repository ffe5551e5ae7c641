// StreamOrderUpdates: every move of an order from state to state. Thousands follow one order or one customer each: they are
// found by key (see src/api/feed/waiters.ts).
import type { OrderStatus } from '../../actors/logistics/order/transitions.ts';
import { isInteger, isObject, isText, objectOf, oneOf } from '../../actors/shape.ts';
import {
  OrderStatusEvent,
  StreamOrderUpdatesRequest,
} from '../../generated/synkro/logistics/v1/logistics.ts';
import { Follower, type FollowerDeps } from '../feed/follower.ts';
import type { Recorded } from '../feed/rows.ts';
import type { UpdateStream } from '../feed/updates.ts';
import type { Filter } from '../feed/waiters.ts';
import { checked } from '../validate/check.ts';
import { uuidOptional } from '../validate/text.ts';
import type { LogisticsDeps } from './deps.ts';
import { statusMessage } from './statuses.ts';
import { isOrderStatus } from './views.ts';

export interface OrderChange {
  readonly orderId: string;
  readonly customerId: string;
  /** Null: it was created. */
  readonly from: OrderStatus | null;
  readonly to: OrderStatus;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** The parts of an order's events that are shown. */
const isCreated = objectOf<{
  readonly type: 'created';
  readonly order: { readonly customerId: string };
  readonly at: number;
}>({ type: oneOf(['created']), order: objectOf({ customerId: isText }), at: isInteger });

const isMoved = objectOf<Omit<OrderChange, 'orderId' | 'from'> & { readonly from: OrderStatus }>({
  customerId: isText,
  from: isOrderStatus,
  to: isOrderStatus,
  at: isInteger,
});

function project({ kind, id, event }: Recorded): OrderChange | null {
  if (kind !== 'order' || !isObject(event)) return null;
  if (isCreated(event)) {
    const { order, at } = event;
    return { orderId: id, customerId: order.customerId, from: null, to: 'created', at };
  }
  if (event['type'] !== 'moved' || !isMoved(event)) return null;
  const { customerId, from, to, at } = event;
  return { orderId: id, customerId, from, to, at };
}

const orderKey = (id: string) => `order/${id}`;
const customerKey = (id: string) => `customer/${id}`;

function keysOf({ orderId, customerId }: OrderChange): readonly string[] {
  return customerId === '' ? [orderKey(orderId)] : [orderKey(orderId), customerKey(customerId)];
}

/** Where it begins, the initial metadata say. */
export const streamOrderUpdates: UpdateStream<
  StreamOrderUpdatesRequest,
  OrderStatusEvent,
  OrderChange,
  LogisticsDeps
> = {
  name: 'StreamOrderUpdates',
  request: StreamOrderUpdatesRequest,
  response: OrderStatusEvent,
  project,
  keysOf,
  tokenOf: (request) => request.resumeToken,
  async filter(request) {
    const { orderId, customerId } = checked((check) => ({
      orderId: check.field('order_id', request.orderId, uuidOptional),
      customerId: check.field('customer_id', request.customerId, uuidOptional),
    }));
    return filterOf(orderId, customerId);
  },
  eventOf: ({ change: { orderId, customerId, from, to, at }, token }) => ({
    orderId,
    customerId,
    previousStatus: statusMessage(from),
    newStatus: statusMessage(to),
    timestamp: new Date(at),
    resumeToken: token,
  }),
};

function filterOf(orderId: string | null, customerId: string | null): Filter<OrderChange> {
  const passes = (change: OrderChange) =>
    (orderId === null || change.orderId === orderId) &&
    (customerId === null || change.customerId === customerId);
  if (orderId !== null) return Object.assign(passes, { key: orderKey(orderId) });
  if (customerId !== null) return Object.assign(passes, { key: customerKey(customerId) });
  return passes;
}

/** What reads the journal for all order update streams of one ingress, over whatever transport. */
export function followOrders(
  deps: Omit<FollowerDeps<OrderChange>, 'project' | 'keysOf'>,
): Follower<OrderChange> {
  const { queries, notices, log } = deps;
  return new Follower({ queries, notices, log, project, keysOf });
}

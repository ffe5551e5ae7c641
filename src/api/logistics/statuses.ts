// The states of an order, as the contract spells them.
import { type OrderStatus, orderStatuses } from '../../actors/logistics/order/transitions.ts';
import { OrderStatus as WireStatus } from '../../generated/synkro/logistics/v1/logistics.ts';
import type { Rule } from '../validate/check.ts';

const wireStatuses: Readonly<Record<OrderStatus, WireStatus>> = {
  created: WireStatus.CREATED,
  processing: WireStatus.PROCESSING,
  reservingStock: WireStatus.RESERVING_STOCK,
  confirmed: WireStatus.CONFIRMED,
  backOrdered: WireStatus.BACK_ORDERED,
  shipped: WireStatus.SHIPPED,
  delivered: WireStatus.DELIVERED,
  cancelled: WireStatus.CANCELLED,
};

const byWire: ReadonlyMap<number, OrderStatus> = new Map(
  orderStatuses.map((status) => [wireStatuses[status], status]),
);

/** @param status null: before it was created */
export function statusMessage(status: OrderStatus | null): WireStatus {
  return status === null ? WireStatus.UNSPECIFIED : wireStatuses[status];
}

/** Null where it is not given. */
export const statusOptional: Rule<number, OrderStatus | null> = (value, refuse) => {
  if (value === WireStatus.UNSPECIFIED) return null;
  const status = byWire.get(value);
  if (status === undefined) refuse('is not a known status');
  return status ?? null;
};

const asked = ['shipped', 'delivered', 'cancelled'] as const;
export type AskedStatus = (typeof asked)[number];

/** What a client may ask for; null where it was refused. */
export const askedStatus: Rule<number, AskedStatus | null> = (value, refuse) => {
  const status = asked.find((each) => wireStatuses[each] === value);
  if (status === undefined) refuse('must be SHIPPED, DELIVERED or CANCELLED');
  return status ?? null;
};

// States as JSON spells them: the contract's words in lower case, `back_ordered`.
import Type from 'typebox';
import { oneOf } from '../../actors/shape.ts';
import { OrderStatus as WireStatus } from '../../generated/synkro/logistics/v1/logistics.ts';
import { named } from '../openapi/named.ts';

const wire = {
  created: WireStatus.CREATED,
  processing: WireStatus.PROCESSING,
  reserving_stock: WireStatus.RESERVING_STOCK,
  confirmed: WireStatus.CONFIRMED,
  back_ordered: WireStatus.BACK_ORDERED,
  shipped: WireStatus.SHIPPED,
  delivered: WireStatus.DELIVERED,
  cancelled: WireStatus.CANCELLED,
} as const;

const names = [
  'created',
  'processing',
  'reserving_stock',
  'confirmed',
  'back_ordered',
  'shipped',
  'delivered',
  'cancelled',
] as const satisfies readonly (keyof typeof wire)[];
export type OrderStatusName = (typeof names)[number];

const byWire: ReadonlyMap<WireStatus, OrderStatusName> = new Map(names.map((name) => [wire[name], name]));

export function statusMessage(name: OrderStatusName): WireStatus {
  return wire[name];
}

/** Null: before it was created. */
export function statusOrNone(status: WireStatus): OrderStatusName | null {
  return byWire.get(status) ?? null;
}

export function statusName(status: WireStatus): OrderStatusName {
  const name = statusOrNone(status);
  if (name === null) throw new TypeError(`an order has no status ${status}`);
  return name;
}

export const OrderStatus = named(
  'OrderStatus',
  Type.Enum([...names], {
    description:
      'created → processing (the payment is being authorized) → reserving_stock → confirmed (captured) or back_ordered; confirmed → shipped → delivered; cancelled.',
  }),
);

/** As a parameter: those are documented in their place. */
export const statusFilter = Type.Enum([...names], { description: 'Only those of this status.' });

export const paymentStatuses = [
  'pending',
  'authorized',
  'captured',
  'declined',
  'failed',
  'voided',
  'refunded',
  'partially_refunded',
] as const;

export const shipmentStatuses = ['created', 'in_transit', 'delivered'] as const;

export const refundStatuses = ['asked', 'done', 'declined'] as const;

const isPaymentStatus = oneOf(paymentStatuses);
const isShipmentStatus = oneOf(shipmentStatuses);
const isRefundStatus = oneOf(refundStatuses);

/** The contract has these as texts, in the same words. */
export function paymentStatus(text: string) {
  return known(text, isPaymentStatus);
}

export function shipmentStatus(text: string) {
  return known(text, isShipmentStatus);
}

export function refundStatus(text: string) {
  return known(text, isRefundStatus);
}

function known<T extends string>(text: string, shape: (value: unknown) => value is T): T {
  if (!shape(text)) throw new TypeError(`there is no status ${text}`);
  return text;
}

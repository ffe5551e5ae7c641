// An order: what it is made of. No logic here. What can be asked of it and what can happen to it is in messages.ts.
import type { ReceiptKey } from '../../behaviour.ts';
import type { Money } from '../money.ts';
import type { OrderStatus } from './transitions.ts';

/** One line as the customer ordered it; the same SKU may stand on several, at different prices. */
export interface OrderLine {
  /** '1', '2', …: names the line in shipments and returns. */
  readonly lineId: string;
  readonly itemId: string;
  readonly sku: string;
  readonly quantity: number;
  /** Whole minor units of the order's currency. */
  readonly unitMinor: string;
}

/** Units of a line that a warehouse has set aside for it. */
export interface Draw {
  readonly lineId: string;
  readonly warehouseId: string;
  readonly quantity: number;
  readonly shipped: number;
  readonly returned: number;
}

/**
 * authorizing: asked, no answer yet. pending: the gateway will tell. failed: it has not told in time, or the
 * authorization lapsed. capturing, voiding: asked, the outcome is unknown.
 */
export const paymentStatuses = [
  'authorizing',
  'pending',
  'authorized',
  'capturing',
  'captured',
  'declined',
  'failed',
  'voiding',
  'voided',
] as const;
export type PaymentStatus = (typeof paymentStatuses)[number];

export const refundStatuses = ['asked', 'done', 'declined'] as const;

export interface Refund {
  /** Among all refunds of the order, from 1. */
  readonly number: number;
  readonly amount: Money;
  readonly status: (typeof refundStatuses)[number];
  /** How often the gateway was asked: again where it declined and somebody wants it tried once more. */
  readonly tries: number;
  /** Why it was declined. */
  readonly reason: string;
}

export interface Payment {
  readonly id: string;
  readonly amount: Money;
  readonly status: PaymentStatus;
  /** In place of an authorization that lapsed. */
  readonly isRenewal: boolean;
  readonly transactionId: string;
  /** When the authorization lapses, in milliseconds since 1970; null: it does not. */
  readonly until: number | null;
  /** Why it was declined or failed. */
  readonly reason: string;
  /**
   * The gateway was asked for the authorization and has not said yes or no. It is wanted also when the order has given up
   * waiting, since an approval has to be let go again.
   */
  readonly isOwed: boolean;
  /** How often the gateway was asked for an answer that was pending. */
  readonly polls: number;
  readonly openedAt: number;
  /** When the gateway is asked again; null: it is not. */
  readonly pollAt: number | null;
  readonly refunds: readonly Refund[];
}

export const stockStates = ['none', 'passing', 'reserving', 'committed', 'givingBack', 'givenBack'] as const;

/** Where the order stands with Inventory. */
export interface Stock {
  readonly state: (typeof stockStates)[number];
  /** Tries to reserve so far. */
  readonly attempt: number;
  readonly reservationId: string;
}

/** A question to the queues of several items: shards that have not answered, and what the others said. */
export interface Talk {
  readonly number: number;
  readonly kind: 'pass' | 'ask';
  readonly waiting: readonly number[];
  readonly items: readonly string[];
  /** ask: some queue refuses only because others have been granted, and may give back. */
  readonly isContended: boolean;
}

export interface ShippedItem {
  readonly lineId: string;
  readonly quantity: number;
}

export const shipmentStatuses = ['created', 'inTransit', 'delivered'] as const;

/** created: the warehouse is being told. inTransit: the goods have left it. */
export interface Shipment {
  readonly id: string;
  readonly carrier: string;
  readonly trackingNumber: string;
  readonly warehouseId: string;
  readonly items: readonly ShippedItem[];
  readonly status: (typeof shipmentStatuses)[number];
  readonly createdAt: number;
}

export interface ReturnedItem extends ShippedItem {
  /** Where it had come from, and goes back to. */
  readonly warehouseId: string;
}

export interface Return {
  readonly number: number;
  readonly items: readonly ReturnedItem[];
  readonly reason: string;
  /** Whether the goods go back into stock. */
  readonly restock: boolean;
  readonly isRestocked: boolean;
  /** What it is worth. */
  readonly refund: Money;
  /** Of the refund that pays it back; null: there was nothing to pay. */
  readonly refundNumber: number | null;
  readonly at: number;
}

/** What had not left when somebody cancelled it: the order goes on without. */
export interface RestCancel {
  readonly by: string;
  readonly reason: string;
  readonly items: readonly ShippedItem[];
  /** Of the refund that pays it back; null: there was nothing to pay. */
  readonly refundNumber: number | null;
  readonly at: number;
}

export interface Moved {
  readonly from: OrderStatus | null;
  readonly to: OrderStatus;
  readonly at: number;
  /** customer, shop, payment, stock, timeout, system. */
  readonly by: string;
  readonly why: string;
}

/** Something that was asked and takes more than one step; other changes wait for it. */
export interface Operation {
  readonly number: number;
  readonly kind: 'ship' | 'return' | 'refund' | 'cancelRest';
  /** The shipments that have to leave, the number of the return, those of the refunds, or nothing. */
  readonly ids: readonly string[];
  readonly receipt: ReceiptKey | null;
  /** Why it could not be done. */
  readonly failure: string | null;
}

/** How long the order waits for others before it gives up, in milliseconds, and for how much. */
export interface Patience {
  readonly paymentMs: number;
  readonly stockMs: number;
  /** Of one item: an order that lacks more does not wait, since nobody behind it could be served. */
  readonly unitsMax: number;
}

export interface Cancel {
  readonly by: string;
  readonly reason: string;
  readonly receipt: ReceiptKey | null;
}

/** waiting: in the queue. granted: may take its units now. asked: the queue is asked whether it may. */
export type Wait = 'waiting' | 'granted' | 'asked';

/** What the caller asked for. */
export interface NewOrder {
  /** '' for a guest. */
  readonly customerId: string;
  readonly lines: readonly OrderLine[];
  readonly total: Money;
  /** Address and notes, sealed under the customer's key. */
  readonly sealed: string;
  /** The token of the payment gateway. */
  readonly method: string;
  readonly fingerprint: string;
  readonly patience: Patience;
}

export interface Order extends NewOrder {
  readonly status: OrderStatus;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly history: readonly Moved[];
  readonly payments: readonly Payment[];
  readonly stock: Stock;
  readonly draws: readonly Draw[];
  /** By item: the queues that it waits in. */
  readonly waits: Readonly<Record<string, Wait>>;
  readonly waitsUntil: number | null;
  readonly estimatedAt: number | null;
  readonly talk: Talk | null;
  readonly talks: number;
  readonly shipments: readonly Shipment[];
  readonly returns: readonly Return[];
  readonly cancel: Cancel | null;
  readonly restCancel: RestCancel | null;
  readonly operation: Operation | null;
  readonly operations: number;
}

/** Null: never made. */
export interface OrderState {
  readonly order: Order | null;
}

/** The answer to everything but notices and grants. */
export interface OrderView
  extends Omit<Order, 'talk' | 'talks' | 'waits' | 'operation' | 'operations' | 'fingerprint' | 'patience'> {
  readonly id: string;
  /** Nothing more happens until somebody asks, stock arrives, or time passes. */
  readonly isResting: boolean;
}

// An order: what it is made of, what can be asked of it, what can happen to it. No logic here.
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

export type OrderCommand =
  | { readonly type: 'create'; readonly order: NewOrder; readonly isIdOfKey: boolean }
  /** Of the order that an idempotency key would make: the key goes to another one. */
  | { readonly type: 'claimKey' }
  | { readonly type: 'get' }
  | { readonly type: 'cancel'; readonly by: string; readonly reason: string }
  | {
      readonly type: 'ship';
      readonly carrier: string;
      readonly trackingNumber: string;
      /** Empty: everything that has not left. */
      readonly lines: readonly ShippedItem[];
      readonly warehouseId: string | null;
    }
  /** Null: every shipment that is on its way, and all lines have to have left. */
  | { readonly type: 'deliver'; readonly shipmentId: string | null }
  | {
      readonly type: 'return';
      readonly lines: readonly ShippedItem[];
      readonly reason: string;
      readonly restock: boolean;
    }
  /** Every refund that the gateway declined is asked for once more. */
  | { readonly type: 'retryRefunds' }
  /** A webhook's. */
  | { readonly type: 'notice'; readonly paymentId: string; readonly answer: FinalAuthorization }
  /** A queue's. */
  | { readonly type: 'granted'; readonly itemId: string };

export type FinalAuthorization =
  | { readonly outcome: 'approved'; readonly transactionId: string; readonly until: number | null }
  | { readonly outcome: 'declined'; readonly reason: string };

export type AuthorizationAnswer =
  | FinalAuthorization
  | { readonly outcome: 'pending'; readonly transactionId: string };

export type FollowUpAnswer =
  | { readonly outcome: 'done' }
  | { readonly outcome: 'declined'; readonly reason: string };

/** What one item of a committed reservation was drawn from. */
export interface ItemDraw {
  readonly itemId: string;
  readonly warehouseId: string;
  readonly quantity: number;
  /** Of the level, as the hold made it. */
  readonly levelVersion: number;
}

/** lost: somebody gave the reservation back before the order heard of it. */
export type ReserveAnswer =
  | { readonly outcome: 'committed'; readonly reservationId: string; readonly draws: readonly ItemDraw[] }
  | {
      readonly outcome: 'short';
      readonly items: readonly string[];
      /** When there may be enough, where that is known; milliseconds since 1970. */
      readonly estimatedAt: number | null;
    }
  | { readonly outcome: 'lost' }
  /** Inventory will not have it at all: the order cannot be. */
  | { readonly outcome: 'refused'; readonly reason: string };

export type OrderEvent =
  | { readonly type: 'created'; readonly order: NewOrder; readonly at: number }
  | {
      readonly type: 'moved';
      readonly from: OrderStatus;
      readonly to: OrderStatus;
      /** Of the order: streams are asked for by customer, and read no states. */
      readonly customerId: string;
      readonly at: number;
      readonly by: string;
      readonly why: string;
    }
  | { readonly type: 'paymentOpened'; readonly id: string; readonly isRenewal: boolean; readonly at: number }
  | {
      readonly type: 'paymentAnswered';
      readonly id: string;
      readonly answer: AuthorizationAnswer;
      readonly pollAt: number | null;
    }
  /** The time has come to ask the gateway again. */
  | { readonly type: 'paymentPolled'; readonly id: string }
  /** No answer in time, or the authorization lapsed: it counts no more. */
  | { readonly type: 'paymentFailed'; readonly id: string; readonly reason: string }
  | { readonly type: 'captureBegan'; readonly id: string }
  | { readonly type: 'captureAnswered'; readonly id: string; readonly answer: FollowUpAnswer }
  | { readonly type: 'voidBegan'; readonly id: string; readonly transactionId: string }
  | { readonly type: 'voidAnswered'; readonly id: string; readonly answer: FollowUpAnswer }
  | { readonly type: 'refundBegan'; readonly id: string; readonly number: number; readonly amount: Money }
  | {
      readonly type: 'refundAnswered';
      readonly id: string;
      readonly number: number;
      readonly answer: FollowUpAnswer;
    }
  | {
      readonly type: 'refundsRetried';
      readonly numbers: readonly number[];
      readonly receipt: ReceiptKey | null;
    }
  | { readonly type: 'talkBegan'; readonly kind: Talk['kind']; readonly shards: readonly number[] }
  /** A shard's queues answered: items that the order waits for (pass), or may take (ask). */
  | {
      readonly type: 'talkAnswered';
      readonly shard: number;
      readonly items: readonly string[];
      readonly isContended: boolean;
    }
  | { readonly type: 'talkEnded' }
  | { readonly type: 'attemptBegan' }
  | { readonly type: 'attemptAnswered'; readonly answer: ReserveAnswer; readonly draws: readonly Draw[] }
  /** The order waits in these queues, besides those that it waits in already. */
  | { readonly type: 'waitBegan'; readonly items: readonly string[]; readonly until: number }
  | { readonly type: 'waitChanged'; readonly items: readonly string[]; readonly to: Wait }
  | { readonly type: 'waitEnded' }
  | { readonly type: 'giveBackBegan' }
  | { readonly type: 'gaveBack' }
  | { readonly type: 'cancelNoted'; readonly cancel: Cancel }
  | {
      readonly type: 'shipmentsMade';
      readonly shipments: readonly Omit<Shipment, 'status'>[];
      readonly receipt: ReceiptKey | null;
    }
  | { readonly type: 'shipmentLeft'; readonly id: string; readonly at: number }
  /** The warehouse does not have what it is to ship: it is as if the shipment had never been made. */
  | { readonly type: 'shipmentFailed'; readonly id: string; readonly reason: string }
  | { readonly type: 'shipmentsDelivered'; readonly ids: readonly string[]; readonly at: number }
  | {
      readonly type: 'returnMade';
      readonly made: Omit<Return, 'isRestocked'>;
      readonly receipt: ReceiptKey | null;
    }
  | { readonly type: 'restCancelled'; readonly rest: RestCancel; readonly receipt: ReceiptKey | null }
  | { readonly type: 'restocked'; readonly number: number }
  | { readonly type: 'operationEnded' };

/** The answer to everything but notices and grants. */
export interface OrderView
  extends Omit<Order, 'talk' | 'talks' | 'waits' | 'operation' | 'operations' | 'fingerprint' | 'patience'> {
  readonly id: string;
  /** Nothing more happens until somebody asks, stock arrives, or time passes. */
  readonly isResting: boolean;
}

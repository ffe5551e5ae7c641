// What can be asked of an order, what it hears from outside, and what can happen to it. No logic here.
import type { ReceiptKey } from '../../behaviour.ts';
import type { Money } from '../money.ts';
import type {
  Cancel,
  Draw,
  NewOrder,
  RestCancel,
  Return,
  Shipment,
  ShippedItem,
  Talk,
  Wait,
} from './model.ts';
import type { OrderStatus } from './transitions.ts';

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
      /** Of the payment, as in the events below: whoever reads events reads no states. */
      readonly amount: Money;
      readonly answer: AuthorizationAnswer;
      readonly pollAt: number | null;
    }
  /** The time has come to ask the gateway again. */
  | { readonly type: 'paymentPolled'; readonly id: string }
  /** No answer in time, or the authorization lapsed: it counts no more. */
  | {
      readonly type: 'paymentFailed';
      readonly id: string;
      readonly amount: Money;
      readonly reason: string;
    }
  | { readonly type: 'captureBegan'; readonly id: string }
  | {
      readonly type: 'captureAnswered';
      readonly id: string;
      readonly amount: Money;
      readonly answer: FollowUpAnswer;
    }
  | { readonly type: 'voidBegan'; readonly id: string; readonly transactionId: string }
  | {
      readonly type: 'voidAnswered';
      readonly id: string;
      readonly amount: Money;
      readonly answer: FollowUpAnswer;
    }
  | { readonly type: 'refundBegan'; readonly id: string; readonly number: number; readonly amount: Money }
  | {
      readonly type: 'refundAnswered';
      readonly id: string;
      readonly number: number;
      readonly amount: Money;
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

// The queue of one SKU: the orders that wait for it, in order, and what the queue knows of its stock. No logic here.

/** waiting: for its turn. granted: it tries to reserve. passed: its turn came, and it lacked something else. */
export type EntryState = 'waiting' | 'granted' | 'passed';

export interface Entry {
  readonly orderId: string;
  readonly quantity: number;
  readonly state: EntryState;
  /** Where it is granted: the queue's `looks` when it was. */
  readonly look?: number;
}

/** Units that a served order took, and the version of the level that they made. */
export interface Taken {
  readonly warehouseId: string;
  readonly quantity: number;
  readonly version: number;
}

export interface KnownLevel {
  /** 0 where nothing is drawn from the warehouse at present. */
  readonly available: number;
  readonly version: number;
}

/**
 * What the queue thinks of its levels. stale: an order was short although these very levels said otherwise, and nothing is
 * granted before others are seen, or an order has left that may be the one. probing: they were seen once more, unchanged,
 * and one order at a time may try.
 */
export const doubts = ['none', 'probing', 'stale'] as const;
export type Doubt = (typeof doubts)[number];

export interface QueueState {
  /** In order of arrival. */
  readonly entries: readonly Entry[];
  /** By warehouse: the newest that was seen. */
  readonly levels: Readonly<Record<string, KnownLevel>>;
  /** Taken by served orders, where the level that they made has not been seen. */
  readonly taken: readonly Taken[];
  readonly doubt: Doubt;
  /** How often levels were seen, over the queue's whole life. */
  readonly looks: number;
}

/** What an order says to the queue. All but `ask` and `pass` only need to be heard. */
export type QueueCommand =
  /** Before it reserves: it waits here where others do. */
  | { readonly type: 'pass'; readonly orderId: string; readonly quantity: number }
  /** It found too little. */
  | { readonly type: 'join'; readonly orderId: string; readonly quantity: number }
  /** It was granted, and found too little all the same. */
  | { readonly type: 'short'; readonly orderId: string }
  /** It has been granted what it waits for elsewhere: may it take its units here? */
  | { readonly type: 'ask'; readonly orderId: string }
  /** It lacks something else, and keeps its place. */
  | { readonly type: 'decline'; readonly orderId: string }
  /** It was served, or is no more. */
  | { readonly type: 'leave'; readonly orderId: string; readonly taken: readonly Taken[] }
  /** No order's, but the edge's: answered with a `WaitingView`. */
  | { readonly type: 'get' };

export interface WaitingView {
  /** What the orders that wait ask for together. */
  readonly units: number;
}

export interface SeenLevel extends KnownLevel {
  readonly warehouseId: string;
}

export type QueueEvent =
  | { readonly type: 'joined'; readonly orderId: string; readonly quantity: number }
  | { readonly type: 'granted'; readonly orderIds: readonly string[] }
  /** Back to waiting, or passed over until it asks. */
  | {
      readonly type: 'withdrawn';
      readonly orderId: string;
      readonly isPassed: boolean;
      readonly isStale: boolean;
    }
  | { readonly type: 'left'; readonly orderId: string; readonly taken: readonly Taken[] }
  | { readonly type: 'seen'; readonly levels: readonly SeenLevel[] };

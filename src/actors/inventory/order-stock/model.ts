// An order's stock: the only place that knows what an order holds, and where. No logic here.
//
// The order decides; cells only count. Whatever it decides is first its own event, then a message to the cells (one
// for each shard that holds any of them, a group), and its lines change only as the groups answer. So at any set of
// journal positions the lines of all orders, plus what was applied but not yet answered, are what the cells count (I2).
import type { ReceiptKey } from '../../behaviour.ts';
import type { Failure } from '../../failure.ts';
import type { DrawStrategy, LevelView } from '../item/model.ts';

export const reservationStatuses = [
  'pending',
  'held',
  'committed',
  'released',
  'expired',
  'fulfilled',
  'refused',
] as const;
export type ReservationStatus = (typeof reservationStatuses)[number];

/** What the order has of one item in one warehouse. held + allocated + fulfilled + givenBack is what was ever taken. */
export interface Line {
  readonly itemId: string;
  readonly sku: string;
  readonly warehouseId: string;
  readonly held: number;
  readonly allocated: number;
  readonly fulfilled: number;
  readonly givenBack: number;
  /** Of the level, as the last change of this line made it. */
  readonly levelVersion: number;
}

/** One item of a basket: lines of the same item are summed before they get here. */
export interface Wanted {
  readonly itemId: string;
  readonly quantity: number;
}

export interface ReserveRequest {
  readonly items: readonly Wanted[];
  readonly warehouseId: string | null;
  readonly strategy: DrawStrategy;
  readonly ttlSeconds: number;
  readonly customerId: string;
  /** Committed at once: what is taken is allocated, and never expires. */
  readonly commits?: boolean;
}

export interface ItemAvailability {
  readonly itemId: string;
  readonly sku: string;
  readonly inStock: boolean;
  readonly requested: number;
  /** Before this attempt took anything. */
  readonly available: number;
  readonly draws: readonly {
    readonly warehouseId: string;
    readonly quantity: number;
    readonly levelVersion: number;
  }[];
}

/** One try to reserve. Its number, from 1, is part of the reservation's id. */
export interface Attempt {
  readonly number: number;
  /** The caller's idempotency key, or the order's id. */
  readonly key: string;
  readonly fingerprint: string;
  readonly status: ReservationStatus;
  /** As if it had never been: it vanishes as soon as what it took is undone, and its number and key are free again. */
  readonly abandoned: boolean;
  readonly request: ReserveRequest;
  /** What the first answer said of each item: filled as the groups answer, complete when it is no longer pending. */
  readonly availability: readonly ItemAvailability[];
  readonly lines: readonly Line[];
  readonly createdAt: number;
  /** When it was first to expire: part of the first answer, which repeats get again. */
  readonly firstExpiresAt: number;
  readonly expiresAt: number;
}

export const operationKinds = [
  'hold',
  'undo',
  'commit',
  'release',
  'expire',
  'allocate',
  'giveBack',
  'fulfill',
] as const;
export type OperationKind = (typeof operationKinds)[number];

/** Something that the cells are being told. At most one an order at a time; other commands wait until it is done. */
export interface Operation {
  /** Dense for the order; stands in the messages' tag. */
  readonly number: number;
  readonly kind: OperationKind;
  /** The attempt that it is about; null for what is about allocations. */
  readonly attempt: number | null;
  readonly groups: readonly Group[];
  /** Why it cannot be (hold and allocate): the error that the caller is to hear of, of those that the groups answered. */
  readonly failure: Failure | null;
  /** The levels that the answered groups reported: part of the caller's answer. */
  readonly levels: readonly LevelView[];
  readonly receipt: ReceiptKey | null;
}

export interface Group {
  readonly shard: number;
  readonly parts: readonly GroupPart[];
  readonly answer: GroupAnswer;
}

export const groupAnswers = ['waiting', 'done', 'refused'] as const;
export type GroupAnswer = (typeof groupAnswers)[number];

/** For hold and allocate `moves` says what is wanted (warehouse '' where the cell may choose); else what is moved. */
export interface GroupPart {
  readonly itemId: string;
  readonly sku?: string;
  readonly moves: readonly { readonly warehouseId: string; readonly quantity: number }[];
}

export interface OrderState {
  readonly attempts: readonly Attempt[];
  /** Allocated without a reservation. */
  readonly direct: readonly Line[];
  readonly operation: Operation | null;
  /** How many operations there have been. */
  readonly operations: number;
}

export type OrderCommand =
  | {
      readonly type: 'reserve';
      readonly key: string;
      readonly fingerprint: string;
      readonly request: ReserveRequest;
    }
  | { readonly type: 'get'; readonly attempt: number | null }
  | { readonly type: 'extend'; readonly attempt: number | null; readonly ttlSeconds: number }
  | { readonly type: 'release'; readonly attempt: number | null; readonly reason: string }
  | { readonly type: 'commit'; readonly attempt: number | null }
  | {
      readonly type: 'allocate';
      readonly itemId: string;
      readonly warehouseId: string;
      readonly quantity: number;
    }
  | {
      readonly type: 'giveBack';
      readonly itemId: string | null;
      readonly warehouseId: string | null;
      readonly quantity: number | null;
    }
  | {
      readonly type: 'fulfill';
      readonly lines: readonly {
        readonly itemId: string;
        readonly warehouseId: string | null;
        readonly quantity: number | null;
      }[];
    };

/** The answer to reserve. */
export interface ReserveView {
  readonly success: boolean;
  readonly reservationId: string;
  readonly attempt: number;
  readonly status: ReservationStatus;
  readonly items: readonly ItemAvailability[];
  /** Null where it was refused, or committed at once. */
  readonly expiresAt: number | null;
}

/** The answer to get, extend, release and commit. */
export interface ReservationView {
  readonly reservationId: string;
  readonly orderId: string;
  readonly attempt: number;
  readonly status: ReservationStatus;
  readonly lines: readonly Line[];
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** The answer to allocate, giveBack and fulfill: success is false only where there was too little to allocate. */
export interface LevelsView {
  readonly success: boolean;
  readonly levels: readonly LevelView[];
}

/** What one item's cell answered, within a group's answer. */
export interface PartOutcome {
  readonly itemId: string;
  readonly sku: string;
  readonly available: number;
  /** False: too little there, or a failure. */
  readonly enough: boolean;
  readonly failure?: Failure;
  readonly draws: readonly { readonly quantity: number; readonly level: LevelView }[];
}

/** What an order got of an item in a warehouse: for whoever reads the event without the state. */
export interface TakenLine {
  readonly itemId: string;
  readonly sku: string;
  readonly warehouseId: string;
  readonly quantity: number;
}

/** What there was too little of. */
export type ShortItem = Pick<ItemAvailability, 'itemId' | 'sku' | 'requested' | 'available'>;

export type OrderEvent =
  | {
      readonly type: 'opened';
      readonly attempt: number;
      readonly key: string;
      readonly fingerprint: string;
      readonly request: ReserveRequest;
      readonly at: number;
      readonly expiresAt: number;
      readonly groups: readonly Omit<Group, 'answer'>[];
    }
  | { readonly type: 'extended'; readonly attempt: number; readonly expiresAt: number }
  /** A decision about the reservation or the allocations, whose groups are told of it after this is durable. */
  | {
      readonly type: 'began';
      readonly kind: OperationKind;
      readonly attempt: number | null;
      readonly at: number;
      readonly groups: readonly Omit<Group, 'answer'>[];
      readonly receipt: ReceiptKey | null;
      readonly reason: string;
    }
  /** A group answered: its lines change. */
  | {
      readonly type: 'answered';
      readonly shard: number;
      readonly refused: boolean;
      readonly parts: readonly PartOutcome[];
    }
  /** Every hold is there: the attempt is held, or, where it commits, committed. */
  | {
      readonly type: 'held';
      readonly attempt: number;
      /** Null: committed at once. */
      readonly expiresAt: number | null;
      readonly lines: readonly TakenLine[];
    }
  /** Too little: the groups that did hold are told to undo, if any. */
  | {
      readonly type: 'refused';
      readonly attempt: number;
      readonly undo: readonly Omit<Group, 'answer'>[];
      readonly short: readonly ShortItem[];
    }
  /** An item turned out unknown (or a cell failed): the attempt is as if it had never been, once undone. */
  | { readonly type: 'abandoned'; readonly attempt: number; readonly undo: readonly Omit<Group, 'answer'>[] }
  /** The operation is over; where it has allocated something, it says what. */
  | { readonly type: 'settled'; readonly allocated?: readonly TakenLine[] };

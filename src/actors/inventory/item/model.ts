// An item and its stock cell: what is stored, what can be asked, what can happen. No logic.

export interface StockPolicy {
  /** An alert where available falls below it; 0: none. */
  readonly lowStockThreshold: number;
  /** After that: an alert where available reaches it. At least the low-stock threshold; 0 where there are no alerts. */
  readonly backInStockThreshold: number;
  readonly incomingQuantity: number;
  /** Milliseconds since 1970. */
  readonly incomingAt: number | null;
}

/** The stock of the item in one warehouse. available = quantity - held - allocated, never negative (I1). */
export interface Level {
  readonly quantity: number;
  readonly held: number;
  readonly allocated: number;
  /** One more with every change of the numbers. Goes on after the item was deleted and created again. */
  readonly version: number;
  readonly updatedAt: number;
  readonly policy: StockPolicy | null;
  /** Whether the last alert said that it is low. */
  readonly isLow: boolean;
}

export interface ItemDetails {
  readonly sku: string;
  readonly name: string;
  readonly description: string;
  readonly category: string;
  readonly attributes: Readonly<Record<string, unknown>> | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** null details: never created. A deleted item keeps its levels' versions (a tombstone). */
export interface ItemState {
  readonly details: ItemDetails | null;
  readonly deletedAt: number | null;
  /** By warehouse id. */
  readonly levels: Readonly<Record<string, Level>>;
}

export const drawStrategies = ['priority', 'fewest', 'single'] as const;
export type DrawStrategy = (typeof drawStrategies)[number];

/** What clients ask of one item. Every command has been checked by the edge for form (types, ranges, lengths). */
export type ItemCommand =
  | {
      readonly type: 'create';
      readonly sku: string;
      readonly name: string;
      readonly description: string;
      readonly category: string;
      readonly attributes: Readonly<Record<string, unknown>> | null;
      readonly initialLevels: readonly { readonly warehouseId: string; readonly quantity: number }[];
    }
  | { readonly type: 'get' }
  | {
      readonly type: 'update';
      readonly name?: string;
      readonly description?: string;
      readonly category?: string;
      readonly attributes?: Readonly<Record<string, unknown>>;
    }
  | { readonly type: 'delete' }
  | {
      readonly type: 'adjust';
      readonly warehouseId: string;
      readonly delta: number;
      readonly reason: string;
      readonly reference: string;
      readonly expectedQuantity: number | null;
    }
  | {
      readonly type: 'transfer';
      readonly fromWarehouseId: string;
      readonly toWarehouseId: string;
      readonly quantity: number;
      readonly reference: string;
    }
  | { readonly type: 'setPolicy'; readonly warehouseId: string; readonly policy: StockPolicy }
  | CellCommand;

/** What an order's stock actor tells a cell, as a part of a message. */
export type CellCommand =
  | {
      readonly type: 'hold';
      readonly orderId: string;
      readonly quantity: number;
      readonly warehouseId: string | null;
      readonly strategy: DrawStrategy;
      /** For good: allocated rather than held. */
      readonly commits?: boolean;
    }
  | {
      readonly type: 'allocate';
      readonly orderId: string;
      readonly warehouseId: string;
      readonly quantity: number;
    }
  | {
      readonly type: 'move';
      readonly orderId: string;
      readonly move: CellMove;
      readonly lines: readonly { readonly warehouseId: string; readonly quantity: number }[];
    };

/** commit: held to allocated. release, expire: held to free. giveBack: allocated to free. fulfill: allocated leaves, and quantity falls. */
export type CellMove = 'commit' | 'release' | 'expire' | 'giveBack' | 'fulfill';

/** A level as it stood after a change (or as it stands). */
export interface LevelView {
  readonly itemId: string;
  readonly sku: string;
  readonly warehouseId: string;
  readonly quantity: number;
  readonly held: number;
  readonly allocated: number;
  readonly version: number;
  readonly updatedAt: number;
}

/** The answer to `get` and to whatever changes the item's details. */
export interface ItemView {
  readonly id: string;
  readonly details: ItemDetails;
  readonly levels: readonly LevelView[];
  readonly policies: Readonly<Record<string, StockPolicy>>;
  /** Warehouses of these levels that nothing is drawn from at present. */
  readonly inactive: readonly string[];
  /** Warehouses of these levels that are low, by their policies. */
  readonly low: readonly string[];
}

/** The answer to delete. */
export interface DeletedView {
  readonly id: string;
}

/** The answer to transfer: where the stock came from, then where it went. */
export interface TransferView {
  readonly levels: readonly LevelView[];
}

/** The answer to hold, allocate and move. */
export interface CellView {
  readonly sku: string;
  /** What was available before the change, in the warehouses that could be drawn from; for `single`, in the fullest. */
  readonly available: number;
  /** What was taken or moved: the level after it, and how much. */
  readonly draws: readonly { readonly quantity: number; readonly level: LevelView }[];
  /** Where there was too little to allocate: the level as it stands, if there is one. */
  readonly levels?: readonly LevelView[];
}

export type LevelCause =
  | 'created'
  | 'adjusted'
  | 'transferred'
  | 'deleted'
  | 'held'
  | 'allocated'
  | 'committed'
  | 'released'
  | 'expired'
  | 'givenBack'
  | 'fulfilled';

export type ItemEvent =
  | { readonly type: 'created'; readonly details: ItemDetails }
  | { readonly type: 'updated'; readonly details: ItemDetails }
  | { readonly type: 'deleted'; readonly at: number }
  | PolicySet
  | LevelChanged;

/** low: available has fallen below the low-stock threshold. back: it has reached the back-in-stock threshold again. */
export type Alert = 'low' | 'back';

/** As journals hold it: those of earlier releases lack what came later. */
export type RecordedPolicy = Omit<StockPolicy, 'backInStockThreshold'> &
  Partial<Pick<StockPolicy, 'backInStockThreshold'>>;

/** A new threshold may be one that the level is beyond already: then the event says so, with the level's numbers. */
export interface PolicySet extends Partial<PolicyAlert> {
  readonly type: 'policySet';
  readonly warehouseId: string;
  readonly policy: RecordedPolicy;
  readonly at: number;
}

/** All of it, or nothing. */
export interface PolicyAlert {
  readonly alert: Alert;
  readonly threshold: number;
  readonly sku: string;
  readonly available: number;
  readonly quantity: number;
}

/** The numbers after the change stand in the event, so that streams and ledgers need no state to read it. */
export interface LevelChanged {
  readonly type: 'level';
  readonly cause: LevelCause;
  readonly sku: string;
  readonly warehouseId: string;
  /** Change of quantity; 0 for what only moves between held, allocated and free. */
  readonly delta: number;
  readonly quantity: number;
  readonly held: number;
  readonly allocated: number;
  readonly version: number;
  readonly at: number;
  /** received, returned, damaged, counted, correction, transfer, fulfilled, deleted, …; '' where quantity did not change. */
  readonly reason: string;
  /** The order's id, or the caller's own reference. */
  readonly reference: string;
  /** Where the change made the level low, or brought it back: which, and the threshold. */
  readonly alert?: Alert;
  readonly threshold?: number;
}

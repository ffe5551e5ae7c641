// The supply of one item: what the shop has to order anew, and what it lost for want of stock. Told by Inventory's events,
// one command for each event and item. No logic here.

/** Where an event stands: by sequence among those of its item and source, by time among those of several sources. */
export interface Place {
  readonly source: string;
  readonly sequence: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** The newest that was heard of the stock in one warehouse. */
export interface Alert extends Place {
  readonly isLow: boolean;
  /** Units that were available then. */
  readonly available: number;
  /** The threshold that they fell below, or reached again. */
  readonly threshold: number;
}

/** What was lost, over the item's whole life. None of it counts beyond what a number holds exactly. */
export interface Losses {
  /** Holds that ended by themselves, and the units of the item that they held. */
  readonly expiredHolds: number;
  readonly expiredUnits: number;
  /** Reservations that were refused with this item short, and the units that were asked for beyond those there were. */
  readonly refusals: number;
  readonly refusedUnits: number;
}

export interface Supply extends Losses {
  readonly sku: string;
  /** By warehouse: as many as Inventory has warehouses. */
  readonly alerts: Readonly<Record<string, Alert>>;
  /** Times of the first and of the newest event that was counted, in milliseconds since 1970. */
  readonly since: number;
  readonly updatedAt: number;
}

/** Null: nothing was ever heard of the item. */
export interface SupplyState {
  readonly supply: Supply | null;
}

/** All but `get` come with the id of their event as their key, and so count once. */
export type SupplyCommand =
  | { readonly type: 'stockLow' | 'stockBack'; readonly alert: HeardAlert }
  /** The thresholds were taken away in this warehouse, or, where it is null, the item was deleted. */
  | { readonly type: 'alertsEnded'; readonly warehouseId: string | null; readonly place: Place }
  | { readonly type: 'holdExpired' | 'reservationRefused'; readonly loss: Loss }
  /** Answered with the supply, or null. */
  | { readonly type: 'get' };

export interface HeardAlert extends Omit<Alert, 'isLow'> {
  readonly sku: string;
  readonly warehouseId: string;
}

export interface Loss {
  readonly sku: string;
  readonly units: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export type SupplyEvent =
  | {
      readonly type: 'alerted';
      readonly sku: string;
      readonly warehouseId: string;
      readonly alert: Alert;
    }
  | { readonly type: 'alertsEnded'; readonly warehouseIds: readonly string[]; readonly place: Place }
  | ({ readonly type: 'expired' | 'refused' } & Loss);

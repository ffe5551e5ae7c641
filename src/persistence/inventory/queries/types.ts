// What lists and reports ask of the tables, and what they get.
import type { ItemDetails, LevelView } from '../../../actors/inventory/item/model.ts';
import type { ReservationStatus, ReservationView } from '../../../actors/inventory/order-stock/model.ts';
import type { Warehouse } from '../../../actors/inventory/warehouse/model.ts';

/** Rows, and the moment that the tables had reached when they were read. */
export interface Listed<Row> {
  readonly rows: readonly Row[];
  /** Milliseconds since 1970, by the database's clock: everything durable up to then is in the rows. */
  readonly asOf: number;
}

export interface ListedItem extends ItemDetails {
  readonly id: string;
}

/** Items that are not deleted, in order of SKU (collation "C"), after `afterSku`. */
export interface ItemsQuestion {
  readonly category: string | null;
  readonly skuPrefix: string | null;
  readonly afterSku: string | null;
  readonly limit: number;
}

/** Warehouses in order of id, after `afterId`. */
export interface WarehousesQuestion {
  readonly afterId: string | null;
  readonly limit: number;
}

export type ListedWarehouse = Warehouse;

/** Items that are not deleted, in order of SKU, after `afterSku`; with a warehouse, those that have a level there. */
export interface ReportQuestion {
  readonly warehouseId: string | null;
  readonly category: string | null;
  readonly lowStockOnly: boolean;
  /**
   * Low is what has less than this available, over the levels of the report; null: what has a level with less available
   * than the threshold of its own policy.
   */
  readonly threshold: number | null;
  readonly afterSku: string | null;
  readonly limit: number;
}

export interface ReportLine {
  readonly item: ListedItem;
  readonly levels: readonly LevelView[];
  readonly totalAvailable: number;
  readonly lowStock: boolean;
}

/** Totals are of everything that the question lets through, not of the page. */
export interface Report extends Listed<ReportLine> {
  readonly totalItems: number;
  readonly totalQuantity: number;
  readonly totalReserved: number;
  readonly lowStockCount: number;
}

/** Movements of one item, also of one that was deleted, newest first, after (which is: earlier than) `before`. */
export interface MovementsQuestion {
  readonly itemId: string;
  /** Null: all. */
  readonly warehouseId: string | null;
  readonly before: MovementKey | null;
  readonly limit: number;
}

export interface MovementKey {
  readonly at: number;
  readonly warehouseId: string;
  readonly version: number;
}

/** A change of a quantity; `version` and `quantity` are those of the level that it made. */
export interface ListedMovement extends MovementKey {
  readonly delta: number;
  readonly quantity: number;
  readonly cause: string;
  readonly reason: string;
  readonly reference: string;
}

/**
 * Reservations in order of order and attempt, after `after`. With an item those that have a line of it; with neither
 * order nor status besides, only those that hold some of it or have it allocated.
 */
export interface ReservationsQuestion {
  readonly orderId: string | null;
  readonly itemId: string | null;
  readonly status: ReservationStatus | null;
  readonly after: ReservationKey | null;
  readonly limit: number;
  /** So many are looked at, at most, for those that the filter lets through. */
  readonly examineMax: number;
}

export interface ReservationKey {
  readonly orderId: string;
  readonly attempt: number;
}

export interface ReservationPage extends Listed<ReservationView> {
  /** Where the page is shorter than it might be because so many were looked at: the last of them. Null: it is whole. */
  readonly examinedTo: ReservationKey | null;
}

/** How far a shard's journal has come. */
export interface JournalHead {
  readonly shard: number;
  /** Of its last durable row; `trimmedTo` where there is none. */
  readonly seq: number;
  /** Rows up to here may be gone. */
  readonly trimmedTo: number;
}

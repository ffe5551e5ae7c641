// What lists and reports ask of the tables, and what they get.
import type { ItemDetails, LevelView } from '../../../actors/inventory/item/model.ts';
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

/** How far a shard's journal has come. */
export interface JournalHead {
  readonly shard: number;
  /** Of its last durable row; `trimmedTo` where there is none. */
  readonly seq: number;
  /** Rows up to here may be gone. */
  readonly trimmedTo: number;
}

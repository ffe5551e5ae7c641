// What the Inventory's methods need from outside, so that tests can give them fakes: actors to ask, tables to list, and
// the journal to follow. SQL stands in src/persistence; this file only names the questions.
import type { LevelView } from '../../actors/inventory/item/model.ts';
import type { ReservationStatus, ReservationView } from '../../actors/inventory/order-stock/model.ts';
import type { Call, EdgeDeps } from '../call.ts';
import type { JournalReader } from '../feed/rows.ts';
import type { Method } from '../method.ts';

/** What the tables said, and how old that is at most. */
export interface Listed<Row> {
  readonly rows: readonly Row[];
  /** Milliseconds since 1970, by the database's clock: everything durable up to then is in the rows. */
  readonly asOf: number;
}

export interface ItemRow {
  readonly id: string;
  readonly sku: string;
  readonly name: string;
  readonly description: string;
  readonly category: string;
  readonly attributes: Readonly<Record<string, unknown>> | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface WarehouseRow {
  readonly id: string;
  readonly name: string;
  readonly location: string;
  readonly isActive: boolean;
  readonly customerId: string;
  readonly priority: number;
}

/** Items that are not deleted, by SKU (collation "C"), after `afterSku`. */
export interface ItemsQuestion {
  readonly category: string | null;
  readonly skuPrefix: string | null;
  readonly afterSku: string | null;
  readonly limit: number;
}

/** Warehouses by id, after `afterId`. */
export interface WarehousesQuestion {
  readonly afterId: string | null;
  readonly limit: number;
}

export interface ReportQuestion {
  readonly warehouseId: string | null;
  readonly category: string | null;
  readonly lowStockOnly: boolean;
  /** Low where available is below it; null: below the threshold of the level's own policy, where it has one. */
  readonly threshold: number | null;
  readonly afterSku: string | null;
  readonly limit: number;
}

export interface ReportRow {
  readonly item: ItemRow;
  readonly levels: readonly LevelView[];
  readonly totalAvailable: number;
  readonly lowStock: boolean;
}

/** Totals are of everything that the filter lets through, not of the page. */
export interface Report extends Listed<ReportRow> {
  readonly totalItems: number;
  readonly totalQuantity: number;
  readonly totalReserved: number;
  readonly lowStockCount: number;
}

/** A change of a quantity; `version` and `quantity` are those of the level that it made. */
export interface MovementRow extends MovementKey {
  readonly delta: number;
  readonly quantity: number;
  readonly cause: string;
  readonly reason: string;
  readonly reference: string;
}

export interface MovementKey {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly warehouseId: string;
  readonly version: number;
}

/** Movements of one item, also of one that was deleted, newest first; those earlier than `before`. */
export interface MovementsQuestion {
  readonly itemId: string;
  readonly warehouseId: string | null;
  readonly before: MovementKey | null;
  readonly limit: number;
}

export interface ReservationKey {
  readonly orderId: string;
  readonly attempt: number;
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

export interface ReservationPage extends Listed<ReservationView> {
  /** Where the page is shorter than it might be because so many were looked at: the last of them. Null: it is whole. */
  readonly examinedTo: ReservationKey | null;
}

/** Reads of the tables and of the journal. Each has a deadline of its own and rejects when it passes. */
export interface Queries extends JournalReader {
  listItems(question: ItemsQuestion): Promise<Listed<ItemRow>>;
  listWarehouses(question: WarehousesQuestion): Promise<Listed<WarehouseRow>>;
  report(question: ReportQuestion): Promise<Report>;
  listMovements(question: MovementsQuestion): Promise<Listed<MovementRow>>;
  listReservations(question: ReservationsQuestion): Promise<ReservationPage>;
  /** Ids of orders that hold or are allocated the item there (anywhere where null), at most `limit`, in order. */
  ordersHolding(itemId: string, warehouseId: string | null, limit: number): Promise<Listed<string>>;
}

export interface InventoryDeps extends EdgeDeps {
  readonly queries: Queries;
}

export type InventoryCall = Call<InventoryDeps>;
export type InventoryMethod<Request, Response> = Method<Request, Response, InventoryDeps>;

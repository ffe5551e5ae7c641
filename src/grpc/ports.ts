// What the gRPC edge needs from outside, so that tests can give it fakes: actors to ask, tables to list, and the
// journal to follow. SQL stands in src/persistence; this file only names the questions.
import type { Logger } from 'pino';
import type { LevelView } from '../actors/item/model.ts';
import type { Asker, CommitNotices } from '../runtime/ask.ts';
import type { JournalRow } from '../runtime/store.ts';

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

/** How far a shard's journal has come. */
export interface JournalHead {
  readonly shard: number;
  /** Of its last durable row; `trimmedTo` where there is none. */
  readonly seq: number;
  /** Rows up to here may be gone. */
  readonly trimmedTo: number;
}

/** Reads of the tables and of the journal. Each has a deadline of its own and rejects when it passes. */
export interface Queries {
  listItems(question: ItemsQuestion): Promise<Listed<ItemRow>>;
  listWarehouses(question: WarehousesQuestion): Promise<Listed<WarehouseRow>>;
  report(question: ReportQuestion): Promise<Report>;
  /** Ids of orders that hold or are allocated the item there (anywhere where null), at most `limit`, in order. */
  ordersHolding(itemId: string, warehouseId: string | null, limit: number): Promise<Listed<string>>;
  /** Of every shard, in order of shard. */
  journalHeads(): Promise<readonly JournalHead[]>;
  /** As Store.readTail: rows after these positions, each shard's in order of seq, at most `limit`. */
  readTail(after: ReadonlyMap<number, number>, limit: number): Promise<readonly JournalRow[]>;
}

export interface GrpcDeps {
  readonly asker: Asker;
  readonly notices: CommitNotices;
  readonly queries: Queries;
  readonly log: Logger;
  /**
   * Called once for each call, and for each request of a ReserveStream.
   * @param outcome 'ok', 'refused' (too little stock: an answer, not an error), 'cancelled', or the failure's code
   */
  readonly observe: (method: string, outcome: string, seconds: number) => void;
  /** A random UUID. */
  readonly newId: () => string;
}

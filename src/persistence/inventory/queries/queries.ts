// The reads of an edge: lists, reports, and the journal for those who follow it. They lag behind the actors by a
// moment, and say by how much; what is read by its id is asked of its actor instead.
import type { JournalRow } from '../../../runtime/store.ts';
import { type ConnectOptions, openClient } from '../../connect.ts';
import { readTail } from '../../journal.ts';
import { journalHeads } from '../../journal-heads.ts';
import { ordersHolding } from './holders.ts';
import { listItems, skusOf } from './items.ts';
import { listMovements } from './movements.ts';
import { inventoryReport } from './report.ts';
import { listReservations } from './reservations.ts';
import type {
  ItemsQuestion,
  JournalHead,
  Listed,
  ListedItem,
  ListedMovement,
  ListedWarehouse,
  MovementsQuestion,
  Report,
  ReportQuestion,
  ReservationPage,
  ReservationsQuestion,
  WarehousesQuestion,
} from './types.ts';
import { listWarehouses } from './warehouses.ts';

/** Every method has a deadline and rejects with a StoreError when it passes. */
export interface Queries {
  listItems(question: ItemsQuestion): Promise<Listed<ListedItem>>;
  listWarehouses(question: WarehousesQuestion): Promise<Listed<ListedWarehouse>>;
  report(question: ReportQuestion): Promise<Report>;
  listMovements(question: MovementsQuestion): Promise<Listed<ListedMovement>>;
  listReservations(question: ReservationsQuestion): Promise<ReservationPage>;
  /** Ids of orders that hold the item there or have it allocated (null: anywhere), at most `limit`, in order. */
  ordersHolding(itemId: string, warehouseId: string | null, limit: number): Promise<Listed<string>>;
  /** The SKUs of those of these items that exist. */
  skusOf(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  journalHeads(): Promise<readonly JournalHead[]>;
  /** As Store.readTail. */
  readTail(after: ReadonlyMap<number, number>, limit: number): Promise<readonly JournalRow[]>;
  close(): Promise<void>;
}

/** Connects with the first statement. One for each ingress thread. */
export function createQueries(options: ConnectOptions): Queries {
  const client = openClient('reads', options);
  return {
    listItems: (question) => listItems(client, question),
    listWarehouses: (question) => listWarehouses(client, question),
    report: (question) => inventoryReport(client, question),
    listMovements: (question) => listMovements(client, question),
    listReservations: (question) => listReservations(client, question),
    ordersHolding: (itemId, warehouseId, limit) => ordersHolding(client, itemId, warehouseId, limit),
    skusOf: (ids) => skusOf(client, ids),
    journalHeads: () => journalHeads(client),
    readTail: (after, limit) => readTail(client, after, limit),
    close: () => client.close(),
  };
}

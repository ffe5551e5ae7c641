// What one kind of actor's table is to the rest: how its states are written and read back. A table's own file is the
// only place that knows its columns.
//
// Rows go in and come out as JSON text, which PostgreSQL turns into columns by itself: one parameter a table, whatever
// the number of rows and the depth of their arrays.
import type { DurableEvent, SnapshotRow, StoredActor } from '../runtime/store.ts';
import type { Fragment, Sql } from './connect.ts';

export interface ActorTable {
  readonly kind: string;
  /**
   * Common table expressions that write the rows, each only where the stored seq is lower, and nothing unless
   * `(select holds from fence)`. No row comes twice.
   */
  write(sql: Sql, rows: readonly SnapshotRow[]): Fragment;
  /** A query for rows of `StoredText`: those with these ids, or all. Ids that cannot be of this kind are no error. */
  read(sql: Sql, ids: readonly string[] | null): Fragment;
  /** The state, out of the row's `body`. */
  parse(body: string): unknown;
  /** Where its actors' due times stand, in a column `due_at` with an index; without it they have none. */
  readonly due?: IndexedTable;
  /** Where those that want effects are marked, in a column `pending` with a partial index; without it none do. */
  readonly pending?: IndexedTable;
}

export interface IndexedTable {
  readonly table: string;
  /** The column of the actor's id. */
  readonly id: string;
}

/** What a service keeps in its database. */
export interface StoreSchema {
  readonly tables: readonly ActorTable[];
  /** A common table expression that writes what is derived from events; none where the service has no such table. */
  readonly writeLedger?: (sql: Sql, events: readonly DurableEvent[]) => Fragment;
}

/** A stored actor before its state was parsed. */
export interface StoredText {
  readonly id: string;
  readonly seq: number;
  readonly body: string;
}

export function toStoredActor(table: ActorTable, { id, seq, body }: StoredText): StoredActor {
  return { ref: { kind: table.kind, id }, seq, state: table.parse(body) };
}

const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether it could be the id of a row; anything else would be an error to the database. */
export function isUuid(id: string): boolean {
  return uuidForm.test(id);
}

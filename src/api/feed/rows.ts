// What an update stream sees of the journal: rows, each with the changes that the stream shows and their place in it.
import { decodeRecord } from '../../runtime/record.ts';
import type { JournalRow } from '../../runtime/store.ts';

/** One event as it stands in a row. */
export interface Recorded {
  readonly kind: string;
  readonly id: string;
  readonly event: unknown;
}

export interface Placed<Change> {
  /** Place of the event among all events of the row. */
  readonly index: number;
  readonly change: Change;
}

export interface FeedRow<Change> {
  readonly shard: number;
  readonly seq: number;
  /** Of everything in the row, shown or not. */
  readonly events: number;
  readonly changes: readonly Placed<Change>[];
}

/** What of an event is shown; null: nothing. */
export type Project<Change> = (recorded: Recorded) => Change | null;

/** @throws RecordError where the row was written by a newer release */
export function feedRowOf<Change>(row: JournalRow, project: Project<Change>): FeedRow<Change> {
  const { events } = decodeRecord(row.events);
  const changes: Placed<Change>[] = [];
  for (const [index, { ref, event }] of events.entries()) {
    const change = project({ ...ref, event });
    if (change !== null) changes.push({ index, change });
  }
  return { shard: row.shard, seq: row.seq, events: events.length, changes };
}

/** How far a shard's journal has come. */
export interface JournalHead {
  readonly shard: number;
  /** Of its last durable row; `trimmedTo` where there is none. */
  readonly seq: number;
  /** Rows up to here may be gone. */
  readonly trimmedTo: number;
}

/** Reads of the journal. Each has a deadline of its own and rejects when it passes. */
export interface JournalReader {
  /** Of every shard, in order of shard. */
  journalHeads(): Promise<readonly JournalHead[]>;
  /** As Store.readTail: rows after these positions, each shard's in order of seq, at most `limit`. */
  readTail(after: ReadonlyMap<number, number>, limit: number): Promise<readonly JournalRow[]>;
}

// What the runtime needs of durable storage. src/persistence implements it on PostgreSQL, the simulator in memory;
// one suite of tests (test/store) holds for both.
//
// No correctness rests on a session or a lock that outlives a statement: every method is one statement, or reads only.
// Every method has a deadline of its own and rejects with a StoreError when it passes.
import type { Ref } from '../actors/behaviour.ts';

/** One append of one shard: what became durable at one moment, as JSON text (see record.ts). */
export interface JournalRow {
  readonly shard: number;
  /** One more than that of the shard's last row. */
  readonly seq: number;
  readonly epoch: number;
  /** Milliseconds since 1970, when the record was cut. */
  readonly at: number;
  readonly events: string;
}

/** A shard as its last snapshot left it. */
export interface ShardHead {
  readonly shard: number;
  /** Raised by the claim that returned this. */
  readonly epoch: number;
  /** Everything up to here stands in the tables. */
  readonly snapshotSeq: number;
  readonly trimmedTo: number;
  /** What the shard's channels were at `snapshotSeq` (see channels.ts), as JSON text. */
  readonly channels: string;
}

export interface StoredActor {
  readonly ref: Ref;
  /** The journal position that the state stands at; what the journal has up to here is in it. */
  readonly seq: number;
  readonly state: unknown;
}

/** An actor's state as it stood when an append was cut that is durable now. */
export interface SnapshotRow {
  readonly ref: Ref;
  readonly shard: number;
  readonly seq: number;
  readonly state: unknown;
  /** The behaviour's dueAt of that state. */
  readonly dueAt: number | null;
  /** Whether that state wants effects, so that a start has to find it. */
  readonly pending: boolean;
}

/** An event that is durable, for tables that are derived from events rather than states. */
export interface DurableEvent {
  readonly ref: Ref;
  readonly shard: number;
  readonly seq: number;
  readonly event: unknown;
}

export interface SnapshotHead {
  readonly shard: number;
  readonly epoch: number;
  /** The shard's position once this write is durable; unchanged (the old one) for all but the last of several writes. */
  readonly snapshotSeq: number;
  readonly channels: string;
}

/** One statement's worth: at most `limits.snapshotRowsMax` rows. */
export interface SnapshotWrite {
  readonly heads: readonly SnapshotHead[];
  readonly rows: readonly SnapshotRow[];
  readonly events: readonly DurableEvent[];
}

export interface Store {
  /**
   * Raises the epochs of these shards, in one statement that finds `ownerEpoch` in the owner row and locks it for
   * share. 'displaced': another process owns the database.
   */
  claim(
    ownerEpoch: number,
    shards: readonly number[],
  ): Promise<{ readonly heads: readonly ShardHead[]; readonly now: number } | 'displaced'>;

  /** Rows of these shards after the given positions, each shard's in order of seq; whole pages of at most `limit`. */
  readTail(after: ReadonlyMap<number, number>, limit: number): Promise<readonly JournalRow[]>;

  /**
   * Inserts every row or none. 'fenced': some shard has another epoch now, or was trimmed beyond the row.
   * 'conflict': a row with one of these keys is there already.
   */
  append(rows: readonly JournalRow[]): Promise<'appended' | 'fenced' | 'conflict'>;

  /** Whether all of these shards still have these epochs. */
  confirm(shards: readonly { readonly shard: number; readonly epoch: number }[]): Promise<boolean>;

  /** The stored states of those of these actors that have one. */
  load(refs: readonly Ref[]): Promise<readonly StoredActor[]>;

  /** Actors of these shards with dueAt <= `before`, earliest first. */
  due(
    shards: readonly number[],
    before: number,
    limit: number,
  ): Promise<readonly { readonly ref: Ref; readonly dueAt: number }[]>;

  /** Actors of these shards whose stored state wants effects, in order of kind and id, after `after`; at most `limit`. */
  pending(shards: readonly number[], after: Ref | null, limit: number): Promise<readonly Ref[]>;

  /** One statement; each row only where the stored seq is lower, positions never back, all only under the epochs. */
  snapshot(write: SnapshotWrite): Promise<'written' | 'fenced'>;

  /** Raises `trimmed_to` (never beyond the snapshot), then deletes at most `limit` rows at or below what was raised by an earlier call. */
  trim(
    heads: readonly { readonly shard: number; readonly epoch: number; readonly olderThan: number }[],
    limit: number,
  ): Promise<number>;

  close(): Promise<void>;
}

/**
 * rejected: the statement surely had no effect and the same bytes may be sent again (40001, 40P01, 53xxx).
 * unknown: it may or may not have had its effect (connection lost, FATAL, 57P0x, silence).
 * broken: an ERROR that repeating will not mend (a constraint, a missing table): a fault of ours or of the database.
 */
export type StoreErrorKind = 'rejected' | 'unknown' | 'broken';

export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly kind: StoreErrorKind;

  constructor(kind: StoreErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

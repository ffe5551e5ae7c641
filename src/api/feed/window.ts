// The newest rows of the journal, numbered by ordinals in the order in which they were read, and the streams that wait for
// the next one. Bounded: the oldest rows go, however far behind a stream is.
//
// Invariant: it holds, of every shard, exactly the rows after `floor` up to `positions`.
import type { FeedLimits } from '../limits.ts';
import type { FeedRow } from './rows.ts';
import { type Filter, type Found, type KeysOf, Waiters } from './waiters.ts';

export class Window<Change> {
  readonly limits: FeedLimits;
  readonly #rows: FeedRow<Change>[] = [];
  readonly #floor: Map<number, number>;
  readonly #positions: Map<number, number>;
  readonly #waiters: Waiters<Change>;
  #events = 0;
  #floorOrdinal = 0;
  #failed = false;

  constructor(limits: FeedLimits, from: ReadonlyMap<number, number>, keysOf?: KeysOf<Change>) {
    this.limits = limits;
    this.#floor = new Map(from);
    this.#positions = new Map(from);
    this.#waiters = new Waiters(keysOf);
  }

  /** The journal can no longer be followed: streams have to end. */
  get failed(): boolean {
    return this.#failed;
  }

  /** The ordinal of the oldest row that is still here. */
  get floorOrdinal(): number {
    return this.#floorOrdinal;
  }

  /** By shard: the last row that came. */
  get positions(): ReadonlyMap<number, number> {
    return this.#positions;
  }

  /** Whether everything after these positions is in the window, or yet to come. */
  covers(seqs: ReadonlyMap<number, number>): boolean {
    for (const [shard, floor] of this.#floor) {
      if ((seqs.get(shard) ?? -1) < floor) return false;
    }
    return true;
  }

  /** Undefined where it has not come yet. */
  at(ordinal: number): FeedRow<Change> | undefined {
    return this.#rows[ordinal - this.#floorOrdinal];
  }

  /** Takes in a page of rows, then wakes those that it concerns. @throws Error where a row is missing */
  push(rows: readonly FeedRow<Change>[]): void {
    for (const row of rows) this.#add(row);
    this.#waiters.wake();
  }

  fail(): void {
    this.#failed = true;
    this.#waiters.wakeAll();
  }

  /**
   * Resolves with the first row to come that has a change which passes; null where the signal was given or the window
   * failed. For who has taken every row that is here.
   */
  next(filter: Filter<Change>, signal: AbortSignal): Promise<Found | null> {
    return this.#failed ? Promise.resolve(null) : this.#waiters.wait(filter, signal);
  }

  #add(row: FeedRow<Change>): void {
    const expected = (this.#positions.get(row.shard) ?? 0) + 1;
    if (row.seq !== expected) {
      throw new Error(`shard ${row.shard} goes on at ${row.seq}, not at ${expected}`);
    }
    this.#waiters.notice(row, this.#floorOrdinal + this.#rows.length, this.#positions);
    this.#positions.set(row.shard, row.seq);
    this.#rows.push(row);
    this.#events += row.events;
    while (this.#rows.length > this.limits.windowRowsMax || this.#events > this.limits.windowEventsMax) {
      const dropped = this.#rows.shift();
      if (dropped === undefined) break;
      this.#events -= dropped.events;
      this.#floorOrdinal += 1;
      this.#floor.set(dropped.shard, dropped.seq);
    }
  }
}

// Streams that have taken everything there is, and wait for a change that concerns them. Each is woken by such a change
// and by nothing else, so a row costs what it has to tell, and not as much as there are streams: those that ask for one
// order among thousands are found by their key. Woken are all of them together, once for each page of rows that was read.
import type { FeedRow } from './rows.ts';

/** Whether a client asked for a change. */
export interface Filter<Change> {
  (change: Change): boolean;
  /** A key that every change has that passes, as `keysOf` tells them; without it each change has to be looked at. */
  readonly key?: string;
}

/** What a change can be asked for by. */
export type KeysOf<Change> = (change: Change) => readonly string[];

/** Where a stream goes on: everything before concerns it not. */
export interface Found {
  readonly ordinal: number;
  /** By shard: the last row before that one. */
  readonly seqs: ReadonlyMap<number, number>;
}

interface Waiter<Change> {
  readonly filter: Filter<Change>;
  readonly among: Set<Waiter<Change>>;
  readonly wake: (found: Found | null) => void;
}

export class Waiters<Change> {
  readonly #keysOf: KeysOf<Change> | undefined;
  readonly #byKey = new Map<string, Set<Waiter<Change>>>();
  readonly #others = new Set<Waiter<Change>>();
  #found: { readonly waiter: Waiter<Change>; readonly found: Found }[] = [];

  constructor(keysOf: KeysOf<Change> | undefined) {
    this.#keysOf = keysOf;
  }

  /** Resolves when it is woken; null where it is so without a change, or the signal was given. */
  wait(filter: Filter<Change>, signal: AbortSignal): Promise<Found | null> {
    return new Promise((resolve) => {
      const among = this.#placeOf(filter);
      const wake = (found: Found | null) => {
        signal.removeEventListener('abort', giveUp);
        resolve(found);
      };
      const waiter: Waiter<Change> = { filter, among, wake };
      const giveUp = () => {
        this.#remove(waiter);
        wake(null);
      };
      among.add(waiter);
      signal.addEventListener('abort', giveUp);
      if (signal.aborted) giveUp();
    });
  }

  /** Finds those that the row concerns, for the next `wake`. @param seqs by shard: the last row before it */
  notice(row: FeedRow<Change>, ordinal: number, seqs: ReadonlyMap<number, number>): void {
    let found: Found | undefined;
    const consider = (change: Change, waiters: Iterable<Waiter<Change>>) => {
      for (const waiter of waiters) {
        if (!waiter.filter(change)) continue;
        found ??= { ordinal, seqs: new Map(seqs) };
        this.#remove(waiter);
        this.#found.push({ waiter, found });
      }
    };
    for (const { change } of row.changes) {
      consider(change, this.#others);
      for (const key of this.#keysOf?.(change) ?? []) consider(change, this.#byKey.get(key) ?? []);
    }
  }

  wake(): void {
    for (const { waiter, found } of this.#found.splice(0)) waiter.wake(found);
  }

  wakeAll(): void {
    this.wake();
    const all = [...this.#others, ...[...this.#byKey.values()].flatMap((waiters) => [...waiters])];
    this.#others.clear();
    this.#byKey.clear();
    for (const waiter of all) waiter.wake(null);
  }

  #placeOf({ key }: Filter<Change>): Set<Waiter<Change>> {
    if (key === undefined || this.#keysOf === undefined) return this.#others;
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const made = new Set<Waiter<Change>>();
    this.#byKey.set(key, made);
    return made;
  }

  #remove(waiter: Waiter<Change>): void {
    const { among, filter } = waiter;
    among.delete(waiter);
    if (among.size === 0 && filter.key !== undefined && this.#byKey.get(filter.key) === among)
      this.#byKey.delete(filter.key);
  }
}

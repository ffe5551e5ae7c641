// Reads the journal once for all update streams of this ingress, and keeps the newest rows in a window of bounded size.
// Streams take rows from the window, each at its own pace; one that falls out of it reads the journal by itself until
// it is within again (see subscription.ts). So nothing is lost and nothing grows, however slow a client is.
//
// It follows only while there are streams. Invariant: the window holds, of every shard, exactly the rows after `floor`
// up to `positions`, in the order in which they were read.
import type { Logger } from 'pino';
import type { CommitNotices } from '../../runtime/ask.ts';
import type { JournalRow } from '../../runtime/store.ts';
import { type FeedLimits, feedLimits } from '../limits.ts';
import { type FeedRow, feedRowOf, type JournalHead, type JournalReader, type Project } from './rows.ts';

export interface FollowerDeps<Change> {
  readonly queries: JournalReader;
  readonly notices: CommitNotices;
  readonly log: Logger;
  readonly project: Project<Change>;
}

export class Follower<Change> {
  readonly #deps: FollowerDeps<Change>;
  readonly #limits: FeedLimits;
  #streams = 0;
  #run: Run<Change> | null = null;

  constructor(deps: FollowerDeps<Change>, limits: FeedLimits = feedLimits) {
    this.#deps = deps;
    this.#limits = limits;
  }

  get full(): boolean {
    return this.#streams >= this.#limits.subscribersMax;
  }

  /** @returns what is followed from these heads or earlier, and a function that leaves it */
  join(heads: readonly JournalHead[]): { readonly window: Window<Change>; readonly leave: () => void } {
    this.#streams += 1;
    if (this.#run === null || this.#run.window.failed) {
      this.#run?.stop();
      this.#run = new Run(this.#deps, this.#limits, heads);
    }
    return { window: this.#run.window, leave: () => this.#leave() };
  }

  #leave(): void {
    this.#streams -= 1;
    if (this.#streams > 0) return;
    this.#run?.stop();
    this.#run = null;
  }
}

/** The newest rows, numbered by ordinals in the order in which they were read. */
export class Window<Change> {
  readonly limits: FeedLimits;
  readonly #rows: FeedRow<Change>[] = [];
  readonly #floor: Map<number, number>;
  readonly #waiting = new Set<() => void>();
  #events = 0;
  #floorOrdinal = 0;
  /** The journal can no longer be followed: streams have to end. */
  failed = false;

  constructor(limits: FeedLimits, positions: ReadonlyMap<number, number>) {
    this.limits = limits;
    this.#floor = new Map(positions);
  }

  /** The ordinal of the oldest row that is still here. */
  get floorOrdinal(): number {
    return this.#floorOrdinal;
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

  push(row: FeedRow<Change>): void {
    this.#rows.push(row);
    this.#events += row.events;
    while (this.#rows.length > this.limits.windowRowsMax || this.#events > this.limits.windowEventsMax) {
      const dropped = this.#rows.shift();
      if (dropped === undefined) break;
      this.#events -= dropped.events;
      this.#floorOrdinal += 1;
      this.#floor.set(dropped.shard, dropped.seq);
    }
    this.#tell();
  }

  fail(): void {
    this.failed = true;
    this.#tell();
  }

  /** Resolves when there is something new, or when the signal is given. */
  changed(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#waiting.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#waiting.add(done);
      signal.addEventListener('abort', done);
      if (signal.aborted) done();
    });
  }

  #tell(): void {
    for (const done of [...this.#waiting]) done();
  }
}

/** One stretch of following, from the first stream's coming to the last one's leaving. */
class Run<Change> {
  readonly window: Window<Change>;
  readonly #deps: FollowerDeps<Change>;
  readonly #limits: FeedLimits;
  readonly #positions: Map<number, number>;
  readonly #unsubscribe: () => void;
  readonly #poll: NodeJS.Timeout;
  #stopped = false;
  #reading = false;
  #again = false;
  #readableAt = performance.now();

  constructor(deps: FollowerDeps<Change>, limits: FeedLimits, heads: readonly JournalHead[]) {
    this.#deps = deps;
    this.#limits = limits;
    this.#positions = new Map(heads.map(({ shard, seq }) => [shard, seq]));
    this.window = new Window(limits, this.#positions);
    this.#unsubscribe = deps.notices.subscribe((shard, seq) => {
      if (seq > (this.#positions.get(shard) ?? -1)) this.#look();
    });
    this.#poll = setInterval(() => this.#look(), limits.pollIntervalMs);
    this.#look();
  }

  stop(): void {
    this.#stopped = true;
    this.#unsubscribe();
    clearInterval(this.#poll);
  }

  #look(): void {
    this.#again = true;
    if (!this.#reading && !this.#stopped) void this.#readAll();
  }

  async #readAll(): Promise<void> {
    this.#reading = true;
    while (this.#again && !this.#stopped) {
      this.#again = false;
      const rows = await this.#read();
      if (rows.length > 0) this.#again = true;
      if (!this.#stopped) this.#take(rows);
    }
    this.#reading = false;
  }

  /** Nothing where it failed: the next look, by poll or notice, tries again, until that has taken too long. */
  async #read(): Promise<readonly JournalRow[]> {
    try {
      const rows = await this.#deps.queries.readTail(this.#positions, this.#limits.pageRowsMax);
      this.#readableAt = performance.now();
      return rows;
    } catch (err) {
      if (performance.now() - this.#readableAt > this.#limits.unreadableMsMax) this.#giveUp(err);
      else this.#deps.log.warn({ err }, 'the journal could not be read for update streams');
      return [];
    }
  }

  #take(rows: readonly JournalRow[]): void {
    try {
      for (const row of rows) {
        const expected = (this.#positions.get(row.shard) ?? 0) + 1;
        if (row.seq !== expected) {
          throw new Error(`shard ${row.shard} goes on at ${row.seq}, not at ${expected}`);
        }
        const feedRow = feedRowOf(row, this.#deps.project);
        this.#positions.set(row.shard, row.seq);
        this.window.push(feedRow);
      }
    } catch (err) {
      this.#giveUp(err);
    }
  }

  #giveUp(err: unknown): void {
    this.#deps.log.error({ err }, 'update streams end: the journal cannot be followed');
    this.stop();
    this.window.fail();
  }
}

// Reads the journal once for all update streams of this ingress, and keeps the newest rows in a window of bounded size.
// Streams take rows from the window, each at its own pace; one that falls out of it reads the journal by itself until
// it is within again (see subscription.ts). So nothing is lost and nothing grows, however slow a client is.
//
// It follows only while there are streams.
import type { Logger } from 'pino';
import type { CommitNotices } from '../../runtime/ask.ts';
import type { JournalRow } from '../../runtime/store.ts';
import { type FeedLimits, feedLimits } from '../limits.ts';
import { feedRowOf, type JournalHead, type JournalReader, type Project } from './rows.ts';
import type { KeysOf } from './waiters.ts';
import { Window } from './window.ts';

export interface FollowerDeps<Change> {
  readonly queries: JournalReader;
  readonly notices: CommitNotices;
  readonly log: Logger;
  readonly project: Project<Change>;
  /** Without it every stream that waits looks at every change. */
  readonly keysOf?: KeysOf<Change>;
}

export class Follower<Change> {
  readonly #deps: FollowerDeps<Change>;
  readonly #limits: FeedLimits;
  readonly #heads: Heads;
  #streams = 0;
  #run: Run<Change> | null = null;

  constructor(deps: FollowerDeps<Change>, limits: FeedLimits = feedLimits) {
    this.#deps = deps;
    this.#limits = limits;
    this.#heads = new Heads(deps.queries);
  }

  get full(): boolean {
    return this.#streams >= this.#limits.subscribersMax;
  }

  /** How far the journal has come, by now or later. */
  heads(): Promise<readonly JournalHead[]> {
    return this.#heads.read();
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

/** Thousands of streams that come at once, after a restart, say, share a reading that began after they came. */
class Heads {
  readonly #queries: JournalReader;
  #latest: Promise<unknown> = Promise.resolve();
  #next: Promise<readonly JournalHead[]> | null = null;

  constructor(queries: JournalReader) {
    this.#queries = queries;
  }

  read(): Promise<readonly JournalHead[]> {
    this.#next ??= this.#readAfter(this.#latest);
    return this.#next;
  }

  async #readAfter(earlier: Promise<unknown>): Promise<readonly JournalHead[]> {
    await Promise.allSettled([earlier]);
    this.#latest = this.#next ?? earlier;
    this.#next = null;
    return this.#queries.journalHeads();
  }
}

/** One stretch of following, from the first stream's coming to the last one's leaving. */
class Run<Change> {
  readonly window: Window<Change>;
  readonly #deps: FollowerDeps<Change>;
  readonly #limits: FeedLimits;
  readonly #unsubscribe: () => void;
  readonly #poll: NodeJS.Timeout;
  #stopped = false;
  #reading = false;
  #again = false;
  #readableAt = performance.now();

  constructor(deps: FollowerDeps<Change>, limits: FeedLimits, heads: readonly JournalHead[]) {
    this.#deps = deps;
    this.#limits = limits;
    this.window = new Window(limits, new Map(heads.map(({ shard, seq }) => [shard, seq])), deps.keysOf);
    this.#unsubscribe = deps.notices.subscribe((shard, seq) => {
      if (seq > (this.window.positions.get(shard) ?? -1)) this.#look();
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
      const rows = await this.#deps.queries.readTail(this.window.positions, this.#limits.pageRowsMax);
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
      this.window.push(rows.map((row) => feedRowOf(row, this.#deps.project)));
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

// Reads the journal for one reader of events, from its durable position on: fed by the shard threads while it keeps up, from
// the database when it lags or begins. Every message of the published mapping is handed to the sink, in the journal's order;
// the position moves past a row when the sink is done with all of its messages. So whatever dies when, each is told at least
// once (I15), and what is told is durable (I11).
import type { PublishedEvent } from '../events/event.ts';
import { ClosedError } from '../messaging/closed.ts';
import type { Positions } from '../persistence/outbox.ts';
import type { JournalRow } from '../runtime/store.ts';
import { Cursor } from './cursor.ts';
import { defaultOutboxLimits, type OutboxLimits } from './limits.ts';

/** Where the messages go. */
export interface Sink {
  /**
   * Resolves when it is done with it for good. Messages of one subject are given in order, and it keeps that.
   * Null: this reader has no use for it. Rejects only where it is closed.
   */
  take(event: PublishedEvent): Promise<void> | null;
}

/** What is needed of the database. Each may reject; it is tried again. */
export interface OutboxStore {
  positions(): Promise<Positions>;
  readTail(after: Positions, limit: number): Promise<readonly JournalRow[]>;
  /** @returns where the reader stands now, which may be further */
  advance(to: Positions): Promise<Positions>;
  close(): Promise<void>;
}

export interface OutboxLog {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

export interface OutboxOptions {
  /** The published mapping of its service. @throws InvariantViolation where the row holds what it cannot say */
  eventsOf(row: JournalRow): readonly PublishedEvent[];
  readonly store: OutboxStore;
  readonly sink: Sink;
  readonly log: OutboxLog;
  readonly limits?: Partial<OutboxLimits>;
  /** The mapping cannot say what a row holds, or the sink lost count: nothing of this is to go on. */
  onBroken(error: unknown): void;
}

export interface OutboxStats {
  /** Handed to the sink and not yet done. */
  readonly inFlight: number;
  /** Done with since the start. */
  readonly told: number;
  /** Rows that the journal is known to have beyond the positions. */
  readonly rowsBehind: number;
}

export class Outbox {
  readonly #options: OutboxOptions;
  readonly #limits: OutboxLimits;
  readonly #cursors: ReadonlyMap<number, Cursor>;
  readonly #all: readonly Cursor[];
  readonly #timers = new Set<NodeJS.Timeout>();
  #characters = 0;
  /** Of a row, as the last read had them. */
  #rowCharacters = 100_000;
  #inFlight = 0;
  #told = 0;
  #isReading = false;
  /** The last read brought as much as it may: there is more, whether or not somebody has told of it. */
  #isPageFull = false;
  #isClosed = false;
  /** Stands still; what was on its way before may still be done, and counts. */
  #isBroken = false;
  #lastShard = -1;
  /** The write of the positions that is under way: one at a time, and none waits behind it. */
  #advancing: Promise<void> | null = null;

  /** @throws whatever the store throws */
  static async open(options: OutboxOptions): Promise<Outbox> {
    const outbox = new Outbox(options, await options.store.positions());
    outbox.#start();
    return outbox;
  }

  private constructor(options: OutboxOptions, positions: Positions) {
    this.#options = options;
    this.#limits = { ...defaultOutboxLimits, ...options.limits };
    const { rowsUnderWayMax } = this.#limits;
    this.#all = [...positions].map(([shard, seq]) => new Cursor(shard, seq, rowsUnderWayMax));
    this.#cursors = new Map(this.#all.map((cursor) => [cursor.shard, cursor]));
  }

  get stats(): OutboxStats {
    const rowsBehind = this.#all.reduce((sum, cursor) => sum + cursor.durable - cursor.position, 0);
    return { inFlight: this.#inFlight, told: this.#told, rowsBehind };
  }

  /** Rows that are durable, from a shard thread. Those that cannot be kept are read when their turn comes. */
  fed(rows: readonly JournalRow[]): void {
    if (this.#isOver) return;
    for (const row of rows) {
      const cursor = this.#cursors.get(row.shard);
      if (cursor === undefined) continue;
      if (cursor.isFull || this.#characters >= this.#limits.charactersWaitingMax)
        cursor.durable = Math.max(cursor.durable, row.seq);
      else if (cursor.offer(row)) this.#characters += row.events.length;
    }
    this.#pump();
  }

  /** The shard's journal reaches to there. */
  durable(shard: number, seq: number): void {
    const cursor = this.#cursors.get(shard);
    if (cursor === undefined || seq <= cursor.durable) return;
    cursor.durable = seq;
    // What is fed comes right behind the news of it; only what does not is read.
    if (cursor.isBehind) setImmediate(() => this.#read());
  }

  /** Writes the positions a last time. What is on its way is told again by whoever comes next. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const timer of this.#timers) clearInterval(timer);
    await this.#advancing;
    await this.#advance().catch((error: unknown) => this.#warn(error));
    await this.#options.store.close();
  }

  get #isOver(): boolean {
    return this.#isClosed || this.#isBroken;
  }

  #start(): void {
    const { advanceIntervalMs, lookIntervalMs } = this.#limits;
    this.#timers.add(setInterval(() => this.#advanceNext(), advanceIntervalMs));
    this.#timers.add(setInterval(() => void this.#readAll(true), lookIntervalMs));
    void this.#readAll(true);
  }

  /** Hands on what waits, shard by shard in turn, as far as the bound allows. */
  #pump(): void {
    const cursors = this.#all;
    let idle = 0;
    while (this.#inFlight < this.#limits.inFlightMax && idle < cursors.length && !this.#isOver) {
      this.#lastShard = (this.#lastShard + 1) % cursors.length;
      const cursor = cursors[this.#lastShard];
      const row = cursor?.isFull === true ? undefined : cursor?.shift();
      if (cursor === undefined || row === undefined) {
        idle++;
        continue;
      }
      idle = 0;
      this.#characters -= row.events.length;
      if (!this.#hand(cursor, row)) return;
    }
    this.#read();
  }

  /** @returns whether it can go on */
  #hand(cursor: Cursor, row: JournalRow): boolean {
    const { eventsOf, sink, onBroken } = this.#options;
    try {
      const events = eventsOf(row);
      const taken = events.map((event) => sink.take(event)).filter((each) => each !== null);
      this.#inFlight += taken.length;
      cursor.begin(row, taken.length);
      for (const each of taken)
        each.then(
          () => this.#done(cursor, row.seq),
          (error: unknown) => this.#lost(error),
        );
      return true;
    } catch (error) {
      this.#isBroken = true;
      onBroken(error);
      return false;
    }
  }

  /** Closed, the sink leaves it to whoever comes next; anything else it could never be done with. */
  #lost(error: unknown): void {
    if (this.#isOver || error instanceof ClosedError) return;
    this.#isBroken = true;
    this.#options.onBroken(error);
  }

  #done(cursor: Cursor, seq: number): void {
    this.#inFlight--;
    this.#told++;
    const { isFull } = cursor;
    cursor.done(seq);
    // It falls by one at a time, so it comes by this as often as it was full.
    if (this.#inFlight === this.#limits.inFlightMax - 1 || this.#inFlight === 0 || (isFull && !cursor.isFull))
      this.#pump();
  }

  #read(): void {
    if (this.#isReading || this.#isOver || this.#characters >= this.#limits.charactersWaitingMax) return;
    if (this.#isPageFull && this.#all.some((cursor) => !cursor.hasRows && !cursor.isFull))
      void this.#readAll(true);
    else if (this.#all.some((cursor) => cursor.isBehind && !cursor.hasRows && !cursor.isFull))
      void this.#readAll(false);
  }

  /** @param isLook also for rows that nobody has told of */
  async #readAll(isLook: boolean): Promise<void> {
    if (this.#isReading || this.#isOver) return;
    const { charactersWaitingMax, retryMs } = this.#limits;
    if (this.#characters >= charactersWaitingMax) return;
    this.#isReading = true;
    try {
      const wanted = this.#all.filter(
        (cursor) => !cursor.hasRows && !cursor.isFull && (isLook || cursor.isBehind),
      );
      const after = new Map(wanted.map((cursor) => [cursor.shard, cursor.queuedTo]));
      const limit = this.#rowsWanted;
      const rows = await this.#options.store.readTail(after, limit);
      this.#isPageFull = rows.length >= limit;
      this.#learn(rows);
      for (const row of rows) this.#take(row);
      this.#isReading = false;
      if (rows.length > 0) this.#pump();
    } catch (error) {
      this.#warn(error);
      // With the flag still up nothing else reads meanwhile.
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        this.#isReading = false;
        this.#read();
      }, retryMs);
      this.#timers.add(timer);
    }
  }

  get #rowsWanted(): number {
    const { readRowsMax, readCharactersGoal } = this.#limits;
    return Math.max(1, Math.min(readRowsMax, Math.floor(readCharactersGoal / this.#rowCharacters)));
  }

  #learn(rows: readonly JournalRow[]): void {
    if (rows.length === 0) return;
    this.#rowCharacters = Math.max(1, rows.reduce((sum, row) => sum + row.events.length, 0) / rows.length);
  }

  #take(row: JournalRow): void {
    const cursor = this.#cursors.get(row.shard);
    if (cursor === undefined) return;
    const missing = row.seq - cursor.queuedTo - 1;
    if (missing > 0 && cursor.position === cursor.queuedTo) {
      // Only a reader that is new can meet this: what lay before it began has been trimmed.
      this.#options.log.warn(
        { shard: row.shard, missing },
        'rows of the journal were gone before they were read',
      );
      cursor.skipTo(row.seq - 1);
    }
    if (cursor.offer(row)) this.#characters += row.events.length;
  }

  #advanceNext(): void {
    this.#advancing ??= this.#advance()
      .catch((error: unknown) => this.#warn(error))
      .finally(() => {
        this.#advancing = null;
      });
  }

  async #advance(): Promise<void> {
    const to = new Map(this.#all.map((cursor) => [cursor.shard, cursor.position]));
    const stored = await this.#options.store.advance(to);
    let skipped = false;
    for (const [shard, seq] of stored) {
      const cursor = this.#cursors.get(shard);
      if (cursor === undefined || seq <= cursor.position) continue;
      this.#options.log.warn({ shard, from: cursor.position, to: seq }, 'somebody decided to skip events');
      this.#characters -= cursor.skipTo(seq);
      skipped = true;
    }
    if (skipped) this.#pump();
  }

  #warn(error: unknown): void {
    if (!this.#isClosed)
      this.#options.log.warn({ err: error }, 'the outbox cannot reach the database; it tries again');
  }
}

// What a serving shard thread does in the background, for as long as one memory lives: watches due times, writes
// snapshots and lets actors leave, trims the journal, sends again what has no answer, lets go of those who waited too long.
//
// Each job runs again so long after its last run ended. A store that does not answer is tried again at the next run.

import type { Ref } from '../actors/behaviour.ts';
import { fail } from '../actors/failure.ts';
import type { Clock } from './clock.ts';
import type { RuntimeLimits } from './limits.ts';
import type { Memory } from './memory.ts';
import type { Observer } from './observer.ts';
import { stuckChannels } from './resend.ts';
import { shardOf } from './routing.ts';
import type { Snapshotter } from './snapshotter.ts';
import { type Store, StoreError } from './store.ts';
import type { Work } from './work.ts';

export interface UpkeepHost {
  readonly store: Store;
  readonly clock: Clock;
  readonly limits: RuntimeLimits;
  readonly observer: Observer;
  readonly shardCount: number;
  /** Milliseconds since 1970, by the database's clock. */
  now(): number;
  take(work: Work): void;
  /** Sends again everything that these shards have not answered. */
  resend(to: ReadonlySet<number>): void;
  /** Another epoch owns the shards. */
  lose(why: string): void;
  fatal(error: unknown): void;
}

/** Where it gives a number: after so many milliseconds it wants to run again, if that is sooner than usual. */
type Job = () => unknown;

export class Upkeep {
  readonly #host: UpkeepHost;
  readonly #memory: Memory;
  readonly #snapshotter: Snapshotter;
  readonly #timers = new Set<() => void>();
  #isStopped = false;
  #dueTimer: (() => void) | undefined;
  /** How long the last snapshot took. */
  #snapshotMs = 0;
  #dueTimerAt = Number.POSITIVE_INFINITY;
  /** The last actor that was found to want effects; undefined when all were. */
  #pendingAfter: Ref | null | undefined = null;
  /** The first unanswered message of each channel at the last sweep. */
  #unanswered: ReadonlyMap<string, number> = new Map();

  constructor(host: UpkeepHost, memory: Memory, snapshotter: Snapshotter) {
    this.#host = host;
    this.#memory = memory;
    this.#snapshotter = snapshotter;
  }

  start(): void {
    const { limits } = this.#host;
    this.#every(
      () => this.#snapshotIntervalMs,
      () => this.#snapshot(),
    );
    this.#every(
      () => limits.trimIntervalMs,
      () => this.#trim(),
    );
    this.#every(
      () => limits.resendAfterMs,
      () => this.#sweep(),
    );
    this.#every(
      () => limits.dueHorizonMs / 2,
      () => this.#readDue(),
      0,
    );
    this.#every(
      () => Number.POSITIVE_INFINITY,
      () => this.#readPending(),
      0,
    );
    this.watchDue();
  }

  stop(): void {
    this.#isStopped = true;
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    this.#dueTimer?.();
  }

  /** To be called when the schedule may have a new earliest entry. */
  watchDue(): void {
    const next = this.#memory.schedule.next;
    if (this.#isStopped || next === undefined || next >= this.#dueTimerAt) return;
    this.#dueTimer?.();
    this.#dueTimerAt = next;
    this.#dueTimer = this.#host.clock.after(Math.max(0, next - this.#host.now()), () => {
      this.#dueTimer = undefined;
      this.#dueTimerAt = Number.POSITIVE_INFINITY;
      this.#takeDue();
      this.watchDue();
    });
  }

  /** At most `dueWorkMax` at once, so that a heap of them does not keep callers waiting. */
  #takeDue(): void {
    const now = this.#host.now();
    for (let taken = 0; taken < this.#host.limits.dueWorkMax; taken++) {
      const entry = this.#memory.schedule.popDue(now);
      if (entry === undefined) return;
      this.#host.take({ type: 'due', ref: entry.ref, shard: entry.shard });
    }
  }

  /**
   * Watches what is due within the horizon: of those that the tables know, and of those whose time is not there yet.
   * @returns after how many milliseconds to read on, where there were more than could be read at once
   */
  async #readDue(): Promise<number | undefined> {
    const { store, limits, shardCount } = this.#host;
    const until = this.#host.now() + limits.dueHorizonMs;
    this.#memory.dueUntil = until;
    const due = await store.due([...this.#memory.shards.keys()], until, limits.dueReadMax);
    if (this.#isStopped) return undefined;
    for (const { ref, dueAt } of due) {
      const resident = this.#memory.residents.get(ref);
      if (resident !== undefined) this.#memory.remind(resident);
      else this.#memory.schedule.push({ at: dueAt, ref, shard: shardOf(ref.id, shardCount) });
    }
    for (const resident of this.#snapshotter.unsaved) this.#memory.remind(resident);
    this.watchDue();
    const last = due.at(-1);
    if (last === undefined || due.length < limits.dueReadMax) return undefined;
    // By then those that were read have been acted on, and have made room for others.
    return Math.max(limits.snapshotIntervalMs, last.dueAt - this.#host.now());
  }

  /**
   * Brings the actors into memory that want effects, page by page: once, since later ones are in memory when they begin
   * to. Those that recovery has folded may be newer than their rows, and are there already.
   */
  async #readPending(): Promise<number | undefined> {
    const { store, limits, shardCount } = this.#host;
    if (this.#pendingAfter === undefined) return undefined;
    const refs = await store.pending(
      [...this.#memory.shards.keys()],
      this.#pendingAfter,
      limits.pendingReadMax,
    );
    if (this.#isStopped) return undefined;
    for (const ref of refs) this.#host.take({ type: 'due', ref, shard: shardOf(ref.id, shardCount) });
    this.#pendingAfter = refs.length < limits.pendingReadMax ? undefined : refs.at(-1);
    return this.#pendingAfter === undefined ? undefined : limits.snapshotIntervalMs;
  }

  get #snapshotIntervalMs(): number {
    const { snapshotIntervalMs, snapshotIntervalMsMax } = this.#host.limits;
    return Math.max(snapshotIntervalMs, Math.min(4 * this.#snapshotMs, snapshotIntervalMsMax));
  }

  async #snapshot(): Promise<void> {
    const startedAt = this.#host.clock.monotonic();
    const outcome = await this.#snapshotter.flush();
    this.#snapshotMs = this.#host.clock.monotonic() - startedAt;
    if (this.#isStopped) return;
    if (outcome === 'fenced') this.#host.lose('a snapshot was fenced');
    else this.#memory.evict(this.#host.limits.residentActorsMax);
  }

  async #trim(): Promise<void> {
    const { store, limits } = this.#host;
    const olderThan = this.#host.now() - limits.journalKeepMs;
    const heads = [...this.#memory.shards.values()].map(({ number, epoch }) => ({
      shard: number,
      epoch,
      olderThan,
    }));
    await store.trim(heads, limits.trimRowsMax);
  }

  #sweep(): void {
    const { stuck, unanswered } = stuckChannels(this.#memory, this.#unanswered);
    this.#unanswered = unanswered;
    if (stuck.size > 0) this.#host.resend(stuck);
    for (const { reply } of this.#memory.parked.takeExpired(this.#host.clock.monotonic())) {
      reply(fail('deadline-exceeded', 'not decided in time; repeat with the same key'));
    }
  }

  #every(intervalMs: () => number, job: Job, firstAfterMs: number = intervalMs()): void {
    const arm = (delayMs: number): void => {
      if (this.#isStopped || delayMs === Number.POSITIVE_INFINITY) return;
      const cancel = this.#host.clock.after(delayMs, () => {
        this.#timers.delete(cancel);
        void this.#attempt(job).then((nextMs = Number.POSITIVE_INFINITY) =>
          arm(Math.min(intervalMs(), nextMs)),
        );
      });
      this.#timers.add(cancel);
    };
    arm(firstAfterMs);
  }

  /** @returns after how many milliseconds the job is to run again, where that is sooner than usual */
  async #attempt(job: Job): Promise<number | undefined> {
    try {
      const nextMs = await job();
      return typeof nextMs === 'number' ? nextMs : undefined;
    } catch (error) {
      if (this.#isStopped) return undefined;
      if (error instanceof StoreError && error.kind !== 'broken') {
        this.#host.observer.log('warn', 'background work failed; it will be tried again', {
          error: error.message,
        });
        return this.#host.limits.recoveryBackoffMsMax;
      }
      this.#host.fatal(error);
      return undefined;
    }
  }
}

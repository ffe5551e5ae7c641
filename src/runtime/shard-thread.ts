// The runtime of one shard thread: takes in work, runs turns, passes the gate, writes snapshots, watches due times,
// and recovers. It knows nothing of threads or ports: whoever owns it hands it work and a transport.
//
// Life cycle: recovering -> serving -> (recovering -> serving)* -> stopped. In every state but `serving` requests are
// answered 'unavailable' at once, and messages of other shards are dropped: they are sent again when these are up.
//
// I11: a reply leaves only through the gate. I12: one append at a time. I14: the inbox is bounded by what the edges admit.
import { InvariantViolation, type Ref, type Reply } from '../actors/behaviour.ts';
import { fail } from '../actors/failure.ts';
import { Batch, type Cut } from './batch.ts';
import { DatabaseTime } from './clock.ts';
import { Effects } from './effects.ts';
import { passGate, release } from './gate.ts';
import { findMissing, loadMissing } from './loading.ts';
import { type Memory, OvertakenError } from './memory.ts';
import { recover } from './recovery.ts';
import { unanswered } from './resend.ts';
import { shardOf } from './routing.ts';
import type { ShardThreadOptions, ShardThreadState, ShardThreadStats } from './shard-thread-options.ts';
import type { Snapshotter } from './snapshotter.ts';
import { StoreError } from './store.ts';
import type { PeerMessage, Request, UpNotice } from './transport.ts';
import { Turn, type TurnHost } from './turn.ts';
import { Upkeep, type UpkeepHost } from './upkeep.ts';
import { once, type Work } from './work.ts';

export class ShardThread {
  readonly #options: ShardThreadOptions;
  readonly #time: DatabaseTime;
  readonly #seen = new Map<number, number>();
  readonly #host: TurnHost;
  readonly #upkeepHost: UpkeepHost;
  #state: ShardThreadState = 'recovering';
  #memory: Memory | undefined;
  #snapshotter: Snapshotter | undefined;
  #turning = false;
  #appending: Cut | undefined;
  #upkeep: Upkeep | undefined;
  #effects: Effects | undefined;
  #idle: (() => void)[] = [];

  constructor(options: ShardThreadOptions) {
    this.#options = options;
    this.#time = new DatabaseTime(options.clock);
    this.#host = {
      now: () => this.#time.now(),
      monotonic: () => options.clock.monotonic(),
      shardCount: options.shardCount,
      shardOf: (id) => shardOf(id, options.shardCount),
      send: (message) => options.transport.send(message),
      reportFault: (error, ref) => this.#reportFault(error, ref),
    };
    const { store, clock, limits, observer, shardCount } = options;
    this.#upkeepHost = {
      store,
      clock,
      limits,
      observer,
      shardCount,
      now: () => this.#time.now(),
      take: (work) => this.#take(work),
      resend: (to) => this.#resend(to),
      lose: (why) => this.#lose(why),
      fatal: (error) => this.#fatal(error),
    };
  }

  /** Recovers and serves. Resolves when it serves for the first time, or has stopped. */
  start(): Promise<void> {
    return this.#recover('start');
  }

  get stats(): ShardThreadStats {
    const memory = this.#memory;
    const next = memory?.schedule.next;
    return {
      state: this.#state,
      inbox: memory?.inbox.length ?? 0,
      residents: memory?.residents.size ?? 0,
      parked: memory?.parked.size ?? 0,
      effectsInFlight: this.#effects?.inFlight ?? 0,
      effectsInLine: this.#effects?.inLine ?? 0,
      snapshotLagRows: this.#snapshotter?.lagRows ?? 0,
      snapshotLagEvents: this.#snapshotter?.lagEvents ?? 0,
      dueLagMs: next === undefined ? 0 : Math.max(0, this.#time.now() - next),
    };
  }

  submit(request: Request, reply: (reply: Reply) => void): void {
    if (this.#state !== 'serving' || this.#memory === undefined) {
      reply(fail('unavailable', 'the shard is starting or stopping; repeat with the same key'));
      return;
    }
    this.#take({ type: 'request', caller: { request, reply: once(reply) } });
  }

  receive(message: PeerMessage | UpNotice): void {
    if (message.type === 'up') this.#resend(new Set(message.shards));
    else if (this.#memory !== undefined && this.#state !== 'recovering')
      this.#take({ type: 'peer', message });
  }

  /**
   * Takes no more requests, and resolves when everything that was begun is durable and answered. Messages of other
   * shards are still served: only when every thread has drained may any of them stop.
   */
  async drain(): Promise<void> {
    if (this.#state !== 'serving') return;
    this.#state = 'stopping';
    this.#upkeep?.stop();
    // Their results would only begin something new; the next start performs them again.
    this.#effects?.stop();
    const timedOut = this.#after(this.#options.limits.stopMsMax);
    await Promise.race([this.#settle(), timedOut]);
  }

  /** Writes a last snapshot, so that the next start replays nothing, and stops. Who still waits hears 'unavailable'. */
  async stop(): Promise<void> {
    if (this.#snapshotter !== undefined) {
      await Promise.race([
        this.#lastSnapshot(this.#snapshotter),
        this.#after(this.#options.limits.stopMsMax),
      ]);
    }
    this.#halt();
  }

  // Turns

  #take(work: Work): void {
    this.#memory?.inbox.push(work);
    this.#wake();
  }

  #wake(): void {
    if (this.#turning || this.#memory === undefined) return;
    this.#turning = true;
    const memory = this.#memory;
    this.#options.clock.defer(() => {
      this.#runTurns(memory).catch((error: unknown) => this.#fatal(error));
    });
  }

  async #runTurns(memory: Memory): Promise<void> {
    try {
      while (memory === this.#memory && memory.inbox.length > 0 && !this.#isFull(memory)) {
        const work = memory.inbox.splice(0, this.#options.limits.turnWorkMax);
        memory.inHand = work;
        memory.turn++;
        if (!(await this.#load(memory, work))) return;
        const turn = new Turn(memory, this.#host);
        turn.run(work);
        memory.inHand = [];
        memory.inbox.unshift(...turn.deferred);
        this.#options.observer.turn(work.length);
        this.#flush();
      }
    } finally {
      // A memory thrown away meanwhile has set the flag back already.
      if (memory === this.#memory) this.#turning = false;
    }
    if (memory !== this.#memory) return;
    this.#upkeep?.watchDue();
    this.#tellIdle();
  }

  /** Whether so much waits for the append under way that taking in more would only make memory grow. */
  #isFull(memory: Memory): boolean {
    return this.#appending !== undefined && memory.batch.events >= this.#options.limits.batchEventsMax;
  }

  /** Brings every actor into memory that the work needs. @returns false where the memory was thrown away meanwhile */
  async #load(memory: Memory, work: readonly Work[]): Promise<boolean> {
    const missing = findMissing(memory, work, this.#options.shardCount);
    if (missing.size === 0) return true;
    const isCurrent = (): boolean => memory === this.#memory;
    try {
      await loadMissing(this.#options.store, memory, missing, isCurrent);
    } catch (error) {
      if (!isPassing(error)) throw error;
      if (isCurrent()) this.#lose(`load: ${error.message}`);
    }
    return isCurrent();
  }

  // The gate

  #flush(): void {
    const memory = this.#memory;
    if (memory === undefined || this.#appending !== undefined || memory.batch.isEmpty) return;
    const cut = memory.batch.cut(this.#time.now(), memory.shards);
    memory.batch = new Batch();
    this.#appending = cut;
    this.#pass(memory, cut).catch((error: unknown) => this.#fatal(error));
  }

  async #pass(memory: Memory, cut: Cut): Promise<void> {
    const { store, clock, limits, observer, transport } = this.#options;
    const host = { store, clock, limits, observer, send: (message: PeerMessage) => transport.send(message) };
    const outcome = await passGate(host, cut);
    if (memory !== this.#memory || this.#snapshotter === undefined) return;
    if (outcome.type === 'lost') {
      this.#lose(outcome.why);
      return;
    }
    this.#appending = undefined;
    for (const { row } of cut.rows) this.#seen.set(row.shard, row.seq);
    release(host, memory, this.#snapshotter, cut);
    for (const { resident, state } of cut.changed) this.#effects?.consider(resident, state);
    this.#flush();
    if (memory.inbox.length > 0) this.#wake();
    this.#tellIdle();
  }

  // Recovery

  /** Throws away everything in memory, tells those who wait that the outcome is not known, and recovers. */
  #lose(why: string): void {
    this.#options.observer.log('warn', 'recovering', { why });
    const stopping = this.#state === 'stopping';
    this.#discard();
    if (stopping) this.#tellIdle();
    else this.#recover(why).catch((error: unknown) => this.#fatal(error));
  }

  #discard(): void {
    const callers = [
      ...(this.#memory?.takeCallers() ?? []),
      ...(this.#appending?.replies.map(({ caller }) => caller) ?? []),
    ];
    this.#memory = undefined;
    this.#snapshotter = undefined;
    this.#appending = undefined;
    this.#turning = false;
    this.#upkeep?.stop();
    this.#upkeep = undefined;
    this.#effects?.stop();
    this.#effects = undefined;
    for (const { reply } of callers)
      reply(fail('unavailable', 'the outcome is not known; repeat with the same key'));
  }

  async #recover(why: string): Promise<void> {
    const { clock, limits, observer } = this.#options;
    this.#state = 'recovering';
    const startedAt = clock.monotonic();
    for (let backoffMs = limits.recoveryBackoffMsMin; this.#state === 'recovering'; ) {
      const outcome = await this.#tryRecover();
      if (this.#state !== 'recovering') return;
      if (outcome === 'displaced') {
        this.#halt();
        this.#options.onDisplaced();
        return;
      }
      if (typeof outcome === 'object') {
        observer.recovered(clock.monotonic() - startedAt, outcome.rows);
        observer.log('info', 'serving', { why, shards: this.#options.shards, rows: outcome.rows });
        this.#serve(outcome.memory, outcome.snapshotter);
        return;
      }
      await this.#after(backoffMs);
      backoffMs = Math.min(backoffMs * 2, limits.recoveryBackoffMsMax);
    }
  }

  async #tryRecover() {
    const { store, clock, limits, observer, behaviours, ownerEpoch, shards } = this.#options;
    try {
      return await recover({
        store,
        clock,
        limits,
        observer,
        behaviours,
        ownerEpoch,
        shards,
        seen: this.#seen,
        now: () => this.#time.now(),
        anchor: (now, heardAt) => this.#time.anchor(now, heardAt),
      });
    } catch (error) {
      if (!isPassing(error)) throw error;
      observer.log('warn', 'recovery did not come through; trying again', { error: error.message });
      return 'again' as const;
    }
  }

  #serve(memory: Memory, snapshotter: Snapshotter): void {
    this.#memory = memory;
    this.#snapshotter = snapshotter;
    this.#state = 'serving';
    for (const shard of memory.shards.values()) this.#seen.set(shard.number, shard.durableSeq);
    this.#resend(undefined);
    this.#options.transport.announce({ type: 'up', shards: this.#options.shards });
    this.#upkeep = new Upkeep(this.#upkeepHost, memory, snapshotter);
    this.#upkeep.start();
    this.#startEffects(memory);
    this.#wake();
  }

  /** What recovery brought into memory is as the journal has it; whoever comes later says so when it comes. */
  #startEffects(memory: Memory): void {
    const { clock, limits, observer, performer } = this.#options;
    const effects = new Effects({ clock, limits, observer, performer, take: (work) => this.#take(work) });
    this.#effects = effects;
    for (const resident of memory.residents.all()) effects.consider(resident, resident.state);
    memory.onInstall = (resident) => effects.consider(resident, resident.state);
  }

  /** @param to only to these shards; to all where undefined */
  #resend(to: ReadonlySet<number> | undefined): void {
    const memory = this.#memory;
    if (memory === undefined) return;
    for (const message of unanswered(memory, to)) {
      if (memory.shards.has(message.to)) this.#take({ type: 'peer', message });
      else this.#options.transport.send(message);
    }
  }

  // Stopping

  async #settle(): Promise<void> {
    while (!this.#isIdle) {
      await new Promise<void>((resolve) => this.#idle.push(resolve));
    }
  }

  async #lastSnapshot(snapshotter: Snapshotter): Promise<void> {
    try {
      // One write may be under way that began before the last append.
      await snapshotter.flush();
      await snapshotter.flush();
    } catch (error) {
      this.#options.observer.log('warn', 'no last snapshot; the next start replays the journal', {
        error: String(error),
      });
    }
  }

  get #isIdle(): boolean {
    return this.#memory === undefined || (this.#memory.isIdle && this.#appending === undefined);
  }

  #tellIdle(): void {
    if (this.#state !== 'stopping' || !this.#isIdle) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #halt(): void {
    this.#state = 'stopped';
    this.#discard();
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #fatal(error: unknown): void {
    if (this.#state === 'stopped') return;
    this.#options.observer.log(
      'error',
      error instanceof InvariantViolation ? 'a broken invariant: the thread stops' : 'the thread stops',
      { error },
    );
    this.#halt();
    this.#options.onFatal(error);
  }

  #reportFault(error: unknown, ref: Ref): string {
    const id = this.#options.newId();
    this.#options.observer.log('error', 'a behaviour threw; its command failed without effect', {
      id,
      kind: ref.kind,
      error,
    });
    return id;
  }

  #after(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#options.clock.after(ms, resolve);
    });
  }
}

/** Whether it takes no more than to recover, and maybe to find out that another process owns the database. */
function isPassing(error: unknown): error is StoreError | OvertakenError {
  return error instanceof OvertakenError || (error instanceof StoreError && error.kind !== 'broken');
}

// One process of the service: a thread for each share of the shards, all under one owner epoch. It knows only by the
// fence that another process owns the database by now.

import type { Reply } from '../../actors/behaviour.ts';
import { type Behaviours, InvariantViolation } from '../../actors/behaviour.ts';
import { fail } from '../../actors/failure.ts';
import { noEffects } from '../../runtime/effects.ts';
import type { Observer } from '../../runtime/observer.ts';
import { shardsOfThread, threadsOfShards } from '../../runtime/routing.ts';
import { ShardThread } from '../../runtime/shard-thread.ts';
import type { PeerMessage, Request, UpNotice } from '../../runtime/transport.ts';
import { Network } from '../faults/network.ts';
import type { Swarm } from '../faults/swarm.ts';
import type { Faults } from '../faults/tally.ts';
import { type AppendPoint, FaultyWire } from '../faults/wire.ts';
import type { Database } from './database.ts';
import { clockOf, Life } from './life.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';
import { SimStore } from './sim-store.ts';

export interface ProcessHost {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly database: Database;
  readonly behaviours: Behaviours;
  readonly swarm: Swarm;
  readonly faults: Faults;
  readonly shardCount: number;
  readonly observer: Observer;
  isDatabaseAway(): boolean;
  /** An append of one of its threads is under way, or just done. */
  reached(process: Process, point: AppendPoint): void;
  /** A thread has stopped of itself: something that cannot be, is. */
  onFatal(error: unknown): void;
}

interface Slot {
  readonly index: number;
  readonly shards: readonly number[];
  life: Life;
  thread: ShardThread;
}

export class Process {
  readonly number: number;
  readonly ownerEpoch: number;
  readonly life = new Life();
  readonly #host: ProcessHost;
  readonly #random: Random;
  readonly #network: Network;
  readonly #threadOfShard: readonly number[];
  readonly #slots = new Map<number, Slot>();
  readonly #startedAtMs: number;
  #nextId = 1;
  #isDisplaced = false;
  #isStopping = false;

  constructor(host: ProcessHost, number: number, threadCount: number) {
    this.#host = host;
    this.#random = host.random.fork(`process ${number}`);
    this.number = number;
    this.#threadOfShard = threadsOfShards(host.shardCount, threadCount);
    this.#startedAtMs = this.#random.int(0, 1_000_000) + this.#random.float();
    this.ownerEpoch = host.database.takeOwnership();
    const { scheduler, swarm, faults } = host;
    this.#network = new Network({
      scheduler,
      random: this.#random.fork('network'),
      latency: swarm.latency,
      odds: swarm.odds,
      faults,
      deliver: (to, message) => this.#deliver(to, message),
    });
    for (let index = 0; index < threadCount; index++) {
      const shards = shardsOfThread(index, threadCount, host.shardCount);
      if (shards.length > 0) this.#startThread(index, shards);
    }
  }

  get isServing(): boolean {
    return (
      !this.life.isDead &&
      !this.life.isStopped &&
      [...this.#slots.values()].every(({ thread, life }) => !life.isDead && thread.stats.state === 'serving')
    );
  }

  get isDisplaced(): boolean {
    return this.#isDisplaced;
  }

  get threads(): readonly ShardThread[] {
    return [...this.#slots.values()].map(({ thread }) => thread);
  }

  /** Milliseconds on this process's own monotonic clock. */
  get monotonic(): number {
    return this.#host.scheduler.now + this.#startedAtMs;
  }

  /** What an edge does: hands the request to the thread of its shard. */
  submit(request: Request, reply: (reply: Reply) => void): void {
    this.life.enter(() => {
      const slot = this.#slots.get(this.#threadOfShard[request.shard] ?? 0);
      if (slot === undefined || slot.life.isDead) {
        reply(fail('unavailable', 'the shard is starting; repeat with the same key'));
        return;
      }
      slot.thread.submit(request, reply);
    });
  }

  /** Takes no more requests, finishes what was begun, writes last snapshots. */
  async stopCleanly(): Promise<void> {
    this.#isStopping = true;
    const threads = [...this.#slots.values()].filter(({ life }) => !life.isDead).map(({ thread }) => thread);
    await Promise.all(threads.map((thread) => thread.drain()));
    await Promise.all(threads.map((thread) => thread.stop()));
  }

  /** The thread dies alone, and another takes its place. */
  killThread(restartAfterMs: number): void {
    const slot = this.#random.pick([...this.#slots.values()]);
    this.#replace(slot, restartAfterMs);
  }

  #replace(slot: Slot, restartAfterMs: number): void {
    if (slot.life.isDead || this.#isStopping) return;
    slot.life.kill();
    this.#host.scheduler.after(restartAfterMs, () =>
      this.life.enter(() => {
        if (!this.#isDisplaced && !this.#isStopping) this.#startThread(slot.index, slot.shards);
      }),
    );
  }

  #startThread(index: number, shards: readonly number[]): void {
    const { scheduler, swarm, faults, database, isDatabaseAway, onFatal, ...host } = this.#host;
    const life = new Life(this.life);
    const random = this.#random.fork(`thread ${index}`);
    const wire = new FaultyWire({
      scheduler,
      life,
      random: random.fork('wire'),
      latency: swarm.latency,
      odds: swarm.odds,
      faults,
      isAway: isDatabaseAway,
      reached: (point) => host.reached(this, point),
    });
    const thread = new ShardThread({
      shards,
      shardCount: host.shardCount,
      ownerEpoch: this.ownerEpoch,
      behaviours: host.behaviours,
      store: new SimStore(database, wire),
      performer: noEffects,
      transport: {
        send: (message) => this.#network.send(index, this.#threadOfShard[message.to] ?? 0, message),
        announce: (notice) => {
          for (const to of this.#slots.keys()) if (to !== index) this.#network.send(index, to, notice);
        },
      },
      clock: clockOf(scheduler, life, random.fork('clock'), this.#startedAtMs),
      limits: swarm.limits,
      observer: host.observer,
      newId: () => `fault-${this.number}-${this.#nextId++}`,
      onDisplaced: () => this.#displaced(),
      onFatal: (error) => {
        onFatal(error);
        const slot = this.#slots.get(index);
        if (slot !== undefined) this.#replace(slot, 100);
      },
    });
    this.#slots.set(index, { index, shards, life, thread });
    thread.start().catch(onFatal);
  }

  #displaced(): void {
    this.#isDisplaced = true;
    this.life.kill();
  }

  #deliver(to: number, message: PeerMessage | UpNotice): void {
    const slot = this.#slots.get(to);
    slot?.life.enter(() => slot.thread.receive(message));
  }
}

export function isInvariantViolation(error: unknown): error is InvariantViolation {
  return error instanceof InvariantViolation;
}

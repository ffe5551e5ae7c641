// The processes on one database: the one that owns it, and those that did before and may not know it yet.
//
// Ownership is simplified to what matters here: a new owner raises the owner epoch and starts its threads. An old one
// is told nothing; it finds out by the fence, or by a heartbeat some time later.
import type { Behaviours, Reply } from '../../actors/behaviour.ts';
import { fail } from '../../actors/failure.ts';
import type { Observer } from '../../runtime/observer.ts';
import { shardOf } from '../../runtime/routing.ts';
import type { Act } from '../faults/nemesis.ts';
import type { Swarm } from '../faults/swarm.ts';
import type { Faults } from '../faults/tally.ts';
import type { AppendPoint } from '../faults/wire.ts';
import type { Call } from '../workload/history.ts';
import type { Database } from './database.ts';
import { Process } from './process.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';

export interface WorldHost {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly database: Database;
  readonly behaviours: Behaviours;
  readonly swarm: Swarm;
  readonly faults: Faults;
  readonly shardCount: number;
  readonly observer: Observer;
  onFatal(error: unknown): void;
}

/** Of four shards each thread has at least one. */
const threadCounts = [2, 3, 4];

interface Ambush {
  readonly act: Act;
  readonly point: AppendPoint;
}

/** What waits for an append comes without one after so long. */
const ambushMsMax = 100;

export class World {
  readonly #host: WorldHost;
  readonly #random: Random;
  readonly #processes: Process[] = [];
  #ambushes: Ambush[] = [];
  #databaseAwayUntil = 0;
  #isStarting = false;

  constructor(host: WorldHost) {
    this.#host = host;
    this.#random = host.random;
    this.#start();
  }

  get owner(): Process {
    const owner = this.#processes.at(-1);
    if (owner === undefined) throw new RangeError('no process was started');
    return owner;
  }

  /** A process as clients find it: mostly the owner, now and then one that was. */
  anyProcess(random: Random): Process {
    const former = this.#processes.slice(-3, -1).filter(({ life }) => !life.isDead);
    return former.length > 0 && random.chance(0.5) ? random.pick(former) : this.owner;
  }

  ask(process: Process, call: Call, timeoutMs: number, reply: (reply: Reply) => void): void {
    if (process.life.isDead) {
      reply(fail('unavailable', 'nobody listens there'));
      return;
    }
    process.submit(
      {
        ref: call.ref,
        shard: shardOf(call.ref.id, this.#host.shardCount),
        command: JSON.parse(JSON.stringify(call.asked.command)),
        receipt: call.receipt,
        deadline: process.monotonic + timeoutMs,
      },
      reply,
    );
  }

  /** At once, or when the owner's next append is half-way or just done. */
  befall(act: Act): void {
    if (this.#random.chance(0.4)) {
      this.strike(act);
      return;
    }
    const ambush = { act, point: this.#random.pick(['begun', 'done'] as const) };
    this.#ambushes.push(ambush);
    this.#host.scheduler.after(ambushMsMax, () => {
      if (this.#ambushes.includes(ambush)) this.#spring(ambush);
    });
  }

  #reached(process: Process, point: AppendPoint): void {
    const ambush = this.#ambushes.find((each) => each.point === point);
    if (ambush !== undefined && process === this.owner) this.#spring(ambush);
  }

  #spring(ambush: Ambush): void {
    this.#ambushes = this.#ambushes.filter((other) => other !== ambush);
    if (this.#host.faults.isOn) this.strike(ambush.act);
  }

  /** At once. */
  strike(act: Act): void {
    const { faults, scheduler } = this.#host;
    const { owner } = this;
    if (act === 'killProcess') {
      faults.note('process killed');
      owner.life.kill();
      this.#startAfter(this.#random.int(1, 500));
    } else if (act === 'killThread') {
      if (owner.life.isDead || owner.life.isStopped) return;
      faults.note('thread killed');
      owner.killThread(this.#random.int(1, 300));
    } else if (act === 'stopProcess') {
      if (owner.life.isDead || owner.life.isStopped) return;
      faults.note('process stopped');
      const stoppedMs = this.#random.int(10, 1_200);
      owner.life.stop();
      if (this.#random.chance(0.8)) this.#startAfter(this.#random.int(1, stoppedMs));
      scheduler.after(stoppedMs, () => this.#wake(owner));
    } else if (act === 'takeAway') {
      faults.note('ownership taken away');
      this.#start();
    } else if (act === 'stopCleanly') {
      if (owner.life.isDead || owner.life.isStopped) return;
      faults.note('process stopped cleanly');
      this.#stopCleanly(owner);
    } else {
      faults.note('database away');
      this.#databaseAwayUntil = scheduler.now + this.#random.int(10, 500);
    }
  }

  /** Everything is up and well from now on. */
  heal(): void {
    this.#databaseAwayUntil = 0;
    for (const process of this.#processes) this.#wake(process);
    if (this.owner.life.isDead && !this.#isStarting) this.#start();
  }

  /** The owner is killed and another process takes its place: all that it knows comes from the database. */
  startAfresh(): void {
    this.owner.life.kill();
    this.#start();
  }

  #stopCleanly(process: Process): void {
    process.stopCleanly().then(
      () => {
        process.life.kill();
        if (process === this.owner) this.#startAfter(this.#random.int(1, 200));
      },
      (error: unknown) => this.#host.onFatal(error),
    );
  }

  #wake(process: Process): void {
    process.life.wake(this.#host.scheduler);
    if (process !== this.owner) this.#retire(process);
  }

  #startAfter(delayMs: number): void {
    if (this.#isStarting) return;
    this.#isStarting = true;
    this.#host.scheduler.after(delayMs, () => {
      this.#isStarting = false;
      this.#start();
    });
  }

  #start(): void {
    const former = this.#processes.at(-1);
    const { random: _random, ...host } = this.#host;
    const process = new Process(
      {
        ...host,
        random: this.#random,
        isDatabaseAway: () => host.scheduler.now < this.#databaseAwayUntil,
        reached: (its, point) => this.#reached(its, point),
      },
      this.#processes.length,
      this.#random.pick(threadCounts),
    );
    this.#processes.push(process);
    if (former !== undefined && !former.life.isStopped) this.#retire(former);
  }

  /** Its heartbeat tells it some time later that it is the owner no more. */
  #retire(process: Process): void {
    this.#host.scheduler.after(this.#random.int(20, 1_000), () => process.life.kill());
  }
}

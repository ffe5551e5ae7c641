// Starts a service's threads, joins them by ports, and keeps them alive. It runs on the main thread and does nothing
// for a request: ingress threads talk to shard threads directly.
//
// Ingress threads run from start to stop, also on a standby, whose answers are 'unavailable'. Shard threads run while
// this process owns the database.
import { MessageChannel } from 'node:worker_threads';
import { shardsOfThread } from '../routing.ts';
import type { Peer, Report } from './messages.ts';
import { Supervised, type SupervisionLimits } from './supervised.ts';

export interface SupervisorOptions {
  readonly shards: number;
  readonly shardThreads: number;
  readonly ingressThreads: number;
  readonly shardModule: URL;
  readonly ingressModule: URL;
  /** Plain data for the threads' modules. */
  readonly shardData: Record<string, unknown>;
  readonly ingressData: Record<string, unknown>;
  readonly limits: SupervisionLimits;
  log(level: 'info' | 'warn' | 'error', message: string, facts: Readonly<Record<string, unknown>>): void;
  /** A serving process has all its threads ready: after a start, and again after each restart of a thread. */
  onReady?(): void;
  onDisplaced(): void;
  onGiveUp(why: string): void;
}

/** A thread that has to listen before anything else makes sense cannot. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #ingress: Supervised[];
  #shards: Supervised[] = [];
  #ready = new Set<Supervised>();
  #isServing = false;
  #onReady: (() => void)[] = [];
  #failStart: ((error: Error) => void) | undefined;
  #grpcPort: number;
  #metricsId = 0;
  readonly #metrics = new Map<number, (metrics: unknown) => void>();

  constructor(options: SupervisorOptions, grpcPort: number) {
    this.#options = options;
    this.#grpcPort = grpcPort;
    this.#ingress = Array.from({ length: options.ingressThreads }, (_, thread) => this.#makeIngress(thread));
  }

  /** The port that the ingress threads listen on: where 0 was asked for, the one that was found. */
  get grpcPort(): number {
    return this.#grpcPort;
  }

  /** Whether every thread of a serving process is ready. */
  get isReady(): boolean {
    return this.#isServing && [...this.#ingress, ...this.#shards].every((thread) => this.#ready.has(thread));
  }

  /**
   * The first listens before the others start, so that all share the port that it found. Where it rejects, `stop` ends
   * what was started.
   * @param signal gives up waiting
   * @throws ListenError where a thread cannot have its port, or ends again and again; the signal's reason
   */
  async startIngress(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const { promise: failed, reject } = Promise.withResolvers<never>();
    const onAbort = (): void => reject(signal?.reason);
    this.#failStart = reject;
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      for (const thread of this.#ingress) {
        thread.start();
        await Promise.race([this.#until(() => this.#ready.has(thread)), failed]);
      }
    } finally {
      signal?.removeEventListener('abort', onAbort);
      this.#failStart = undefined;
    }
  }

  /** Starts the shard threads, and resolves when they have recovered their shards. */
  async startShards(ownerEpoch: number): Promise<void> {
    const { shardThreads } = this.#options;
    this.#isServing = true;
    this.#shards = Array.from({ length: shardThreads }, (_, thread) => this.#makeShard(thread, ownerEpoch));
    for (const thread of this.#shards) thread.start();
    this.#tellServing(true);
    const started = this.#shards;
    await this.#until(() => this.#shards !== started || started.every((thread) => this.#ready.has(thread)));
  }

  /** Ends the shard threads at once: this process is no longer the owner. */
  async dropShards(): Promise<void> {
    this.#tellServing(false);
    const shards = this.#shards;
    this.#shards = [];
    this.#checkReady();
    for (const [thread] of shards.entries())
      for (const other of this.#ingress) other.send({ type: 'disconnect', peer: { role: 'shard', thread } });
    await Promise.all(shards.map((thread) => thread.stop()));
  }

  /** Clean stop: no new calls, what was begun is finished, then every thread ends. */
  async stop(): Promise<void> {
    this.#tellServing(false, true);
    await Promise.all(this.#ingress.map((thread) => thread.request({ type: 'drain' }, 'drained')));
    await Promise.all(this.#shards.map((thread) => thread.request({ type: 'drain' }, 'drained')));
    await Promise.all(this.#shards.map((thread) => thread.stop()));
    await Promise.all(this.#ingress.map((thread) => thread.stop()));
  }

  /** Each thread's metrics, as JSON; a thread that does not answer in time is left out. */
  async metrics(waitMs: number): Promise<unknown[]> {
    const asked = [...this.#ingress, ...this.#shards].map(
      (thread) =>
        new Promise<unknown>((resolve) => {
          const id = ++this.#metricsId;
          const timer = setTimeout(() => {
            this.#metrics.delete(id);
            resolve(undefined);
          }, waitMs);
          this.#metrics.set(id, (metrics) => {
            clearTimeout(timer);
            resolve(metrics);
          });
          thread.send({ type: 'metrics', id });
        }),
    );
    return (await Promise.all(asked)).filter((metrics) => metrics !== undefined);
  }

  #makeIngress(thread: number): Supervised {
    const { options, supervised } = this.#both();
    return supervised(
      `ingress-${thread}`,
      options.ingressModule,
      () => ({
        ...options.ingressData,
        thread,
        threads: options.ingressThreads,
        shards: options.shards,
        shardThreads: options.shardThreads,
        grpcPort: this.#grpcPort,
      }),
      () => {
        for (const [other, shard] of this.#shards.entries())
          this.#join(this.#ingress[thread], { role: 'ingress', thread }, shard, {
            role: 'shard',
            thread: other,
          });
        this.#ingress[thread]?.send({ type: 'serving', isServing: this.#isServing });
      },
    );
  }

  #makeShard(thread: number, ownerEpoch: number): Supervised {
    const { options, supervised } = this.#both();
    const shards = shardsOfThread(thread, options.shardThreads, options.shards);
    return supervised(
      `shard-${thread}`,
      options.shardModule,
      () => ({
        ...options.shardData,
        thread,
        threads: options.shardThreads,
        shards,
        shardCount: options.shards,
        ownerEpoch,
      }),
      () => {
        const self = this.#shards[thread];
        for (const [other, ingress] of this.#ingress.entries())
          this.#join(ingress, { role: 'ingress', thread: other }, self, { role: 'shard', thread });
        for (const [other, shard] of this.#shards.entries()) {
          if (other !== thread)
            this.#join(shard, { role: 'shard', thread: other }, self, { role: 'shard', thread });
        }
      },
    );
  }

  #both() {
    const options = this.#options;
    const supervised = (
      name: string,
      module: URL,
      workerData: () => Record<string, unknown>,
      onStart: () => void,
    ): Supervised => {
      const thread: Supervised = new Supervised({
        name,
        module,
        limits: options.limits,
        workerData,
        onStart,
        onReport: (report) => this.#onReport(thread, report),
        onEnd: (why) => {
          this.#ready.delete(thread);
          options.log('error', 'a thread ended; it is started again', { ended: name, why });
          this.#disconnect(thread);
        },
        onGiveUp: (why) => {
          this.#failStart?.(new ListenError(`${name} ends again and again: ${why.split('\n', 1)[0]}`));
          options.onGiveUp(why);
        },
      });
      return thread;
    };
    return { options, supervised };
  }

  /** A new port between two threads, in place of the one that either may have had to the other's forerunner. */
  #join(a: Supervised | undefined, aIs: Peer, b: Supervised | undefined, bIs: Peer): void {
    if (a?.isRunning !== true || b?.isRunning !== true) return;
    const { port1, port2 } = new MessageChannel();
    a.send({ type: 'connect', peer: bIs, port: port1 }, [port1]);
    b.send({ type: 'connect', peer: aIs, port: port2 }, [port2]);
  }

  #disconnect(ended: Supervised): void {
    const shard = this.#shards.indexOf(ended);
    const peer: Peer =
      shard >= 0
        ? { role: 'shard', thread: shard }
        : { role: 'ingress', thread: this.#ingress.indexOf(ended) };
    for (const other of [...this.#ingress, ...this.#shards])
      if (other !== ended) other.send({ type: 'disconnect', peer });
  }

  #onReport(thread: Supervised, report: Report): void {
    if (report.type === 'ready') {
      if (report.grpcPort !== undefined) this.#grpcPort = report.grpcPort;
      this.#ready.add(thread);
      this.#checkReady();
      if (this.isReady) this.#options.onReady?.();
    } else if (report.type === 'cannot-listen') {
      this.#failStart?.(new ListenError(report.why));
    } else if (report.type === 'displaced') {
      if (this.#shards.includes(thread)) this.#options.onDisplaced();
    } else if (report.type === 'stalled') {
      this.#options.log('error', 'a thread stands still; it is ended', { stalled: thread.name });
    } else if (report.type === 'metrics') {
      this.#metrics.get(report.id)?.(report.metrics);
      this.#metrics.delete(report.id);
    }
  }

  #tellServing(isServing: boolean, isLast = false): void {
    if (!isLast) this.#isServing = isServing;
    for (const thread of this.#ingress) thread.send({ type: 'serving', isServing });
  }

  #until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (holds()) resolve();
        else this.#onReady.push(check);
      };
      check();
    });
  }

  #checkReady(): void {
    for (const check of this.#onReady.splice(0)) check();
  }
}

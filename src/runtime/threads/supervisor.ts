// Starts the threads of a process, joins them by ports, and keeps them alive. It runs on the main thread and does nothing
// for a request: ingress threads talk to shard threads directly.
//
// Ingress threads run from start to stop, also on a standby, whose answers are 'unavailable'. Shard threads, a group for
// each service, run while this process owns the databases.
import { MessageChannel } from 'node:worker_threads';
import { shardsOfThread } from '../routing.ts';
import { type Control, type IngressPorts, ingressGroup, type Peer, type Report } from './messages.ts';
import { Supervised, type SupervisionLimits } from './supervised.ts';

/** The shard threads of one service. */
export interface ShardGroup {
  /** The service's name. */
  readonly name: string;
  /** Whether ingress threads ask its threads. Without one that they do not ask, however often it ends, the process serves. */
  readonly isAsked: boolean;
  readonly shards: number;
  readonly threads: number;
  readonly module: URL;
  /** Plain data for the threads' module. */
  readonly data: Record<string, unknown>;
  /** Services whose shards these threads ask as an ingress thread does. */
  readonly asks: readonly string[];
}

export interface SupervisorOptions {
  readonly groups: readonly ShardGroup[];
  readonly ingressThreads: number;
  readonly ingressModule: URL;
  readonly ingressData: Record<string, unknown>;
  readonly limits: SupervisionLimits;
  log(level: 'info' | 'warn' | 'error', message: string, facts: Readonly<Record<string, unknown>>): void;
  /** A serving process has all its threads ready: after a start, and again after each restart of a thread. */
  onReady?(): void;
  /** Why the process is not ready, where all its threads are; null: it is. */
  notReady?(): string | null;
  onDisplaced(): void;
  onGiveUp(why: string): void;
  /** What an ingress thread wants to know of the process. */
  answer?(question: unknown): Promise<unknown>;
}

/** A thread that has to listen before anything else makes sense cannot. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
  readonly which: keyof IngressPorts;

  constructor(which: keyof IngressPorts, why: string) {
    super(why);
    this.which = which;
  }
}

interface Member {
  readonly peer: Peer;
  readonly thread: Supervised;
}

export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #ingress: Member[];
  #shards: Member[] = [];
  #ready = new Set<Supervised>();
  #isServing = false;
  #onReady: (() => void)[] = [];
  #failStart: ((error: Error) => void) | undefined;
  #ports: IngressPorts;
  #metricsId = 0;
  readonly #metrics = new Map<number, (metrics: unknown) => void>();

  constructor(options: SupervisorOptions, ports: IngressPorts) {
    this.#options = options;
    this.#ports = ports;
    this.#ingress = Array.from({ length: options.ingressThreads }, (_, thread) => this.#makeIngress(thread));
  }

  /** The ports that the ingress threads listen on: where 0 was asked for, those that were found. */
  get ports(): IngressPorts {
    return this.#ports;
  }

  /** Whether every thread of a serving process is ready that clients need. */
  get isReady(): boolean {
    return (
      this.#isServing && [...this.#ingress, ...this.#asked].every(({ thread }) => this.#ready.has(thread))
    );
  }

  /**
   * The first listens before the others start, so that all share the ports that it found. Where it rejects, `stop` ends
   * what was started.
   * @param signal gives up waiting
   * @throws ListenError where a thread cannot have a port, or ends again and again; the signal's reason
   */
  async startIngress(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const { promise: failed, reject } = Promise.withResolvers<never>();
    const onAbort = (): void => reject(signal?.reason);
    this.#failStart = reject;
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      for (const { thread } of this.#ingress) {
        thread.start();
        await Promise.race([this.#until(() => this.#ready.has(thread)), failed]);
      }
    } finally {
      signal?.removeEventListener('abort', onAbort);
      this.#failStart = undefined;
    }
  }

  /**
   * Starts the shard threads, and resolves when they have recovered their shards.
   * @param ownerEpochs of each service's database, by the service's name
   */
  async startShards(ownerEpochs: ReadonlyMap<string, number>): Promise<void> {
    this.#isServing = true;
    this.#shards = this.#options.groups.flatMap((group) => {
      const threads = Math.min(group.threads, group.shards);
      const epoch = ownerEpochs.get(group.name) ?? 0;
      return Array.from({ length: threads }, (_, thread) =>
        this.#makeShard(group, thread, threads, epoch, ownerEpochs),
      );
    });
    const started = this.#shards;
    const asked = this.#asked;
    for (const { thread } of asked) thread.start();
    this.#tellServing(true);
    await this.#until(() => this.#shards !== started || asked.every(({ thread }) => this.#ready.has(thread)));
    // Those that nobody asks take no time from those that clients wait for.
    if (this.#shards === started)
      for (const member of started) if (!asked.includes(member)) member.thread.start();
  }

  /** Ends the shard threads at once: this process is no longer the owner. */
  async dropShards(): Promise<void> {
    this.#tellServing(false);
    const shards = this.#shards;
    this.#shards = [];
    this.#checkReady();
    for (const { peer } of shards)
      for (const { thread } of this.#ingress) thread.send({ type: 'disconnect', peer });
    await Promise.all(shards.map(({ thread }) => thread.stop()));
  }

  /**
   * Clean stop: no new calls, what was begun is finished, then every thread ends. Services that ask others drain before
   * those they ask.
   */
  async stop(): Promise<void> {
    this.#tellServing(false, true);
    await Promise.all(this.#ingress.map(({ thread }) => thread.request({ type: 'drain' }, 'drained')));
    for (const { name } of inOrderOfAsking(this.#options.groups)) {
      const its = this.#shards.filter(({ peer }) => peer.group === name);
      await Promise.all(its.map(({ thread }) => thread.request({ type: 'drain' }, 'drained')));
    }
    await Promise.all(this.#shards.map(({ thread }) => thread.stop()));
    await Promise.all(this.#ingress.map(({ thread }) => thread.stop()));
  }

  /** Each thread's metrics, as JSON; a thread that does not answer in time is left out. */
  async metrics(waitMs: number): Promise<unknown[]> {
    const asked = this.#all.map(
      ({ thread }) =>
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

  /** To every thread that runs; one that starts later begins with its own settings. */
  broadcast(message: Control): void {
    for (const { thread } of this.#all) thread.send(message);
  }

  /** Those without which nobody is answered. */
  get #asked(): readonly Member[] {
    return this.#shards.filter(({ peer }) => this.#isAsked(peer));
  }

  get #all(): readonly Member[] {
    return [...this.#ingress, ...this.#shards];
  }

  #makeIngress(thread: number): Member {
    const { ingressModule, ingressData, ingressThreads, groups } = this.#options;
    return this.#member({ group: ingressGroup, thread }, ingressModule, () => ({
      ...ingressData,
      thread,
      threads: ingressThreads,
      groups: groups
        .filter(({ isAsked }) => isAsked)
        .map(({ name, shards, threads }) => ({ name, shards, threads: Math.min(threads, shards) })),
      ports: this.#ports,
    }));
  }

  #makeShard(
    group: ShardGroup,
    thread: number,
    threads: number,
    ownerEpoch: number,
    ownerEpochs: ReadonlyMap<string, number>,
  ): Member {
    const { name, shards, module, data } = group;
    return this.#member({ group: name, thread }, module, () => ({
      ...data,
      thread,
      threads,
      shards: shardsOfThread(thread, threads, shards),
      shardCount: shards,
      ownerEpoch,
      ownerEpochs: Object.fromEntries(ownerEpochs),
      ports: this.#ports,
    }));
  }

  #member(peer: Peer, module: URL, workerData: () => Record<string, unknown>): Member {
    const options = this.#options;
    const name = `${peer.group}-${peer.thread}`;
    const thread: Supervised = new Supervised({
      name,
      module,
      limits: options.limits,
      workerData,
      onStart: () => this.#onStart(member),
      onReport: (report) => this.#onReport(thread, report),
      onEnd: (why) => {
        this.#ready.delete(thread);
        this.tellState();
        options.log('error', 'a thread ended; it is started again', { ended: name, why });
        for (const other of this.#all) if (other !== member) other.thread.send({ type: 'disconnect', peer });
      },
      onGiveUp: this.#isNeeded(peer)
        ? (why) => {
            this.#failStart?.(
              new ListenError('grpc', `${name} ends again and again: ${why.split('\n', 1)[0]}`),
            );
            options.onGiveUp(why);
          }
        : null,
    });
    const member: Member = { peer, thread };
    return member;
  }

  /** A thread that has started is joined to all that it has to speak with and that run. */
  #onStart(started: Member): void {
    for (const other of this.#all)
      if (other !== started && this.#speak(started.peer, other.peer)) this.#join(started, other);
    if (started.peer.group === ingressGroup)
      started.thread.send({ type: 'serving', isServing: this.#isServing });
    this.tellState();
  }

  #speak(a: Peer, b: Peer): boolean {
    if (a.group === ingressGroup) return this.#isAsked(b);
    if (b.group === ingressGroup) return this.#isAsked(a);
    return a.group === b.group || this.#asks(a, b) || this.#asks(b, a);
  }

  #isNeeded(peer: Peer): boolean {
    return peer.group === ingressGroup || this.#isAsked(peer);
  }

  #isAsked({ group }: Peer): boolean {
    return this.#options.groups.some(({ name, isAsked }) => name === group && isAsked);
  }

  #asks(a: Peer, b: Peer): boolean {
    return this.#options.groups.some(({ name, asks }) => name === a.group && asks.includes(b.group));
  }

  /** A new port between two threads, in place of the one that either may have had to the other's forerunner. */
  #join(a: Member, b: Member): void {
    if (!a.thread.isRunning || !b.thread.isRunning) return;
    const { port1, port2 } = new MessageChannel();
    a.thread.send({ type: 'connect', peer: b.peer, port: port1 }, [port1]);
    b.thread.send({ type: 'connect', peer: a.peer, port: port2 }, [port2]);
  }

  #onReport(thread: Supervised, report: Report): void {
    switch (report.type) {
      case 'ready':
        if (report.ports !== undefined) this.#ports = report.ports;
        this.#ready.add(thread);
        this.#checkReady();
        if (this.isReady) this.#options.onReady?.();
        break;
      case 'cannot-listen':
        this.#failStart?.(new ListenError(report.which, report.why));
        break;
      case 'displaced':
        if (this.#shards.some((member) => member.thread === thread)) this.#options.onDisplaced();
        break;
      case 'stalled':
        this.#options.log('error', 'a thread stands still; it is ended', { stalled: thread.name });
        break;
      case 'metrics':
        this.#metrics.get(report.id)?.(report.metrics);
        this.#metrics.delete(report.id);
        break;
      case 'wonders':
        void this.#tell(thread, report.id, report.question);
        break;
    }
  }

  /** To be called when what `notReady` says may have changed. */
  tellState(): void {
    for (const { thread } of this.#ingress) this.#tellStateTo(thread);
  }

  #tellStateTo(thread: Supervised): void {
    const why = this.#options.notReady?.() ?? null;
    thread.send({ type: 'state', notReady: why ?? (this.isReady ? null : 'recovering') });
  }

  async #tell(thread: Supervised, id: number, question: unknown): Promise<void> {
    let answer: unknown = null;
    try {
      answer = (await this.#options.answer?.(question)) ?? null;
    } catch (error) {
      this.#options.log('warn', 'a question of an ingress thread was not answered', { error });
    }
    thread.send({ type: 'told', id, answer });
  }

  #tellServing(isServing: boolean, isLast = false): void {
    if (!isLast) this.#isServing = isServing;
    for (const { thread } of this.#ingress) thread.send({ type: 'serving', isServing });
    this.tellState();
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
    this.tellState();
    for (const check of this.#onReady.splice(0)) check();
  }
}

function inOrderOfAsking(groups: readonly ShardGroup[]): readonly ShardGroup[] {
  return groups.toSorted((a, b) => Number(a.asks.length === 0) - Number(b.asks.length === 0));
}

// One process of Synkro: its databases, its threads, and the question of whether it owns the databases.
//
// Life cycle: starting -> standby <-> serving -> stopping -> stopped. A standby tries to become the owner again and
// again; an owner that finds that it is none any more stands by and does not fight back.
import { defaultSupervisionLimits } from '../runtime/threads/supervised.ts';
import { ListenError, Supervisor } from '../runtime/threads/supervisor.ts';
import { createLogger, type Logger } from '../telemetry/log.ts';
import { exposition, type MetricsJson, ProcessMetrics } from '../telemetry/metrics.ts';
import { hotSkusOf, lagOf, ownersOf } from './admin.ts';
import { type Databases, openDatabases } from './database.ts';
import { nameHolder, readHolder } from './holder.ts';
import { JointOwnership } from './joint-ownership.ts';
import { moduleUrl } from './paths.ts';
import { listenProblem, probePorts } from './probe-ports.ts';
import { type Exposition, isQuestion, isThreadReport, type ThreadReport } from './questions.ts';
import { Retention } from './retention.ts';
import { type ActorService, isActorService } from './roles.ts';
import type { Settings } from './settings.ts';
import { ingressData, shardGroups } from './thread-data.ts';

export interface ServiceOptions {
  readonly settings: Settings;
  /** Modules that export `inventoryBehaviours` or `logisticsBehaviours`, in place of the services' own. */
  readonly behavioursModules?: Readonly<Partial<Record<ActorService, URL>>>;
  /** Threads kept dying: the process is to end. */
  readonly onGiveUp: () => void;
  /** Ends the start: what was begun is stopped, and `start` rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

type State = 'starting' | 'standby' | 'serving' | 'stopping' | 'stopped';

/** A heartbeat is due so many times a lease. */
const heartbeatsPerLease = 3;
/** How long a standby may take to notice that the owner has let go, however long the lease. */
const standbyPollMsMax = 1_000;
const metricsWaitMs = 2_000;

export class Service {
  readonly #holder = nameHolder();
  readonly #settings: Settings;
  readonly #log: Logger;
  readonly #databases: Databases;
  readonly #ownership: JointOwnership;
  readonly #supervisor: Supervisor;
  readonly #retention: Retention;
  readonly #metrics: ProcessMetrics;
  #state: State = 'starting';
  #ownerEpochs: ReadonlyMap<string, number> | null = null;
  #announcedEpochs: ReadonlyMap<string, number> | null = null;
  #timer: NodeJS.Timeout | undefined;
  /** The ownership step under way: steps never overlap. */
  #step: Promise<void> = Promise.resolve();

  /** @throws SettingError and whatever else a database may throw; nothing that was started is left running */
  static async start(options: ServiceOptions): Promise<Service> {
    const log = createLogger(options.settings.logLevel, 'main');
    await probePorts(options.settings);
    const databases = await openDatabases(options.settings, log, options.signal);
    const service = new Service(options, log, databases);
    try {
      await service.#open(options.signal);
      return service;
    } catch (error) {
      await service.stop();
      throw error;
    }
  }

  private constructor(options: ServiceOptions, log: Logger, databases: Databases) {
    const { settings, onGiveUp } = options;
    this.#settings = settings;
    this.#log = log;
    this.#databases = databases;
    this.#ownership = new JointOwnership(databases.all, log);
    this.#supervisor = new Supervisor(
      {
        groups: shardGroups(settings, databases.all, options.behavioursModules ?? {}),
        ingressThreads: settings.ingressThreads,
        ingressModule: moduleUrl('./ingress-worker', import.meta.url),
        ingressData: { ...ingressData(settings, databases.all) },
        limits: defaultSupervisionLimits,
        log: (level, message, facts) => log[level](facts, message),
        onReady: () => this.#announce(),
        notReady: () => (this.#state === 'serving' ? null : this.#state),
        onDisplaced: () => void this.#next(() => this.#standBy('another process owns the database')),
        onGiveUp: (why) => {
          log.fatal({ why }, 'a thread ends again and again; giving up');
          onGiveUp();
        },
        answer: (question) => this.#answer(question),
      },
      { http: settings.httpPort, grpc: settings.grpcPort },
    );
    this.#retention = new Retention(
      databases.all.filter(({ service }) => isActorService(service)).map(({ url }) => url),
      log,
    );
    this.#metrics = new ProcessMetrics({
      isOwner: () => this.#ownerEpochs !== null,
      isReady: () => this.#supervisor.isReady,
    });
  }

  get ports(): { readonly http: number; readonly grpc: number } {
    return this.#supervisor.ports;
  }

  /** Finishes what was begun, writes the last snapshots, lets go of the database. Safe to call more than once. */
  async stop(): Promise<void> {
    if (this.#state === 'stopping' || this.#state === 'stopped') return this.#step;
    const wasServing = this.#state === 'serving';
    this.#become('stopping');
    clearTimeout(this.#timer);
    this.#log.info({ event: 'stopping' }, 'stopping');
    await this.#next(async () => {
      await this.#supervisor.stop();
      if (wasServing && this.#ownerEpochs !== null) await this.#ownership.release(this.#ownerEpochs);
      await this.#ownership.close();
      await this.#retention.close();
      await this.#databases.close();
      this.#become('stopped');
      this.#log.info({ event: 'stopped' }, 'stopped');
    });
  }

  #become(state: State): void {
    this.#state = state;
    this.#supervisor.tellState();
  }

  async #open(signal: AbortSignal | undefined): Promise<void> {
    const { host, httpPort, grpcPort } = this.#settings;
    // The probe found them free, which may have changed meanwhile.
    await this.#supervisor.startIngress(signal).catch((error: unknown) => {
      if (!(error instanceof ListenError)) throw error;
      throw error.which === 'http'
        ? listenProblem('HTTP_PORT', host, httpPort, error)
        : listenProblem('GRPC_PORT', host, grpcPort, error);
    });
    signal?.throwIfAborted();
    this.#become('standby');
    await this.#next(() => this.#tryToOwn());
    if (this.#ownerEpochs === null) await this.#next(() => this.#sayWhoOwns());
  }

  /** A process that was killed owns the database until its lease ends: whoever waits for that is told how long. */
  async #sayWhoOwns(): Promise<void> {
    if (this.#state !== 'standby') return;
    const owner = await this.#ownership.owner(this.#settings.ownerLeaseMs).catch(() => null);
    const facts = { event: 'standby', ...this.ports };
    if (owner === null) {
      this.#log.info(facts, 'this process does not own the database yet; standing by');
      return;
    }
    const holder = readHolder(owner.holder);
    const leaseEndsAt = new Date(owner.leaseEndsAt).toISOString();
    const who = holder === undefined ? 'another process' : `process ${holder.pid} on ${holder.host}`;
    this.#log.info(
      { ...facts, owner: holder ?? { name: owner.holder }, leaseEndsAt },
      `${who} owns the database; standing by, until ${leaseEndsAt} at the latest unless it is heard of again`,
    );
  }

  #next(step: () => Promise<void>): Promise<void> {
    this.#step = this.#step
      .then(step)
      .catch((error: unknown) => this.#log.error({ err: error }, 'an ownership step failed'));
    return this.#step;
  }

  #schedule(step: () => Promise<void>): void {
    if (this.#state === 'stopping' || this.#state === 'stopped') return;
    clearTimeout(this.#timer);
    const heartbeatMs = this.#settings.ownerLeaseMs / heartbeatsPerLease;
    const delayMs = this.#state === 'standby' ? Math.min(heartbeatMs / 2, standbyPollMsMax) : heartbeatMs;
    this.#timer = setTimeout(() => void this.#next(step), delayMs);
  }

  async #tryToOwn(): Promise<void> {
    if (this.#state !== 'standby') return;
    const epochs = await this.#ownership
      .acquire(this.#holder, this.#settings.ownerLeaseMs)
      .catch((error: unknown) => {
        this.#log.warn({ err: error }, 'cannot ask for the ownership');
        return null;
      });
    if (epochs === null) {
      this.#schedule(() => this.#tryToOwn());
      return;
    }
    this.#ownerEpochs = epochs;
    this.#become('serving');
    this.#retention.start();
    this.#schedule(() => this.#heartbeat(epochs));
    // Not awaited within the step: heartbeats go on while the shards recover.
    void this.#supervisor.startShards(epochs);
  }

  /** Once for each time that it serves. */
  #announce(): void {
    const epochs = this.#ownerEpochs;
    if (this.#state !== 'serving' || epochs === null || epochs === this.#announcedEpochs) return;
    this.#announcedEpochs = epochs;
    const { role } = this.#settings;
    const ownerEpochs = Object.fromEntries(epochs);
    this.#log.info({ event: 'ready', ...this.ports, role, pid: process.pid, ownerEpochs }, 'ready');
  }

  async #heartbeat(epochs: ReadonlyMap<string, number>): Promise<void> {
    if (this.#state !== 'serving' || this.#ownerEpochs !== epochs) return;
    try {
      if (!(await this.#ownership.heartbeat(epochs))) {
        await this.#standBy('another process has taken over');
        return;
      }
    } catch (error) {
      // The database does not answer. Whether somebody took over shows when it does; until then nothing can be appended.
      this.#log.warn({ err: error }, 'a heartbeat failed');
    }
    this.#schedule(() => this.#heartbeat(epochs));
  }

  async #standBy(why: string): Promise<void> {
    if (this.#state !== 'serving') return;
    this.#become('standby');
    const epochs = this.#ownerEpochs;
    this.#ownerEpochs = null;
    this.#retention.stop();
    this.#log.warn({ event: 'standby', why }, 'standing by');
    await this.#supervisor.dropShards();
    // Where one database was lost, the others go to whoever has that one.
    if (epochs !== null)
      await this.#ownership.release(epochs).catch((error: unknown) => {
        this.#log.warn({ err: error }, 'a database could not be let go; its lease will end');
      });
    this.#schedule(() => this.#tryToOwn());
  }

  async #answer(question: unknown): Promise<unknown> {
    if (!isQuestion(question)) return null;
    switch (question.type) {
      case 'metrics':
        return this.#exposition();
      case 'owners':
        return ownersOf(await this.#ownership.owners(this.#settings.ownerLeaseMs), this.#ownerEpochs);
      case 'lag':
        return lagOf(await this.#reports());
      case 'hot-skus':
        return hotSkusOf(await this.#reports(), question.limit);
      case 'log-level':
        return this.#log.level;
      case 'set-log-level':
        this.#log.level = question.level;
        this.#supervisor.broadcast({ type: 'log-level', level: question.level });
        return question.level;
    }
  }

  async #reports(): Promise<readonly ThreadReport[]> {
    return (await this.#supervisor.metrics(metricsWaitMs)).filter(isThreadReport);
  }

  async #exposition(): Promise<Exposition> {
    const own: MetricsJson = await this.#metrics.registry.getMetricsAsJSON();
    const threads = await this.#reports();
    return exposition([own, ...threads.map(({ json }) => json)]);
  }
}

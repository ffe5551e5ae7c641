// One process of Synkro: its database, its threads, its servers, and the question of whether it owns the database.
//
// Life cycle: starting -> standby <-> serving -> stopping -> stopped. A standby tries to become the owner again and
// again; an owner that finds that it is none any more stands by and does not fight back.
import { type OpsServer, startOpsServer } from '../http/ops-server.ts';
import { createOwnership, type Ownership } from '../persistence/ownership.ts';
import { defaultSupervisionLimits } from '../runtime/threads/supervised.ts';
import { ListenError, Supervisor } from '../runtime/threads/supervisor.ts';
import { createLogger, type Logger } from '../telemetry/log.ts';
import { exposition, type MetricsJson, ProcessMetrics } from '../telemetry/metrics.ts';
import { type Database, openDatabase } from './database.ts';
import { nameHolder, readHolder } from './holder.ts';
import { moduleUrl } from './paths.ts';
import { listenProblem, probePorts } from './probe-ports.ts';
import { Retention } from './retention.ts';
import type { Settings } from './settings.ts';

export interface ServiceOptions {
  readonly settings: Settings;
  /** A module that exports `inventoryBehaviours`; those of Inventory where it is not set. */
  readonly behavioursModule?: URL;
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
  readonly #database: Database;
  readonly #ownership: Ownership;
  readonly #supervisor: Supervisor;
  readonly #retention: Retention;
  readonly #metrics: ProcessMetrics;
  #ops: OpsServer | undefined;
  #state: State = 'starting';
  #ownerEpoch: number | null = null;
  #announcedEpoch: number | null = null;
  #timer: NodeJS.Timeout | undefined;
  /** The ownership step under way: steps never overlap. */
  #step: Promise<void> = Promise.resolve();

  /** @throws SettingError and whatever else a database may throw; nothing that was started is left running */
  static async start(options: ServiceOptions): Promise<Service> {
    const log = createLogger(options.settings.logLevel, 'main');
    await probePorts(options.settings);
    const database = await openDatabase(options.settings, log, options.signal);
    const service = new Service(options, log, database);
    try {
      await service.#open(options.signal);
      return service;
    } catch (error) {
      await service.stop();
      throw error;
    }
  }

  private constructor(
    { settings, behavioursModule, onGiveUp }: ServiceOptions,
    log: Logger,
    database: Database,
  ) {
    this.#settings = settings;
    this.#log = log;
    this.#database = database;
    this.#ownership = createOwnership({ url: database.url, log });
    const threadData = { databaseUrl: database.url, logLevel: settings.logLevel };
    this.#supervisor = new Supervisor(
      {
        shards: database.shards,
        shardThreads: Math.min(settings.shardThreads, database.shards),
        ingressThreads: settings.ingressThreads,
        shardModule: moduleUrl('./shard-worker', import.meta.url),
        ingressModule: moduleUrl('./ingress-worker', import.meta.url),
        shardData: {
          ...threadData,
          residentActorsMax: settings.residentActorsMax,
          behavioursModule: (behavioursModule ?? moduleUrl('../actors/inventory/behaviours', import.meta.url))
            .href,
        },
        ingressData: { ...threadData, host: settings.host },
        limits: defaultSupervisionLimits,
        log: (level, message, facts) => log[level](facts, message),
        onReady: () => this.#announce(),
        onDisplaced: () => void this.#next(() => this.#standBy('another process owns the database')),
        onGiveUp: (why) => {
          log.fatal({ why }, 'a thread ends again and again; giving up');
          onGiveUp();
        },
      },
      settings.grpcPort,
    );
    this.#retention = new Retention(database.url, log);
    this.#metrics = new ProcessMetrics({
      isOwner: () => this.#ownerEpoch !== null,
      isReady: () => this.#supervisor.isReady,
    });
  }

  get ports(): { readonly http: number; readonly grpc: number } {
    return { http: this.#ops?.port ?? this.#settings.httpPort, grpc: this.#supervisor.grpcPort };
  }

  get databaseUrl(): string {
    return this.#database.url;
  }

  /** Finishes what was begun, writes the last snapshots, lets go of the database. Safe to call more than once. */
  async stop(): Promise<void> {
    if (this.#state === 'stopping' || this.#state === 'stopped') return this.#step;
    const wasServing = this.#state === 'serving';
    this.#state = 'stopping';
    clearTimeout(this.#timer);
    this.#log.info({ event: 'stopping' }, 'stopping');
    await this.#next(async () => {
      await this.#supervisor.stop();
      if (wasServing && this.#ownerEpoch !== null) await this.#ownership.release(this.#ownerEpoch);
      await this.#ownership.close();
      await this.#retention.close();
      await this.#ops?.close();
      await this.#database.close();
      this.#state = 'stopped';
      this.#log.info({ event: 'stopped' }, 'stopped');
    });
  }

  async #open(signal: AbortSignal | undefined): Promise<void> {
    const { host, httpPort, grpcPort } = this.#settings;
    // The probe found them free, which may have changed meanwhile.
    await this.#supervisor.startIngress(signal).catch((error: unknown) => {
      throw error instanceof ListenError ? listenProblem('GRPC_PORT', host, grpcPort, error) : error;
    });
    this.#ops = await startOpsServer(host, httpPort, {
      notReady: () =>
        this.#supervisor.isReady ? null : this.#state === 'serving' ? 'recovering' : this.#state,
      metrics: () => this.#exposition(),
    }).catch((error: unknown) => {
      throw listenProblem('HTTP_PORT', host, httpPort, error);
    });
    signal?.throwIfAborted();
    this.#state = 'standby';
    await this.#next(() => this.#tryToOwn());
    if (this.#ownerEpoch === null) await this.#next(() => this.#sayWhoOwns());
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
    const epoch = await this.#ownership
      .acquire(this.#holder, this.#settings.ownerLeaseMs)
      .catch((error: unknown) => {
        this.#log.warn({ err: error }, 'cannot ask for the ownership');
        return null;
      });
    if (epoch === null) {
      this.#schedule(() => this.#tryToOwn());
      return;
    }
    this.#ownerEpoch = epoch;
    this.#state = 'serving';
    this.#retention.start();
    this.#schedule(() => this.#heartbeat(epoch));
    // Not awaited within the step: heartbeats go on while the shards recover.
    void this.#supervisor.startShards(epoch);
  }

  /** Once for each time that it serves. */
  #announce(): void {
    const ownerEpoch = this.#ownerEpoch;
    if (this.#state !== 'serving' || ownerEpoch === null || ownerEpoch === this.#announcedEpoch) return;
    this.#announcedEpoch = ownerEpoch;
    this.#log.info({ event: 'ready', ...this.ports, pid: process.pid, ownerEpoch }, 'ready');
  }

  async #heartbeat(epoch: number): Promise<void> {
    if (this.#state !== 'serving' || this.#ownerEpoch !== epoch) return;
    try {
      if (!(await this.#ownership.heartbeat(epoch))) {
        await this.#standBy('another process has taken over');
        return;
      }
    } catch (error) {
      // The database does not answer. Whether somebody took over shows when it does; until then nothing can be appended.
      this.#log.warn({ err: error }, 'a heartbeat failed');
    }
    this.#schedule(() => this.#heartbeat(epoch));
  }

  async #standBy(why: string): Promise<void> {
    if (this.#state !== 'serving') return;
    this.#state = 'standby';
    this.#ownerEpoch = null;
    this.#retention.stop();
    this.#log.warn({ event: 'standby', why }, 'standing by');
    await this.#supervisor.dropShards();
    this.#schedule(() => this.#tryToOwn());
  }

  async #exposition(): Promise<{ readonly contentType: string; readonly text: string }> {
    const own: MetricsJson = await this.#metrics.registry.getMetricsAsJSON();
    const threads = await this.#supervisor.metrics(metricsWaitMs);
    return exposition([own, ...threads.filter(isMetricsJson)]);
  }
}

/** Only our own threads send it; this says so to the compiler. */
function isMetricsJson(value: unknown): value is MetricsJson {
  return Array.isArray(value);
}

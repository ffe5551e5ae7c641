/**
 * The embedded PostgreSQL: a real server on a data folder of its own, shared by all processes that name that folder.
 *
 * Rules:
 * 1. A process registers as a user before it looks for a running server, and looks under the start lock; who leaves
 *    stops the server under the same lock, and only where no other living user is registered.
 * 2. A server that runs already (kill -9 of its starter leaves it running) is adopted, never doubled.
 * 3. While anybody uses it, a server that died is started again, on the same port where that is still free.
 * 4. A cluster is made only by `startEmbedded`: a data folder that vanishes later is an error, not an empty database.
 */
import { existsSync } from 'node:fs';
import { serverAccount } from './account.ts';
import { findBinaries } from './binaries.ts';
import { createIfMissing, databaseUrl, proveOurs } from './client.ts';
import { ensureCluster, readPassword } from './cluster.ts';
import { EmbeddedError, messageOf } from './errors.ts';
import type { Layout } from './layout.ts';
import { layoutOf, makeHome } from './layout.ts';
import { embeddedLimits } from './limits.ts';
import { withLock } from './lock.ts';
import type { LaunchOptions, StopMode } from './postmaster.ts';
import { adoptPostmaster, launchPostmaster, stopPostmaster } from './postmaster.ts';
import type { Postmaster } from './postmaster-file.ts';
import { isAlive } from './postmaster-file.ts';
import { signalProcess } from './processes.ts';
import { hasLiveUsers, registerUser, unregisterUser } from './users.ts';

export interface EmbeddedOptions {
  /** Made where it is missing; everything of ours lies in its subfolder `postgres`. */
  readonly dataDir: string;
  readonly log: (line: string) => void;
  /** PostgreSQL settings over the defaults. An adopted server keeps the settings that it was started with. */
  readonly settings?: Readonly<Record<string, string>>;
  /** False only where the data may be lost, as in tests. */
  readonly fsync?: boolean;
  /** Also leave (and stop it, if last) when the process exits without a `stop`. */
  readonly stopOnExit?: boolean;
}

/** Starts or adopts the server of a data folder. Throws EmbeddedError, with what to do in its message. */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const layout = layoutOf(options.dataDir);
  makeHome(layout);
  const user = registerUser(layout.users);
  try {
    const { launch, found } = await withLock(layout.lock, () => open(layout, options));
    const password = readPassword(layout);
    return new EmbeddedServer(layout, options, launch, user, password, found);
  } catch (error) {
    unregisterUser(user);
    throw error;
  }
}

interface Found {
  readonly postmaster: Postmaster;
  readonly adopted: boolean;
}

async function open(
  layout: Layout,
  options: EmbeddedOptions,
): Promise<{ launch: LaunchOptions; found: Found }> {
  const account = serverAccount(layout);
  const binaries = await findBinaries(account);
  const fsync = options.fsync ?? true;
  const settings = { ...options.settings, ...(fsync ? {} : { fsync: 'off' }) };
  const launch = { binaries, account, settings };
  await ensureCluster(layout, { binaries, account, fsync });
  return { launch, found: await findOrLaunch(layout, launch) };
}

async function findOrLaunch(layout: Layout, launch: LaunchOptions): Promise<Found> {
  const running = await adoptPostmaster(layout);
  const postmaster = running ?? (await launchPostmaster(layout, launch));
  await proveOurs(postmaster.port, readPassword(layout));
  return { postmaster, adopted: running !== undefined };
}

/** `using` <-> `restarting`, and from either to `stopped`, for good: all but the address is refused afterwards. */
export class EmbeddedServer {
  /** Whether it ran already when we came. */
  readonly adopted: boolean;
  readonly #layout: Layout;
  readonly #log: (line: string) => void;
  readonly #launch: LaunchOptions;
  readonly #user: string;
  readonly #password: string;
  readonly #onExit: () => void;
  #postmaster: Postmaster;
  #state: 'using' | 'restarting' | 'stopped' = 'using';
  #watch: NodeJS.Timeout | undefined;
  #restartPauseMs: number = embeddedLimits.restartPauseMsMin;

  constructor(
    layout: Layout,
    options: EmbeddedOptions,
    launch: LaunchOptions,
    user: string,
    password: string,
    found: Found,
  ) {
    this.#layout = layout;
    this.#log = options.log;
    this.#launch = launch;
    this.#user = user;
    this.#password = password;
    this.#postmaster = found.postmaster;
    this.adopted = found.adopted;
    this.#onExit = () => this.#leaveAtExit();
    if (options.stopOnExit === true) process.once('exit', this.#onExit);
    this.#logUse(found);
    this.#watchLater(embeddedLimits.watchMs);
  }

  get port(): number {
    return this.#postmaster.port;
  }

  get pid(): number {
    return this.#postmaster.pid;
  }

  /** The address of a database, with the password in it: not for logs. */
  url(database: string): string {
    return databaseUrl(this.port, this.#password, database);
  }

  /** Creates a database where it is missing. */
  ensureDatabase(name: string): Promise<void> {
    return createIfMissing(this.url('postgres'), name);
  }

  /** Starts the server again where it has died. The port, and so `url`, may change if the old one is taken. */
  async ensureRunning(): Promise<void> {
    this.#refuseStopped();
    await withLock(this.#layout.lock, async () => {
      if (this.#state !== 'stopped' && !isAlive(this.#postmaster)) await this.#openAgain();
    });
  }

  /** Stops the server and starts it, whoever else uses it: what an operator or a crash does to us. */
  async restart(mode: StopMode): Promise<void> {
    this.#refuseStopped();
    await withLock(this.#layout.lock, async () => {
      this.#refuseStopped();
      this.#state = 'restarting';
      try {
        await stopPostmaster(this.#postmaster, mode);
        await this.#openAgain();
      } finally {
        if (this.#state === 'restarting') this.#state = 'using';
      }
    });
  }

  /** Leaves the server; the last one to leave stops it. A second call does nothing. */
  async stop(mode: StopMode = 'fast'): Promise<void> {
    if (this.#state === 'stopped') return;
    this.#state = 'stopped';
    clearTimeout(this.#watch);
    process.removeListener('exit', this.#onExit);
    await withLock(this.#layout.lock, async () => {
      unregisterUser(this.#user);
      if (hasLiveUsers(this.#layout.users)) {
        this.#log('embedded PostgreSQL is left to its other users');
        return;
      }
      const running = await adoptPostmaster(this.#layout);
      if (running !== undefined) await stopPostmaster(running, mode);
      this.#log('embedded PostgreSQL stopped');
    });
  }

  async #openAgain(): Promise<void> {
    if (!existsSync(this.#layout.data)) {
      throw new EmbeddedError(
        'EMBEDDED_DATA_FOLDER',
        `${this.#layout.data} is gone: the data of this server is lost`,
      );
    }
    const found = await findOrLaunch(this.#layout, this.#launch);
    this.#postmaster = found.postmaster;
    this.#logUse(found);
  }

  #watchLater(pauseMs: number): void {
    if (this.#state === 'stopped') return;
    this.#watch = setTimeout(() => void this.#look(), pauseMs);
    this.#watch.unref();
  }

  async #look(): Promise<void> {
    if (this.#state === 'restarting' || isAlive(this.#postmaster))
      return this.#watchLater(embeddedLimits.watchMs);
    this.#log(`embedded PostgreSQL (process ${this.pid}) has died; starting it again`);
    try {
      await this.ensureRunning();
      this.#restartPauseMs = embeddedLimits.restartPauseMsMin;
      this.#watchLater(embeddedLimits.watchMs);
    } catch (error) {
      if (this.#state === 'stopped') return;
      this.#log(`embedded PostgreSQL could not be started again: ${messageOf(error)}`);
      this.#watchLater(this.#restartPauseMs);
      this.#restartPauseMs = Math.min(this.#restartPauseMs * 2, embeddedLimits.restartPauseMsMax);
    }
  }

  /** Everything at exit is synchronous: no lock, no waiting; a newcomer at this very moment starts it again. */
  #leaveAtExit(): void {
    unregisterUser(this.#user);
    if (!hasLiveUsers(this.#layout.users) && isAlive(this.#postmaster)) signalProcess(this.pid, 'SIGINT');
  }

  #logUse(found: Found): void {
    const verb = found.adopted ? 'adopted' : 'started';
    this.#log(`embedded PostgreSQL ${verb}: process ${this.pid}, port ${this.port}, log ${this.#layout.log}`);
  }

  #refuseStopped(): void {
    if (this.#state === 'stopped')
      throw new EmbeddedError('EMBEDDED_STOPPED', 'this embedded server was stopped');
  }
}

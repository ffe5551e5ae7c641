// Connections to PostgreSQL. A client heals by itself: what has not been answered by its deadline is unknown, and after
// anything unknown every connection of the client is thrown away and made anew, so that one that goes nowhere cannot
// wedge anything.
//
// No correctness rests on a session. There is no `reserve()` and no `begin()` here: a handle whose backend dies never
// settles, and throws where nobody can catch it (postgres 3.4.9).
import { connect as connectSocket, type Socket } from 'node:net';
import postgres from 'postgres';
import { StoreError } from '../runtime/store.ts';
import { toStoreError } from './errors.ts';
import { checkStoreLimits, defaultStoreLimits, type StoreLimits } from './limits.ts';
import { toSafeInteger } from './values.ts';

export type Sql = postgres.Sql<{ bigint: number }>;
/** A part of a statement. */
export type Fragment = postgres.Fragment;

/** What of a logger is needed here (pino has it). */
export interface StoreLog {
  warn(fields: object, message: string): void;
}

export interface ConnectOptions {
  readonly url: string;
  readonly log: StoreLog;
  readonly limits?: Partial<StoreLimits>;
}

interface Role {
  readonly name: string;
  readonly connectionsMax: number;
  readonly deadlineMs: number;
}

type RoleName = 'append' | 'work' | 'snapshot' | 'reads' | 'owner' | 'audit';

/**
 * append: the journal, one statement at a time. work: what a turn waits for. snapshot: apart, since it may take a while
 * and statements of one connection wait for each other. reads: lists for the edge.
 */
function roleOf(name: RoleName, limits: StoreLimits): Role {
  const deadlines: Record<RoleName, number> = {
    append: limits.appendMsMax,
    work: limits.workMsMax,
    snapshot: limits.snapshotMsMax,
    reads: limits.readMsMax,
    owner: limits.ownerMsMax,
    audit: limits.auditMsMax,
  };
  return {
    name,
    connectionsMax: name === 'reads' ? limits.readConnectionsMax : 1,
    deadlineMs: deadlines[name],
  };
}

export interface Client {
  /**
   * Sends a statement, or several that need not be one.
   * @param what names it in errors and logs
   * @throws StoreError, at the latest when the deadline passes
   */
  run<T>(what: string, statement: (sql: Sql) => Promise<T>): Promise<T>;
  /** Ends the connections; what is under way is unknown. */
  close(): Promise<void>;
}

/** Connects with the first statement, not before. */
export function openClient(name: RoleName, { url, log, limits }: ConnectOptions): Client {
  const settled = { ...defaultStoreLimits, ...limits };
  checkStoreLimits(settled);
  return new HealingClient(url, log, settled, roleOf(name, settled));
}

class HealingClient implements Client {
  readonly #url: string;
  readonly #log: StoreLog;
  readonly #limits: StoreLimits;
  readonly #role: Role;
  #line: Line;
  #closed = false;

  constructor(url: string, log: StoreLog, limits: StoreLimits, role: Role) {
    this.#url = url;
    this.#log = log;
    this.#limits = limits;
    this.#role = role;
    this.#line = new Line(url, limits, role);
  }

  async run<T>(what: string, statement: (sql: Sql) => Promise<T>): Promise<T> {
    if (this.#closed) throw new StoreError('unknown', `${what}: the store is closed`);
    const line = this.#line;
    const { promise: silence, reject } = Promise.withResolvers<never>();
    const { deadlineMs } = this.#role;
    const timer = setTimeout(() => {
      this.#log.warn({ role: this.#role.name, statement: what, deadlineMs }, 'the database does not answer');
      this.#replace(line);
      reject(new StoreError('unknown', `${what}: no answer within ${deadlineMs} ms`));
    }, deadlineMs);
    try {
      return await Promise.race([statement(line.sql), silence]);
    } catch (error) {
      const storeError = toStoreError(error, what);
      // Not left to the driver, whose connection answers the first statement after it was lost with the old error; and
      // a server that has become read-only is to be looked for anew.
      if (storeError.kind === 'unknown') this.#replace(line);
      throw storeError;
    } finally {
      clearTimeout(timer);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#line.destroy();
  }

  #replace(line: Line): void {
    if (this.#line !== line || this.#closed) return;
    this.#line = new Line(this.#url, this.#limits, this.#role);
    void line.destroy();
  }
}

/** The sockets of one client of the driver, which itself keeps no hold of those that go nowhere. */
class Line {
  readonly sql: Sql;
  readonly #sockets = new Set<Socket>();
  #destroyed = false;

  constructor(url: string, limits: StoreLimits, role: Role) {
    const options = {
      max: role.connectionsMax,
      connect_timeout: limits.connectMsMax / 1_000,
      backoff: (attempts: number) =>
        Math.min(limits.reconnectMsMin * 2 ** attempts, limits.reconnectMsMax) / 1_000,
      keep_alive: limits.keepAliveMs / 1_000,
      max_lifetime: null,
      prepare: true,
      fetch_types: false,
      onnotice: () => {},
      types: { bigint: { to: 20, from: [20], serialize: String, parse: toSafeInteger } },
      connection: {
        application_name: `synkro-${role.name}`,
        statement_timeout: role.deadlineMs - limits.statementMarginMs,
        // What was answered must survive a crash, whatever the server's own setting.
        synchronous_commit: 'on',
        // Tables grow from nothing: a plan that was kept from when they were empty would read all of them.
        plan_cache_mode: 'force_custom_plan',
        // What a turn waits for, and what snapshots write, is found by its keys, however small the table still is.
        ...(role.name === 'work' || role.name === 'snapshot' ? { enable_seqscan: 'off' } : {}),
        jit: 'off',
        max_parallel_workers_per_gather: '0',
        TimeZone: 'UTC',
      },
      // Not among the driver's types, but among its documented options.
      socket: (target: Target) => this.#connect(target),
    };
    this.sql = postgres(url, options);
  }

  #connect({ path, host, port }: Target): Socket {
    // The driver may still be about to connect again after it was told to end.
    if (this.#destroyed) throw new StoreError('unknown', 'the connection was given up');
    const address = { host: host[0] ?? 'localhost', port: port[0] ?? 5432 };
    const socket = connectSocket(typeof path === 'string' ? { path } : { ...address, noDelay: true });
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    // The driver takes the name for TLS from here.
    return Object.assign(socket, address);
  }

  async destroy(): Promise<void> {
    this.#destroyed = true;
    // Nobody is left to hear of errors: whoever waited is told by the driver that the connection is gone.
    await this.sql.end({ timeout: 0 }).catch(() => {});
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** What the driver made of the URL. */
interface Target {
  readonly path: string | false | undefined;
  readonly host: readonly string[];
  readonly port: readonly number[];
}

// A connection to the broker that is made anew for ever. The library's own recovery does not do: it does not see that a
// channel is gone while its connection lives, cannot be told to give up a connection that goes nowhere, and closes without
// a bound.
//
//   connecting --> connected <--> blocked
//       ^              |             |
//       +--------------+-------------+   the link is gone
import type { MessagingLog } from '../log.ts';
import { backOffMs, systemTimers, type Timers } from '../timers.ts';
import { type RabbitLimits, rabbitLimits } from './limits.ts';
import { Link } from './link.ts';
import { TopologyError } from './topology.ts';

export type ConnectionState = 'connecting' | 'connected' | 'blocked';

export interface ConnectionOptions {
  readonly url: string;
  readonly name: string;
  readonly log: MessagingLog;
  readonly limits?: Partial<RabbitLimits>;
  readonly timers?: Timers;
}

/** Whoever uses it. */
export interface LinkUser {
  /** Makes a new link ready; where that fails the link is dropped. */
  begin(link: Link): Promise<void>;
  /** The link is gone. */
  end(link: Link): void;
  stateChanged(state: ConnectionState): void;
}

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #limits: RabbitLimits;
  readonly #timers: Timers;
  readonly #user: LinkUser;
  readonly #stop = new AbortController();
  #state: ConnectionState = 'connecting';
  #isBlocked = false;
  /** Why there is no connection, as it was last logged; null: there has been one since. */
  #saidAway: string | null = null;
  #link: Link | undefined;
  #links = 0;
  #ended: Promise<void> = Promise.resolve();

  constructor(options: ConnectionOptions, user: LinkUser) {
    this.#options = options;
    this.#limits = { ...rabbitLimits, ...options.limits };
    this.#timers = options.timers ?? systemTimers;
    this.#user = user;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** How often it was made anew. */
  get reconnects(): number {
    return Math.max(0, this.#links - 1);
  }

  open(): void {
    this.#ended = this.#keepConnected();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#link?.close();
    await this.#ended;
  }

  async #keepConnected(): Promise<void> {
    const { reconnectMsMin: msMin, reconnectMsMax: msMax } = this.#limits;
    for (let failures = 1; ; failures += 1) {
      const beganAt = this.#timers.monotonic();
      await this.#useOneLink();
      if (this.#stop.signal.aborted) return;
      if (this.#timers.monotonic() - beganAt >= msMax) failures = 1;
      await this.#pause(backOffMs({ msMin, msMax }, failures));
      if (this.#stop.signal.aborted) return;
    }
  }

  async #useOneLink(): Promise<void> {
    try {
      await this.#use(await this.#openLink());
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      const reason = error instanceof Error ? error.message : String(error);
      const { log, name } = this.#options;
      if (error instanceof TopologyError)
        log.error({ connection: name, reason }, 'the broker is not set up for it');
      else this.#sayAway(reason);
    }
  }

  /** Once for each reason: a broker may be away for days. */
  #sayAway(reason: string): void {
    if (this.#saidAway === reason) return;
    this.#saidAway = reason;
    const { log, name } = this.#options;
    log.warn({ connection: name, reason }, 'no connection to the broker');
  }

  #openLink(): Promise<Link> {
    const { url, name } = this.#options;
    this.#isBlocked = false;
    return Link.open({
      url,
      name,
      limits: this.#limits,
      timers: this.#timers,
      signal: this.#stop.signal,
      onBlocked: (reason) => this.#blockedChanged(reason),
    });
  }

  /** Until it is gone. */
  async #use(link: Link): Promise<void> {
    const { setUpMsMax } = this.#limits;
    const cancel = this.#timers.after(setUpMsMax, () =>
      link.drop(`it was not ready within ${setUpMsMax} ms`),
    );
    this.#link = link;
    // Whoever closes has not seen it.
    if (this.#stop.signal.aborted) link.drop('closed');
    try {
      await this.#user.begin(link);
      cancel();
      this.#links += 1;
      this.#saidAway = null;
      this.#options.log.info({ connection: this.#options.name }, 'connected to the broker');
      this.#setState(this.#isBlocked ? 'blocked' : 'connected');
      throw new Error(await link.gone);
    } catch (error) {
      if (error instanceof TopologyError) throw error;
      throw new Error(link.reason ?? (error instanceof Error ? error.message : String(error)), {
        cause: error,
      });
    } finally {
      cancel();
      link.drop('it could not be made ready');
      this.#link = undefined;
      this.#setState('connecting');
      this.#user.end(link);
    }
  }

  #blockedChanged(reason: string | undefined): void {
    const { log, name } = this.#options;
    this.#isBlocked = reason !== undefined;
    if (this.#isBlocked) log.warn({ connection: name, reason }, 'the broker takes no messages for now');
    else log.info({ connection: name }, 'the broker takes messages again');
    if (this.#state !== 'connecting') this.#setState(this.#isBlocked ? 'blocked' : 'connected');
  }

  #setState(state: ConnectionState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#user.stateChanged(state);
  }

  #pause(delayMs: number): Promise<void> {
    const { signal } = this.#stop;
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        signal.removeEventListener('abort', done);
        resolve();
      };
      const cancel = this.#timers.after(delayMs, done);
      signal.addEventListener('abort', done);
      if (signal.aborted) done();
    });
  }
}

// One connection to Redis, for what may be lost: whoever asks gets an answer soon, or null and goes on without.
// No command ever waits for a connection, none is sent twice, and nothing is thrown. Once several in a row were not
// answered a circuit breaker holds further ones back, so that a Redis that hangs costs nothing; meanwhile the connection is
// made anew, for ever, and a ping a second finds out whether it answers again.
import {
  BrokenCircuitError,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhenResult,
} from 'cockatiel';
import { Redis, ReplyError } from 'ioredis';
import type { Logger } from 'pino';
import { redisLimits as limits } from './limits.ts';

/** What became of commands that got no answer: 'silent', or 'refused' where Redis answered with an error. */
export type RedisProblem = 'silent' | 'refused';

export interface RedisConnectionOptions {
  readonly url: string;
  /** As `CLIENT LIST` shows it. */
  readonly name: string;
  /** Absent where another connection to the same Redis tells how it is. */
  readonly log?: Logger;
  readonly observe?: (problem: RedisProblem) => void;
}

/** How one command ended. */
type Tried<T> = { readonly answer: T } | { readonly problem: RedisProblem; readonly error?: unknown };

const silent = { problem: 'silent' } as const;

export class RedisConnection {
  /** For what has to be declared on it or heard of it; commands go through `run`. */
  readonly redis: Redis;
  readonly #options: RedisConnectionOptions;
  readonly #breaker = circuitBreaker(handleWhenResult(isSilent), {
    breaker: new ConsecutiveBreaker(limits.breakerFailuresMax),
    halfOpenAfter: limits.breakerOpenMs,
  });
  /** While the breaker is open. */
  #pings: NodeJS.Timeout | undefined;
  #isClosing = false;
  #hasSaidRefused = false;
  /** As it was last logged. */
  #saidUp: boolean | null = null;

  constructor(options: RedisConnectionOptions) {
    this.#options = options;
    this.redis = openRedis(options);
    this.redis.on('ready', () => {
      this.#hasSaidRefused = false;
      this.#say(this.isUp);
    });
    this.redis.on('close', () => this.#say(false));
    this.redis.on('error', (error) => this.#say(false, error));
    this.#breaker.onBreak(() => this.#onBreak());
    this.#breaker.onReset(() => {
      clearInterval(this.#pings);
      this.#say(true);
    });
  }

  /** Whether it is worth asking. */
  get isUp(): boolean {
    return this.redis.status === 'ready' && this.#breaker.state === CircuitState.Closed;
  }

  /** Null where there was no answer, or it was an error. Within `answerMsMax`. */
  async run<T>(command: (redis: Redis) => Promise<T>): Promise<T | null> {
    return this.isUp ? this.#try(command) : null;
  }

  async #try<T>(command: (redis: Redis) => Promise<T>): Promise<T | null> {
    try {
      const sent = async () => command(this.redis);
      const tried = await this.#breaker.execute(() => inTime(sent()));
      if ('answer' in tried) return tried.answer;
      this.#options.observe?.(tried.problem);
      if (tried.problem === 'refused') this.#sayRefused(tried.error);
      return null;
    } catch (thrown) {
      if (thrown instanceof BrokenCircuitError) return null;
      throw thrown;
    }
  }

  #onBreak(): void {
    if (this.#isClosing) return;
    this.#say(false, new Error('commands are not answered'));
    // Nobody waits for what the old connection still owes.
    this.redis.disconnect(true);
    clearInterval(this.#pings);
    this.#pings = setInterval(() => {
      if (this.redis.status === 'ready') void this.#try((redis) => redis.ping());
    }, limits.breakerOpenMs);
  }

  close(): void {
    this.#isClosing = true;
    clearInterval(this.#pings);
    this.redis.disconnect();
  }

  /** Once for each connection. */
  #sayRefused(err: unknown): void {
    if (this.#hasSaidRefused) return;
    this.#hasSaidRefused = true;
    const { log, name } = this.#options;
    log?.warn({ event: 'redis-refuses', connection: name, err }, 'Redis refuses a command; going on without');
  }

  /** Once for each change. */
  #say(isUp: boolean, err?: unknown): void {
    if (this.#isClosing || this.#saidUp === isUp) return;
    this.#saidUp = isUp;
    const { log, name } = this.#options;
    if (isUp) log?.info({ event: 'redis-up', connection: name }, 'Redis answers');
    else
      log?.warn({ event: 'redis-down', connection: name, err }, 'Redis does not answer; going on without it');
  }
}

function openRedis({ url, name }: RedisConnectionOptions): Redis {
  return new Redis(url, {
    connectionName: name,
    disableClientInfo: true,
    // Nothing here needs the newer one, and the older one every server speaks.
    protocol: 2,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    connectTimeout: limits.connectMsMax,
    commandTimeout: limits.handshakeMsMax,
    disconnectTimeout: limits.closeMsMax,
    maxLoadingRetryTime: limits.reconnectMsMax,
    retryStrategy: (times) => {
      const pause = Math.min(limits.reconnectMsMin * 2 ** Math.min(times - 1, 10), limits.reconnectMsMax);
      return pause * (1 + Math.random() / 2);
    },
  });
}

function inTime<T>(answered: Promise<T>): Promise<Tried<T>> {
  return new Promise((resolve) => {
    // Where this thread itself stood still, what has come meanwhile is read before it is given up.
    const timer = setTimeout(() => setImmediate(() => resolve(silent)), limits.answerMsMax);
    answered.then(
      (answer) => {
        clearTimeout(timer);
        resolve({ answer });
      },
      (error: unknown) => {
        clearTimeout(timer);
        resolve(error instanceof ReplyError ? { problem: 'refused', error } : silent);
      },
    );
  });
}

function isSilent(tried: unknown): boolean {
  return typeof tried === 'object' && tried !== null && 'problem' in tried && tried.problem === 'silent';
}

// Inventory in another process, over gRPC: with a deadline for each call, a breaker, and repeats where they are safe and
// there is time for them. What callers are told is what they would be told in process.
import { randomUUID } from 'node:crypto';
import type { Client } from '@grpc/grpc-js';
import type { Logger } from 'pino';
import { failureOf, Refused } from '../../api/errors.ts';
import type { InventoryMethod } from '../../api/inventory/deps.ts';
import type { InventoryCallOptions } from '../../api/inventory/port.ts';
import { Breaker, type Tried } from './breaker.ts';
import { type Attempt, attempt, openClient, targetOf } from './channel.ts';
import { Closing } from './closing.ts';
import {
  closed,
  type InventoryConnection,
  type InventoryUpdates,
  notInTime,
  readOptions,
} from './connection.ts';
import { type RemoteLimits, remoteLimits } from './limits.ts';
import { mayRepeat, pauseBeforeRepeat } from './repeat.ts';
import { asTold } from './told-failure.ts';
import { UpdatesOverGrpc } from './updates-over-grpc.ts';

export interface OverGrpcOptions {
  /** See `targetOf`. */
  readonly url: string;
  readonly log: Logger;
  readonly limits?: Partial<RemoteLimits>;
  /** A random UUID. */
  readonly newId?: () => string;
  /** In [0, 1). */
  readonly random?: () => number;
}

/** Connects when it is first asked. @throws RangeError where the address cannot be one */
export function overGrpc(options: OverGrpcOptions): InventoryConnection {
  return new OverGrpc(options);
}

class OverGrpc implements InventoryConnection {
  readonly #client: Client;
  readonly #breaker: Breaker;
  readonly #limits: RemoteLimits;
  readonly #log: Logger;
  readonly #newId: () => string;
  readonly #random: () => number;
  readonly #closing = new Closing();

  constructor(options: OverGrpcOptions) {
    this.#limits = { ...remoteLimits, ...options.limits };
    this.#log = options.log;
    this.#newId = options.newId ?? randomUUID;
    this.#random = options.random ?? Math.random;
    this.#client = openClient(targetOf(options.url), this.#limits);
    this.#breaker = new Breaker(this.#limits, this.#log);
  }

  async call<Request, Response>(
    method: InventoryMethod<Request, Response>,
    request: Request,
    options: InventoryCallOptions,
  ): Promise<Response> {
    const { waitMs, key } = readOptions(options);
    const deadline = performance.now() + waitMs;
    try {
      const bytes = method.request.encode(request).finish();
      const repeatable = mayRepeat(method.name, request, key);
      const answer = await this.#ask({ method: method.name, bytes, key, waitMs }, deadline, repeatable);
      return method.response.decode(answer);
    } catch (thrown) {
      if (thrown instanceof Refused) throw thrown;
      const about = { log: this.#log, newId: this.#newId, method: method.name };
      throw new Refused(asTold(failureOf(thrown, about)));
    }
  }

  updates(): InventoryUpdates {
    return new UpdatesOverGrpc(this.#client, this.#limits, this.#log, this.#closing);
  }

  async close(): Promise<void> {
    this.#closing.close();
    this.#client.close();
  }

  /** @throws Refused */
  async #ask(request: Attempt, deadline: number, repeatable: boolean): Promise<Buffer> {
    for (let tries = 1; ; tries += 1) {
      const tried = await this.#try(request, deadline);
      if ('answer' in tried) return tried.answer;
      const pauseMs = repeatable
        ? pauseBeforeRepeat(tried.failure, tries, this.#limits, this.#random())
        : null;
      const isLate = pauseMs === null || performance.now() + pauseMs >= deadline;
      if (isLate || this.#breaker.isOpen || this.#closing.isClosed) throw new Refused(tried.failure);
      await this.#closing.pause(pauseMs);
    }
  }

  async #try(request: Attempt, deadline: number): Promise<Tried> {
    if (this.#closing.isClosed) return { failure: closed };
    const leftMs = deadline - performance.now();
    if (leftMs <= 0) return { failure: notInTime };
    const waitMs = this.#breaker.isOpen ? Math.min(leftMs, this.#limits.breakerProbeMsMax) : leftMs;
    const ask = () => attempt(this.#client, { ...request, waitMs }, this.#closing, this.#log);
    return (await this.#breaker.run(ask)) ?? { failure: notAsked };
  }
}

const notAsked = {
  code: 'unavailable',
  message: 'Inventory has not answered for a while, and was not asked',
} as const;

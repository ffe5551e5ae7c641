// What a method knows of the call that it answers, and how it asks actors: by whom it was sent and over what, it does
// not know. A method ends by returning its answer or by throwing `Refused`.
import type { Logger } from 'pino';
import type { AskedKey, Ref } from '../actors/behaviour.ts';
import type { Shape } from '../actors/shape.ts';
import { type Asker, type AskOptions, type CommitNotices, processNow } from '../runtime/ask.ts';
import { Refused } from './errors.ts';
import type { ItemIds } from './item-ids.ts';
import { callLimits } from './limits.ts';

/** What the methods of every service need from outside. */
export interface EdgeDeps {
  readonly asker: Asker;
  readonly notices: CommitNotices;
  readonly itemIds: ItemIds;
  readonly log: Logger;
  /**
   * Called once for each call, and for each request of a stream of requests.
   * @param outcome 'ok', 'refused' (too little stock: an answer, not an error), 'cancelled', or the failure's code
   */
  readonly observe: (method: string, outcome: string, seconds: number) => void;
  /** A random UUID. */
  readonly newId: () => string;
}

/** What a transport knows of a call. */
export interface CallSource {
  /** In milliseconds of `processNow()`. */
  readonly deadline: number;
  /** Whether the caller set the deadline; where this is absent it is ours. */
  readonly isDeadlineGiven?: boolean;
  /** The idempotency key beside the request (metadata or header); '' where there is none. */
  readonly idempotencyKey: string;
  /** Says beside the answer how old a list is at most, in milliseconds since 1970. Before anything else is answered. */
  sendAsOf(at: number): void;
}

export class Call<Deps extends EdgeDeps> {
  readonly method: string;
  readonly deps: Deps;
  readonly deadline: number;
  readonly isDeadlineGiven: boolean;
  readonly metadataKey: string;
  readonly #source: CallSource;

  constructor(method: string, deps: Deps, source: CallSource) {
    this.method = method;
    this.deps = deps;
    this.deadline = source.deadline;
    this.isDeadlineGiven = source.isDeadlineGiven === true;
    this.metadataKey = source.idempotencyKey;
    this.#source = source;
  }

  newId(): string {
    return this.deps.newId();
  }

  /** @throws Refused with the actor's failure */
  read<T>(ref: Ref, command: unknown, shape: Shape<T>): Promise<T> {
    return this.#ask(ref, command, { kind: 'read', receipt: null }, shape);
  }

  /** Durable when it returns. @throws Refused with the actor's failure */
  write<T>(ref: Ref, command: unknown, receipt: AskedKey | null, shape: Shape<T>): Promise<T> {
    return this.#ask(ref, command, { kind: 'write', receipt }, shape);
  }

  /** As write, for what goes on by itself once it is made. @throws Refused with the actor's failure */
  begin<T>(ref: Ref, command: unknown, receipt: AskedKey | null, shape: Shape<T>): Promise<T> {
    return this.#ask(ref, command, { kind: 'begin', receipt }, shape);
  }

  sendAsOf(at: number): void {
    this.#source.sendAsOf(at);
  }

  async #ask<T>(
    ref: Ref,
    command: unknown,
    options: Omit<AskOptions, 'deadline'>,
    shape: Shape<T>,
  ): Promise<T> {
    const reply = await this.deps.asker.ask(ref, command, { ...options, deadline: this.deadline });
    if ('error' in reply) throw new Refused(reply.error);
    if (!shape(reply.ok)) throw new TypeError(`${ref.kind} answered ${this.method} with something else`);
    return reply.ok;
  }
}

/**
 * When a call is to be answered, in milliseconds of `processNow()`.
 * @param remainingMs what the caller gave; infinite or not a number where it gave none
 */
export function deadlineAfter(remainingMs: number): number {
  if (remainingMs === Number.POSITIVE_INFINITY || Number.isNaN(remainingMs)) {
    return processNow() + callLimits.callDeadlineMsDefault;
  }
  return processNow() + Math.min(remainingMs, callLimits.callDeadlineMsMax);
}

// What a handler knows of the call that it answers, and how it asks actors. A handler ends by returning its answer or
// by throwing `Refused`; who waits, for how long, and what became of it is settled here.
import { Metadata } from '@grpc/grpc-js';
import type { Logger } from 'pino';
import type { ReceiptKey, Ref } from '../actors/behaviour.ts';
import type { Shape } from '../actors/shape.ts';
import { processNow } from '../runtime/ask.ts';
import { Refused } from './errors.ts';
import type { ItemIds } from './ids.ts';
import { serverLimits } from './limits.ts';
import type { GrpcDeps, Queries } from './ports.ts';

/** What all calls of one server share. */
export interface Edge extends GrpcDeps {
  readonly itemIds: ItemIds;
}

/** The part of a grpc-js call that every kind of call has. */
export interface ServerCall {
  readonly metadata: Metadata;
  getDeadline(): Date | number;
  sendMetadata(metadata: Metadata): void;
}

export class Call {
  readonly method: string;
  /** In milliseconds of `processNow()`. */
  readonly deadline: number;
  /** The `idempotency-key` of the metadata; '' where there is none. */
  readonly metadataKey: string;
  readonly #edge: Edge;
  readonly #source: ServerCall;

  constructor(method: string, edge: Edge, source: ServerCall) {
    this.method = method;
    this.deadline = deadlineOf(source.getDeadline());
    this.metadataKey = textOf(source.metadata.get('idempotency-key')[0]);
    this.#edge = edge;
    this.#source = source;
  }

  get itemIds(): ItemIds {
    return this.#edge.itemIds;
  }

  get queries(): Queries {
    return this.#edge.queries;
  }

  get log(): Logger {
    return this.#edge.log;
  }

  newId(): string {
    return this.#edge.newId();
  }

  /** @throws Refused with the actor's failure */
  read<T>(ref: Ref, command: unknown, shape: Shape<T>): Promise<T> {
    return this.#ask(ref, command, { kind: 'read', receipt: null }, shape);
  }

  /** Durable when it returns. @throws Refused with the actor's failure */
  write<T>(ref: Ref, command: unknown, receipt: ReceiptKey | null, shape: Shape<T>): Promise<T> {
    return this.#ask(ref, command, { kind: 'write', receipt }, shape);
  }

  /** Says in the response's header how old a list is at most. Before anything else is answered. */
  sendAsOf(at: number): void {
    const header = new Metadata();
    header.set('x-synkro-as-of', String(Math.trunc(at)));
    this.#source.sendMetadata(header);
  }

  async #ask<T>(
    ref: Ref,
    command: unknown,
    options: { readonly kind: 'read' | 'write'; readonly receipt: ReceiptKey | null },
    shape: Shape<T>,
  ): Promise<T> {
    const reply = await this.#edge.asker.ask(ref, command, { ...options, deadline: this.deadline });
    if ('error' in reply) throw new Refused(reply.error);
    if (!shape(reply.ok)) throw new TypeError(`${ref.kind} answered ${this.method} with something else`);
    return reply.ok;
  }
}

function deadlineOf(given: Date | number): number {
  const remainingMs = Number(given) - Date.now();
  if (remainingMs === Number.POSITIVE_INFINITY || Number.isNaN(remainingMs)) {
    return processNow() + serverLimits.callDeadlineMsDefault;
  }
  return processNow() + Math.min(remainingMs, serverLimits.callDeadlineMsMax);
}

function textOf(value: string | Buffer | undefined): string {
  return value === undefined ? '' : value.toString();
}

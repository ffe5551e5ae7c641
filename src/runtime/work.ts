// The kinds of work that a turn takes in.
import type { Ref, Reply } from '../actors/behaviour.ts';
import { receiptRef } from './receipts.ts';
import type { PeerMessage, Request } from './transport.ts';

export interface Caller {
  readonly request: Request;
  /** Called at most once, and never before what the reply depends on is durable. */
  readonly reply: (reply: Reply) => void;
}

export type Work =
  | { readonly type: 'request'; readonly caller: Caller }
  | { readonly type: 'peer'; readonly message: PeerMessage }
  | { readonly type: 'due'; readonly ref: Ref; readonly shard: number }
  /** What became of an effect that the actor wants. */
  | {
      readonly type: 'result';
      readonly ref: Ref;
      readonly shard: number;
      readonly key: string;
      readonly result: Reply;
    };

/** An actor together with the shard it is on (a receipt's does not follow from its own id). */
export interface Placed {
  readonly ref: Ref;
  readonly shard: number;
}

/** The actors that a request cannot be decided without. */
export function requestNeeds(request: Request): Placed[] {
  const needs: Placed[] = [{ ref: request.ref, shard: request.shard }];
  if (request.receipt !== null) needs.push({ ref: receiptRef(request.receipt), shard: request.shard });
  return needs;
}

/** Work that is lost half-way may be found in two places; it is answered from one. */
export function once(reply: (reply: Reply) => void): (reply: Reply) => void {
  let isAnswered = false;
  return (value) => {
    if (isAnswered) return;
    isAnswered = true;
    reply(value);
  };
}

// What handlers and methods need to know of a request and its answer: the headers that mean something, and nothing of
// Fastify's types.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type CallSource, deadlineAfter } from '../api/call.ts';
import { type Preferences, preferencesOf } from './preferences.ts';

export interface Exchange {
  readonly request: { readonly raw: IncomingMessage };
  readonly reply: {
    readonly raw: ServerResponse;
    header(name: string, value: string): unknown;
    /** From here on the answer is written to `raw`. */
    hijack(): unknown;
  };
}

/** The header's value; '' where it was not sent. */
export function headerOf({ request }: Pick<Exchange, 'request'>, name: string): string {
  const value = request.raw.headers[name];
  return Array.isArray(value) ? value.join(', ') : (value ?? '');
}

export function preferencesIn(exchange: Pick<Exchange, 'request'>): Preferences {
  return preferencesOf(headerOf(exchange, 'prefer'));
}

/** What the exchange tells the API of a call. Says in the answer which wait was granted. */
export function sourceOf(exchange: Exchange): CallSource {
  const { waitSeconds } = preferencesIn(exchange);
  if (waitSeconds !== null) exchange.reply.header('preference-applied', `wait=${waitSeconds}`);
  return {
    deadline: deadlineAfter(waitSeconds === null ? Number.NaN : waitSeconds * 1_000),
    isDeadlineGiven: waitSeconds !== null,
    idempotencyKey: headerOf(exchange, 'idempotency-key'),
    sendAsOf: (at) => exchange.reply.header('x-synkro-as-of', String(Math.trunc(at))),
  };
}

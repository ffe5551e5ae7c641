// A payment gateway over HTTP, as docs/PAYMENTS.md describes it. What is final and what is not:
//
// - 2xx with a documented answer, and 4xx (but 408, 425, 429) with a documented decline, are final;
// - no connection, no whole answer in time, 408, 425, 429 and 5xx are tried again, soon and few times, with the same key;
// - what is left (a redirect, a body that is no documented answer) is unknown at once: repeating it soon does not help.
//
// Unknown is GatewayUnknownError: whoever called repeats the request later, with its key. A wrong secret or address
// therefore stops payments, and declines none.
import { setTimeout as pause } from 'node:timers/promises';
import { formatAmount, type Money } from '../actors/logistics/money.ts';
import { Ending } from './ending.ts';
import {
  type Authorization,
  type AuthorizeRequest,
  type FollowUp,
  type FollowUpRequest,
  GatewayUnknownError,
  type PaymentGateway,
} from './gateway.ts';
import { type Exchanged, exchange } from './http-exchange.ts';
import { httpGatewayLimits as limits } from './limits.ts';
import { assertSecret } from './webhook.ts';
import { authorizationOf, followUpOf } from './wire.ts';

export interface HttpGatewayOptions {
  /** http or https, without credentials and query; the operations' paths come behind its own. */
  readonly url: string;
  /** Signs the requests; 16 characters at least. */
  readonly secret: string;
  readonly tryMsMax?: number;
  readonly callMsMax?: number;
  readonly pausesMs?: readonly number[];
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** In [0, 1). */
  readonly random?: () => number;
}

/** @throws RangeError where the address or the secret cannot be one */
export function createHttpGateway(options: HttpGatewayOptions): PaymentGateway {
  return new HttpGateway(options);
}

const operations = {
  authorization: 'authorizations',
  capture: 'captures',
  void: 'voids',
  refund: 'refunds',
} as const;

type Operation = keyof typeof operations;

class HttpGateway implements PaymentGateway {
  readonly #url: URL;
  readonly #options: Required<HttpGatewayOptions>;
  readonly #closing = new AbortController();

  constructor(options: HttpGatewayOptions) {
    assertSecret(options.secret);
    this.#url = gatewayUrlOf(options.url);
    this.#options = { ...limits, now: Date.now, random: Math.random, ...options };
  }

  authorize(request: AuthorizeRequest, signal: AbortSignal): Promise<Authorization> {
    const { key, paymentId, orderId, method, amount, isRenewal = false } = request;
    const content = { paymentId, orderId, method, amount: encodeMoney(amount), isRenewal };
    return this.#call('authorization', key, content, authorizationOf, signal);
  }

  capture(request: FollowUpRequest, signal: AbortSignal): Promise<FollowUp> {
    return this.#followUp('capture', request, signal);
  }

  void(request: FollowUpRequest, signal: AbortSignal): Promise<FollowUp> {
    return this.#followUp('void', request, signal);
  }

  refund(request: FollowUpRequest, signal: AbortSignal): Promise<FollowUp> {
    return this.#followUp('refund', request, signal);
  }

  /** Calls under way end with GatewayUnknownError. */
  async close(): Promise<void> {
    this.#closing.abort();
  }

  #followUp(operation: Operation, request: FollowUpRequest, signal: AbortSignal): Promise<FollowUp> {
    const { key, transactionId, amount } = request;
    return this.#call(operation, key, { transactionId, amount: encodeMoney(amount) }, followUpOf, signal);
  }

  /** The body repeats operation and key, so that the signature is over them too. @throws GatewayUnknownError */
  async #call<Answer extends { readonly outcome: string }>(
    operation: Operation,
    key: string,
    content: Readonly<Record<string, unknown>>,
    answerOf: (json: unknown) => Answer | null,
    given: AbortSignal,
  ): Promise<Answer> {
    const body = JSON.stringify({ operation, key, ...content });
    const ending = new Ending(this.#options.callMsMax, [given, this.#closing.signal]);
    try {
      for (let tries = 1; ; tries += 1) {
        const exchanged = await this.#try(operation, key, body, ending.signal);
        const answer = finalAnswer(exchanged, answerOf);
        if (answer !== null) return answer;
        if (!(await this.#pauseBeforeRepeat(exchanged, tries, ending.signal))) {
          throw unknown(operation, exchanged, tries);
        }
      }
    } finally {
      ending.release();
    }
  }

  #try(operation: Operation, key: string, body: string, signal: AbortSignal): Promise<Exchanged> {
    const { secret, now, tryMsMax } = this.#options;
    const url = new URL(`${this.#url.pathname}${operations[operation]}`, this.#url);
    const { answerBytesMax } = limits;
    return exchange({ url, secret, key, body, now: now(), tryMs: tryMsMax, answerBytesMax, signal });
  }

  /** @returns whether there is to be another try: false where it would not help, or there is no time left */
  async #pauseBeforeRepeat(exchanged: Exchanged, tries: number, signal: AbortSignal): Promise<boolean> {
    const { pausesMs, random } = this.#options;
    const pauseMs = pausesMs[tries - 1];
    if (pauseMs === undefined || !isWorthRepeating(exchanged)) return false;
    const wanted = Math.max(pauseMs * (1 + random() / 2), retryAfterMsOf(exchanged));
    if (wanted >= this.#options.callMsMax) return false;
    try {
      await pause(wanted, undefined, { signal });
      return true;
    } catch {
      return false;
    }
  }
}

/** With a slash at the end. The address is not repeated: it may hold a password. @throws RangeError */
function gatewayUrlOf(text: string): URL {
  const url = URL.parse(text);
  const extras = url === null ? '' : `${url.username}${url.password}${url.search}${url.hash}`;
  if (url === null || !['http:', 'https:'].includes(url.protocol) || extras !== '') {
    throw new RangeError(
      'a gateway has an address such as https://payments.example/v1, with no credentials and no query',
    );
  }
  const base = new URL(url.origin);
  base.pathname = url.pathname.endsWith('/') ? url.pathname : `${url.pathname}/`;
  return base;
}

function encodeMoney(money: Money): { readonly amount: string; readonly currency: string } {
  return { amount: formatAmount(money), currency: money.currency };
}

/** Null where there is none. A client error can only decline. */
function finalAnswer<Answer extends { readonly outcome: string }>(
  exchanged: Exchanged,
  answerOf: (json: unknown) => Answer | null,
): Answer | null {
  if ('lost' in exchanged) return null;
  const { status, json } = exchanged;
  const answer = answerOf(json);
  if (status >= 200 && status < 300) return answer;
  const isFinal = status >= 400 && status < 500 && !repeatableStatuses.has(status);
  return isFinal && answer?.outcome === 'declined' ? answer : null;
}

const repeatableStatuses: ReadonlySet<number> = new Set([408, 425, 429]);

function isWorthRepeating(exchanged: Exchanged): boolean {
  return 'lost' in exchanged || exchanged.status >= 500 || repeatableStatuses.has(exchanged.status);
}

function retryAfterMsOf(exchanged: Exchanged): number {
  return 'lost' in exchanged ? 0 : exchanged.retryAfterMs;
}

function unknown(operation: Operation, exchanged: Exchanged, tries: number): GatewayUnknownError {
  if ('lost' in exchanged) {
    return new GatewayUnknownError(`${operation}: no answer, after ${tries} tries`, {
      cause: exchanged.lost,
    });
  }
  return new GatewayUnknownError(
    `${operation}: status ${exchanged.status} with no final answer, after ${tries} tries`,
  );
}

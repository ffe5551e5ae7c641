// What a payment gateway remembers: each effect by its key, and what a correct client never does.
import { parseAmount } from '../../../src/actors/logistics/money.ts';
import { isFlag, isText, objectOf, optional } from '../../../src/actors/shape.ts';
import {
  type Authorization,
  type FollowUp,
  GatewayUnknownError,
  type PaymentGateway,
} from '../../../src/payments/gateway.ts';

export const operations = ['authorization', 'capture', 'void', 'refund'] as const;
export type Operation = (typeof operations)[number];

/** A request's body, as docs/PAYMENTS.md has it. */
export interface Asked {
  readonly operation: string;
  readonly key: string;
  readonly amount: { readonly amount: string; readonly currency: string };
  readonly paymentId?: string | undefined;
  readonly orderId?: string | undefined;
  readonly method?: string | undefined;
  readonly isRenewal?: boolean | undefined;
  readonly transactionId?: string | undefined;
}

export const isAsked = objectOf<Asked>({
  operation: isText,
  key: isText,
  amount: objectOf<Asked['amount']>({ amount: isText, currency: isText }),
  paymentId: optional(isText),
  orderId: optional(isText),
  method: optional(isText),
  isRenewal: optional(isFlag),
  transactionId: optional(isText),
});

export interface Effect {
  readonly operation: Operation;
  readonly key: string;
  /** Of the authorization, also where a capture, void or refund names only the transaction. */
  readonly orderId: string;
  readonly paymentId: string;
  readonly transactionId: string;
  /** Whole minor units. */
  readonly minor: bigint;
  readonly currency: string;
  readonly outcome: 'approved' | 'pending' | 'done' | 'declined';
  /** How often it was asked for. */
  readonly requests: number;
}

export type Answer = Authorization | FollowUp;

interface Kept {
  readonly body: string;
  readonly effect: Effect;
  readonly answer: Answer;
}

const never = new AbortController().signal;
const unknownTransaction = { outcome: 'declined', reason: 'unknown transaction' } as const;

/** Same key, same answer; what is new the sandbox decides. */
export class Ledger {
  readonly problems: string[] = [];
  readonly #sandbox: PaymentGateway;
  readonly #kept = new Map<string, Kept>();
  /** So that two requests with one key at once are one effect. */
  readonly #deciding = new Map<string, Promise<unknown>>();

  constructor(sandbox: PaymentGateway) {
    this.#sandbox = sandbox;
  }

  effects(): Effect[] {
    return Array.from(this.#kept.values(), ({ effect }) => effect);
  }

  /** Null: other content under a known key. @throws GatewayUnknownError where the token says that nothing is answered */
  async perform(operation: Operation, asked: Asked, body: string): Promise<Answer | null> {
    while (this.#deciding.has(asked.key)) await this.#deciding.get(asked.key);
    const kept = this.#kept.get(asked.key);
    if (kept !== undefined && kept.body !== body) {
      this.problems.push(`${asked.key}: other content under a known key`);
      return null;
    }
    if (kept !== undefined && kept.answer.outcome !== 'pending') {
      this.#keep(body, { ...kept.effect, requests: kept.effect.requests + 1 }, kept.answer);
      return kept.answer;
    }
    const requests = (kept?.effect.requests ?? 0) + 1;
    const decided = this.#decide(operation, asked).then((answer) => {
      this.#keep(body, this.#effectOf(operation, asked, answer, requests), answer);
      return answer;
    });
    const over = decided.then(
      () => this.#deciding.delete(asked.key),
      () => this.#deciding.delete(asked.key),
    );
    this.#deciding.set(asked.key, over);
    return decided;
  }

  #keep(body: string, effect: Effect, answer: Answer): void {
    this.#kept.set(effect.key, { body, effect, answer });
  }

  async #decide(operation: Operation, asked: Asked): Promise<Answer> {
    const amount = parseAmount(asked.amount.currency, asked.amount.amount);
    if (amount === null) {
      this.problems.push(`${asked.key}: ${asked.amount.amount} is no amount`);
      throw new GatewayUnknownError('no amount');
    }
    const { key, transactionId = '' } = asked;
    if (operation === 'authorization') {
      const { paymentId = '', orderId = '', method = '', isRenewal = false } = asked;
      return this.#sandbox.authorize({ key, paymentId, orderId, amount, method, isRenewal }, never);
    }
    const authorized = this.#authorizationOf(transactionId);
    if (authorized === undefined) {
      this.problems.push(`${key}: ${operation} of a transaction that was not approved`);
      return unknownTransaction;
    }
    this.#judge(operation, authorized.effect, key, BigInt(amount.minor));
    if (operation === 'capture' && hasLapsed(authorized.answer)) {
      return { outcome: 'declined', reason: 'the authorization has lapsed' };
    }
    const perform = { capture: 'capture', void: 'void', refund: 'refund' } as const;
    return this.#sandbox[perform[operation]]({ key, transactionId, amount }, never);
  }

  /** Notes what a correct client never does, and lets it happen, so that a test can see the harm. */
  #judge(operation: Operation, authorized: Effect, key: string, minor: bigint): void {
    const done = this.effects().filter(
      (each) => each.orderId === authorized.orderId && each.outcome === 'done',
    );
    const sum = (which: Operation) =>
      done.filter((each) => each.operation === which).reduce((total, each) => total + each.minor, 0n);
    const captured = sum('capture');
    const note = (what: string) => this.problems.push(`${key}: ${what}`);
    if (operation === 'capture' && captured > 0n) note('a second capture of the order');
    if (operation === 'capture' && minor !== authorized.minor)
      note('captures another amount than was authorized');
    if (operation === 'void' && done.some((each) => isCaptureOf(each, authorized)))
      note('voids what was captured');
    if (operation === 'refund' && sum('refund') + minor > captured) note('refunds more than was captured');
  }

  #authorizationOf(transactionId: string): Kept | undefined {
    return [...this.#kept.values()].find(
      ({ effect }) =>
        effect.operation === 'authorization' &&
        effect.outcome === 'approved' &&
        effect.transactionId === transactionId,
    );
  }

  #effectOf(operation: Operation, asked: Asked, answer: Answer, requests: number): Effect {
    const { amount, currency } = asked.amount;
    const transactionId = 'transactionId' in answer ? answer.transactionId : (asked.transactionId ?? '');
    const authorized = this.#authorizationOf(transactionId)?.effect;
    return {
      operation,
      key: asked.key,
      orderId: asked.orderId ?? authorized?.orderId ?? '',
      paymentId: asked.paymentId ?? authorized?.paymentId ?? '',
      transactionId,
      minor: BigInt(parseAmount(currency, amount)?.minor ?? 0),
      currency,
      outcome: answer.outcome,
      requests,
    };
  }
}

function isCaptureOf(effect: Effect, authorized: Effect): boolean {
  return effect.operation === 'capture' && effect.transactionId === authorized.transactionId;
}

/** Half a second later than it says, for a request that was under way meanwhile. */
function hasLapsed(answer: Answer): boolean {
  return answer.outcome === 'approved' && answer.until !== null && Date.now() > answer.until + 500;
}

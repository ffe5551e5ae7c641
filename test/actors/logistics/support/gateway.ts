// A pretend payment gateway. It keeps to docs/PAYMENTS.md: the same key is the same request, with one effect and one
// answer. The token of the order says what it does. It remembers everything, counts by order, and throws where it is
// asked what no correct client asks.
import { isDeepStrictEqual } from 'node:util';
import type { AuthorizeEffect, FollowUpEffect } from '../../../../src/actors/logistics/order/effects.ts';
import type {
  AuthorizationAnswer,
  FinalAuthorization,
  FollowUpAnswer,
} from '../../../../src/actors/logistics/order/messages.ts';

/**
 * late, lateDecline: pending for `lateMs`; never: for ever, so that no history that is to come to rest has it. lapse: the first authorization stands for `lapseMs`, renewals for ever;
 * lapseDecline: renewals are declined; lapseAlways: they lapse as well.
 */
export const methods = [
  'approve',
  'decline',
  'late',
  'lateDecline',
  'captureDecline',
  'refundDecline',
  'lapse',
  'lapseDecline',
  'lapseAlways',
] as const;
export type Method = (typeof methods)[number] | 'never';

export const lateMs = 12_000;
export const lapseMs = 1_000;

/** What stands at the gateway. A declined capture leaves the authorization open: whoever wants it closed voids it. */
interface Transaction {
  readonly orderId: string;
  readonly paymentId: string;
  readonly minor: bigint;
  readonly until: number | null;
  status: 'pending' | 'open' | 'declined' | 'captured' | 'voided';
  refunded: bigint;
}

export interface Notice {
  readonly orderId: string;
  readonly paymentId: string;
  readonly answer: FinalAuthorization;
}

export interface Balance {
  readonly captures: number;
  readonly captured: bigint;
  readonly refunded: bigint;
  /** Authorizations that hold money back: they were not captured, voided or declined, and have not lapsed. */
  readonly open: number;
}

interface Asked {
  readonly request: unknown;
  readonly at: number;
}

export class Gateway {
  /** How often each kind of request was made, repeats not counted. */
  readonly counts = { authorize: 0, capture: 0, void: 0, refund: 0 };
  /** Refunds that were declined would be made by now, if they were asked for again. */
  accountsAreOpen = false;
  readonly #asked = new Map<string, Asked>();
  readonly #followUps = new Map<string, FollowUpAnswer>();
  readonly #authorizations = new Map<
    string,
    { readonly effect: AuthorizeEffect; readonly at: number; readonly orderId: string }
  >();
  readonly #transactions = new Map<string, Transaction>();

  authorize(orderId: string, effect: AuthorizeEffect, now: number): AuthorizationAnswer {
    const at = this.#ask('authorize', effect, now);
    this.#authorizations.set(effect.paymentId, { effect, at, orderId });
    return this.#answer(orderId, effect, at, now);
  }

  capture(effect: FollowUpEffect, now: number): FollowUpAnswer {
    return this.#once('capture', effect, now, (transaction) => {
      if (transaction.status !== 'open') throw new Error(`a capture of what is ${transaction.status}`);
      if (BigInt(effect.amount.minor) !== transaction.minor) throw new Error('a capture of another amount');
      if (this.balance(transaction.orderId, now).captures > 0)
        throw new Error('a second capture of an order');
      const method = this.#authorizations.get(transaction.paymentId)?.effect.method;
      if (method === 'captureDecline' || isLapsed(transaction, now))
        return { outcome: 'declined', reason: 'not today' };
      transaction.status = 'captured';
      return { outcome: 'done' };
    });
  }

  void(effect: FollowUpEffect, now: number): FollowUpAnswer {
    return this.#once('void', effect, now, (transaction) => {
      if (transaction.status !== 'open') throw new Error(`a void of what is ${transaction.status}`);
      transaction.status = 'voided';
      return { outcome: 'done' };
    });
  }

  refund(effect: FollowUpEffect, now: number): FollowUpAnswer {
    return this.#once('refund', effect, now, (transaction) => {
      if (transaction.status !== 'captured') throw new Error(`a refund of what is ${transaction.status}`);
      const method = this.#authorizations.get(transaction.paymentId)?.effect.method;
      if (method === 'refundDecline' && !this.accountsAreOpen)
        return { outcome: 'declined', reason: 'the account is closed' };
      transaction.refunded += BigInt(effect.amount.minor);
      if (transaction.refunded > transaction.minor) throw new Error('more is refunded than was captured');
      return { outcome: 'done' };
    });
  }

  /** What its webhooks have to tell: the answers of all authorizations that were pending, as far as they are known now. */
  notices(now: number): readonly Notice[] {
    return [...this.#authorizations.values()].flatMap(({ effect, at, orderId }) => {
      if (effect.method !== 'late' && effect.method !== 'lateDecline') return [];
      const answer = this.#answer(orderId, effect, at, now);
      return answer.outcome === 'pending' ? [] : [{ orderId, paymentId: effect.paymentId, answer }];
    });
  }

  balance(orderId: string, now: number): Balance {
    // What was pending has come about by now, whether or not anybody has asked again.
    for (const { effect, at, orderId: its } of this.#authorizations.values())
      if (its === orderId) this.#answer(orderId, effect, at, now);
    const its = [...this.#transactions.values()].filter((each) => each.orderId === orderId);
    const captured = its.filter(({ status }) => status === 'captured');
    return {
      captures: captured.length,
      captured: captured.reduce((sum, { minor }) => sum + minor, 0n),
      refunded: its.reduce((sum, { refunded }) => sum + refunded, 0n),
      open: its.filter((each) => each.status === 'open' && !isLapsed(each, now)).length,
    };
  }

  #answer(orderId: string, effect: AuthorizeEffect, at: number, now: number): AuthorizationAnswer {
    const { isRenewal, method, paymentId } = effect;
    const transactionId = `tx-${effect.key}`;
    const isLate = method === 'late' || method === 'lateDecline';
    if (method === 'never' || (isLate && now < at + lateMs)) return { outcome: 'pending', transactionId };
    if (method === 'decline' || method === 'lateDecline' || (method === 'lapseDecline' && isRenewal))
      return { outcome: 'declined', reason: 'no funds' };
    const lapses = method === 'lapseAlways' || (method.startsWith('lapse') && !isRenewal);
    const until = lapses ? at + lapseMs : null;
    if (!this.#transactions.has(transactionId))
      this.#transactions.set(transactionId, {
        orderId,
        paymentId,
        minor: BigInt(effect.amount.minor),
        until,
        status: 'open',
        refunded: 0n,
      });
    return { outcome: 'approved', transactionId, until };
  }

  #once(
    kind: 'capture' | 'void' | 'refund',
    effect: FollowUpEffect,
    now: number,
    act: (transaction: Transaction) => FollowUpAnswer,
  ): FollowUpAnswer {
    this.#ask(kind, effect, now);
    const known = this.#followUps.get(effect.key);
    if (known !== undefined) return known;
    const transaction = this.#transactions.get(effect.transactionId);
    if (transaction === undefined) throw new Error(`a ${kind} of an unknown ${effect.transactionId}`);
    const answer = act(transaction);
    this.#followUps.set(effect.key, answer);
    return answer;
  }

  /** @returns when it was asked first. @throws where the key was another request's */
  #ask(kind: keyof Gateway['counts'], request: { readonly key: string }, now: number): number {
    const known = this.#asked.get(request.key);
    if (known === undefined) {
      this.counts[kind] += 1;
      this.#asked.set(request.key, { request, at: now });
      return now;
    }
    if (!isDeepStrictEqual(known.request, request))
      throw new Error(`${request.key} is another request's key`);
    return known.at;
  }
}

function isLapsed({ until }: Transaction, now: number): boolean {
  return until !== null && now >= until;
}

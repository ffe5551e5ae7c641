// The sandbox: a payment gateway without a bank, for tests, demos and development. The payment token says what happens
// (sandbox-tokens.ts).
//
// It keeps nothing that a restart must keep: every answer follows from the token, the key and the transaction's id. What
// it does remember (which first tries went unanswered, since when an answer is pending, when an authorization lapses)
// may be lost at any time: then the same request simply begins anew, and still ends with the same answer.
import { uuidv5 } from '../actors/ids.ts';
import { type PaymentClock, systemPaymentClock } from './clock.ts';
import {
  type Authorization,
  type AuthorizeRequest,
  type FollowUp,
  type FollowUpRequest,
  GatewayUnknownError,
  type PaymentGateway,
  type PaymentNotice,
} from './gateway.ts';
import { sandboxLimits as limits } from './limits.ts';
import { Remembered } from './remembered.ts';
import { declineReasons as reasons, tokenOf, traitOf, transactionIdOf } from './sandbox-tokens.ts';

export interface SandboxOptions {
  /** Where webhooks go, instead of over HTTP. Must not throw. */
  readonly notify: (notice: PaymentNotice) => void;
  readonly clock?: PaymentClock;
  readonly noAnswerMs?: number;
  readonly lateMs?: number;
  readonly lapseMs?: number;
  readonly rememberedMax?: number;
}

export function createSandbox(options: SandboxOptions): PaymentGateway {
  return new Sandbox(options);
}

/** What is remembered of a key. */
interface First {
  /** When it was first asked, in milliseconds since 1970. */
  readonly at: number;
  /** Calls off what is still to come of it. */
  readonly callOff: () => void;
}

type Definite = PaymentNotice['authorization'];
type Token = NonNullable<ReturnType<typeof tokenOf>>;

class Sandbox implements PaymentGateway {
  readonly #notify: (notice: PaymentNotice) => void;
  readonly #clock: PaymentClock;
  readonly #noAnswerMs: number;
  readonly #lateMs: number;
  readonly #lapseMs: number;
  readonly #firsts: Remembered<First>;
  /** Ends requests that hang, and webhooks that are on their way. */
  readonly #pending = new Set<() => void>();
  #closed = false;

  constructor(options: SandboxOptions) {
    this.#notify = options.notify;
    this.#clock = options.clock ?? systemPaymentClock;
    this.#noAnswerMs = options.noAnswerMs ?? limits.noAnswerMs;
    this.#lateMs = options.lateMs ?? limits.lateMs;
    this.#lapseMs = options.lapseMs ?? limits.lapseMs;
    this.#firsts = new Remembered(options.rememberedMax ?? limits.rememberedMax);
  }

  async authorize(request: AuthorizeRequest, signal: AbortSignal): Promise<Authorization> {
    this.#assertOpen(signal);
    const token = tokenOf(request.method);
    if (token === undefined) return { outcome: 'declined', reason: reasons.unknownToken };
    if (token.answers === 'not-at-first' && this.#isFirst(request.key)) await this.#hang(signal);
    if (token.answers === 'late' && !this.#isDue(request, token)) {
      return { outcome: 'pending', transactionId: transactionIdOf(request.key, token.trait) };
    }
    const answer = this.#decide(request, token);
    if (token.answers === 'twice') this.#tellTwice(request, answer);
    return answer;
  }

  async capture(request: FollowUpRequest, signal: AbortSignal): Promise<FollowUp> {
    this.#assertOpen(signal);
    const trait = traitOf(request.transactionId);
    if (trait === 'capture_decline') return { outcome: 'declined', reason: reasons.capture };
    if (trait === 'capture_timeout' && this.#isFirst(request.key)) await this.#hang(signal);
    return doneOf(trait);
  }

  async void(request: FollowUpRequest, signal: AbortSignal): Promise<FollowUp> {
    this.#assertOpen(signal);
    return doneOf(traitOf(request.transactionId));
  }

  async refund(request: FollowUpRequest, signal: AbortSignal): Promise<FollowUp> {
    this.#assertOpen(signal);
    const trait = traitOf(request.transactionId);
    return trait === 'refund_decline' ? { outcome: 'declined', reason: reasons.refund } : doneOf(trait);
  }

  /** Requests that hang end with GatewayUnknownError; webhooks that were to come do not. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const first of this.#firsts.clear()) first.callOff();
    for (const end of [...this.#pending]) end();
  }

  #assertOpen(signal: AbortSignal): void {
    if (this.#closed || signal.aborted) throw new GatewayUnknownError('the sandbox was not asked');
  }

  #decide(request: AuthorizeRequest, token: Token): Definite {
    const { key, isRenewal = false } = request;
    if (token.authorization === 'declined') return { outcome: 'declined', reason: reasons.declined };
    if (token.lapses?.renewal === 'declined' && isRenewal) {
      return { outcome: 'declined', reason: reasons.renewal };
    }
    const until = token.lapses === undefined || isRenewal ? null : this.#firstAt(key) + this.#lapseMs;
    return { outcome: 'approved', transactionId: transactionIdOf(key, token.trait), until };
  }

  #isFirst(key: string): boolean {
    if (this.#firsts.get(key) !== undefined) return false;
    this.#remember(key, () => {});
    return true;
  }

  /** When the key was first asked, which is now if it is not remembered. */
  #firstAt(key: string): number {
    return this.#firsts.get(key)?.at ?? this.#remember(key, () => {});
  }

  /** Whether the time of a late answer has come. It begins with the first try, which also sets off the webhook. */
  #isDue(request: AuthorizeRequest, token: Token): boolean {
    const first = this.#firsts.get(request.key);
    if (first !== undefined) return this.#clock.now() >= first.at + this.#lateMs;
    const tell = () => this.#notify(noticeOf(request, this.#decide(request, token)));
    this.#remember(request.key, this.#clock.after(this.#lateMs, tell));
    return false;
  }

  #remember(key: string, callOff: () => void): number {
    const at = this.#clock.now();
    this.#firsts.add(key, { at, callOff })?.callOff();
    return at;
  }

  #tellTwice(request: AuthorizeRequest, answer: Definite): void {
    const notice = noticeOf(request, answer);
    for (const _time of ['once', 'again']) {
      const end = this.#clock.after(0, () => {
        this.#pending.delete(over);
        this.#notify(notice);
      });
      const over = () => {
        this.#pending.delete(over);
        end();
      };
      this.#pending.add(over);
    }
  }

  /** @throws GatewayUnknownError after `noAnswerMs`, or when the signal is given */
  #hang(signal: AbortSignal): Promise<never> {
    return new Promise((_resolve, reject) => {
      const end = () => {
        callOff();
        this.#pending.delete(end);
        signal.removeEventListener('abort', end);
        reject(new GatewayUnknownError('the sandbox did not answer, as the token says'));
      };
      const callOff = this.#clock.after(this.#noAnswerMs, end);
      this.#pending.add(end);
      signal.addEventListener('abort', end);
    });
  }
}

function doneOf(trait: ReturnType<typeof traitOf>): FollowUp {
  return trait === null ? { outcome: 'declined', reason: reasons.unknownTransaction } : { outcome: 'done' };
}

function noticeOf(request: AuthorizeRequest, authorization: Definite): PaymentNotice {
  const { key, paymentId, orderId } = request;
  return { id: uuidv5(`${key}:notice`), paymentId, orderId, authorization };
}

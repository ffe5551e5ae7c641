// What clients were told, against the journal. I11: at the moment an answer is let out, all that it shows is durable,
// and it is not older than the question. I8, I10: one stable answer for each key, there afterwards.
import type { Reply } from '../../actors/behaviour.ts';
import { isLevelView } from '../../actors/inventory/item/guards.ts';
import type { LevelView } from '../../actors/inventory/item/model.ts';
import type { OrderState, ReservationStatus, ReserveView } from '../../actors/inventory/order-stock/model.ts';
import { reservationStatuses } from '../../actors/inventory/order-stock/model.ts';
import { reservationView, reserveView } from '../../actors/inventory/order-stock/views.ts';
import { isFlag, isInteger, isObject, isText, objectOf, oneOf } from '../../actors/shape.ts';
import { type Call, contentOfCall, keyOfCall, outcomeOf, type Try } from '../workload/history.ts';
import { sameValue } from './compare.ts';
import { isOrderState } from './conservation.ts';
import { type Journal, statesSince } from './journal.ts';
import type { Levels } from './levels.ts';
import type { Verdict } from './verdict.ts';

const isStatus = oneOf(reservationStatuses);

const isReserveView = objectOf<Pick<ReserveView, 'success' | 'reservationId' | 'attempt' | 'status'>>({
  success: isFlag,
  reservationId: isText,
  attempt: isInteger,
  status: isStatus,
});

const isReservationView = objectOf<{ readonly attempt: number; readonly orderId: string }>({
  attempt: isInteger,
  orderId: isText,
});

export class Answers {
  readonly #verdict: Verdict;
  readonly #journal: Journal;
  readonly #levels: Levels;
  /** The first answer that was let out for each key and content. */
  readonly #first = new Map<string, Reply>();

  constructor(verdict: Verdict, journal: Journal, levels: Levels) {
    this.#verdict = verdict;
    this.#journal = journal;
    this.#levels = levels;
  }

  /** A reply leaves a shard thread. */
  released(call: Call, one: Try, reply: Reply): void {
    this.#verdict.check(
      'fault',
      !('error' in reply && reply.error.code === 'internal'),
      () => `call ${call.id} was answered with a fault of ours`,
      () => ({ call, reply }),
    );
    this.#levelsOf(call, one, reply);
    if (call.asked.kind === 'order') this.#order(call, one, reply);
    this.#stable(call, reply);
  }

  #levelsOf(call: Call, one: Try, reply: Reply): void {
    for (const level of 'ok' in reply ? levelsIn(reply.ok) : []) {
      this.#verdict.check(
        'I11',
        this.#levels.has(level),
        () => `call ${call.id} shows a level that is not durable`,
        () => ({ level, history: this.#levels.history(level.itemId, level.warehouseId).slice(-3) }),
      );
      if (call.asked.command.type !== 'get') continue;
      const then = this.#levels.at(level.itemId, level.warehouseId, one.askedAtCommit);
      this.#verdict.check(
        'I11',
        level.version >= then.version,
        () =>
          `call ${call.id} reads version ${level.version}, and ${then.version} was durable when it was asked`,
        () => ({ level, then }),
      );
    }
  }

  #order(call: Call, one: Try, reply: Reply): void {
    const actor = this.#journal.actor(call.ref);
    const initial = this.#journal.behaviour('order').initial;
    // A kept answer says what was when it was first given.
    const since = call.receipt === null ? one.askedAtCommit : 0;
    const states = (actor === undefined ? [initial] : statesSince(actor, since)).filter(isOrderState);
    if ('error' in reply) {
      this.#refusal(call, reply.error.code, reply.error.details, states);
      return;
    }
    const { ok } = reply;
    if (isReserveView(ok)) {
      this.#verdict.check(
        'I11',
        this.#isReserved(call, ok, states),
        () => `call ${call.id}: ${ok.reservationId} is answered ${ok.status}, which is not durable`,
        () => ({ ok, states: states.slice(-3) }),
      );
    } else if (isReservationView(ok)) {
      const isThere = states.some((state) =>
        state.attempts.some((attempt) => sameValue(reservationView(call.ref.id, attempt), ok)),
      );
      this.#verdict.check(
        'I11',
        isThere,
        () => `call ${call.id}: ${call.asked.command.type} shows what was at no moment since it was asked`,
        () => ({ ok, states: states.slice(-3) }),
      );
    }
  }

  #isReserved(call: Call, ok: { readonly attempt: number }, states: readonly OrderState[]): boolean {
    const attempt = states.at(-1)?.attempts.find((each) => each.number === ok.attempt);
    return (
      attempt !== undefined &&
      attempt.status !== 'pending' &&
      sameValue(reserveView(call.ref.id, attempt), ok)
    );
  }

  /** A refusal that names a state: the reservation was in it at some moment since the call was asked. */
  #refusal(
    call: Call,
    code: string,
    details: Readonly<Record<string, string>> | undefined,
    states: readonly OrderState[],
  ): void {
    const state = details?.['state'];
    if (code === 'reservation-not-found') {
      const { command } = call.asked;
      const number = 'attempt' in command ? command.attempt : null;
      this.#verdict.check(
        'I11',
        states.some((each) => !has(each, number)),
        () => `call ${call.id}: no reservation, and there was one all the time since it was asked`,
        () => ({ states: states.slice(-3) }),
      );
    }
    if (!isStatus(state)) return;
    this.#verdict.check(
      'I11',
      states.some((each) => each.attempts.some((attempt) => attempt.status === state)),
      () => `call ${call.id} is told that the reservation is ${state}, and it was not since it was asked`,
      () => ({ states: states.slice(-3) }),
    );
  }

  #stable(call: Call, reply: Reply): void {
    const key = keyOfCall(call);
    if (key === null || !('ok' in reply)) return;
    const content = contentOfCall(call);
    const first = this.#first.get(key);
    if (first === undefined) {
      this.#first.set(key, { ok: { content, answer: reply.ok } });
      return;
    }
    this.#verdict.check(
      'I10',
      sameValue(first, { ok: { content, answer: reply.ok } }),
      () => `call ${call.id}: key ${key} is answered in two ways`,
      () => ({ first, content, second: reply.ok }),
    );
  }

  /** The answer to a repeat after everything has healed, where the call had an answer that was not an error. */
  repeated(call: Call, reply: Reply): void {
    const told = call.tries.map((each) => each.reply).find((each) => each !== null && 'ok' in each);
    if (told === undefined || told === null || !('ok' in told)) return;
    const isSame = 'ok' in reply && sameValue(reply.ok, told.ok);
    const gone = 'error' in reply ? this.#resolution(call, reply) : null;
    this.#verdict.check(
      'I8',
      isSame || gone !== null,
      () => `call ${call.id} was told something else before: ${outcomeOf(told)}, now ${outcomeOf(reply)}`,
      () => ({ call, told, now: reply }),
    );
  }

  /** A repeated reservation that has been released or expired since is refused, and that is said. */
  #resolution(call: Call, reply: Reply): ReservationStatus | null {
    if (!('error' in reply) || reply.error.code !== 'reservation-state') return null;
    if (call.asked.kind !== 'order' || call.asked.command.type !== 'reserve') return null;
    const { key } = call.asked.command;
    const state = this.#journal.state(call.ref);
    const attempt = isOrderState(state) ? state.attempts.find((each) => each.key === key) : undefined;
    return attempt?.status === 'released' || attempt?.status === 'expired' ? attempt.status : null;
  }
}

function has(state: OrderState, number: number | null): boolean {
  const attempts = state.attempts.filter((attempt) => !attempt.abandoned);
  return number === null ? attempts.length > 0 : attempts.some((attempt) => attempt.number === number);
}

/** Every level that an answer shows. */
function levelsIn(value: unknown): LevelView[] {
  if (Array.isArray(value)) return value.flatMap(levelsIn);
  if (!isObject(value)) return [];
  return isLevelView(value) ? [value] : Object.values(value).flatMap(levelsIn);
}

// The life of orders, as the journal tells it: I4 one outcome, I5 expiry at its time, I6 all or nothing at rest,
// I9 everything asked for, I10 each key one effect.
import { limits } from '../../actors/inventory/limits.ts';
import type {
  Attempt,
  OrderEvent,
  OrderState,
  ReservationStatus,
} from '../../actors/inventory/order-stock/model.ts';
import { isObject, isText } from '../../actors/shape.ts';
import { type Call, contentOfCall, type History } from '../workload/history.ts';
import { isOrderState } from './conservation.ts';
import type { FoldedEvent } from './journal.ts';
import type { Verdict } from './verdict.ts';

/** Of an attempt that commits: it is never held. */
const atOnce: readonly ReservationStatus[] = ['committed', 'refused'];

const next: Readonly<Record<ReservationStatus, readonly ReservationStatus[]>> = {
  pending: ['held', 'refused'],
  held: ['committed', 'released', 'expired'],
  committed: ['fulfilled', 'released'],
  released: [],
  expired: [],
  fulfilled: [],
  refused: [],
};

export class Orders {
  readonly #verdict: Verdict;
  readonly #history: History;
  /** Operations that have been settled, by the key that asked for them. */
  readonly #settled = new Map<string, number>();

  constructor(verdict: Verdict, history: History) {
    this.#verdict = verdict;
    this.#history = history;
  }

  changed({ ref, event, before, after, row }: FoldedEvent): void {
    if (ref.kind !== 'order' || !isOrderEvent(event) || !isOrderState(before) || !isOrderState(after)) return;
    this.#transitions(ref.id, before, after, event.type === 'abandoned');
    if (event.type === 'opened') this.#opened(ref.id, before, event);
    else if (event.type === 'extended') this.#extended(ref.id, before, event, row.at);
    else if (event.type === 'began') this.#began(ref.id, before, event);
    else if (event.type === 'settled') this.#operationSettled(ref.id, before);
    if (after.operation === null) this.#atRest(ref.id, after);
  }

  #transitions(orderId: string, before: OrderState, after: OrderState, isAbandoned: boolean): void {
    for (const attempt of before.attempts) {
      const now = after.attempts.find((each) => each.number === attempt.number);
      const isSame = now?.status === attempt.status;
      const isForgotten =
        attempt.status === 'refused' && before.attempts.length >= limits.attemptsPerOrderMax;
      const isGone =
        now === undefined &&
        (attempt.abandoned || isForgotten || (isAbandoned && attempt.status === 'pending'));
      const ways =
        attempt.status === 'pending' && attempt.request.commits === true ? atOnce : next[attempt.status];
      this.#verdict.check(
        'I4',
        isSame || isGone || (now !== undefined && ways.includes(now.status)),
        () =>
          `order ${orderId}, attempt ${attempt.number}: from ${attempt.status} to ${now?.status ?? 'nothing'}`,
      );
    }
    const live = after.attempts.filter(({ status }) => next[status].length > 0 || status === 'fulfilled');
    this.#verdict.check(
      'I4',
      live.length <= 1,
      () => `order ${orderId} has ${live.length} live reservations`,
      () => ({ live }),
    );
  }

  #opened(orderId: string, before: OrderState, event: Extract<OrderEvent, { type: 'opened' }>): void {
    const { key, fingerprint } = event;
    this.#verdict.check(
      'I9',
      this.#history
        .ofOrder(orderId)
        .some(
          (call) =>
            call.asked.kind === 'order' &&
            call.asked.command.type === 'reserve' &&
            call.asked.command.key === key &&
            contentOfCall(call) === fingerprint,
        ),
      () => `order ${orderId}: nobody asked for attempt ${event.attempt}`,
      () => ({ event }),
    );
    this.#verdict.check(
      'I10',
      !before.attempts.some((attempt) => attempt.key === key && !attempt.abandoned),
      () => `order ${orderId}: key ${key} opens a second attempt`,
      () => ({ event }),
    );
    this.#verdict.check('I4', before.operation === null, () => `order ${orderId}: two operations at once`);
  }

  #extended(
    orderId: string,
    before: OrderState,
    event: Extract<OrderEvent, { type: 'extended' }>,
    at: number,
  ): void {
    const attempt = attemptOf(before, event.attempt);
    this.#verdict.check(
      'I5',
      attempt?.status === 'held' && at < attempt.expiresAt + statementMsMax,
      () => `order ${orderId}: attempt ${event.attempt} is extended when it is ${attempt?.status}`,
      () => ({ attempt, at }),
    );
    this.#asked(orderId, 'extend', null, () => true);
  }

  #began(orderId: string, before: OrderState, event: Extract<OrderEvent, { type: 'began' }>): void {
    const { kind, receipt } = event;
    this.#verdict.check('I4', before.operation === null, () => `order ${orderId}: two operations at once`);
    if (kind === 'commit' || kind === 'release' || kind === 'expire') this.#resolved(orderId, before, event);
    if (kind === 'expire' || kind === 'hold' || kind === 'undo') return;
    this.#asked(
      orderId,
      kind,
      receipt?.key ?? null,
      (call) => contentOfCall(call) === (receipt?.fingerprint ?? ''),
    );
  }

  #resolved(orderId: string, before: OrderState, event: Extract<OrderEvent, { type: 'began' }>): void {
    const attempt = attemptOf(before, event.attempt ?? 0);
    this.#verdict.check(
      'I4',
      attempt?.status === 'held',
      () =>
        `order ${orderId}: ${event.kind} of attempt ${event.attempt}, which is ${attempt?.status ?? 'none'}`,
      () => ({ attempt, event }),
    );
    const isOver = attempt !== undefined && event.at >= attempt.expiresAt;
    this.#verdict.check(
      'I5',
      isOver === (event.kind === 'expire'),
      () =>
        `order ${orderId}: ${event.kind} of attempt ${event.attempt} at ${event.at}, whose time is ${attempt?.expiresAt}`,
      () => ({ attempt, event }),
    );
  }

  #operationSettled(orderId: string, before: OrderState): void {
    const receipt = before.operation?.receipt;
    if (receipt === undefined || receipt === null || before.operation?.failure !== null) return;
    const times = (this.#settled.get(receipt.key) ?? 0) + 1;
    this.#settled.set(receipt.key, times);
    this.#verdict.check(
      'I10',
      times === 1,
      () => `order ${orderId}: key ${receipt.key} has had its effect ${times} times`,
      () => ({ operation: before.operation }),
    );
  }

  #asked(orderId: string, type: string, key: string | null, fits: (call: Call) => boolean): void {
    this.#verdict.check(
      'I9',
      this.#history
        .ofOrder(orderId)
        .some(
          (call) => call.asked.command.type === type && (call.receipt?.key ?? null) === key && fits(call),
        ) ||
        // Extensions do not say for whom.
        (type === 'extend' &&
          this.#history.ofOrder(orderId).some((call) => call.asked.command.type === type)),
      () => `order ${orderId}: nobody asked for ${type}${key === null ? '' : ` with key ${key}`}`,
    );
  }

  #atRest(orderId: string, state: OrderState): void {
    for (const attempt of state.attempts) {
      this.#verdict.check(
        'I6',
        holdsWhatItMust(attempt),
        () => `order ${orderId}: attempt ${attempt.number} is ${attempt.status} and holds something else`,
        () => ({ attempt }),
      );
    }
  }
}

/** How far an extension's record may lie behind its decision: both are within one statement's time. */
const statementMsMax = 1_000;

function holdsWhatItMust({ status, request, lines }: Attempt): boolean {
  const sum = (pick: (line: Attempt['lines'][number]) => number): number =>
    lines.reduce((total, line) => total + pick(line), 0);
  const wanted = request.items.reduce((total, each) => total + each.quantity, 0);
  const held = sum((line) => line.held);
  const allocated = sum((line) => line.allocated);
  const gone = sum((line) => line.fulfilled + line.givenBack);
  switch (status) {
    case 'pending':
      return false;
    case 'held':
      return held === wanted && allocated === 0 && gone === 0;
    case 'committed':
      return held === 0 && allocated > 0 && allocated + gone === wanted;
    case 'fulfilled':
      return held === 0 && allocated === 0 && gone === wanted;
    case 'released':
      return held === 0 && allocated === 0 && (gone === 0 || gone === wanted);
    case 'expired':
    case 'refused':
      return held === 0 && allocated === 0 && gone === 0;
  }
}

function attemptOf(state: OrderState, number: number): Attempt | undefined {
  return state.attempts.find((attempt) => attempt.number === number);
}

function isOrderEvent(event: unknown): event is OrderEvent {
  return isObject(event) && isText(event['type']);
}

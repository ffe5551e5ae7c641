// What an order makes of what it hears: results of its effects, answers and grants of queues, webhooks, the passing of
// time.
import { type Answer, type Context, type Decision, InvariantViolation, type Reply } from '../../behaviour.ts';
import { fail } from '../../failure.ts';
import { limits } from '../limits.ts';
import { allocate } from './allocate.ts';
import { parseKey, wantedItems } from './effects.ts';
import { isAuthorization, isFollowUp, isReserveAnswer } from './guards.ts';
import type {
  AuthorizationAnswer,
  FollowUpAnswer,
  OrderCommand,
  OrderEvent,
  ReserveAnswer,
} from './messages.ts';
import type { Order, OrderState, Payment, Refund } from './model.ts';
import { cancel, move, proceed, served } from './process.ts';
import { answersOf, declineGrants, parseTalkTag, waitFor } from './queues.ts';
import { Steps } from './steps.ts';
import { orderNotFound } from './views.ts';

/** @throws InvariantViolation where the result is none that the effect can have */
export function resulted(
  state: OrderState,
  key: string,
  result: Reply,
  context: Context,
): Decision<OrderEvent> {
  const steps = new Steps(state, context);
  const told = parseKey(key);
  switch (told?.kind) {
    case 'authorize':
      authorized(steps, told.id, expect(result, isAuthorization, key));
      break;
    case 'capture':
      captured(steps, told.id, followUpOf(result, key));
      break;
    case 'void':
      steps.add({
        type: 'voidAnswered',
        id: told.id,
        amount: paymentOf(steps, told.id).amount,
        answer: followUpOf(result, key),
      });
      break;
    case 'refund':
      steps.add({
        type: 'refundAnswered',
        id: told.id,
        number: told.number,
        amount: refundOf(steps, told).amount,
        answer: followUpOf(result, key),
      });
      break;
    case 'reserve':
      reserved(steps, expect(result, isReserveAnswer, key));
      break;
    case 'giveBack':
      // Declined: somebody else has given it back already.
      followUpOf(result, key);
      steps.add({ type: 'gaveBack' });
      break;
    case 'fulfill':
      fulfilled(steps, told.id, followUpOf(result, key));
      break;
    case 'restock':
      // Declined: the item or the warehouse is no more, and there is nothing to put it back into.
      followUpOf(result, key);
      steps.add({ type: 'restocked', number: Number(told.id) });
      break;
    default:
      throw new InvariantViolation('I6', `an order has no effect ${key}`);
  }
  proceed(steps);
  return steps.decision();
}

function expect<T>(result: Reply, shape: (value: unknown) => value is T, key: string): T {
  if ('ok' in result && shape(result.ok)) return result.ok;
  throw new InvariantViolation('I6', `${key} came to ${JSON.stringify(result)}`);
}

/** @throws InvariantViolation where the order has none */
function paymentOf({ order }: Steps, id: string): Payment {
  const payment = order.payments.find((each) => each.id === id);
  if (payment === undefined) throw new InvariantViolation('I6', `no payment ${id}`);
  return payment;
}

function refundOf(steps: Steps, { id, number }: { readonly id: string; readonly number: number }): Refund {
  const refund = paymentOf(steps, id).refunds.find((each) => each.number === number);
  if (refund === undefined) throw new InvariantViolation('I6', `no refund ${number}`);
  return refund;
}

function followUpOf(result: Reply, key: string): FollowUpAnswer {
  return expect(result, isFollowUp, key);
}

function authorized(steps: Steps, id: string, answer: AuthorizationAnswer): void {
  const pollAt = answer.outcome === 'pending' ? nextPollAt(steps, id) : null;
  steps.add({ type: 'paymentAnswered', id, amount: paymentOf(steps, id).amount, answer, pollAt });
}

/** One that the order no longer waits for is asked about until it is known, since its webhook may be lost; less and less. */
function nextPollAt({ context: { now }, order }: Steps, id: string): number {
  const payment = order.payments.find((each) => each.id === id);
  if (payment?.status !== 'failed') return now + limits.paymentPollMs;
  const owedMs = limits.owedPollShare * (now - payment.openedAt);
  return now + Math.round(Math.min(limits.owedPollMsMax, Math.max(limits.paymentPollMs, owedMs)));
}

/** What a declined capture leaves of the authorization may still keep the customer's money back. */
function captured(steps: Steps, id: string, answer: FollowUpAnswer): void {
  const { transactionId, amount } = paymentOf(steps, id);
  steps.add({ type: 'captureAnswered', id, amount, answer });
  if (answer.outcome === 'done') return;
  cancel(steps, 'payment', `the capture was declined: ${answer.reason}`);
  steps.add({ type: 'voidBegan', id, transactionId });
}

function fulfilled(steps: Steps, id: string, answer: FollowUpAnswer): void {
  if (answer.outcome === 'done') steps.add({ type: 'shipmentLeft', id, at: steps.context.now });
  else steps.add({ type: 'shipmentFailed', id, reason: answer.reason });
}

function reserved(steps: Steps, answer: ReserveAnswer): void {
  const draws = answer.outcome === 'committed' ? allocate(steps.order, answer.draws) : [];
  steps.add({ type: 'attemptAnswered', answer, draws });
  switch (answer.outcome) {
    case 'committed':
      served(steps, answer.draws);
      break;
    case 'lost':
      move(steps, 'reservingStock', 'stock', 'the hold expired');
      steps.add({ type: 'attemptBegan' });
      break;
    case 'short': {
      const short = new Set(answer.items);
      const others = Object.keys(steps.order.waits).filter((itemId) => !short.has(itemId));
      waitFor(steps, answer.items);
      if (others.length > 0) declineGrants(steps, others);
      move(steps, 'backOrdered', 'stock', `too little of ${short.size} of its items`);
      giveUpIfTooMany(steps, answer.items);
      break;
    }
    case 'refused':
      move(steps, 'backOrdered', 'stock', answer.reason);
      giveUp(steps, answer.reason);
      break;
  }
}

/** Nobody behind it could be served for as long as it waits. */
function giveUpIfTooMany(steps: Steps, items: readonly string[]): void {
  const { unitsMax } = steps.order.patience;
  const isTooMany = wantedItems(steps.order).some(
    ({ itemId, quantity }) => quantity > unitsMax && items.includes(itemId),
  );
  if (isTooMany) giveUp(steps, `no order waits for more than ${unitsMax} units of one item`);
}

function giveUp(steps: Steps, reason: string): void {
  if (steps.order.cancel !== null) return;
  steps.add({ type: 'cancelNoted', cancel: { by: 'system', reason, receipt: null } });
}

/** Queues answer what they were asked; what they were told they only had to hear. */
export function answered(
  state: OrderState,
  tag: string,
  answer: Answer,
  context: Context,
): Decision<OrderEvent> {
  const { order } = state;
  if (order === null) throw new InvariantViolation('I6', 'an answer to an order that was never made');
  const steps = new Steps(state, context);
  const told = parseTalkTag(tag);
  const answers = answersOf(answer);
  if (answers.some(({ isFull }) => isFull)) giveUp(steps, 'too many orders wait for one of its items');
  if (told !== null && told.number === order.talk?.number) {
    const items = answers.filter(({ holds }) => holds).map(({ itemId }) => itemId);
    const isContended = answers.some((each) => each.isContended);
    steps.add({ type: 'talkAnswered', shard: told.shard, items, isContended });
    if (steps.order.talk?.waiting.length === 0) endTalk(steps);
  }
  proceed(steps);
  return steps.decision();
}

function endTalk(steps: Steps): void {
  const { order, context } = steps;
  const { talk } = order;
  if (talk === null) return;
  steps.add({ type: 'talkEnded' });
  steps.isContended = talk.isContended;
  if (talk.kind === 'ask') {
    if (talk.items.length > 0 && order.status === 'backOrdered')
      steps.add({ type: 'waitChanged', items: talk.items, to: 'granted' });
    return;
  }
  if (talk.items.length === 0) {
    steps.add({ type: 'attemptBegan' });
    return;
  }
  const early = talk.items.filter((itemId) => order.waits[itemId] === 'granted');
  steps.add({ type: 'waitBegan', items: talk.items, until: context.now + order.patience.stockMs });
  if (early.length > 0) steps.add({ type: 'waitChanged', items: early, to: 'granted' });
  move(steps, 'backOrdered', 'stock', 'others wait for the same items');
  giveUpIfTooMany(steps, talk.items);
}

type Of<Type extends OrderCommand['type']> = Extract<OrderCommand, { readonly type: Type }>;

/**
 * A queue may grant before the order has heard from all that it passes: then the grant counts when it has. Whoever no longer
 * waits there has said so, and the grant crossed that.
 */
export function granted(
  state: OrderState,
  { itemId }: Of<'granted'>,
  context: Context,
): Decision<OrderEvent> {
  const { order } = state;
  const isPassing = order?.talk?.kind === 'pass';
  const isWaiting = order?.status === 'backOrdered' && order.waits[itemId] !== undefined;
  if (!isPassing && !isWaiting) return { reply: { ok: null } };
  const steps = new Steps(state, context);
  steps.add({ type: 'waitChanged', items: [itemId], to: 'granted' });
  proceed(steps);
  return steps.decision({ reply: { ok: null } });
}

/** The same notice again, or one that tells what is known, changes nothing. */
export function notice(state: OrderState, command: Of<'notice'>, context: Context): Decision<OrderEvent> {
  const { order } = state;
  if (order === null) return { reply: orderNotFound(context.self.id) };
  const payment = order.payments.find(({ id }) => id === command.paymentId);
  if (payment === undefined)
    return { reply: fail('payment-not-found', `the order has no payment ${command.paymentId}`) };
  const isAwaited = payment.status === 'authorizing' || payment.status === 'pending';
  const isLate = payment.status === 'failed' && payment.isOwed;
  if (!isAwaited && !isLate) return { reply: { ok: null } };
  const steps = new Steps(state, context);
  const { id, amount } = payment;
  steps.add({ type: 'paymentAnswered', id, amount, answer: command.answer, pollAt: null });
  if (isLate && command.answer.outcome === 'approved') {
    steps.add({ type: 'voidBegan', id, transactionId: paymentOf(steps, id).transactionId });
  }
  proceed(steps);
  return steps.decision({ reply: { ok: null } });
}

/** What time brings: the gateway is asked again or given up, an order has waited long enough for stock. */
export function dueAt({ order }: OrderState): number | null {
  if (order === null) return null;
  const times = order.payments.flatMap(({ pollAt }) => pollAt ?? []);
  if (order.status === 'backOrdered' && order.waitsUntil !== null) times.push(order.waitsUntil);
  const awaited = awaitedPayment(order);
  if (awaited !== undefined) times.push(awaited.openedAt + order.patience.paymentMs);
  return times.length === 0 ? null : Math.min(...times);
}

function awaitedPayment({ payments }: Order): Payment | undefined {
  return payments.find(({ status }) => status === 'authorizing' || status === 'pending');
}

export function due(state: OrderState, context: Context): Decision<OrderEvent> {
  const { order } = state;
  const at = dueAt(state);
  if (order === null || at === null || at > context.now) return {};
  const steps = new Steps(state, context);
  const { now } = context;
  const awaited = awaitedPayment(order);
  if (order.status === 'backOrdered' && order.waitsUntil !== null && now >= order.waitsUntil)
    steps.add({
      type: 'cancelNoted',
      cancel: { by: 'timeout', reason: 'no stock arrived in time', receipt: null },
    });
  if (awaited !== undefined && now >= awaited.openedAt + order.patience.paymentMs)
    steps.add({
      type: 'paymentFailed',
      id: awaited.id,
      amount: awaited.amount,
      reason: 'the gateway gave no answer in time',
    });
  for (const { id, pollAt } of order.payments)
    if (pollAt !== null && now >= pollAt) steps.add({ type: 'paymentPolled', id });
  proceed(steps);
  return steps.decision();
}

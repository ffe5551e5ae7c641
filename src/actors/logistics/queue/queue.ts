// The queue of one SKU (see model.ts): who waits for it, in order of arrival, and who may try to reserve now.
//
// A queue grants in order, as many as the stock covers that it knows of: what is available by the newest levels it has
// seen, less what served orders took since, less what is granted and not decided. So an order that is granted nearly
// always finds its units; one that does not makes the queue wait for other levels, or try one by one after a while. At most `grantsMax` try at a time.
import type { Behaviour, Context, Decision, Effect, Message, Reply } from '../../behaviour.ts';
import { isInteger, isText, listOf, objectOf } from '../../shape.ts';
import { limits } from '../limits.ts';
import type { QueueAnswer } from '../order/queues.ts';
import { evolve, initial } from './evolve.ts';
import { grantable } from './grants.ts';
import type { Entry, QueueCommand, QueueEvent, QueueState, SeenLevel, WaitingView } from './model.ts';

/** What the queue wants to hear of: levels of the item that are newer than those it has seen. */
export interface WatchEffect {
  readonly levels: QueueState['levels'];
  /** After a while it wants to hear of them also if they are as they were. */
  readonly isDoubted: boolean;
}

export interface WatchAnswer {
  readonly levels: readonly SeenLevel[];
}

const isWatchAnswer = objectOf<WatchAnswer>({
  levels: listOf(objectOf<SeenLevel>({ warehouseId: isText, available: isInteger, version: isInteger })),
});

function decide(state: QueueState, command: QueueCommand, context: Context): Decision<QueueEvent> {
  if (command.type === 'get') return { reply: { ok: waiting(state) } };
  const { orderId } = command;
  const entry = state.entries.find((each) => each.orderId === orderId);
  switch (command.type) {
    case 'pass':
      if (entry === undefined && state.entries.length === 0) return { reply: answer(context, false) };
      return join(state, command, entry !== undefined, context);
    case 'join':
      return join(state, command, entry !== undefined, context);
    case 'short':
      if (entry === undefined) return { reply: answer(context, false) };
      return granting(
        state,
        [{ type: 'withdrawn', orderId, isPassed: false, isStale: isUnexplained(state, entry) }],
        context,
      );
    case 'decline':
      if (entry === undefined) return { reply: answer(context, false) };
      return granting(state, [{ type: 'withdrawn', orderId, isPassed: true, isStale: false }], context);
    case 'ask':
      return ask(state, orderId, context);
    case 'leave':
      if (entry === undefined) return { reply: answer(context, false) };
      return granting(state, [{ type: 'left', orderId, taken: command.taken }], context);
  }
}

function waiting({ entries }: QueueState): WaitingView {
  return { units: entries.reduce((sum, { quantity }) => sum + quantity, 0) };
}

function join(
  state: QueueState,
  { orderId, quantity }: { readonly orderId: string; readonly quantity: number },
  isIn: boolean,
  context: Context,
): Decision<QueueEvent> {
  if (isIn) return { reply: answer(context, true) };
  if (state.entries.length >= limits.queueEntriesMax)
    return { reply: answer(context, true, { isFull: true }) };
  return granting(state, [{ type: 'joined', orderId, quantity }], context, true);
}

/**
 * Whether it was granted by the levels that are still the newest: then these are not to be trusted. If others were seen
 * since, it may have tried at any time between, and may well find its units now: nobody would tell of them again.
 */
function isUnexplained({ looks }: QueueState, { look }: Entry): boolean {
  return look === looks;
}

/**
 * Its place counts again, whether or not it may go now. It is told by the answer, and by no message; where a message that
 * grants is on its way already, only that counts, lest it come late and grant once more.
 */
function ask(state: QueueState, orderId: string, context: Context): Decision<QueueEvent> {
  const entry = state.entries.find((each) => each.orderId === orderId);
  if (entry === undefined) return { reply: answer(context, true) };
  if (entry.state === 'granted') return { reply: answer(context, false) };
  const back: QueueEvent = { type: 'withdrawn', orderId, isPassed: false, isStale: false };
  const waiting = evolve(state, back);
  const orderIds = grantable(waiting);
  if (orderIds.includes(orderId)) {
    const granted: QueueEvent = { type: 'granted', orderIds };
    const others = orderIds.filter((each) => each !== orderId);
    return { events: [back, granted], messages: tell(others, context), reply: answer(context, true) };
  }
  // Its turn counts again, so that the queue grants as soon as it can.
  const events = entry.state === 'passed' ? [back] : [];
  return { events, reply: answer(context, false, { isContended: isContended(waiting, orderId) }) };
}

/** Whether it could be granted if those who are granted and have not decided gave that back. */
function isContended(state: QueueState, orderId: string): boolean {
  const entries = state.entries.map(
    (entry): Entry => (entry.state === 'granted' ? { ...entry, state: 'passed' } : entry),
  );
  return grantable({ ...state, entries }).includes(orderId);
}

/** After these events, grants what can be granted. */
function granting(
  state: QueueState,
  events: readonly QueueEvent[],
  context: Context,
  holds = false,
): Decision<QueueEvent> {
  const orderIds = grantable(events.reduce(evolve, state));
  const granted: readonly QueueEvent[] = orderIds.length === 0 ? [] : [{ type: 'granted', orderIds }];
  return {
    events: [...events, ...granted],
    messages: tell(orderIds, context),
    reply: answer(context, holds),
  };
}

function tell(orderIds: readonly string[], context: Context): readonly Message[] {
  return orderIds.map((id) => ({
    to: context.shardOf(id),
    tag: 'granted',
    parts: [{ ref: { kind: 'order', id }, command: { type: 'granted', itemId: context.self.id } }],
  }));
}

function answer(
  context: Context,
  holds: boolean,
  more: Partial<Pick<QueueAnswer, 'isFull' | 'isContended'>> = {},
): Reply {
  const ok: QueueAnswer = { itemId: context.self.id, holds, isFull: false, isContended: false, ...more };
  return { ok };
}

/** While anybody waits. */
function effects({ entries, levels, looks, doubt }: QueueState): readonly Effect[] {
  if (entries.length === 0) return [];
  const isDoubted = doubt === 'stale';
  const request: WatchEffect = { levels, isDoubted };
  const key = isDoubted ? `watch:${looks}:doubted` : `watch:${looks}`;
  return [{ key, kind: 'watch', request, isWatch: true }];
}

function resulted(state: QueueState, _key: string, result: Reply, context: Context): Decision<QueueEvent> {
  // An item that is no more has no levels: who waits for it goes on waiting until its time is over.
  const levels = 'ok' in result && isWatchAnswer(result.ok) ? result.ok.levels : [];
  const { reply: _nobody, ...decision } = granting(state, [{ type: 'seen', levels }], context);
  return decision;
}

export const queue: Behaviour<QueueState, QueueCommand, QueueEvent> = {
  kind: 'queue',
  initial,
  decide,
  evolve,
  effects,
  resulted,
  /** Grants only need to be heard. */
  answered: () => ({}),
};

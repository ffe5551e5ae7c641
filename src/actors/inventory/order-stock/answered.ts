// What an order makes of the answers of its groups. When the last one is there, the operation has its outcome: callers
// are woken, and a basket that could not be held whole is undone where it was held.
import {
  type Answer,
  type Context,
  type Decision,
  InvariantViolation,
  type Reply,
  type Wake,
} from '../../behaviour.ts';
import { parseTag } from '../../tag.ts';
import { isCellView } from '../item/guards.ts';
import { findAttempt } from './attempts.ts';
import { evolve } from './evolve.ts';
import { groupsOf, moveMessages } from './groups.ts';
import { byItemAndWarehouse } from './lines.ts';
import type {
  Attempt,
  ItemAvailability,
  LevelsView,
  Line,
  Operation,
  OrderEvent,
  OrderState,
  PartOutcome,
  ShortItem,
  TakenLine,
} from './model.ts';
import { attemptToken, operationToken, restToken } from './operations.ts';
import { reservationView, reserveView } from './views.ts';

export function answered(
  state: OrderState,
  tag: string,
  answer: Answer,
  context: Context,
): Decision<OrderEvent> {
  const { group, operation } = expected(state, tag, answer);
  const heard: OrderEvent = {
    type: 'answered',
    shard: group.shard,
    refused: answer.refused,
    parts: group.parts.map((part, index) => outcomeOf(part.itemId, answer.replies[index], answer.refused)),
  };
  const after = evolve(state, heard);
  if (after.operation?.groups.some((each) => each.answer === 'waiting') ?? true) return { events: [heard] };
  return operation.kind === 'hold'
    ? concludeHold(after, heard, context)
    : settle(after, heard, answer, context);
}

/** @throws InvariantViolation where nobody asked, or where cells refuse what they cannot refuse */
function expected(state: OrderState, tag: string, answer: Answer) {
  const { operation } = state;
  const told = parseTag(tag);
  const group = operation?.groups.find((each) => each.shard === told?.shard);
  if (operation === null || group === undefined || told?.number !== operation.number) {
    throw new InvariantViolation('I6', `a group answers ${tag}, which nobody asked`);
  }
  if (answer.replies.length !== group.parts.length) {
    throw new InvariantViolation(
      'I6',
      `${answer.replies.length} replies to ${group.parts.length} parts of ${tag}`,
    );
  }
  const mayRefuse = operation.kind === 'hold' || operation.kind === 'allocate';
  const isError = answer.replies.some((reply) => 'error' in reply);
  if ((answer.refused && !mayRefuse) || (isError && !answer.refused)) {
    throw new InvariantViolation('I6', `${operation.kind} ${tag} failed: ${JSON.stringify(answer)}`);
  }
  return { group, operation };
}

function outcomeOf(itemId: string, reply: Reply | undefined, refused: boolean): PartOutcome {
  if (reply !== undefined && 'ok' in reply) {
    if (!isCellView(reply.ok)) throw new InvariantViolation('I6', `item ${itemId} answers something else`);
    const { available, draws, sku } = reply.ok;
    return { itemId, sku, available, enough: draws.length > 0, draws: refused ? [] : draws };
  }
  const failed = { itemId, sku: '', available: 0, enough: false, draws: [] };
  return reply === undefined ? failed : { ...failed, failure: reply.error };
}

function concludeHold(state: OrderState, heard: OrderEvent, context: Context): Decision<OrderEvent> {
  const operation = inFlight(state);
  const attempt = attemptOf(state, operation);
  const orderId = context.self.id;
  const undo = groupsOf(
    attempt.lines.map(({ allocated, held, itemId, warehouseId }) => ({
      itemId,
      warehouseId,
      quantity: held + allocated,
    })),
    context,
  );
  const outcome = outcomeOfHold(operation, attempt, undo);
  const after = evolve(state, outcome);
  const decided = findAttempt(after, attempt.number);
  const reply: Reply =
    decided === null || operation.failure !== null
      ? { error: operation.failure ?? { code: 'internal', message: 'the reservation failed' } }
      : { ok: reserveView(orderId, decided) };
  return {
    events: [heard, outcome],
    messages:
      outcome.type === 'held'
        ? []
        : moveMessages(orderId, state.operations + 1, 'undo', undo, attempt.request.commits),
    wake: [{ token: attemptToken(attempt.number), reply }, ...wakeAtRest(after)],
  };
}

function outcomeOfHold(
  operation: Operation,
  attempt: Attempt,
  undo: ReturnType<typeof groupsOf>,
): Extract<OrderEvent, { readonly type: 'held' | 'refused' | 'abandoned' }> {
  const { number, request, expiresAt } = attempt;
  if (operation.groups.every((group) => group.answer === 'done')) {
    const lines = attempt.lines.toSorted(byItemAndWarehouse).map(takenOf);
    return { type: 'held', attempt: number, expiresAt: request.commits === true ? null : expiresAt, lines };
  }
  if (operation.failure !== null) return { type: 'abandoned', attempt: number, undo };
  const short = attempt.availability.filter(({ inStock }) => !inStock).map(shortOf);
  return { type: 'refused', attempt: number, undo, short };
}

function takenOf({ itemId, sku, warehouseId, held, allocated }: Line): TakenLine {
  return { itemId, sku, warehouseId, quantity: held + allocated };
}

function shortOf({ itemId, sku, requested, available }: ItemAvailability): ShortItem {
  return { itemId, sku, requested, available };
}

/** What an allocation got; undefined for everything else. */
function allocatedBy(operation: Operation, answer: Answer): readonly TakenLine[] | undefined {
  if (operation.kind !== 'allocate' || answer.refused) return undefined;
  return operation.levels.map(({ itemId, sku, warehouseId }) => ({
    itemId,
    sku,
    warehouseId,
    quantity: operation.groups
      .flatMap(({ parts }) => parts)
      .filter((part) => part.itemId === itemId)
      .flatMap(({ moves }) => moves)
      .reduce((sum, move) => sum + move.quantity, 0),
  }));
}

function wakeAtRest(state: OrderState): readonly Wake[] {
  return state.operation === null ? [{ token: restToken }] : [];
}

function settle(
  state: OrderState,
  heard: OrderEvent,
  answer: Answer,
  context: Context,
): Decision<OrderEvent> {
  const operation = inFlight(state);
  const allocated = allocatedBy(operation, answer);
  const settled: OrderEvent = allocated === undefined ? { type: 'settled' } : { type: 'settled', allocated };
  const after = evolve(state, settled);
  const events = [heard, settled];
  // Nobody waits for what the order does on its own.
  if (operation.kind === 'undo' || operation.kind === 'expire') return { events, wake: wakeAtRest(after) };
  const reply = replyTo(operation, after, answer, context);
  const over = {
    events,
    wake: [{ token: operationToken(operation.number), reply }, ...wakeAtRest(after)],
  };
  // An error had no effect, and its key is free again.
  const isKept = operation.receipt !== null && 'ok' in reply;
  return isKept ? { ...over, receipt: { ...operation.receipt, reply } } : over;
}

function replyTo(operation: Operation, after: OrderState, answer: Answer, context: Context): Reply {
  if (operation.kind === 'commit' || operation.kind === 'release') {
    return { ok: reservationView(context.self.id, attemptOf(after, operation)) };
  }
  if (operation.failure !== null) return { error: operation.failure };
  const ok: LevelsView = answer.refused
    ? { success: false, levels: levelsThatFellShort(answer) }
    : { success: true, levels: operation.levels.toSorted(byItemAndWarehouse) };
  return { ok };
}

function levelsThatFellShort(answer: Answer): LevelsView['levels'] {
  return answer.replies.flatMap((reply) =>
    'ok' in reply && isCellView(reply.ok) ? (reply.ok.levels ?? []) : [],
  );
}

function inFlight(state: OrderState): Operation {
  if (state.operation === null) throw new InvariantViolation('I6', 'no operation is in flight');
  return state.operation;
}

function attemptOf(state: OrderState, operation: Operation): Attempt {
  const attempt = findAttempt(state, operation.attempt);
  if (attempt === null) throw new InvariantViolation('I6', `no attempt ${operation.attempt}`);
  return attempt;
}

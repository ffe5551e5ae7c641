// An order's stock: one actor an order, the only place that knows what it holds and where. It decides everything about
// its reservation and allocations; the cells (../item) only count. Decisions are in reserve.ts, reservation.ts and
// allocations.ts; what it makes of the cells' answers in answered.ts.
import type { Context, Decision, Ref } from '../../behaviour.ts';
import { numbered } from '../../numbered.ts';
import { allocate, fulfill, giveBack } from './allocations.ts';
import { answered } from './answered.ts';
import { evolve } from './evolve.ts';
import type { OrderCommand, OrderEvent, OrderState } from './model.ts';
import { publishedCount } from './published.ts';
import { commit, due, dueAt, extend, get, release } from './reservation.ts';
import { reserve } from './reserve.ts';

function decide(state: OrderState, command: OrderCommand, context: Context): Decision<OrderEvent> {
  switch (command.type) {
    case 'reserve':
      return reserve(state, command, context);
    case 'get':
      return get(state, command, context);
    case 'extend':
      return extend(state, command, context);
    case 'release':
      return release(state, command, context);
    case 'commit':
      return commit(state, command, context);
    case 'allocate':
      return allocate(state, command, context);
    case 'giveBack':
      return giveBack(state, command, context);
    case 'fulfill':
      return fulfill(state, command, context);
  }
}

/** Only what the command itself names: what the order has already is not known here. */
function touches(command: OrderCommand): readonly Ref[] {
  switch (command.type) {
    case 'reserve':
      return command.request.items.map(({ itemId }) => itemRef(itemId));
    case 'allocate':
      return [itemRef(command.itemId)];
    case 'giveBack':
      return command.itemId === null ? [] : [itemRef(command.itemId)];
    case 'fulfill':
      return command.lines.map(({ itemId }) => itemRef(itemId));
    default:
      return [];
  }
}

function itemRef(id: string): Ref {
  return { kind: 'item', id };
}

const initial: OrderState = { attempts: [], direct: [], operation: null, operations: 0 };

export const order = numbered(
  { kind: 'order', initial, decide, evolve, answered, dueAt, due, touches },
  publishedCount,
);

// An order: one actor each, from its creation to its delivery. It knows stock and money only by what it is told: what it
// wants done outside is in effects.ts, what it makes of the results in results.ts, what callers may ask in requests.ts,
// and what follows from where it stands in process.ts.

import type { Context, Decision, Ref } from '../../behaviour.ts';
import { keyReused } from '../../failure.ts';
import { numbered } from '../../numbered.ts';
import { effects } from './effects.ts';
import { evolve } from './evolve.ts';
import type { OrderCommand, OrderEvent } from './messages.ts';
import type { OrderState } from './model.ts';
import { publishedCount } from './published.ts';
import { cancelOrder, create, deliver, get, giveBack, retryRefunds, ship } from './requests.ts';
import { answered, due, dueAt, granted, notice, resulted } from './results.ts';

function decide(state: OrderState, command: OrderCommand, context: Context): Decision<OrderEvent> {
  switch (command.type) {
    case 'create':
      return create(state, command, context);
    case 'claimKey':
      return { reply: state.order === null ? { ok: null } : keyReused() };
    case 'get':
      return get(state, context);
    case 'cancel':
      return cancelOrder(state, command, context);
    case 'ship':
      return ship(state, command, context);
    case 'deliver':
      return deliver(state, command, context);
    case 'return':
      return giveBack(state, command, context);
    case 'retryRefunds':
      return retryRefunds(state, context);
    case 'notice':
      return notice(state, command, context);
    case 'granted':
      return granted(state, command, context);
  }
}

/** The queues that the order will pass. */
function touches(command: OrderCommand): readonly Ref[] {
  if (command.type !== 'create') return [];
  return command.order.lines.map(({ itemId }) => ({ kind: 'queue', id: itemId }));
}

const initial: OrderState = { order: null };

export const order = numbered(
  { kind: 'order', initial, decide, evolve, answered, dueAt, due, effects, resulted, touches },
  publishedCount,
);

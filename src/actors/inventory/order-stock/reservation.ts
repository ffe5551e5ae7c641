// Decisions about a reservation that exists: get, extend, release, commit, and its expiry.
import type { Context, Decision } from '../../behaviour.ts';
import { findAttempt, isOverdue, lastAttempt } from './attempts.ts';
import { evolve } from './evolve.ts';
import type { Attempt, OrderCommand, OrderEvent, OrderState } from './model.ts';
import { expire, expireFirst, resolve, waitFor } from './operations.ts';
import { reservationNotFound, reservationState, reservationView } from './views.ts';

type Of<Type extends OrderCommand['type']> = Extract<OrderCommand, { readonly type: Type }>;

export function get(state: OrderState, command: Of<'get'>, context: Context): Decision<OrderEvent> {
  const attempt = findAttempt(state, command.attempt);
  if (attempt === null) return { reply: reservationNotFound(context.self.id, command.attempt) };
  return { reply: { ok: reservationView(context.self.id, attempt) } };
}

export function extend(state: OrderState, command: Of<'extend'>, context: Context): Decision<OrderEvent> {
  return atRest(state, command, context, (attempt) => {
    if (attempt.status !== 'held') return { reply: reservationState(context.self.id, attempt) };
    const event: OrderEvent = {
      type: 'extended',
      attempt: attempt.number,
      expiresAt: context.now + command.ttlSeconds * 1_000,
    };
    const extended = findAttempt(evolve(state, event), attempt.number) ?? attempt;
    return { events: [event], reply: { ok: reservationView(context.self.id, extended) } };
  });
}

export function release(state: OrderState, command: Of<'release'>, context: Context): Decision<OrderEvent> {
  return atRest(state, command, context, (attempt) => {
    switch (attempt.status) {
      case 'held': {
        const { receipt } = context;
        return resolve(state, 'release', attempt, context, { receipt, reason: command.reason });
      }
      case 'released':
        return { reply: { ok: reservationView(context.self.id, attempt) } };
      case 'committed':
        return {
          reply: reservationState(context.self.id, attempt, '; ReleaseInventory gives its allocations back'),
        };
      default:
        return { reply: reservationState(context.self.id, attempt) };
    }
  });
}

export function commit(state: OrderState, command: Of<'commit'>, context: Context): Decision<OrderEvent> {
  return atRest(state, command, context, (attempt) => {
    switch (attempt.status) {
      case 'held':
        return resolve(state, 'commit', attempt, context, { receipt: context.receipt });
      case 'committed':
      case 'fulfilled':
        return { reply: { ok: reservationView(context.self.id, attempt) } };
      default:
        return { reply: reservationState(context.self.id, attempt) };
    }
  });
}

/** Null while an operation is in flight: it is looked at again when that is over. */
export function dueAt(state: OrderState): number | null {
  if (state.operation !== null) return null;
  const last = lastAttempt(state);
  return last?.status === 'held' ? last.expiresAt : null;
}

export function due(state: OrderState, context: Context): Decision<OrderEvent> {
  const last = lastAttempt(state);
  if (state.operation !== null || last === null || !isOverdue(last, context.now)) return {};
  return expire(state, last, context);
}

/** Decides when no operation is in flight and no hold is overdue; before that, waits. */
function atRest(
  state: OrderState,
  command: Of<'extend' | 'release' | 'commit'>,
  context: Context,
  decide: (attempt: Attempt) => Decision<OrderEvent>,
): Decision<OrderEvent> {
  const { operation } = state;
  if (operation !== null) {
    const isSame =
      operation.kind === command.type && (command.attempt === null || command.attempt === operation.attempt);
    return waitFor(operation, context.receipt, isSame);
  }
  const attempt = findAttempt(state, command.attempt);
  if (attempt === null) return { reply: reservationNotFound(context.self.id, command.attempt) };
  if (isOverdue(attempt, context.now)) return expireFirst(state, attempt, context);
  return decide(attempt);
}

// Decisions about reserving: whether it is a repeat, whether another reservation bars it, and the opening of an attempt.
import type { Context, Decision } from '../../behaviour.ts';
import { fail, keyReused } from '../../failure.ts';
import { limits } from '../limits.ts';
import { isOverdue, lastAttempt, oldestRefused } from './attempts.ts';
import { groupsOf, holdMessages } from './groups.ts';
import type { Attempt, OrderCommand, OrderEvent, OrderState, ReservationStatus } from './model.ts';
import { attemptToken, expireFirst, restToken } from './operations.ts';
import { formatReservationId } from './reservation-id.ts';
import { reservationState, reserveView } from './views.ts';

type Reserve = Extract<OrderCommand, { readonly type: 'reserve' }>;

const barring: ReadonlySet<ReservationStatus> = new Set(['pending', 'held', 'committed', 'fulfilled']);

export function reserve(state: OrderState, command: Reserve, context: Context): Decision<OrderEvent> {
  const same = state.attempts.find((attempt) => attempt.key === command.key && !attempt.abandoned);
  if (same !== undefined) return repeat(state, same, command, context);
  if (state.operation !== null) return { park: restToken };
  const last = lastAttempt(state);
  if (last !== null && isOverdue(last, context.now)) return expireFirst(state, last, context);
  if (last !== null && barring.has(last.status)) return { reply: reservationExists(last, context) };
  const number = (last?.number ?? 0) + 1;
  const isFull = state.attempts.length >= limits.attemptsPerOrderMax && oldestRefused(state) === undefined;
  if (isFull || number > limits.attemptNumberMax) {
    return {
      reply: fail('too-many-attempts', `the order has used up its ${limits.attemptsPerOrderMax} attempts`),
    };
  }
  return open(state, command, number, context);
}

function repeat(state: OrderState, same: Attempt, command: Reserve, context: Context): Decision<OrderEvent> {
  const { operation } = state;
  const orderId = context.self.id;
  if (same.fingerprint !== command.fingerprint) return { reply: keyReused() };
  switch (same.status) {
    case 'pending':
      return { park: attemptToken(same.number) };
    case 'released':
    case 'expired':
      return { reply: reservationState(orderId, same, '; a new idempotency key opens a new attempt') };
    case 'held':
      // Already on its way to released or expired: say which, once it is so.
      if (operation?.kind === 'release' || operation?.kind === 'expire') return { park: restToken };
      if (operation === null && isOverdue(same, context.now)) return expireFirst(state, same, context);
  }
  return { reply: { ok: reserveView(orderId, same) } };
}

function reservationExists(last: Attempt, context: Context) {
  return fail('reservation-exists', `the order has a reservation that is ${last.status}`, {
    state: last.status,
    reservationId: formatReservationId(context.self.id, last.number),
  });
}

function open(state: OrderState, command: Reserve, attempt: number, context: Context): Decision<OrderEvent> {
  const { fingerprint, key, request } = command;
  if (
    request.items.length === 0 ||
    new Set(request.items.map((each) => each.itemId)).size < request.items.length
  ) {
    throw new TypeError('a reservation takes at least one item, and each item once: the edge sums its lines');
  }
  const groups = groupsOf(
    request.items.map((each) => ({ ...each, warehouseId: request.warehouseId ?? '' })),
    context,
  );
  const { now, self } = context;
  return {
    events: [
      {
        type: 'opened',
        attempt,
        key,
        fingerprint,
        request,
        at: now,
        expiresAt: now + request.ttlSeconds * 1_000,
        groups,
      },
    ],
    messages: holdMessages(self.id, state.operations + 1, groups, request),
    park: attemptToken(attempt),
  };
}

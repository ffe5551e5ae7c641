// What an order's stock answers with, and the refusals that several commands share.
import { fail } from '../../failure.ts';
import type { Attempt, ReservationView, ReserveView } from './model.ts';
import { formatReservationId } from './reservation-id.ts';

/** The first answer to reserve: the same for every repeat, whatever has become of the reservation since. */
export function reserveView(orderId: string, attempt: Attempt): ReserveView {
  const success = attempt.status !== 'refused';
  const commits = attempt.request.commits === true;
  return {
    success,
    reservationId: formatReservationId(orderId, attempt.number),
    attempt: attempt.number,
    status: !success ? 'refused' : commits ? 'committed' : 'held',
    items: attempt.availability,
    expiresAt: success && !commits ? attempt.firstExpiresAt : null,
  };
}

export function reservationView(orderId: string, attempt: Attempt): ReservationView {
  const { number, status, lines, createdAt, expiresAt } = attempt;
  return {
    reservationId: formatReservationId(orderId, number),
    orderId,
    attempt: number,
    status,
    lines,
    createdAt,
    expiresAt,
  };
}

export function reservationNotFound(orderId: string, attempt: number | null) {
  const which = attempt === null ? 'a reservation' : `attempt ${attempt}`;
  return fail('reservation-not-found', `order ${orderId} has not got ${which}`, { orderId });
}

/** The state does not allow it. `advice` says what would be allowed instead. */
export function reservationState(orderId: string, attempt: Attempt, advice = '') {
  return fail('reservation-state', `the reservation is ${attempt.status}${advice}`, {
    state: attempt.status,
    reservationId: formatReservationId(orderId, attempt.number),
  });
}

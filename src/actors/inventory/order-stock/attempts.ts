// Finding one's way among an order's attempts.
import type { Attempt, OrderState } from './model.ts';

/** The last attempt that counts; null: none. Only the last can be live. */
export function lastAttempt(state: OrderState): Attempt | null {
  return state.attempts.findLast((attempt) => !attempt.abandoned) ?? null;
}

/** By number; null as the number means the last one. */
export function findAttempt(state: OrderState, number: number | null): Attempt | null {
  if (number === null) return lastAttempt(state);
  return state.attempts.find((attempt) => attempt.number === number && !attempt.abandoned) ?? null;
}

/** What may be forgotten when there are too many: it took nothing. */
export function oldestRefused(state: OrderState): Attempt | undefined {
  return state.attempts.find((attempt) => attempt.status === 'refused');
}

/** An attempt's time is over at the very millisecond of its deadline, whether or not a timer has fired. */
export function isOverdue(attempt: Attempt, now: number): boolean {
  return attempt.status === 'held' && now >= attempt.expiresAt;
}

// Which calls may be repeated where it is not known what became of them, and after how long.
import type { EdgeFailure } from '../../api/errors.ts';
import type { RemoteLimits } from './limits.ts';

/** Reads, and what is the same however often it is asked: a reservation has its order, or itself, for a key. */
const repeatable: ReadonlySet<string> = new Set([
  'GetItem',
  'ListItems',
  'GetWarehouse',
  'ListWarehouses',
  'GetInventoryLevels',
  'GetInventoryReport',
  'GetReservation',
  'CheckAndReserveStock',
  'CommitReservation',
  'ReleaseReservedStock',
]);

/** @param key the idempotency key beside the request; '' where there is none */
export function mayRepeat(method: string, request: unknown, key: string): boolean {
  return repeatable.has(method) || key !== '' || hasKey(request);
}

function hasKey(request: unknown): boolean {
  if (typeof request !== 'object' || request === null || !('idempotencyKey' in request)) return false;
  return typeof request.idempotencyKey === 'string' && request.idempotencyKey !== '';
}

/**
 * How long to wait before the next try, in milliseconds; null: there is to be none.
 * @param tries those that were made, at least 1
 * @param random in [0, 1)
 */
export function pauseBeforeRepeat(
  failure: EdgeFailure,
  tries: number,
  limits: RemoteLimits,
  random: number,
): number | null {
  if (failure.code !== 'unavailable' || tries > limits.retriesMax) return null;
  const pauseMs = limits.retryPauseMs * 2 ** (tries - 1);
  return pauseMs / 2 + (pauseMs / 2) * random;
}

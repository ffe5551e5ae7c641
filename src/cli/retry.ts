// When a call may be repeated, and how long to wait before it is. Only calls that the service recognises as repeats
// (same key, or no effect of their own) may come here; that is the caller's promise.
import { setTimeout as sleepFor } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import { retryBackoffBaseMs, retryBackoffCapMs, retryInfoCapMs } from './limits.ts';

export interface RetryClock {
  /** Milliseconds of a clock that never goes back. */
  now(): number;
  sleep(ms: number): Promise<void>;
  /** In [0, 1). */
  random(): number;
}

export const systemClock: RetryClock = {
  now: () => performance.now(),
  sleep: async (ms) => {
    await sleepFor(ms);
  },
  random: () => Math.random(),
};

/** What a failed try says about itself. */
export interface Failure {
  readonly retryable: boolean;
  /** The service's RetryInfo, in milliseconds. */
  readonly askedDelayMs: number | undefined;
}

const retryableCodes: ReadonlySet<number> = new Set([
  status.UNAVAILABLE,
  status.DEADLINE_EXCEEDED,
  status.RESOURCE_EXHAUSTED,
]);

export function isRetryable(code: number): boolean {
  return retryableCodes.has(code);
}

/**
 * The wait before try number `attempt + 1`: exponential and capped, at least half of it fixed and the rest random,
 * so that clients refused together do not come back together. A delay that the service asks for is a lower bound.
 * @param attempt tries made so far, from 1
 */
export function retryDelayMs(attempt: number, random: number, askedDelayMs?: number): number {
  const backoffMs = Math.min(retryBackoffCapMs, retryBackoffBaseMs * 2 ** Math.min(attempt - 1, 30));
  const jitteredMs = backoffMs / 2 + (backoffMs / 2) * random;
  if (askedDelayMs === undefined) return jitteredMs;
  const askedMs = Math.min(retryInfoCapMs, Math.max(0, askedDelayMs));
  return Math.max(jitteredMs, askedMs + (askedMs / 4) * random);
}

/**
 * Tries until an answer, an error that repeating cannot help, or `giveUpMs` is over; then the last error is thrown.
 * @param attempt one try, told how many milliseconds are left for everything
 */
export async function withRetry<T>(
  attempt: (remainingMs: number) => Promise<T>,
  describe: (error: unknown) => Failure,
  giveUpMs: number,
  clock: RetryClock = systemClock,
  onRetry: () => void = () => {},
): Promise<T> {
  const endsAt = clock.now() + giveUpMs;
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt(Math.max(1, endsAt - clock.now()));
    } catch (error) {
      const failure = describe(error);
      const delayMs = retryDelayMs(tries, clock.random(), failure.askedDelayMs);
      if (!failure.retryable || clock.now() + delayMs >= endsAt) throw error;
      onRetry();
      await clock.sleep(delayMs);
    }
  }
}

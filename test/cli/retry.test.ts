import { status } from '@grpc/grpc-js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isRetryable, retryDelayMs, withRetry } from '../../src/cli/retry.ts';

class Failed extends Error {
  readonly retryable: boolean;
  readonly askedDelayMs: number | undefined;

  constructor(retryable: boolean, askedDelayMs?: number) {
    super('failed');
    this.retryable = retryable;
    this.askedDelayMs = askedDelayMs;
  }
}

function describeFailure(error: unknown) {
  if (error instanceof Failed) return error;
  throw error;
}

/** A clock that only sleeping moves; it remembers the waits. */
function fakeClock() {
  let now = 0;
  const waits: number[] = [];
  return {
    waits,
    now: () => now,
    random: () => 0.5,
    sleep: async (ms: number) => {
      waits.push(ms);
      now += ms;
    },
  };
}

describe('retry', () => {
  test('only codes that say nothing about the request are repeated', () => {
    const codes = Object.values(status).filter((code) => typeof code === 'number');
    expect(codes.filter(isRetryable)).toEqual([
      status.DEADLINE_EXCEEDED,
      status.RESOURCE_EXHAUSTED,
      status.UNAVAILABLE,
    ]);
  });

  test('the wait grows, stays under its cap, and is never less than half of it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (attempt, random) => {
          const backoffMs = Math.min(2_000, 20 * 2 ** (attempt - 1));
          const delayMs = retryDelayMs(attempt, random);
          expect(delayMs).toBeGreaterThanOrEqual(backoffMs / 2);
          expect(delayMs).toBeLessThanOrEqual(backoffMs);
        },
      ),
    );
  });

  test('a delay that the service asks for is waited, up to a bound', () => {
    expect(retryDelayMs(1, 0, 500)).toBe(500);
    expect(retryDelayMs(1, 0, 1e9)).toBe(10_000);
    expect(retryDelayMs(8, 0, 1)).toBe(1_000);
  });

  test('repeats until an answer', async () => {
    const clock = fakeClock();
    let tries = 0;
    let retries = 0;
    const answer = await withRetry(
      async () => {
        tries += 1;
        if (tries < 4) throw new Failed(true);
        return 'ok';
      },
      describeFailure,
      60_000,
      clock,
      () => {
        retries += 1;
      },
    );
    expect([answer, tries, retries]).toEqual(['ok', 4, 3]);
    expect(clock.waits).toEqual([15, 30, 60]);
  });

  test('an error that repeating cannot help is thrown at once', async () => {
    let tries = 0;
    const failing = withRetry(
      async () => {
        tries += 1;
        throw new Failed(false);
      },
      describeFailure,
      60_000,
      fakeClock(),
    );
    await expect(failing).rejects.toThrow('failed');
    expect(tries).toBe(1);
  });

  test('gives up before its deadline, and tells each try what is left', async () => {
    const clock = fakeClock();
    const left: number[] = [];
    const failing = withRetry(
      async (remainingMs) => {
        left.push(remainingMs);
        throw new Failed(true);
      },
      describeFailure,
      1_000,
      clock,
    );
    await expect(failing).rejects.toThrow('failed');
    expect(clock.now()).toBeLessThan(1_000);
    expect(left[0]).toBe(1_000);
    expect(left.at(-1)).toBe(1_000 - clock.now());
  });
});

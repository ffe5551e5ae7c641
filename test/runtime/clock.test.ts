// The system's clock: timers of any length.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/runtime/clock.ts';

const dayMs = 86_400_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('a timer for 30 days, beyond the 31 bits of one of Node, goes off after 30 days', () => {
  const task = vi.fn();
  systemClock.after(30 * dayMs, task);
  vi.advanceTimersByTime(30 * dayMs - 1);
  expect(task).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(task).toHaveBeenCalledTimes(1);
});

test('no timer is ever set for longer than Node can wait', () => {
  const set = vi.spyOn(globalThis, 'setTimeout');
  systemClock.after(30 * dayMs, () => {});
  vi.advanceTimersByTime(30 * dayMs);
  for (const [, delayMs] of set.mock.calls) expect(delayMs).toBeLessThan(2 ** 31);
});

test('a timer that is called off in its second stretch does not go off', () => {
  const task = vi.fn();
  const callOff = systemClock.after(30 * dayMs, task);
  vi.advanceTimersByTime(29 * dayMs);
  callOff();
  vi.advanceTimersByTime(2 * dayMs);
  expect(task).not.toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(0);
});

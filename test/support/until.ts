/** Waiting in tests: always for something, never for a time. */
import { setTimeout as pause } from 'node:timers/promises';

const lookEveryMs = 10;

/** Waits until it holds; a wait that fails says what it waited for, and what it saw. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  deadlineMs = 20_000,
  seen: () => unknown = () => '',
): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`waited ${deadlineMs} ms for ${what} ${String(seen())}`);
    await pause(lookEveryMs);
  }
}

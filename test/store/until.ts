// Waiting for a condition, with a deadline that says what was waited for.
import { setTimeout as pause } from 'node:timers/promises';

const deadlineMs = 10_000;
const pollMs = 5;

export async function until(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`waited ${deadlineMs} ms in vain for ${what}`);
    await pause(pollMs);
  }
}

// Time that passes only when a test says so.
import type { Timers } from '../../src/messaging/timers.ts';

export class ManualTimers implements Timers {
  #now = 0;
  readonly #tasks = new Set<{ readonly at: number; readonly task: () => void }>();

  monotonic(): number {
    return this.#now;
  }

  after(delayMs: number, task: () => void): () => void {
    const entry = { at: this.#now + delayMs, task };
    this.#tasks.add(entry);
    return () => this.#tasks.delete(entry);
  }

  get waiting(): number {
    return this.#tasks.size;
  }

  /** How long until the next is due, in milliseconds. */
  get nextInMs(): number {
    return Math.min(...[...this.#tasks].map(({ at }) => at)) - this.#now;
  }

  /** Goes to when the next is due, runs it, and lets what follows from it happen. */
  async next(): Promise<void> {
    const next = [...this.#tasks].sort((a, b) => a.at - b.at)[0];
    if (next === undefined) throw new Error('nothing waits for time to pass');
    this.#tasks.delete(next);
    this.#now = next.at;
    next.task();
    await settled();
  }
}

/** When all that is not waiting for anything has happened. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

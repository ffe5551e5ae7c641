// A clock that stands until it is told to go on.
import type { PaymentClock } from '../../../src/payments/clock.ts';

interface Timer {
  readonly at: number;
  readonly task: () => void;
}

export class ManualClock implements PaymentClock {
  readonly #timers = new Set<Timer>();
  #now = 1_800_000_000_000;

  now(): number {
    return this.#now;
  }

  after(delayMs: number, task: () => void): () => void {
    const timer = { at: this.#now + delayMs, task };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  get timers(): number {
    return this.#timers.size;
  }

  /** Runs what is due on the way, in order of time. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const [next] = [...this.#timers].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.task();
    }
    this.#now = end;
  }
}

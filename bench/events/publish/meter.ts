// Counts what is confirmed, and measures from the end of the warm-up to the last one.
import { eventLimits as limits } from '../limits.ts';

interface Moment {
  readonly atMs: number;
  readonly cpuUs: number;
}

export interface Metered {
  readonly measured: number;
  readonly seconds: number;
  /** Of the whole process. */
  readonly cpuUs: number;
}

export class Meter {
  readonly #events: number;
  readonly #warmUp: number;
  readonly #onMeasuring: () => void;
  readonly #done = Promise.withResolvers<Metered>();
  #confirmed = 0;
  #before: Moment | undefined;

  /** @param events that are to be confirmed in all */
  constructor(events: number, onMeasuring: () => void) {
    this.#events = events;
    this.#warmUp = Math.min(events - 1, Math.ceil(events * limits.warmUpShare));
    this.#onMeasuring = onMeasuring;
  }

  get confirmedCount(): number {
    return this.#confirmed;
  }

  /** Resolves with the last one. */
  get done(): Promise<Metered> {
    return this.#done.promise;
  }

  confirmed(): void {
    this.#confirmed += 1;
    if (this.#confirmed === this.#warmUp) {
      this.#before = now();
      this.#onMeasuring();
    }
    if (this.#confirmed === this.#events) this.#finish();
  }

  #finish(): void {
    const after = now();
    const { atMs, cpuUs } = this.#before ?? after;
    this.#done.resolve({
      measured: this.#events - this.#warmUp,
      seconds: (after.atMs - atMs) / 1_000,
      cpuUs: after.cpuUs - cpuUs,
    });
  }
}

function now(): Moment {
  const { user, system } = process.cpuUsage();
  return { atMs: performance.now(), cpuUs: user + system };
}

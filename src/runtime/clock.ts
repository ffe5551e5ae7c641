// Time and scheduling as the runtime sees them: a parameter, so that the same code runs under a simulated clock.
import { processNow } from './ask.ts';

export interface Clock {
  /** Milliseconds that never go back; what deadlines are given in. */
  monotonic(): number;
  /** Runs `task` once, no sooner than after `delayMs`. @returns a function that calls it off */
  after(delayMs: number, task: () => void): () => void;
  /** Runs `task` soon, after what has already arrived has been taken in. */
  defer(task: () => void): void;
}

/** Node's timers take 31 bits: one that is set for longer goes off at once, with a warning on stderr. */
const timeoutMsMax = 2 ** 31 - 1;

export const systemClock: Clock = {
  monotonic: processNow,
  after(delayMs, task) {
    let timer: NodeJS.Timeout;
    const arm = (leftMs: number): void => {
      const stepMs = Math.min(leftMs, timeoutMsMax);
      timer = setTimeout(() => (stepMs === leftMs ? task() : arm(leftMs - stepMs)), stepMs);
    };
    arm(delayMs);
    return () => clearTimeout(timer);
  },
  defer(task) {
    setImmediate(task);
  },
};

/** Resolves after so long, or when the signal is given. */
export function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(delayMs, done);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
    function done(): void {
      cancel();
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}

/** The database's clock, carried on by the monotonic one between two readings. Never goes back. */
export class DatabaseTime {
  readonly #clock: Clock;
  #offset = 0;
  #last = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Behind the database's clock by what the answer took, never ahead of it: a hold is not to expire before its time.
   *
   * @param now the database's time, in milliseconds since 1970, heard at `heardAt` (monotonic)
   */
  anchor(now: number, heardAt: number): void {
    this.#offset = now - heardAt;
  }

  /** Whole milliseconds since 1970. */
  now(): number {
    const now = Math.floor(this.#clock.monotonic() + this.#offset);
    if (now > this.#last) this.#last = now;
    return this.#last;
  }
}

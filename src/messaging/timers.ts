// Time as messaging sees it: a parameter, so that tests need not wait. The runtime's Clock fits as well.

export interface Timers {
  /** Milliseconds that never go back. */
  monotonic(): number;
  /** Runs `task` once, no sooner than after `delayMs`. @returns a function that calls it off */
  after(delayMs: number, task: () => void): () => void;
}

export const systemTimers: Timers = {
  monotonic: () => performance.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Exponential, at least half of it fixed and the rest random, so that those who failed together do not come together. */
export interface BackOff {
  readonly msMin: number;
  readonly msMax: number;
}

/**
 * How long to wait before the next try, in milliseconds.
 * @param failures so far, at least 1
 * @param random in [0, 1)
 */
export function backOffMs({ msMin, msMax }: BackOff, failures: number, random = Math.random()): number {
  const pauseMs = Math.min(msMax, msMin * 2 ** Math.min(failures - 1, 30));
  return pauseMs / 2 + (pauseMs / 2) * random;
}

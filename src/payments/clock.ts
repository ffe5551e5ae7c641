// Time as the sandbox sees it: a parameter, so that tests need not wait for it.

export interface PaymentClock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Runs `task` once, no sooner than after `delayMs`. @returns a function that calls it off */
  after(delayMs: number, task: () => void): () => void;
}

export const systemPaymentClock: PaymentClock = {
  now: Date.now,
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
};

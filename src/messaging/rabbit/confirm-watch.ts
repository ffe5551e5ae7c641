// A confirm that does not come is a connection that goes nowhere, or a broker that has forgotten: looked for now and then,
// rather than by a timer for each message.
import type { Timers } from '../timers.ts';
import type { RabbitLimits } from './limits.ts';

export class ConfirmWatch {
  readonly #timers: Timers;
  readonly #limits: RabbitLimits;
  #cancel: (() => void) | undefined;
  /** Nothing is due for what was sent before. */
  #notBefore = 0;

  constructor(timers: Timers, limits: RabbitLimits) {
    this.#timers = timers;
    this.#limits = limits;
  }

  /**
   * @param awaitedSince when the oldest was sent that is to be confirmed; undefined where none is
   * @param late is told once, after confirmMsMax
   */
  start(awaitedSince: () => number | undefined, late: () => void): void {
    this.#cancel = this.#timers.after(this.#limits.confirmLookIntervalMs, () => {
      const since = awaitedSince();
      const waitedMs = since === undefined ? 0 : this.#timers.monotonic() - Math.max(since, this.#notBefore);
      if (waitedMs > this.#limits.confirmMsMax) late();
      else this.start(awaitedSince, late);
    });
  }

  /** Confirms are due from now on, since the broker was blocked. */
  beginAnew(): void {
    this.#notBefore = this.#timers.monotonic();
  }

  stop(): void {
    this.#cancel?.();
  }
}

// Forgets the record of what was sent, and which events were taken in, when they have been kept long enough.
import type { Logger } from 'pino';
import type { NotificationStore } from '../persistence/notifications/store.ts';
import type { NotificationLimits } from './limits.ts';

export class NotificationRetention {
  readonly #store: NotificationStore;
  readonly #limits: NotificationLimits;
  readonly #log: Logger;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | null = null;
  #isStopped = true;

  constructor(store: NotificationStore, limits: NotificationLimits, log: Logger) {
    this.#store = store;
    this.#limits = limits;
    this.#log = log;
  }

  /** Runs now, and from time to time. */
  start(): void {
    this.#isStopped = false;
    this.#timer = setInterval(() => this.#begin(), this.#limits.forgetIntervalMs);
    this.#begin();
  }

  /** Resolves when nothing is under way. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    await this.#running;
  }

  /** A run may take longer than the interval. */
  #begin(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
  }

  async #run(): Promise<void> {
    const { recordKeptMs, consumedKeptMs } = this.#limits;
    try {
      await this.#inRounds((limit) => this.#store.forgetNotifications(recordKeptMs, limit));
      await this.#inRounds((limit) => this.#store.forgetConsumed(consumedKeptMs, limit));
    } catch (error) {
      this.#log.warn({ err: error }, 'forgetting old notifications failed; it will be tried again');
    }
  }

  async #inRounds(forget: (limit: number) => Promise<number>): Promise<void> {
    const { forgetRowsMax, forgetRoundsMax } = this.#limits;
    for (let round = 0; round < forgetRoundsMax && !this.#isStopped; round += 1)
      if ((await forget(forgetRowsMax)) < forgetRowsMax) return;
  }
}

// Looks again and again at how far the reader of the broker lags behind the journal, as the service's own metrics do, and at the
// memory of the service.
import { setTimeout as pause } from 'node:timers/promises';
import { type Client, openClient } from '../../src/persistence/connect.ts';
import { readOutbox } from '../../src/persistence/outbox.ts';
import { eventLimits as limits } from './limits.ts';
import type { TimelineSample } from './scenario.ts';
import type { ServiceRun } from './service.ts';

const reader = 'amqp';
const bytesPerMiB = 1_048_576;

export class LagWatch {
  readonly #service: ServiceRun;
  readonly #client: Client;
  readonly #samples: TimelineSample[] = [];
  readonly #closing = new AbortController();
  #beganAt = Number.NaN;
  #looking: Promise<void> = Promise.resolve();

  constructor(service: ServiceRun) {
    this.#service = service;
    this.#client = openClient('work', { url: service.database.url, log: { warn: () => {} } });
  }

  get samples(): readonly TimelineSample[] {
    return this.#samples;
  }

  get sinceStartMs(): number {
    return performance.now() - this.#beganAt;
  }

  start(): void {
    this.#beganAt = performance.now();
    this.#looking = this.#look();
    // Whoever waits for it hears of it.
    this.#looking.catch(() => {});
  }

  /**
   * Waits until the reader has caught up.
   * @param sinceMs when it could begin to, from the start
   * @returns how long that took, in seconds; null where it took too long
   */
  async drained(sinceMs: number): Promise<number | null> {
    const deadline = performance.now() + limits.drainMsMax;
    while (performance.now() < deadline) {
      const found = this.#samples.find(
        ({ atMs, lagSeconds }) => atMs > sinceMs && lagSeconds < limits.drainedLagSeconds,
      );
      if (found !== undefined) return (found.atMs - sinceMs) / 1_000;
      await Promise.race([pause(limits.sampleMs), this.#looking]);
    }
    return null;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#looking.catch(() => {});
    await this.#client.close();
  }

  /** @throws Error where the service or its database does not answer */
  async #look(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const [{ readers }, rssBytes] = await Promise.all([
        readOutbox(this.#client),
        this.#service.host.rssBytes(),
      ]);
      const lag = readers.find((each) => each.reader === reader);
      this.#samples.push({
        atMs: this.sinceStartMs,
        lagRows: lag?.rows ?? 0,
        lagSeconds: lag?.seconds ?? 0,
        rssMiB: rssBytes / bytesPerMiB,
      });
      await pause(limits.sampleMs, undefined, { signal }).catch(() => {});
    }
  }
}

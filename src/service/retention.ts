// Forgets what has been kept long enough. It runs on the main thread of the process that owns the database.
import { type Client, openClient, type StoreLog } from '../persistence/connect.ts';
import { forgetReceipts } from '../persistence/receipts-table.ts';

/** The contract promises 24 hours after the end of what a key made; some calls take a while to end. */
const receiptsKeptMs = 48 * 3_600_000;
const intervalMs = 60_000;

export interface RetentionLimits {
  /** In one statement, whose locks are held for as long as it runs. */
  readonly receiptsForgottenMax: number;
  /** Statements in a row; what is still there then is left to the next run. */
  readonly roundsMax: number;
}

const defaultLimits: RetentionLimits = { receiptsForgottenMax: 10_000, roundsMax: 100 };

export class Retention {
  readonly #clients: readonly Client[];
  readonly #log: StoreLog;
  #timer: NodeJS.Timeout | undefined;
  #isRunning = false;

  /** @param urls of the databases */
  constructor(urls: readonly string[], log: StoreLog) {
    this.#clients = urls.map((url) => openClient('work', { url, log }));
    this.#log = log;
  }

  start(): void {
    this.stop();
    this.#timer = setInterval(() => void this.#run(), intervalMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async close(): Promise<void> {
    this.stop();
    await Promise.all(this.#clients.map((client) => client.close()));
  }

  async #run(): Promise<void> {
    // A run may take longer than the interval.
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      for (const client of this.#clients) await forgetOldReceipts(client, receiptsKeptMs);
    } catch (error) {
      this.#log.warn({ err: error }, 'forgetting old idempotency keys failed; it will be tried again');
    } finally {
      this.#isRunning = false;
    }
  }
}

/**
 * Forgets all that are older, in statements of bounded size.
 * @param keptMs how long a key is kept, in milliseconds
 * @throws StoreError
 */
export async function forgetOldReceipts(
  client: Client,
  keptMs: number,
  limits: RetentionLimits = defaultLimits,
): Promise<void> {
  for (let round = 0; round < limits.roundsMax; round += 1)
    if ((await forgetReceipts(client, keptMs, limits.receiptsForgottenMax)) < limits.receiptsForgottenMax)
      return;
}

// Forgets what has been kept long enough. It runs on the main thread of the process that owns the database.
import { type Client, openClient, type StoreLog } from '../persistence/connect.ts';
import { forgetReceipts } from '../persistence/receipts-table.ts';

/** The contract promises 24 hours after the end of what a key made; some calls take a while to end. */
const receiptsKeptMs = 48 * 3_600_000;
const intervalMs = 60_000;
const receiptsForgottenMax = 10_000;

export class Retention {
  readonly #client: Client;
  readonly #log: StoreLog;
  #timer: NodeJS.Timeout | undefined;

  constructor(url: string, log: StoreLog) {
    this.#client = openClient('work', { url, log });
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
    await this.#client.close();
  }

  async #run(): Promise<void> {
    try {
      await forgetReceipts(this.#client, Date.now() - receiptsKeptMs, receiptsForgottenMax);
    } catch (error) {
      this.#log.warn({ err: error }, 'forgetting old idempotency keys failed; it will be tried again');
    }
  }
}

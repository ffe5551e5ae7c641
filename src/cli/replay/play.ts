// Plays the records of a year against the service: an order is reserved, committed and fulfilled; a cancel comes
// back as returned stock. Records are started in the order of the file, `concurrency` of them at a time.
import { InventoryServiceService as inventory } from '../../generated/synkro/inventory/v1/inventory.ts';
import { CallError, type InventoryCaller } from '../client.ts';
import { type OrderRecord, parseOrderRecord, readRecords } from '../dataset.ts';
import { unansweredMax } from '../limits.ts';
import { Pool } from '../pool.ts';
import type { Books } from './books.ts';
import { Histogram } from './histogram.ts';

export const steps = ['reserve', 'commit', 'fulfil', 'return'] as const;
export type Step = (typeof steps)[number];

/** What has come of the records so far; plain counters, read by the progress line and the report. */
export interface Tally {
  orders: { fulfilled: number; refused: number; failed: number };
  cancels: { returned: number; failed: number };
  /** Order lines of fulfilled and refused orders and lines of cancels taken back. */
  lines: number;
  units: number;
  /** Records that failed without the service saying that nothing happened; part of the failed ones. */
  unanswered: number;
  badLines: number;
  latency: Readonly<Record<Step, Histogram>>;
}

export function newTally(): Tally {
  return {
    orders: { fulfilled: 0, refused: 0, failed: 0 },
    cancels: { returned: 0, failed: 0 },
    lines: 0,
    units: 0,
    unanswered: 0,
    badLines: 0,
    latency: {
      reserve: new Histogram(),
      commit: new Histogram(),
      fulfil: new Histogram(),
      return: new Histogram(),
    },
  };
}

/** Records that have come to an end, of whatever kind. */
export function doneRecords(tally: Tally): number {
  const { orders, cancels } = tally;
  return (
    orders.fulfilled + orders.refused + orders.failed + cancels.returned + cancels.failed + tally.badLines
  );
}

export interface PlayOptions {
  readonly orders: string;
  readonly limit: number;
  readonly concurrency: number;
  /** Where returned goods go. */
  readonly returnsWarehouseId: string;
  readonly signal: AbortSignal;
  readonly onProblem: (text: string) => void;
}

/** Thrown by a step whose answer says that the record cannot go on, though the call itself worked. */
class StepError extends Error {
  override readonly name = 'StepError';
}

/** Plays up to `limit` records and fills the tally; a record that fails does not stop the others. */
export async function play(
  caller: InventoryCaller,
  books: Books,
  tally: Tally,
  options: PlayOptions,
): Promise<void> {
  const player = new Player(caller, books, tally, options);
  const pool = new Pool(options.concurrency);
  let started = 0;
  for await (const record of readRecords(options.orders, parseOrderRecord)) {
    if (started >= options.limit || options.signal.aborted || tally.unanswered >= unansweredMax) break;
    started += 1;
    if ('problem' in record) {
      tally.badLines += 1;
      options.onProblem(`${options.orders}:${record.line}: ${record.problem}`);
      continue;
    }
    await pool.start(() => player.play(record.value));
  }
  await pool.drain();
}

class Player {
  readonly #caller: InventoryCaller;
  readonly #books: Books;
  readonly #tally: Tally;
  readonly #options: PlayOptions;

  constructor(caller: InventoryCaller, books: Books, tally: Tally, options: PlayOptions) {
    this.#caller = caller;
    this.#books = books;
    this.#tally = tally;
    this.#options = options;
  }

  async play(record: OrderRecord): Promise<void> {
    try {
      if (record.type === 'order') await this.#order(record);
      else await this.#cancel(record);
    } catch (error) {
      if (!(error instanceof CallError || error instanceof StepError)) throw error;
      if (record.type === 'order') this.#tally.orders.failed += 1;
      else this.#tally.cancels.failed += 1;
      if (!(error instanceof CallError && error.answered)) this.#tally.unanswered += 1;
      this.#options.onProblem(`${record.type} ${record.id}: ${error.message}`);
    }
  }

  async #order(record: OrderRecord): Promise<void> {
    const reservationId = await this.#reserve(record);
    this.#tally.lines += record.lines.length;
    if (reservationId === undefined) {
      this.#tally.orders.refused += 1;
      return;
    }
    await this.#timed('commit', () =>
      this.#caller.call(inventory.commitReservation, { reservationId, orderId: '' }),
    );
    const answer = await this.#timed('fulfil', () =>
      this.#caller.call(inventory.fulfillInventory, {
        orderId: record.id,
        lines: [],
        idempotencyKey: `${record.id}/fulfil`,
      }),
    );
    if (!answer.success) throw new StepError('FulfillInventory answered success = false');
    for (const level of answer.inventoryLevels) this.#books.observe(level);
    for (const line of record.lines) {
      this.#books.fulfilled(line.sku, line.quantity);
      this.#tally.units += line.quantity;
    }
    this.#tally.orders.fulfilled += 1;
  }

  /** The reservation's id, or undefined where there is too little stock. The order id is the key. */
  async #reserve(record: OrderRecord): Promise<string | undefined> {
    const answer = await this.#timed('reserve', () =>
      this.#caller.call(inventory.checkAndReserveStock, {
        orderId: record.id,
        items: record.lines.map(({ sku, quantity }) => ({ itemId: '', sku, quantity: BigInt(quantity) })),
        warehouseId: '',
        ttlSeconds: 0,
        customerId: '',
        idempotencyKey: '',
        requestId: '',
        drawStrategy: 0,
      }),
    );
    return answer.success ? answer.reservationId : undefined;
  }

  /** Line by line, so that what was taken back before a failure is in the books. */
  async #cancel(record: OrderRecord): Promise<void> {
    for (const [index, line] of record.lines.entries()) {
      const { inventoryLevel } = await this.#timed('return', () =>
        this.#caller.call(inventory.adjustInventory, {
          itemId: '',
          sku: line.sku,
          warehouseId: this.#options.returnsWarehouseId,
          delta: BigInt(line.quantity),
          reason: 'returned',
          reference: record.id,
          idempotencyKey: `${record.id}/${index + 1}`,
        }),
      );
      if (inventoryLevel !== undefined) this.#books.observe(inventoryLevel);
      this.#books.returned(line.sku, line.quantity);
      this.#tally.lines += 1;
    }
    this.#tally.cancels.returned += 1;
  }

  /** Measures what a caller waits for: all tries, and the pauses between them. */
  async #timed<T>(step: Step, call: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    const answer = await call();
    this.#tally.latency[step].record(performance.now() - startedAt);
    return answer;
  }
}

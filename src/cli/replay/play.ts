// Plays the records of a year against the service. Records are started in the order of the file, `concurrency` of them at a
// time; what a customer gives back waits for the orders of the same customer that were started before.
import { CallError } from '../client.ts';
import { type Numbered, type OrderRecord, parseOrderRecord, readRecords } from '../dataset.ts';
import { unansweredMax } from '../limits.ts';
import { Pool } from '../pool.ts';
import { StepError } from './calls.ts';
import type { Orders } from './orders.ts';
import type { Returns } from './returns.ts';
import type { Tally } from './tally.ts';

export interface PlayOptions {
  readonly orders: string;
  readonly limit: number;
  readonly concurrency: number;
  readonly signal: AbortSignal;
  readonly onProblem: (text: string) => void;
}

export class Player {
  readonly #orders: Orders;
  readonly #returns: Returns;
  readonly #tally: Tally;
  readonly #options: PlayOptions;
  readonly #seen = new Set<string>();
  /** Records of each customer that are under way. */
  readonly #underWay = new Map<string, Set<Promise<void>>>();

  constructor(orders: Orders, returns: Returns, tally: Tally, options: PlayOptions) {
    this.#orders = orders;
    this.#returns = returns;
    this.#tally = tally;
    this.#options = options;
  }

  /** Plays up to `limit` records and fills the tally; a record that fails does not stop the others. */
  async play(): Promise<void> {
    const { concurrency, limit, orders, signal } = this.#options;
    const pool = new Pool(concurrency);
    let place = 0;
    for await (const record of readRecords(orders, parseOrderRecord)) {
      if (place >= limit || signal.aborted || this.#tally.unanswered >= unansweredMax) break;
      place += 1;
      const value = this.#check(record);
      const at = place;
      if (value !== null) await pool.start(() => this.#start(value, at));
    }
    await pool.drain();
  }

  /** An order or a cancel came to nothing. */
  failed(record: OrderRecord, error: CallError | StepError): void {
    if (record.type === 'order') this.#tally.orders.failed += 1;
    else this.#tally.cancels.failed += 1;
    if (!(error instanceof CallError && error.answered)) this.#tally.unanswered += 1;
    this.#options.onProblem(`${record.type} ${record.id}: ${error.message}`);
  }

  /** Null for a line that cannot be played. Ids are keys: the same one again would be a repeat to the service. */
  #check(record: Numbered<OrderRecord>): OrderRecord | null {
    const problem = this.#problemOf(record);
    if (problem === null && 'value' in record) return record.value;
    this.#tally.badLines += 1;
    this.#options.onProblem(`${this.#options.orders}:${record.line}: ${problem}`);
    return null;
  }

  #problemOf(record: Numbered<OrderRecord>): string | null {
    if ('problem' in record) return record.problem;
    const { id } = record.value;
    if (this.#seen.has(id)) return `the id '${id}' stands on an earlier line too`;
    this.#seen.add(id);
    return null;
  }

  #start(record: OrderRecord, place: number): Promise<void> {
    const { customer } = record;
    if (customer === null) return this.#play(record, place);
    const before = this.#underWay.get(customer) ?? new Set();
    this.#underWay.set(customer, before);
    const run = this.#play(record, place, [...before]).finally(() => {
      before.delete(run);
      if (before.size === 0) this.#underWay.delete(customer);
    });
    before.add(run);
    return run;
  }

  async #play(record: OrderRecord, place: number, before: readonly Promise<void>[] = []): Promise<void> {
    try {
      if (record.type === 'order') {
        await this.#orders.play(record, place);
      } else {
        await Promise.allSettled(before);
        await this.#returns.play(record, place);
      }
    } catch (error) {
      if (!(error instanceof CallError || error instanceof StepError)) throw error;
      this.failed(record, error);
    }
  }
}

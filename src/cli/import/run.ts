// One import from end to end: lines to batches, batches to the service, a few at a time; a SKU never stands in two
// batches that are under way, so that what the later line says wins. Reports what is bad and counts the rest.
import type { InventoryCaller } from '../client.ts';
import type { Numbered } from '../dataset.ts';
import { RecordError } from '../fields.ts';
import { Pool } from '../pool.ts';
import { applyBatch } from './apply.ts';
import { Batch } from './batch.ts';
import type { ImportRecord } from './record.ts';
import type { Warehouses } from './warehouses.ts';

export interface ImportTally {
  /** Lines read, the bad ones included; a CSV's header and empty lines are not counted. */
  lines: number;
  /** Items; several lines of one SKU in a batch are one item. */
  created: number;
  updated: number;
  unchanged: number;
  /** Lines. */
  bad: number;
}

export class Importer {
  readonly #caller: InventoryCaller;
  readonly #warehouses: Warehouses;
  readonly #onBadLine: (line: number, problem: string) => void;
  readonly #pool: Pool;
  readonly #inFlight = new Set<string>();
  #batch = new Batch();
  readonly tally: ImportTally = { lines: 0, created: 0, updated: 0, unchanged: 0, bad: 0 };

  /** @param concurrency batches in flight */
  constructor(
    caller: InventoryCaller,
    warehouses: Warehouses,
    concurrency: number,
    onBadLine: (line: number, problem: string) => void,
  ) {
    this.#caller = caller;
    this.#warehouses = warehouses;
    this.#pool = new Pool(concurrency);
    this.#onBadLine = onBadLine;
  }

  /** @throws CallError where the service stops answering */
  async run(records: AsyncIterable<Numbered<ImportRecord>>, signal: AbortSignal): Promise<void> {
    for await (const record of records) {
      if (signal.aborted) break;
      this.tally.lines += 1;
      if ('problem' in record) this.#bad(record.line, record.problem);
      else await this.#add(record.line, record.value);
    }
    await this.#send();
    await this.#pool.drain();
  }

  async #add(line: number, record: ImportRecord): Promise<void> {
    try {
      const stock = await this.#resolve(record);
      if (this.#batch.full || !this.#batch.add(line, record, stock)) {
        await this.#send();
        this.#batch.add(line, record, stock);
      }
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
      this.#bad(line, error.message);
    }
  }

  async #resolve(record: ImportRecord): Promise<Map<string, number>> {
    const stock = new Map<string, number>();
    for (const { warehouse, quantity } of record.stock) {
      const id = await this.#warehouses.id(warehouse);
      if (stock.has(id)) throw new RecordError(`warehouse '${warehouse}' stands twice`);
      stock.set(id, quantity);
    }
    return stock;
  }

  async #send(): Promise<void> {
    const batch = this.#batch;
    if (batch.size === 0) return;
    this.#batch = new Batch();
    const skus = [...batch.skus];
    if (skus.some((sku) => this.#inFlight.has(sku))) await this.#pool.drain();
    for (const sku of skus) this.#inFlight.add(sku);
    await this.#pool.start(async () => {
      await applyBatch(this.#caller, batch.entries, (entry, outcome) => {
        if (outcome.kind !== 'bad') this.tally[outcome.kind] += 1;
        else for (const line of entry.lines) this.#bad(line, outcome.problem);
      });
      for (const sku of skus) this.#inFlight.delete(sku);
    });
  }

  #bad(line: number, problem: string): void {
    this.tally.bad += 1;
    this.#onBadLine(line, problem);
  }
}

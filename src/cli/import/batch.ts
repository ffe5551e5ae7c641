// A batch of an import: different SKUs, each with what the lines of the file say about it. Lines of one SKU that
// differ only in the warehouse become one entry; anything else about a SKU already here has to wait for the next
// batch, so that the later line wins.
import { isDeepStrictEqual } from 'node:util';
import { bulkBytesMax, bulkItemsMax } from '../limits.ts';
import type { ImportRecord } from './record.ts';

export interface BatchEntry {
  readonly lines: number[];
  readonly record: ImportRecord;
  /** Counted quantity by warehouse id. */
  readonly stock: Map<string, number>;
}

export class Batch {
  readonly #entries = new Map<string, BatchEntry>();
  #bytes = 0;

  get entries(): readonly BatchEntry[] {
    return [...this.#entries.values()];
  }

  get skus(): IterableIterator<string> {
    return this.#entries.keys();
  }

  get size(): number {
    return this.#entries.size;
  }

  get full(): boolean {
    return this.#entries.size >= bulkItemsMax || this.#bytes >= bulkBytesMax;
  }

  /** @returns false where the batch already says something else about the SKU */
  add(line: number, record: ImportRecord, stock: ReadonlyMap<string, number>): boolean {
    const entry = this.#entries.get(record.sku);
    if (entry === undefined) {
      this.#entries.set(record.sku, { lines: [line], record, stock: new Map(stock) });
      this.#bytes += estimatedBytes(record);
      return true;
    }
    if (!sameItem(entry.record, record) || [...stock.keys()].some((id) => entry.stock.has(id))) return false;
    entry.lines.push(line);
    for (const [id, quantity] of stock) entry.stock.set(id, quantity);
    this.#bytes += stock.size * stockBytes;
    return true;
  }
}

const stockBytes = 64;

function estimatedBytes(record: ImportRecord): number {
  const { stock, ...item } = record;
  return Buffer.byteLength(JSON.stringify(item)) + stock.length * stockBytes;
}

function sameItem(a: ImportRecord, b: ImportRecord): boolean {
  return (
    a.name === b.name &&
    a.description === b.description &&
    a.category === b.category &&
    isDeepStrictEqual(a.attributes, b.attributes)
  );
}

// Brings the service to what a batch says: new items in one bulk call with their stock; items that exist are changed
// where they differ, and their stock is set by compare-and-set adjustments, so that a repeat changes nothing.
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { status } from '@grpc/grpc-js';
import {
  type BulkItemResult,
  type Item,
  InventoryServiceService as inventory,
  type UpdateItemRequest,
} from '../../generated/synkro/inventory/v1/inventory.ts';
import { CallError, type InventoryCaller } from '../client.ts';
import { importCallsPerBatchMax } from '../limits.ts';
import { CommandError } from '../options.ts';
import { forEachBounded } from '../pool.ts';
import type { BatchEntry } from './batch.ts';
import { StockSetter } from './stock.ts';

export type Outcome =
  | { readonly kind: 'created' | 'updated' | 'unchanged' }
  | { readonly kind: 'bad'; readonly problem: string };

/** @throws CallError where the service stops answering: what became of the batch is then unknown */
export async function applyBatch(
  caller: InventoryCaller,
  entries: readonly BatchEntry[],
  onOutcome: (entry: BatchEntry, outcome: Outcome) => void,
): Promise<void> {
  const existing: BatchEntry[] = [];
  const results = await bulk(entries, (some) => create(caller, some));
  for (const [entry, { error }] of results) {
    if (error === undefined) onOutcome(entry, { kind: 'created' });
    else if (error.code === status.ALREADY_EXISTS) existing.push(entry);
    else onOutcome(entry, { kind: 'bad', problem: error.message });
  }
  if (existing.length > 0) await bringUpToDate(caller, existing, onOutcome);
}

async function create(caller: InventoryCaller, entries: readonly BatchEntry[]): Promise<BulkItemResult[]> {
  const items = entries.map(({ record, stock }) => ({
    sku: record.sku,
    name: record.name,
    description: record.description ?? '',
    category: record.category ?? '',
    attributes: record.attributes,
    initialLevels: [...stock].map(([warehouseId, quantity]) => ({ warehouseId, quantity: BigInt(quantity) })),
    idempotencyKey: `import/${randomUUID()}`,
  }));
  return (await caller.call(inventory.bulkCreateItems, { items })).results;
}

/**
 * One bulk call with its results by entry. A service may refuse a whole call for one bad item: then its halves are
 * tried, so that only the bad one is left out.
 */
async function bulk<T>(
  entries: readonly T[],
  call: (entries: readonly T[]) => Promise<BulkItemResult[]>,
): Promise<[T, BulkItemResult][]> {
  try {
    const results = await call(entries);
    if (results.length !== entries.length)
      throw new CommandError('a bulk call answered for other items than asked');
    return results.map((result, index): [T, BulkItemResult] => [at(entries, index), result]);
  } catch (error) {
    if (!(error instanceof CallError) || error.code !== status.INVALID_ARGUMENT) throw error;
    if (entries.length === 1) {
      const failure = { code: error.code, message: error.message, details: [] };
      return [[at(entries, 0), { item: undefined, error: failure }]];
    }
    const half = entries.length >> 1;
    return [...(await bulk(entries.slice(0, half), call)), ...(await bulk(entries.slice(half), call))];
  }
}

function at<T>(values: readonly T[], index: number): T {
  const value = values[index];
  if (value === undefined) throw new RangeError(`there is no entry ${index}`);
  return value;
}

async function bringUpToDate(
  caller: InventoryCaller,
  entries: readonly BatchEntry[],
  onOutcome: (entry: BatchEntry, outcome: Outcome) => void,
): Promise<void> {
  const bad = new Map<BatchEntry, string>();
  const changed = new Set<BatchEntry>();
  const refuse = (entry: BatchEntry, error: unknown): void => {
    // Only a definite answer about this one item; without an answer the import has to stop.
    if (!(error instanceof CallError) || !error.answered) throw error;
    bad.set(entry, error.message);
  };
  const updates = await itemUpdates(caller, entries, refuse);
  const results = await bulk(updates, async (some) => {
    if (some.length === 0) return [];
    return (await caller.call(inventory.bulkUpdateItems, { items: some.map(({ request }) => request) }))
      .results;
  });
  for (const [{ entry }, { error }] of results) {
    if (error === undefined) changed.add(entry);
    else bad.set(entry, error.message);
  }
  const good = entries.filter((entry) => !bad.has(entry));
  const stock = await StockSetter.read(caller, good);
  await forEachBounded(good, importCallsPerBatchMax, async (entry) => {
    try {
      if (await stock.set(entry)) changed.add(entry);
    } catch (error) {
      refuse(entry, error);
    }
  });
  for (const entry of entries) {
    const problem = bad.get(entry);
    if (problem !== undefined) onOutcome(entry, { kind: 'bad', problem });
    else onOutcome(entry, { kind: changed.has(entry) ? 'updated' : 'unchanged' });
  }
}

interface Update {
  readonly entry: BatchEntry;
  readonly request: UpdateItemRequest;
}

async function itemUpdates(
  caller: InventoryCaller,
  entries: readonly BatchEntry[],
  refuse: (entry: BatchEntry, error: unknown) => void,
): Promise<Update[]> {
  const updates: Update[] = [];
  await forEachBounded(entries, importCallsPerBatchMax, async (entry) => {
    try {
      const { item } = await caller.call(inventory.getItem, { id: '', sku: entry.record.sku });
      const request = item === undefined ? undefined : difference(item, entry);
      if (request !== undefined) updates.push({ entry, request });
    } catch (error) {
      refuse(entry, error);
    }
  });
  return updates;
}

/** What has to change for the item to be as the line says; undefined where it is already. */
function difference(item: Item, { record }: BatchEntry): UpdateItemRequest | undefined {
  const { name, description, category, attributes } = record;
  const same =
    name === item.name &&
    (description ?? item.description) === item.description &&
    (category ?? item.category) === item.category &&
    (attributes === undefined || isDeepStrictEqual(attributes, item.attributes ?? {}));
  if (same) return undefined;
  return { id: item.id, name, description, category, attributes, idempotencyKey: `import/${randomUUID()}` };
}

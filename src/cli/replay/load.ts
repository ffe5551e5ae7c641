// Prepares an empty service for a replay: three warehouses and the catalogue with its starting stock. Refuses a
// service that holds anything already, because the books could not balance.
import { randomUUID } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import {
  type CreateItemRequest,
  InventoryServiceService as inventory,
} from '../../generated/synkro/inventory/v1/inventory.ts';
import {
  ListOrdersRequest,
  LogisticsServiceService as logistics,
} from '../../generated/synkro/logistics/v1/logistics.ts';
import { CallError, type ServiceCaller } from '../client.ts';
import { type CatalogueRecord, type Numbered, parseCatalogueRecord, readRecords } from '../dataset.ts';
import { bulkItemsMax, connectGiveUpMs, loadConcurrency } from '../limits.ts';
import { CommandError, type Fraction } from '../options.ts';
import { Pool } from '../pool.ts';
import type { Books } from './books.ts';
import { deal, startingUnits } from './deal.ts';

const warehouses = [
  { name: 'London', priority: 0 },
  { name: 'Leeds', priority: 1 },
  { name: 'Glasgow', priority: 2 },
];

/** @throws CommandError where nothing answers, or the service is not empty */
export async function requireEmpty(caller: ServiceCaller, address: string): Promise<void> {
  const options = { giveUpMs: connectGiveUpMs };
  try {
    const known = await caller.call(inventory.listWarehouses, { pageSize: 1, pageToken: '' }, options);
    const items = await caller.call(
      inventory.listItems,
      { pageSize: 1, pageToken: '', category: '', skuPrefix: '' },
      options,
    );
    const orders = await caller.call(
      logistics.listOrders,
      ListOrdersRequest.create({ pageSize: 1 }),
      options,
    );
    if (known.warehouses.length + items.items.length + orders.orders.length === 0) return;
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    throw new CommandError(`the service at ${address} does not answer: ${error.message}`);
  }
  throw notEmpty(`the service at ${address} already holds items, warehouses or orders`);
}

function notEmpty(what: string): CommandError {
  return new CommandError(
    `${what}; a replay needs empty databases, because its books start from nothing. ` +
      'Start the service on empty databases (for embedded ones: another DATA_DIR), or run synkro demo',
  );
}

export interface Loaded {
  /** Warehouse ids in order of priority. */
  readonly warehouseIds: readonly string[];
  readonly items: number;
  readonly badLines: number;
  readonly elapsedMs: number;
}

export interface LoadOptions {
  readonly catalogue: string;
  readonly stockFactor: Fraction;
  readonly onBadLine: (text: string) => void;
}

/** Creates the warehouses and every item of the catalogue, and opens its account in the books. */
export async function loadCatalogue(
  caller: ServiceCaller,
  books: Books,
  options: LoadOptions,
): Promise<Loaded> {
  const startedAt = performance.now();
  const run = randomUUID();
  const warehouseIds = await createWarehouses(caller, run);
  const loader = new CatalogueLoader(caller, books, options, warehouseIds, run);
  for await (const record of readRecords(options.catalogue, parseCatalogueRecord)) await loader.add(record);
  await loader.finish();
  return {
    warehouseIds,
    items: loader.items,
    badLines: loader.badLines,
    elapsedMs: performance.now() - startedAt,
  };
}

async function createWarehouses(caller: ServiceCaller, run: string): Promise<string[]> {
  const ids: string[] = [];
  for (const { name, priority } of warehouses) {
    const { warehouse } = await caller.call(inventory.createWarehouse, {
      name,
      location: `${name}, United Kingdom`,
      customerId: '',
      priority,
      idempotencyKey: `replay/${run}/${name}`,
    });
    if (warehouse === undefined) throw new CommandError('CreateWarehouse answered without a warehouse');
    ids.push(warehouse.id);
  }
  return ids;
}

interface Entry {
  readonly line: number;
  readonly units: number;
  readonly request: CreateItemRequest;
}

class CatalogueLoader {
  readonly #caller: ServiceCaller;
  readonly #books: Books;
  readonly #options: LoadOptions;
  readonly #warehouseIds: readonly string[];
  readonly #run: string;
  readonly #pool = new Pool(loadConcurrency);
  readonly #seen = new Set<string>();
  #batch: Entry[] = [];
  items = 0;
  badLines = 0;

  constructor(
    caller: ServiceCaller,
    books: Books,
    options: LoadOptions,
    warehouseIds: readonly string[],
    run: string,
  ) {
    this.#caller = caller;
    this.#books = books;
    this.#options = options;
    this.#warehouseIds = warehouseIds;
    this.#run = run;
  }

  async add(record: Numbered<CatalogueRecord>): Promise<void> {
    if ('problem' in record) return this.#bad(record.line, record.problem);
    const { sku, name, unitsOrdered } = record.value;
    if (this.#seen.has(sku)) return this.#bad(record.line, `SKU '${sku}' stands on an earlier line too`);
    this.#seen.add(sku);
    const units = startingUnits(unitsOrdered, this.#options.stockFactor);
    this.#batch.push({ line: record.line, units, request: this.#request(record.line, sku, name, units) });
    if (this.#batch.length >= bulkItemsMax) await this.#send();
  }

  async finish(): Promise<void> {
    if (this.#batch.length > 0) await this.#send();
    await this.#pool.drain();
  }

  #request(line: number, sku: string, name: string, units: number): CreateItemRequest {
    const shares = deal(units, this.#warehouseIds.length);
    return {
      sku,
      name,
      description: '',
      category: '',
      attributes: undefined,
      initialLevels: this.#warehouseIds.map((warehouseId, index) => ({
        warehouseId,
        quantity: BigInt(shares[index] ?? 0),
      })),
      idempotencyKey: `replay/${this.#run}/${line}`,
    };
  }

  async #send(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    await this.#pool.start(async () => {
      const items = batch.map((entry) => entry.request);
      const { results } = await this.#caller.call(inventory.bulkCreateItems, { items });
      for (const [index, entry] of batch.entries()) {
        const result = results[index];
        if (result === undefined)
          throw new CommandError('BulkCreateItems answered for fewer items than asked');
        if (result.error?.code === status.ALREADY_EXISTS) {
          throw notEmpty(`SKU '${entry.request.sku}' is already there: ${result.error.message}`);
        }
        if (result.error !== undefined) this.#bad(entry.line, result.error.message);
        else {
          this.#books.open(entry.request.sku, entry.units);
          this.items += 1;
        }
      }
    });
  }

  #bad(line: number, problem: string): void {
    this.badLines += 1;
    this.#options.onBadLine(`${this.#options.catalogue}:${line}: ${problem}`);
  }
}

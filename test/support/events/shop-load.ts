/**
 * Customers of a real shop, whose orders come one after another, for as long as a test wants: paid, shipped, delivered,
 * cancelled, given back. Beside them holds that nobody commits, reservations of what there is not, and deliveries, so that
 * every consumer of events has something to do. Whatever is not answered is asked again with the same key.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type OrderLine, parseOrderRecord, readRecords } from '../../../src/cli/dataset.ts';
import { OrderStatus as Status } from '../../../src/generated/synkro/logistics/v1/logistics.ts';
import { basket, CallFailed, type Inventory, present, rpc, together } from '../inventory.ts';
import { orderOf, orders } from '../shop.ts';

const year = fileURLToPath(new URL('../../../datasets/online-retail/orders.ndjson.gz', import.meta.url));
export const datasetFolder = join(year, '..');

export interface ShopLoadOptions {
  readonly inventory: Inventory;
  readonly logistics: Inventory;
  /** Orders of the data set; when all were placed they are placed once more. */
  readonly records: number;
  readonly clients: number;
}

/** Of each warehouse, of what is ordered of an item the first time round. */
const stockShare = 0.4;
const thresholdShare = 0.2;
const linesMax = 10;

export class ShopLoad {
  readonly #options: ShopLoadOptions;
  readonly #baskets: readonly (readonly OrderLine[])[];
  readonly #itemIds = new Map<string, string>();
  #warehouses: readonly string[] = [];
  #clients: readonly Promise<void>[] = [];
  #begun = 0;
  #done = 0;
  #isOver = false;
  #problem: unknown;

  /** Makes the catalogue, its stock and its thresholds, and begins. */
  static async start(options: ShopLoadOptions): Promise<ShopLoad> {
    const load = new ShopLoad(options, await readBaskets(options.records));
    await load.#stock();
    load.#clients = Array.from({ length: options.clients }, () => load.#run());
    return load;
  }

  private constructor(options: ShopLoadOptions, baskets: readonly (readonly OrderLine[])[]) {
    this.#options = options;
    this.#baskets = baskets;
  }

  /** Orders that are through. */
  get done(): number {
    return this.#done;
  }

  /** Whether a client met something that is neither an answer nor an unknown outcome. */
  get hasFailed(): boolean {
    return this.#problem !== undefined;
  }

  /** Starts nothing new, and resolves when everything that was asked has its answer. @throws what a client met */
  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#clients);
    if (this.hasFailed) throw this.#problem;
  }

  async #stock(): Promise<void> {
    const { inventory } = this.#options;
    this.#warehouses = [await inventory.warehouse('London'), await inventory.warehouse('Leeds')];
    const units = new Map<string, number>();
    for (const { sku, quantity } of this.#baskets.flat()) units.set(sku, (units.get(sku) ?? 0) + quantity);
    const skus = [...units];
    await together(skus.length, 16, async (index) => {
      const [sku, ordered] = present(skus[index]);
      const each = Math.ceil(ordered * stockShare);
      const stock = Object.fromEntries(this.#warehouses.map((id) => [id, each]));
      const itemId = await inventory.item(sku, stock);
      this.#itemIds.set(sku, itemId);
      const threshold = BigInt(Math.ceil(ordered * thresholdShare));
      const policy = { lowStockThreshold: threshold, backInStockThreshold: threshold + 1n };
      for (const warehouseId of this.#warehouses)
        await inventory.settle(rpc.setPolicy, { itemId, warehouseId, policy });
    });
  }

  async #run(): Promise<void> {
    try {
      while (!this.#isOver && !this.hasFailed) {
        await this.#play(this.#begun++);
        this.#done += 1;
      }
    } catch (error) {
      this.#problem ??= error;
    }
  }

  async #play(number: number): Promise<void> {
    const lines = present(this.#baskets[number % this.#baskets.length]);
    await this.#order(number, lines);
    const { sku, quantity } = present(lines[0]);
    const { inventory } = this.#options;
    if (number % 4 === 1) await this.#hold(number, sku);
    if (number % 6 === 2)
      await inventory.settle(rpc.reserve, basket(`too-much-${number}`, { [sku]: 1_000_000_000 }));
    if (number % 3 === 0) await this.#receive(number, sku, quantity);
  }

  async #order(number: number, lines: readonly OrderLine[]): Promise<void> {
    const { logistics } = this.#options;
    const paymentMethod = number % 11 === 5 ? 'tok_decline' : 'tok_approve';
    const request = orderOf(unitsOf(lines), { paymentMethod });
    const { order } = await logistics.settle(orders.create, request);
    const { id: orderId, status } = present(order);
    if (status !== Status.CONFIRMED) return;
    if (number % 7 === 3) {
      await logistics.settle(orders.cancel, { orderId, reason: 'test', idempotencyKey: `cancel-${number}` });
      return;
    }
    for (const newStatus of [Status.SHIPPED, Status.DELIVERED])
      await logistics.settle(orders.updateStatus, {
        orderId,
        newStatus,
        idempotencyKey: `${number}-${newStatus}`,
      });
    if (number % 5 === 2) {
      const items = [{ lineId: '1', quantity: 1n }];
      await logistics.settle(orders.giveBack, {
        orderId,
        items,
        restock: true,
        idempotencyKey: `back-${number}`,
      });
    }
  }

  /** Nobody commits it: it expires, maybe before whoever asks again has the answer. */
  async #hold(number: number, sku: string): Promise<void> {
    const request = basket(`hold-${number}`, { [sku]: 1 }, { ttlSeconds: 1 });
    await this.#options.inventory.settle(rpc.reserve, request).catch((error: unknown) => {
      if (!(error instanceof CallFailed && error.code === 'FAILED_PRECONDITION')) throw error;
    });
  }

  async #receive(number: number, sku: string, quantity: number): Promise<void> {
    await this.#options.inventory.settle(rpc.adjust, {
      itemId: present(this.#itemIds.get(sku)),
      warehouseId: present(this.#warehouses[number % this.#warehouses.length]),
      delta: BigInt(quantity),
      reason: 'received',
      idempotencyKey: `received-${number}`,
    });
  }
}

/** The first orders of the year, without the widest. */
async function readBaskets(count: number): Promise<readonly (readonly OrderLine[])[]> {
  const baskets: (readonly OrderLine[])[] = [];
  for await (const record of readRecords(year, parseOrderRecord)) {
    if (baskets.length === count) break;
    if ('value' in record && record.value.type === 'order' && record.value.lines.length <= linesMax)
      baskets.push(record.value.lines);
  }
  return baskets;
}

function unitsOf(lines: readonly OrderLine[]): Readonly<Record<string, number>> {
  const units: Record<string, number> = {};
  for (const { sku, quantity } of lines) units[sku] = (units[sku] ?? 0) + quantity;
  return units;
}

// One cancel of the data set: goods that a customer gives back. As far as they match purchases that were delivered they are
// returned, order by order, and refunded; the rest is put into stock by itself.
import { InventoryServiceService as inventory } from '../../generated/synkro/inventory/v1/inventory.ts';
import { ReturnItemsRequest } from '../../generated/synkro/logistics/v1/logistics.ts';
import type { OrderLine, OrderRecord } from '../dataset.ts';
import type { Books } from './books.ts';
import type { Calls } from './calls.ts';
import { returnItems } from './order-answers.ts';
import type { Purchases, Returned } from './purchases.ts';
import type { Tally } from './tally.ts';

export interface ReturnsDeps {
  readonly calls: Calls;
  readonly books: Books;
  readonly tally: Tally;
  readonly purchases: Purchases;
  /** Where goods go that match no purchase. */
  readonly warehouseId: string;
}

/** In pence. */
interface Refund {
  /** What came back is worth. */
  due: bigint;
  /** As the service says. */
  told: bigint;
}

export class Returns {
  readonly #deps: ReturnsDeps;
  /** By order. */
  readonly #refunds = new Map<string, Refund>();

  constructor(deps: ReturnsDeps) {
    this.#deps = deps;
  }

  /** Step by step, so that what was taken back before a failure is in the books. @throws CallError */
  async play(record: OrderRecord, place: number): Promise<void> {
    const { purchases, tally } = this.#deps;
    const { rest, returns } = purchases.take(record.customer, place, record.lines);
    for (const returned of returns) await this.#giveBack(record, returned);
    for (const [index, line] of rest.entries()) await this.#adjust(record, line, index);
    tally.lines += record.lines.length;
    tally.cancels.returned += 1;
  }

  async #giveBack(record: OrderRecord, { orderId, lines }: Returned): Promise<void> {
    const { books, calls, tally } = this.#deps;
    const refund = this.#refunds.get(orderId) ?? { due: 0n, told: 0n };
    this.#refunds.set(orderId, refund);
    const worth = worthOf(lines);
    refund.due += worth;
    const { refunded } = await calls.call(
      'return',
      returnItems,
      ReturnItemsRequest.create({
        orderId,
        items: lines.map(({ lineId, quantity }) => ({ lineId, quantity: BigInt(quantity) })),
        reason: 'returned',
        restock: true,
        idempotencyKey: record.id,
      }),
    );
    for (const { sku, quantity } of lines) {
      books.returned(sku, quantity);
      tally.returns.lines += 1;
      tally.returns.units += quantity;
    }
    tally.refundsDue += worth;
    books.refunded(orderId, refund.due, refunded);
    // Two records may give back of one order at the same time: the higher sum is the later one.
    if (refunded <= refund.told) return;
    tally.refunded += refunded - refund.told;
    refund.told = refunded;
  }

  async #adjust(record: OrderRecord, { sku, quantity }: OrderLine, index: number): Promise<void> {
    const { books, calls, tally, warehouseId } = this.#deps;
    const { inventoryLevel } = await calls.call('adjust', inventory.adjustInventory, {
      itemId: '',
      sku,
      warehouseId,
      delta: BigInt(quantity),
      reason: 'returned',
      reference: record.id,
      idempotencyKey: `${record.id}/${index + 1}`,
    });
    if (inventoryLevel !== undefined) books.observe(inventoryLevel);
    books.returned(sku, quantity);
    tally.adjustments.lines += 1;
    tally.adjustments.units += quantity;
  }
}

function worthOf(lines: Returned['lines']): bigint {
  return lines.reduce(
    (sum, { quantity, unitPriceMinor }) => sum + BigInt(quantity) * BigInt(unitPriceMinor),
    0n,
  );
}

// The comparison of the two databases: whether every order has in Inventory exactly what Logistics says. Each is read as of
// one moment of its own, so that orders which change between the two moments differ at first sight. Those that differ are
// read again, Logistics before and after Inventory: where it was the same both times, what Inventory had in between counts.
import { isDeepStrictEqual } from 'node:util';
import { Differences } from '../actors/logistics/books-differences.ts';
import {
  compareStock,
  digestOfHeld,
  digestOfOrder,
  type HeldOrder,
  nothingHeld,
} from '../actors/logistics/books-stock.ts';
import type { Order } from '../actors/logistics/order/model.ts';
import type { StoreLog } from '../persistence/connect.ts';
import { readHeld } from './audit-inventory.ts';
import { readOrders } from './audit-logistics.ts';

export interface BetweenReport {
  readonly ordersCompared: number;
  /** Orders that were changing whenever they were looked at. */
  readonly ordersUnderWay: number;
  /** Orders that have or had something in Inventory, and that Logistics does not know: of those who use Inventory directly. */
  readonly ordersUnknown: number;
  readonly differences: readonly string[];
  readonly differenceCount: number;
}

/** Orders read again at a time. */
const chunkOrdersMax = 1_000;
/** How often an order that is changing is looked at again. */
const looksMax = 3;

/** Takes in first what Logistics says, then what Inventory says, and keeps a digest an order. */
export class Comparison {
  /** What Inventory ought to say; what it has said is taken out. */
  readonly #expected = new Map<string, string | null>();
  readonly #suspects: string[] = [];
  readonly #gone = new Set<string>();
  #orders = 0;
  #unknown = 0;

  order(orderId: string, order: Order): void {
    this.#orders += 1;
    this.#expected.set(orderId, digestOfOrder(order));
  }

  held(orderId: string, held: HeldOrder): void {
    const expected = this.#expected.get(orderId);
    if (expected === undefined) {
      if (held.holdings.some((each) => each.held + each.allocated + each.fulfilled > 0)) this.#unknown += 1;
      return;
    }
    this.#expected.delete(orderId);
    if (expected === null || digestOfHeld(held) !== expected) this.#suspects.push(orderId);
  }

  gone(itemId: string): void {
    this.#gone.add(itemId);
  }

  /** When both have said everything: looks again at what differs. @throws StoreError */
  async settle(
    urls: { readonly inventory: string; readonly logistics: string },
    log: StoreLog,
  ): Promise<BetweenReport> {
    for (const [orderId, expected] of this.#expected) if (expected !== '') this.#suspects.push(orderId);
    const differences = new Differences();
    let underWay = 0;
    for (let start = 0; start < this.#suspects.length; start += chunkOrdersMax) {
      let chunk: readonly string[] = this.#suspects.slice(start, start + chunkOrdersMax);
      for (let look = 0; look < looksMax && chunk.length > 0; look += 1)
        chunk = await this.#lookAgain(chunk, urls, log, differences);
      underWay += chunk.length;
    }
    return {
      ordersCompared: this.#orders - underWay,
      ordersUnderWay: underWay,
      ordersUnknown: this.#unknown,
      differences: differences.named,
      differenceCount: differences.count,
    };
  }

  /** @returns those that have changed meanwhile */
  async #lookAgain(
    orderIds: readonly string[],
    urls: { readonly inventory: string; readonly logistics: string },
    log: StoreLog,
    differences: Differences,
  ): Promise<readonly string[]> {
    const before = await readOrders(urls.logistics, log, orderIds);
    const held = await readHeld(urls.inventory, log, orderIds);
    const after = await readOrders(urls.logistics, log, orderIds);
    return orderIds.filter((orderId) => {
      const order = before.get(orderId);
      const had = held.get(orderId) ?? nothingHeld;
      if (order === undefined || had.isMoving || !isDeepStrictEqual(order, after.get(orderId))) return true;
      const found = compareStock(order, had, (itemId) => this.#gone.has(itemId));
      differences.addAll(found.map((difference) => `${difference} (order ${orderId})`));
      return false;
    });
  }
}

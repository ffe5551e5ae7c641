// Goods that came back, as Inventory has booked them: by the order in whose name they did. Part of the comparison of the
// two databases.
import type { Holding } from '../actors/logistics/books-stock.ts';
import { isObject } from '../actors/shape.ts';
import { type ReturnMovement, returnedReason } from '../persistence/inventory/audit-read.ts';
import type { AuditTail } from './audit-tail.ts';

/** Of an event of an item; null where it changes no level. */
export function levelChange(event: unknown) {
  if (!isObject(event) || event['type'] !== 'level') return null;
  const { warehouseId, version, delta, reason, reference } = event;
  if (typeof version !== 'number' || typeof delta !== 'number' || typeof warehouseId !== 'string')
    return null;
  return { warehouseId, version, delta, reason, reference };
}

/** What came back in each order's name, out of the tables and the journal after them, each movement once. */
export class Returns {
  readonly #tail: AuditTail;
  readonly #byOrder = new Map<string, Map<string, ReturnMovement>>();
  #isWhole = false;

  constructor(tail: AuditTail) {
    this.#tail = tail;
  }

  add(came: ReturnMovement): void {
    const ofOrder = this.#byOrder.get(came.reference) ?? new Map<string, ReturnMovement>();
    this.#byOrder.set(came.reference, ofOrder);
    ofOrder.set(`${came.itemId}/${came.warehouseId}/${came.version}`, came);
  }

  /** Hands out, and forgets. Only when all of the journal and the movements was read. */
  take(orderId: string): readonly Holding[] {
    this.#addTail();
    const came = this.#byOrder.get(orderId);
    this.#byOrder.delete(orderId);
    return came === undefined ? [] : toHoldings(came);
  }

  *rest(): Generator<[orderId: string, holdings: readonly Holding[]]> {
    this.#addTail();
    for (const [orderId, came] of this.#byOrder) yield [orderId, toHoldings(came)];
  }

  #addTail(): void {
    if (this.#isWhole) return;
    this.#isWhole = true;
    for (const { id, event } of this.#tail.events('item')) {
      const change = levelChange(event);
      if (change?.reason !== returnedReason || typeof change.reference !== 'string') continue;
      this.add({ ...change, itemId: id, reference: change.reference });
    }
  }
}

function toHoldings(came: ReadonlyMap<string, ReturnMovement>): readonly Holding[] {
  return [...came.values()].map(({ itemId, warehouseId, delta }) => ({
    itemId,
    warehouseId,
    held: 0,
    allocated: 0,
    fulfilled: 0,
    returned: delta,
  }));
}

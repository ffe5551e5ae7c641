// The audit of Inventory's database, and what it says of each order for those who compare it with Logistics.
import { inventoryBehaviours } from '../actors/inventory/behaviours.ts';
import { type AuditReport, type Books, openBooks } from '../actors/inventory/books.ts';
import { isItemState } from '../actors/inventory/item/guards.ts';
import { isOrderState } from '../actors/inventory/order-stock/guards.ts';
import type { OrderState } from '../actors/inventory/order-stock/model.ts';
import { formatReservationId } from '../actors/inventory/order-stock/reservation-id.ts';
import type { HeldOrder, Holding } from '../actors/logistics/books-stock.ts';
import type { StoreLog } from '../persistence/connect.ts';
import { readForAudit, readOrdersForAudit } from '../persistence/inventory/audit-read.ts';
import { levelChange, Returns } from './audit-returns.ts';
import { AuditTail } from './audit-tail.ts';

/** Hears of every order that Inventory knows, and of every order that goods came back of. */
export interface HeldOrders {
  held(orderId: string, held: HeldOrder): void;
  /** An item that was deleted. */
  gone(itemId: string): void;
}

/** @throws StoreError where the database does not answer */
export async function auditInventory(url: string, log: StoreLog, orders?: HeldOrders): Promise<AuditReport> {
  const books = openBooks();
  const tail = new AuditTail(inventoryBehaviours);
  const returns = new Returns(tail);
  const summedTo = new Map<string, number>();
  const add = (kind: string, id: string, state: unknown): void => {
    if (kind === 'item') {
      books.addItem(id, state);
      if (isItemState(state) && state.details === null) orders?.gone(id);
    } else if (kind === 'order') {
      books.addOrder(id, state);
      if (orders !== undefined) orders.held(id, heldOf(id, state, returns.take(id)));
    }
  };
  await readForAudit(
    { url, log },
    {
      head: (head) => tail.head(head),
      journal: (row) => tail.journal(row),
      movements({ itemId, warehouseId, sum, version }) {
        books.addMovement(`${itemId}/${warehouseId}`, sum);
        summedTo.set(`${itemId}/${warehouseId}`, version);
      },
      ...(orders === undefined ? {} : { returned: (movement) => returns.add(movement) }),
      state: (actor) => add(actor.ref.kind, actor.ref.id, tail.fold(actor)),
    },
  );
  for (const kind of ['item', 'order']) for (const { id, state } of tail.unstored(kind)) add(kind, id, state);
  for (const [orderId, holdings] of returns.rest())
    orders?.held(orderId, { reservationId: '', isMoving: false, holdings });
  for (const { id, event } of tail.events('item')) addMovement(books, id, event, summedTo);
  for (const { answer, message, origin } of tail.unanswered())
    if (answer !== undefined && origin.kind === 'order')
      books.addUnrecorded({ orderId: origin.id, tag: message.tag, message, answer });
  return books.close();
}

/** What Inventory has of these orders; those that it does not know are left out. @throws StoreError */
export async function readHeld(
  url: string,
  log: StoreLog,
  orderIds: readonly string[],
): Promise<ReadonlyMap<string, HeldOrder>> {
  const tail = new AuditTail(inventoryBehaviours);
  const returns = new Returns(tail);
  const held = new Map<string, HeldOrder>();
  const wanted = new Set(orderIds);
  const add = (id: string, state: unknown): void => {
    held.set(id, heldOf(id, state, returns.take(id)));
  };
  await readOrdersForAudit({ url, log }, orderIds, {
    head: (head) => tail.head(head),
    journal: (row) => tail.journal(row),
    returned: (movement) => returns.add(movement),
    state: (actor) => add(actor.ref.id, tail.fold(actor)),
  });
  for (const { id, state } of tail.unstored('order', wanted)) add(id, state);
  for (const [id, holdings] of returns.rest())
    if (wanted.has(id)) held.set(id, { reservationId: '', isMoving: false, holdings });
  return held;
}

/** @param state a state that is none is named by Inventory's own books, and counts as under way here */
function heldOf(orderId: string, state: unknown, returned: readonly Holding[]): HeldOrder {
  if (!isOrderState(state)) return { reservationId: '', isMoving: true, holdings: returned };
  return {
    reservationId: reservationOf(orderId, state),
    isMoving: state.operation !== null,
    holdings: [
      ...[...state.attempts.map(({ lines }) => lines), state.direct]
        .flat()
        .map(({ itemId, warehouseId, held, allocated, fulfilled }) => ({
          itemId,
          warehouseId,
          held,
          allocated,
          fulfilled,
          returned: 0,
        })),
      ...returned,
    ],
  };
}

function reservationOf(orderId: string, { attempts }: OrderState): string {
  const last = attempts.at(-1);
  if (last === undefined || (last.status !== 'committed' && last.status !== 'fulfilled')) return '';
  return formatReservationId(orderId, last.number);
}

/** A change of quantity that the tables' movements do not have yet. */
function addMovement(
  books: Books,
  itemId: string,
  event: unknown,
  summedTo: ReadonlyMap<string, number>,
): void {
  const change = levelChange(event);
  if (change === null) return;
  const key = `${itemId}/${change.warehouseId}`;
  if (change.version > (summedTo.get(key) ?? 0)) books.addMovement(key, change.delta);
}

// What must hold of one order, judged by its state alone: its history, its goods, its places in queues. What it may say of
// money is in books-money.ts. Part of the audit (books.ts).
import { auditMoney } from './books-money.ts';
import { wantedItems } from './order/effects.ts';
import type { Order, Stock } from './order/model.ts';
import { mayMove, type OrderStatus } from './order/transitions.ts';

/** Each difference begins with the number of the invariant that is broken. */
export function auditOrder(order: Order): readonly string[] {
  return [
    ...auditHistory(order),
    ...auditStock(order),
    ...auditGoods(order),
    ...auditMoney(order),
    ...auditWaits(order),
  ];
}

/** From its creation on, each step one that the table of transitions has, to where the order is. */
function auditHistory({ history, status }: Order): readonly string[] {
  const differences: string[] = [];
  let reached: OrderStatus | null = null;
  for (const { from, to } of history) {
    const isStep = from === null ? to === 'created' : mayMove(from, to);
    if (from !== reached || !isStep)
      differences.push(
        `I4: its history goes from ${from ?? 'nothing'} to ${to} after ${reached ?? 'nothing'}`,
      );
    reached = to;
  }
  if (reached !== status)
    differences.push(`I4: it is ${status}, its history ends with ${reached ?? 'nothing'}`);
  return differences;
}

const stockStatesOf: Readonly<Record<OrderStatus, readonly Stock['state'][]>> = {
  created: ['none'],
  processing: ['none'],
  reservingStock: ['passing', 'reserving'],
  confirmed: ['committed', 'givingBack'],
  backOrdered: ['none'],
  shipped: ['committed'],
  delivered: ['committed'],
  cancelled: ['none', 'givingBack', 'givenBack'],
};

function auditStock({ status, stock, lines, draws, restCancel }: Order): readonly string[] {
  const differences: string[] = [];
  if (status === 'confirmed' && stock.state === 'givingBack' && restCancel === null)
    differences.push('I6: it is confirmed, and gives its stock back');
  if (!stockStatesOf[status].includes(stock.state))
    differences.push(`I6: it is ${status}, and its stock is ${stock.state}`);
  const isDrawn = stock.state === 'committed' || stock.state === 'givingBack';
  const drawnOf = sumBy(
    draws,
    ({ lineId }) => lineId,
    ({ quantity }) => quantity,
  );
  const withoutOf = sumBy(
    stock.state === 'committed' ? (restCancel?.items ?? []) : [],
    ({ lineId }) => lineId,
    ({ quantity }) => quantity,
  );
  for (const { lineId, quantity } of lines) {
    const drawn = drawnOf.get(lineId) ?? 0;
    drawnOf.delete(lineId);
    const due = isDrawn ? quantity - (withoutOf.get(lineId) ?? 0) : 0;
    if (drawn !== due)
      differences.push(
        `I6: its stock is ${stock.state}, and of the ${quantity} of line ${lineId} it has ${drawn}`,
      );
  }
  for (const lineId of drawnOf.keys())
    differences.push(`I6: it has units of line ${lineId}, and no such line`);
  return differences;
}

/** Draws count what shipments took and returns brought back; what is shipped has left, what is delivered has arrived. */
function auditGoods({ status, draws, shipments, returns }: Order): readonly string[] {
  const differences: string[] = [];
  const quantityOf = ({ quantity }: { readonly quantity: number }): number => quantity;
  const shippedOf = sumBy(
    shipments.flatMap(({ items, warehouseId }) => items.map((item) => ({ ...item, warehouseId }))),
    placeOf,
    quantityOf,
  );
  const returnedOf = sumBy(
    returns.flatMap(({ items }) => items),
    placeOf,
    quantityOf,
  );
  for (const draw of draws) {
    const { quantity, returned, shipped } = draw;
    const place = placeOf(draw);
    if (quantity <= 0 || returned < 0 || returned > shipped || shipped > quantity)
      differences.push(`I2: of ${quantity} of ${place} ${shipped} are shipped and ${returned} returned`);
    const left = shippedOf.get(place) ?? 0;
    if (left !== shipped)
      differences.push(`I2: of ${place} ${shipped} are shipped, its shipments have ${left}`);
    const back = returnedOf.get(place) ?? 0;
    if (back !== returned)
      differences.push(`I2: of ${place} ${returned} are returned, its returns have ${back}`);
    if ((status === 'shipped' || status === 'delivered') && shipped < quantity)
      differences.push(`I2: it is ${status}, and of ${quantity} of ${place} ${shipped} have left`);
  }
  const drawn = new Set(draws.map(placeOf));
  for (const place of new Set([...shippedOf.keys(), ...returnedOf.keys()]))
    if (!drawn.has(place)) differences.push(`I2: ${place} was shipped or returned, and never drawn`);
  for (const shipment of shipments)
    if (!mayStand(shipment.status, status))
      differences.push(`I4: it is ${status}, and its shipment ${shipment.id} is ${shipment.status}`);
  return differences;
}

function mayStand(shipment: Order['shipments'][number]['status'], status: OrderStatus): boolean {
  if (status === 'confirmed') return true;
  if (status === 'shipped') return shipment !== 'created';
  return status === 'delivered' && shipment === 'delivered';
}

/** Who is back-ordered waits for something; who has been served or is no more, for nothing. */
function auditWaits(order: Order): readonly string[] {
  const { status, talk, waits } = order;
  const differences: string[] = [];
  const items = Object.keys(waits);
  if (status === 'backOrdered' && items.length === 0)
    differences.push('I20: it is backOrdered, and waits for nothing');
  if (status === 'backOrdered' && talk === null && Object.values(waits).includes('granted'))
    differences.push('I20: it is backOrdered, has been granted something, and does nothing');
  if (status !== 'backOrdered' && status !== 'reservingStock' && items.length > 0)
    differences.push(`I20: it is ${status}, and waits for ${items.length} items`);
  const wanted = new Set(wantedItems(order).map(({ itemId }) => itemId));
  for (const itemId of items)
    if (!wanted.has(itemId)) differences.push(`I20: it waits for ${itemId}, which it does not want`);
  return differences;
}

function placeOf({ lineId, warehouseId }: { readonly lineId: string; readonly warehouseId: string }): string {
  return `line ${lineId} in ${warehouseId}`;
}

function sumBy<T>(
  values: readonly T[],
  keyOf: (value: T) => string,
  quantityOf: (value: T) => number,
): Map<string, number> {
  const sums = new Map<string, number>();
  for (const value of values) sums.set(keyOf(value), (sums.get(keyOf(value)) ?? 0) + quantityOf(value));
  return sums;
}

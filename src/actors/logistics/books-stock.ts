// What an order has in Inventory, by what Logistics knows and by what Inventory knows: to the unit, per item and warehouse
// (I21). Inventory's side comes in the words of this file, since Logistics knows nothing of how Inventory keeps it.
//
// Both sides are digested first: an order that is at peace has one state on both sides, and equal digests are the whole
// comparison. Only those that differ, or whose order wants something done right now, are compared number by number, with
// whatever an effect under way may or may not have done already let pass.
import { createHash } from 'node:crypto';
import { compareText } from '../compare.ts';
import { effects, wantedItems } from './order/effects.ts';
import type { Order } from './order/model.ts';

/** Of one item in one warehouse. */
export interface Holding {
  readonly itemId: string;
  readonly warehouseId: string;
  readonly held: number;
  readonly allocated: number;
  /** What has left. */
  readonly fulfilled: number;
  /** What was put back into stock in the order's name. */
  readonly returned: number;
}

/** An order as Inventory has it. Several holdings of one place add up. */
export interface HeldOrder {
  /** Of the reservation that is committed or fulfilled; '' where none is. */
  readonly reservationId: string;
  /** Inventory itself is in the middle of something with it. */
  readonly isMoving: boolean;
  readonly holdings: readonly Holding[];
}

export const nothingHeld: HeldOrder = { reservationId: '', isMoving: false, holdings: [] };

type Counts = Omit<Holding, 'itemId' | 'warehouseId'>;
type Places = ReadonlyMap<string, Counts>;

/** What two databases must agree on; '' where the order has and had nothing. Null: something is under way. */
export function digestOfOrder(order: Order): string | null {
  const isMoving = effects({ order }).some(({ kind }) => stockEffects.has(kind));
  return isMoving ? null : digest(reservationOf(order), expectedOf(order).due);
}

/** Comparable with `digestOfOrder`. Null: something is under way. */
export function digestOfHeld({ holdings, isMoving, reservationId }: HeldOrder): string | null {
  return isMoving ? null : digest(reservationId, sumOf(holdings));
}

const stockEffects: ReadonlySet<string> = new Set(['reserve', 'giveBack', 'fulfill', 'restock']);

/**
 * @param order as it stood both before and after `held` was read, so that only what it wants done may have changed meanwhile
 * @param isGone whether an item is no more: what came back of it has nowhere to go
 */
export function compareStock(
  order: Order,
  held: HeldOrder,
  isGone: (itemId: string) => boolean,
): readonly string[] {
  if (order.stock.state === 'reserving') return compareReserving(order, held);
  const { due, mayLack } = expectedOf(order);
  const has = sumOf(held.holdings);
  const differences: string[] = [];
  for (const place of new Set([...due.keys(), ...has.keys()])) {
    const may = { ...(mayLack.get(place) ?? nothing), isGone: isGone(itemOf(place)) };
    if (!isExplained(due.get(place) ?? nothing, has.get(place) ?? nothing, may))
      differences.push(
        `of ${place} Logistics has ${textOf(due.get(place))}, Inventory ${textOf(has.get(place))}`,
      );
  }
  if (order.stock.state === 'committed' && held.reservationId !== order.stock.reservationId)
    differences.push(
      `Logistics knows reservation ${order.stock.reservationId}, Inventory ${held.reservationId || 'none'}`,
    );
  return differences.map((what) => `I21: ${what}`);
}

const nothing: Counts = { held: 0, allocated: 0, fulfilled: 0, returned: 0 };

interface Expected {
  readonly due: Places;
  /** Of what is due, what an effect that is wanted may not have done yet; of allocated, what it may have given back. */
  readonly mayLack: Places;
}

function expectedOf(order: Order): Expected {
  const itemOfLine = new Map(order.lines.map(({ lineId, itemId }) => [lineId, itemId]));
  const at = (
    place: { readonly lineId: string; readonly warehouseId: string },
    counts: Partial<Counts>,
  ): Holding => ({
    ...nothing,
    ...counts,
    itemId: itemOfLine.get(place.lineId) ?? '',
    warehouseId: place.warehouseId,
  });
  const due = order.draws.map((draw) =>
    at(draw, { allocated: draw.quantity - draw.shipped, fulfilled: draw.shipped }),
  );
  const lacking: Holding[] = [];
  if (order.stock.state === 'givingBack')
    for (const draw of order.draws) lacking.push(at(draw, { allocated: draw.quantity - draw.shipped }));
  for (const { status, warehouseId, items } of order.shipments)
    if (status === 'created')
      for (const { lineId, quantity } of items)
        lacking.push(at({ lineId, warehouseId }, { fulfilled: quantity }));
  for (const { items, restock, isRestocked } of order.returns) {
    if (!restock) continue;
    for (const item of items) {
      due.push(at(item, { returned: item.quantity }));
      if (!isRestocked) lacking.push(at(item, { returned: item.quantity }));
    }
  }
  return { due: sumOf(due), mayLack: sumOf(lacking) };
}

/** What has not been shipped in fact is allocated still; what was given back is neither. */
function isExplained(due: Counts, has: Counts, may: Counts & { readonly isGone: boolean }): boolean {
  const unshipped = due.fulfilled - has.fulfilled;
  const missing = due.allocated + unshipped - has.allocated;
  const unreturned = due.returned - has.returned;
  return (
    has.held === 0 &&
    isWithin(unshipped, may.fulfilled) &&
    isWithin(missing, may.allocated) &&
    isWithin(unreturned, may.isGone ? due.returned : may.returned)
  );
}

function isWithin(count: number, most: number): boolean {
  return count >= 0 && count <= most;
}

/** Held, committed, refused or not begun: never more of an item than it wants, and nothing has left. */
function compareReserving(order: Order, { holdings }: HeldOrder): readonly string[] {
  const wanted = new Map(wantedItems(order).map(({ itemId, quantity }) => [itemId, quantity]));
  const taken = new Map<string, number>();
  const differences: string[] = [];
  for (const { itemId, held, allocated, fulfilled, returned } of holdings) {
    taken.set(itemId, (taken.get(itemId) ?? 0) + held + allocated);
    if (fulfilled > 0 || returned > 0)
      differences.push(
        `I21: it is reserving, and of ${itemId} Inventory has ${fulfilled} fulfilled, ${returned} returned`,
      );
  }
  for (const [itemId, units] of taken)
    if (units > (wanted.get(itemId) ?? 0))
      differences.push(
        `I21: it is reserving ${wanted.get(itemId) ?? 0} of ${itemId}, and Inventory has ${units}`,
      );
  return differences;
}

function reservationOf({ stock }: Order): string {
  return stock.state === 'committed' ? stock.reservationId : '';
}

function sumOf(holdings: readonly Holding[]): Places {
  const places = new Map<string, Counts>();
  for (const { itemId, warehouseId, ...counts } of holdings) {
    const place = `${itemId}/${warehouseId}`;
    const known = places.get(place);
    places.set(place, known === undefined ? counts : plus(known, counts));
  }
  return places;
}

function plus(a: Counts, b: Counts): Counts {
  return {
    held: a.held + b.held,
    allocated: a.allocated + b.allocated,
    fulfilled: a.fulfilled + b.fulfilled,
    returned: a.returned + b.returned,
  };
}

/** Places that count nothing are left out: they come and go without a meaning. */
function digest(reservationId: string, places: Places): string {
  const lines = [...places]
    .filter(([, counts]) => counts.held + counts.allocated + counts.fulfilled + counts.returned !== 0)
    .sort(([a], [b]) => compareText(a, b))
    .map(([place, { held, allocated, fulfilled, returned }]) =>
      [place, held, allocated, fulfilled, returned].join(' '),
    );
  if (reservationId === '' && lines.length === 0) return '';
  return createHash('sha1')
    .update([reservationId, ...lines].join('\n'))
    .digest('base64url');
}

function itemOf(place: string): string {
  return place.slice(0, place.indexOf('/'));
}

function textOf({ held, allocated, fulfilled, returned }: Counts = nothing): string {
  return `${held} held, ${allocated} allocated, ${fulfilled} fulfilled, ${returned} returned`;
}

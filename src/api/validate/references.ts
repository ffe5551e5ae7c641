// How requests name things: an item by id or SKU, a reservation by its own id or its order's.
import { parseReservationId } from '../../actors/inventory/order-stock/reservation-id.ts';
import { Refused } from '../errors.ts';
import type { ItemIds } from '../item-ids.ts';
import { requestLimits as limits } from '../limits.ts';
import type { Check } from './check.ts';
import { longerThan, orderId as orderIdRule, sku as skuRule, uuid } from './text.ts';

export interface NamedItem {
  readonly itemId: string;
  readonly sku: string;
}

/** @param idName the field that the id stands in: `item_id`, or `id` where the request is about the item */
export function itemOf(check: Check, given: NamedItem, ids: ItemIds, idName = 'item_id'): string {
  return itemOrNone(check, given, ids, idName) ?? missing(check, idName);
}

/** Null where neither is given. */
export function itemOrNone(check: Check, given: NamedItem, ids: ItemIds, idName = 'item_id'): string | null {
  if (given.sku === '') return given.itemId === '' ? null : check.field(idName, given.itemId, uuid);
  const sku = check.field('sku', given.sku, skuRule);
  const derived = ids.of(sku);
  if (given.itemId === '') return derived;
  const id = check.field(idName, given.itemId, uuid);
  if (id !== derived) check.refuse(idName, 'is not the id of the sku that is given with it');
  return derived;
}

function missing(check: Check, idName: string): string {
  check.refuse(idName, `is required, or sku instead`);
  return '';
}

export interface ReservationAddress {
  readonly orderId: string;
  /** Null: the order's latest. */
  readonly attempt: number | null;
}

/** @throws Refused (reservation-not-found) where the id is none that we ever gave */
export function reservationOf(
  check: Check,
  given: { readonly reservationId: string; readonly orderId: string },
): ReservationAddress {
  if (given.reservationId === '') {
    if (given.orderId !== '')
      return { orderId: check.field('order_id', given.orderId, orderIdRule), attempt: null };
    check.refuse('reservation_id', 'is required, or order_id instead');
    return { orderId: '', attempt: null };
  }
  if (given.orderId !== '') check.field('order_id', given.orderId, orderIdRule);
  const parsed = longerThan(given.reservationId, limits.reservationIdCharactersMax)
    ? null
    : parseReservationId(given.reservationId);
  if (parsed === null) {
    throw new Refused({ code: 'reservation-not-found', message: 'no such reservation' });
  }
  if (given.orderId !== '' && parsed.orderId !== given.orderId) {
    check.refuse('reservation_id', 'is not a reservation of the order that is given with it');
  }
  return parsed;
}

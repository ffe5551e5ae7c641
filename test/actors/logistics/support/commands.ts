// Short ways to say what callers ask of orders, and to read what they are answered.
import type { Reply } from '../../../../src/actors/behaviour.ts';
import type { OrderEffectKind } from '../../../../src/actors/logistics/order/effects.ts';
import type { OrderCommand } from '../../../../src/actors/logistics/order/messages.ts';
import type { OrderView } from '../../../../src/actors/logistics/order/model.ts';
import { isObject } from '../../../../src/actors/shape.ts';
import { okOf } from '../../support/shop.ts';
import type { Wanted } from '../../support/wanted.ts';
import type { Shop } from './shop.ts';

type Lines = Readonly<Record<string, number>>;

export const cancel: OrderCommand = { type: 'cancel', by: 'customer', reason: 'changed my mind' };

/** Units by line; none: everything. */
export function ship(lines: Lines = {}, warehouseId: string | null = null): OrderCommand {
  return { type: 'ship', carrier: 'post', trackingNumber: 'T1', lines: linesOf(lines), warehouseId };
}

export function deliver(shipmentId: string | null = null): OrderCommand {
  return { type: 'deliver', shipmentId };
}

export function giveBack(lines: Lines, restock = true): OrderCommand {
  return { type: 'return', lines: linesOf(lines), reason: 'too small', restock };
}

/** @throws where it is no view of an order */
export function viewOf(reply: Reply | null): OrderView {
  const ok = okOf(reply);
  if (!isView(ok)) throw new Error('not an order');
  return ok;
}

function linesOf(lines: Lines) {
  return Object.entries(lines).map(([lineId, quantity]) => ({ lineId, quantity }));
}

function isView(value: unknown): value is OrderView {
  return isObject(value) && 'isResting' in value && 'history' in value;
}

/** For settle: everything is performed but effects of these kinds. */
export function allBut(...kinds: readonly OrderEffectKind[]): (wanted: Wanted) => boolean {
  const held = new Set<string>(kinds);
  return ({ effect }) => !held.has(effect.kind);
}

/** What of this kind is wanted and has not been performed. @throws where that is not exactly one */
export function wantedOf(shop: Shop, kind: OrderEffectKind): Wanted {
  const [wanted, ...more] = shop.performable().filter(({ effect }) => effect.kind === kind);
  if (wanted === undefined || more.length > 0)
    throw new Error(`${wanted === undefined ? 'no' : 'more than one'} ${kind} is wanted`);
  return wanted;
}

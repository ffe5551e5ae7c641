// What a CreateOrder request asks for, read and checked. Prices are reckoned with here for the first and last time that they
// come from outside: every sum stays below the bound of all amounts.
import { limits as actorLimits } from '../../actors/logistics/limits.ts';
import { type Money, minorMax, money } from '../../actors/logistics/money.ts';
import type { CreateOrderRequest, OrderItem } from '../../generated/synkro/logistics/v1/logistics.ts';
import { keyOf } from '../idempotency.ts';
import type { ItemIds } from '../item-ids.ts';
import { type Check, checked } from '../validate/check.ts';
import { quantity } from '../validate/numbers.ts';
import { itemOf } from '../validate/references.ts';
import { uuidOptional } from '../validate/text.ts';
import { addressOf } from './address.ts';
import { priceOf } from './money.ts';
import type { OrderPersonal } from './personal.ts';
import { notes, paymentMethod } from './rules.ts';

export interface AskedLine {
  readonly itemId: string;
  readonly quantity: number;
  readonly unitMinor: string;
}

/** Everything that was asked: what may not differ where the same is asked again. */
export interface OrderContent extends OrderPersonal {
  readonly customerId: string;
  readonly lines: readonly AskedLine[];
  readonly currency: string;
  readonly method: string;
}

export interface AskedOrder {
  /** Null: the caller has none of his own. */
  readonly orderId: string | null;
  readonly key: string;
  readonly content: OrderContent;
  readonly total: Money;
}

/** @throws Refused */
export function readNewOrder(request: CreateOrderRequest, metadataKey: string, itemIds: ItemIds): AskedOrder {
  return checked((check) => {
    const totals = new Totals();
    const bounds = { min: 1, max: actorLimits.linesPerOrderMax };
    const orderId = check.field('order_id', request.orderId, uuidOptional);
    const key = keyOf(check, request.idempotencyKey, metadataKey);
    const customerId = check.field('customer_id', request.customerId, uuidOptional) ?? '';
    const lines = check.each('items', request.items, bounds, (item, at) => lineOf(item, at, itemIds, totals));
    const method = check.field('payment_method', request.paymentMethod, paymentMethod);
    if (method === '' && totals.minor > 0n) check.refuse('payment_method', 'is required');
    const content = {
      customerId,
      lines,
      currency: totals.currency,
      method,
      address: addressOf(check, 'shipping_address', request.shippingAddress),
      notes: check.field('notes', request.notes, notes),
    };
    return { orderId, key, content, total: money(totals.currency, totals.minor) };
  });
}

function lineOf(item: OrderItem, at: Check, itemIds: ItemIds, totals: Totals): AskedLine {
  const itemId = itemOf(at, { itemId: item.productId, sku: item.sku }, itemIds, 'product_id');
  const units = at.field('quantity', item.quantity, quantity);
  const price = priceOf(at, 'unit_price', item.unitPrice);
  if (price !== null && units >= 1 && Number.isSafeInteger(units)) totals.add(at, units, price);
  return { itemId, quantity: units, unitMinor: price?.minor ?? '0' };
}

class Totals {
  #currency: string | null = null;
  #minor = 0n;
  #units = 0;

  get currency(): string {
    return this.#currency ?? '';
  }

  get minor(): bigint {
    return this.#minor;
  }

  /** Takes in a line, or refuses it. */
  add(at: Check, units: number, price: Money): void {
    this.#currency ??= price.currency;
    if (price.currency !== this.#currency) {
      at.refuse('unit_price.currency_code', `is not ${this.#currency}, as that of the lines before`);
      return;
    }
    const minor = this.#minor + BigInt(price.minor) * BigInt(units);
    if (minor > minorMax) {
      at.refuse(
        'unit_price',
        `with all lines up to this one comes to more than ${minorMax} of the smallest unit`,
      );
    } else if (this.#units + units > actorLimits.unitsPerOrderMax) {
      at.refuse('quantity', `with the lines before comes to more than ${actorLimits.unitsPerOrderMax} units`);
    } else {
      this.#minor = minor;
      this.#units += units;
    }
  }
}

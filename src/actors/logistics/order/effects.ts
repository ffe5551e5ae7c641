// What an order wants done outside, as it stands. Keys name the very request, so that the other side knows a repeat.
import type { Effect } from '../../behaviour.ts';
import type { Money } from '../money.ts';
import { isAsked } from './evolve-payment.ts';
import type { Order, OrderState, Payment, Return, Shipment } from './model.ts';

export interface AuthorizeEffect {
  readonly key: string;
  readonly paymentId: string;
  readonly amount: Money;
  readonly method: string;
  readonly isRenewal: boolean;
}

/** Of capture, void and refund. */
export interface FollowUpEffect {
  readonly key: string;
  readonly transactionId: string;
  readonly amount: Money;
}

/** For good: what is reserved never expires. */
export interface ReserveEffect {
  readonly key: string;
  readonly items: readonly { readonly itemId: string; readonly quantity: number }[];
  readonly customerId: string;
}

/** Of fulfill and restock. */
export interface MoveEffect {
  readonly key: string;
  readonly lines: readonly {
    readonly itemId: string;
    readonly warehouseId: string;
    readonly quantity: number;
  }[];
}

export type OrderEffectKind =
  | 'authorize'
  | 'capture'
  | 'void'
  | 'refund'
  | 'reserve'
  | 'giveBack'
  | 'fulfill'
  | 'restock';

export function effects({ order }: OrderState): readonly Effect[] {
  if (order === null) return [];
  return [
    ...order.payments.flatMap((payment) => paymentEffects(order, payment)),
    ...stockEffects(order),
    ...order.shipments.flatMap((shipment) =>
      shipment.status === 'created' ? [fulfill(order, shipment)] : [],
    ),
    ...order.returns.flatMap((each) => (each.isRestocked ? [] : [restock(order, each)])),
  ];
}

/** Parts of an effect's key. @returns null where it is none of an order's */
export function parseKey(
  key: string,
): { readonly kind: string; readonly id: string; readonly number: number } | null {
  const match = /^([a-zA-Z]+)(?::([\w-]+))?(?::(\d+))?(?::\d+)?$/.exec(key);
  if (match === null) return null;
  return { kind: match[1] ?? '', id: match[2] ?? '', number: Number(match[3] ?? 0) };
}

function paymentEffects(order: Order, payment: Payment): Effect[] {
  const { id, amount, status, transactionId, refunds } = payment;
  const wanted: Effect[] = [];
  if (isAsked(payment)) {
    const request: AuthorizeEffect = {
      key: `${id}:authorize`,
      paymentId: id,
      amount,
      method: order.method,
      isRenewal: payment.isRenewal,
    };
    wanted.push({ key: `authorize:${id}:${payment.polls}`, kind: 'authorize', request });
  }
  if (status === 'capturing' || status === 'voiding') {
    const kind = status === 'capturing' ? 'capture' : 'void';
    const request: FollowUpEffect = { key: `${id}:${kind}`, transactionId, amount };
    wanted.push({ key: `${kind}:${id}`, kind, request });
  }
  for (const refund of refunds) {
    if (refund.status !== 'asked') continue;
    const { amount: given, number, tries } = refund;
    const again = tries === 1 ? '' : `:${tries}`;
    const request: FollowUpEffect = { key: `${id}:refund:${number}${again}`, transactionId, amount: given };
    wanted.push({ key: `refund:${id}:${number}${again}`, kind: 'refund', request });
  }
  return wanted;
}

function stockEffects(order: Order): Effect[] {
  const { state, attempt } = order.stock;
  if (state === 'givingBack') return [{ key: 'giveBack', kind: 'giveBack', request: null }];
  if (state !== 'reserving') return [];
  const request: ReserveEffect = {
    key: `attempt:${attempt}`,
    items: wantedItems(order),
    customerId: order.customerId,
  };
  return [{ key: `reserve:${attempt}`, kind: 'reserve', request }];
}

/** Lines of the same item as their sum, in order of first mention. */
export function wantedItems(order: Order): ReserveEffect['items'] {
  const sums = new Map<string, number>();
  for (const { itemId, quantity } of order.lines) sums.set(itemId, (sums.get(itemId) ?? 0) + quantity);
  return Array.from(sums, ([itemId, quantity]) => ({ itemId, quantity }));
}

function fulfill(order: Order, { id, warehouseId, items }: Shipment): Effect {
  const request: MoveEffect = {
    key: id,
    lines: movesOf(
      order,
      items.map((item) => ({ ...item, warehouseId })),
    ),
  };
  return { key: `fulfill:${id}`, kind: 'fulfill', request };
}

function restock(order: Order, { number, items }: Return): Effect {
  const request: MoveEffect = { key: `return:${number}`, lines: movesOf(order, items) };
  return { key: `restock:${number}`, kind: 'restock', request };
}

function movesOf(
  order: Order,
  items: readonly { readonly lineId: string; readonly warehouseId: string; readonly quantity: number }[],
): MoveEffect['lines'] {
  const itemOf = new Map(order.lines.map((line) => [line.lineId, line.itemId]));
  const sums = new Map<string, { itemId: string; warehouseId: string; quantity: number }>();
  for (const { lineId, warehouseId, quantity } of items) {
    const itemId = itemOf.get(lineId) ?? '';
    const known = sums.get(`${itemId}/${warehouseId}`);
    if (known === undefined) sums.set(`${itemId}/${warehouseId}`, { itemId, warehouseId, quantity });
    else known.quantity += quantity;
  }
  return [...sums.values()];
}

// What engines other than the product's need of an order: the command that makes it, and the answer once it is confirmed.
import { formatReservationId } from '../../src/actors/inventory/order-stock/reservation-id.ts';
import { isMoney } from '../../src/actors/logistics/money.ts';
import type { NewOrder, OrderLine, OrderView } from '../../src/actors/logistics/order/model.ts';
import { isInteger, isText, listOf, objectOf } from '../../src/actors/shape.ts';

export interface Asked {
  readonly order: NewOrder;
}

export const isCreateAsked = objectOf<Asked>({
  order: objectOf<NewOrder>({
    customerId: isText,
    lines: listOf(
      objectOf<OrderLine>({
        lineId: isText,
        itemId: isText,
        sku: isText,
        quantity: isInteger,
        unitMinor: isText,
      }),
    ),
    total: isMoney,
    sealed: isText,
    method: isText,
    fingerprint: isText,
    patience: objectOf<NewOrder['patience']>({
      paymentMs: isInteger,
      stockMs: isInteger,
      unitsMax: isInteger,
    }),
  }),
});

export interface Made {
  readonly paymentId: string;
  readonly transactionId: string;
  /** By item. */
  readonly warehouseOf: ReadonlyMap<string, string>;
}

const path = ['created', 'processing', 'reservingStock', 'confirmed'] as const;

/** As large as the product's answer. */
export function confirmedView(
  id: string,
  order: NewOrder,
  { paymentId, transactionId, warehouseOf }: Made,
): OrderView {
  const { customerId, lines, total, sealed, method } = order;
  const at = Date.now();
  return {
    id,
    isResting: true,
    customerId,
    lines,
    total,
    sealed,
    method,
    status: 'confirmed',
    createdAt: at,
    updatedAt: at,
    history: path.map((to, n) => ({ from: path[n - 1] ?? null, to, at, by: 'system', why: '' })),
    payments: [
      {
        id: paymentId,
        amount: total,
        status: 'captured',
        isRenewal: false,
        transactionId,
        until: null,
        reason: '',
        polls: 0,
        openedAt: at,
        isOwed: false,
        pollAt: null,
        refunds: [],
      },
    ],
    stock: { state: 'committed', attempt: 1, reservationId: formatReservationId(id, 1) },
    draws: lines.map(({ lineId, itemId, quantity }) => ({
      lineId,
      warehouseId: warehouseOf.get(itemId) ?? '',
      quantity,
      shipped: 0,
      returned: 0,
    })),
    waitsUntil: null,
    estimatedAt: null,
    shipments: [],
    returns: [],
    cancel: null,
    restCancel: null,
  };
}

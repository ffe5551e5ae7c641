// Type guards for what of an order comes out of storage.
import type { ReceiptKey } from '../../behaviour.ts';
import {
  isFlag,
  isInteger,
  isText,
  listOf,
  nullable,
  objectOf,
  oneOf,
  recordOf,
  type Shape,
} from '../../shape.ts';
import { isMoney } from '../money.ts';
import {
  type Cancel,
  type Draw,
  type Moved,
  type Operation,
  type Order,
  type OrderLine,
  type OrderState,
  type Patience,
  type Payment,
  paymentStatuses,
  type Refund,
  type RestCancel,
  type Return,
  type ReturnedItem,
  refundStatuses,
  type Shipment,
  type ShippedItem,
  type Stock,
  shipmentStatuses,
  stockStates,
  type Talk,
} from './model.ts';
import { orderStatuses } from './transitions.ts';

const isReceipt = nullable(objectOf<ReceiptKey>({ key: isText, fingerprint: isText }));
const isStatus = oneOf(orderStatuses);

const isPayment = objectOf<Payment>({
  id: isText,
  amount: isMoney,
  status: oneOf(paymentStatuses),
  isRenewal: isFlag,
  transactionId: isText,
  until: nullable(isInteger),
  reason: isText,
  polls: isInteger,
  openedAt: isInteger,
  isOwed: isFlag,
  pollAt: nullable(isInteger),
  refunds: listOf(
    objectOf<Refund>({
      number: isInteger,
      amount: isMoney,
      status: oneOf(refundStatuses),
      tries: isInteger,
      reason: isText,
    }),
  ),
});

const isShipment = objectOf<Shipment>({
  id: isText,
  carrier: isText,
  trackingNumber: isText,
  warehouseId: isText,
  items: listOf(objectOf<ShippedItem>({ lineId: isText, quantity: isInteger })),
  status: oneOf(shipmentStatuses),
  createdAt: isInteger,
});

const isReturn = objectOf<Return>({
  number: isInteger,
  items: listOf(objectOf<ReturnedItem>({ lineId: isText, quantity: isInteger, warehouseId: isText })),
  reason: isText,
  restock: isFlag,
  isRestocked: isFlag,
  refund: isMoney,
  refundNumber: nullable(isInteger),
  at: isInteger,
});

/** What of an order its view shows too: storage and edge look alike. */
export const shownFields = {
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
  status: isStatus,
  createdAt: isInteger,
  updatedAt: isInteger,
  history: listOf(
    objectOf<Moved>({ from: nullable(isStatus), to: isStatus, at: isInteger, by: isText, why: isText }),
  ),
  payments: listOf(isPayment),
  stock: objectOf<Stock>({ state: oneOf(stockStates), attempt: isInteger, reservationId: isText }),
  draws: listOf(
    objectOf<Draw>({
      lineId: isText,
      warehouseId: isText,
      quantity: isInteger,
      shipped: isInteger,
      returned: isInteger,
    }),
  ),
  waitsUntil: nullable(isInteger),
  estimatedAt: nullable(isInteger),
  shipments: listOf(isShipment),
  returns: listOf(isReturn),
  cancel: nullable(objectOf<Cancel>({ by: isText, reason: isText, receipt: isReceipt })),
  restCancel: nullable(
    objectOf<RestCancel>({
      by: isText,
      reason: isText,
      items: listOf(objectOf<ShippedItem>({ lineId: isText, quantity: isInteger })),
      refundNumber: nullable(isInteger),
      at: isInteger,
    }),
  ),
};

const isOrder: Shape<Order> = objectOf<Order>({
  ...shownFields,
  fingerprint: isText,
  patience: objectOf<Patience>({ paymentMs: isInteger, stockMs: isInteger, unitsMax: isInteger }),
  waits: recordOf(oneOf(['waiting', 'granted', 'asked'])),
  talk: nullable(
    objectOf<Talk>({
      number: isInteger,
      kind: oneOf(['pass', 'ask']),
      waiting: listOf(isInteger),
      items: listOf(isText),
      isContended: isFlag,
    }),
  ),
  talks: isInteger,
  operation: nullable(
    objectOf<Operation>({
      number: isInteger,
      kind: oneOf(['ship', 'return', 'refund', 'cancelRest']),
      ids: listOf(isText),
      receipt: isReceipt,
      failure: nullable(isText),
    }),
  ),
  operations: isInteger,
});

export const isOrderState: Shape<OrderState> = objectOf<OrderState>({ order: nullable(isOrder) });

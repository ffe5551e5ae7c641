// Guards for what the actors of Logistics answer: replies cross threads as plain values, and the edge reads them only after
// a look.
import type { ReceiptKey } from '../../actors/behaviour.ts';
import type { CustomerView } from '../../actors/logistics/customer/model.ts';
import { isMoney } from '../../actors/logistics/money.ts';
import {
  type Cancel,
  type Draw,
  type Moved,
  type OrderLine,
  type OrderView,
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
} from '../../actors/logistics/order/model.ts';
import { orderStatuses } from '../../actors/logistics/order/transitions.ts';
import { isFlag, isInteger, isText, listOf, nullable, objectOf, oneOf } from '../../actors/shape.ts';

export const isOrderStatus = oneOf(orderStatuses);

const isShippedItem = objectOf<ShippedItem>({ lineId: isText, quantity: isInteger });

export const isOrderView = objectOf<OrderView>({
  id: isText,
  isResting: isFlag,
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
  status: isOrderStatus,
  createdAt: isInteger,
  updatedAt: isInteger,
  history: listOf(
    objectOf<Moved>({
      from: nullable(isOrderStatus),
      to: isOrderStatus,
      at: isInteger,
      by: isText,
      why: isText,
    }),
  ),
  payments: listOf(
    objectOf<Payment>({
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
    }),
  ),
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
  shipments: listOf(
    objectOf<Shipment>({
      id: isText,
      carrier: isText,
      trackingNumber: isText,
      warehouseId: isText,
      items: listOf(isShippedItem),
      status: oneOf(shipmentStatuses),
      createdAt: isInteger,
    }),
  ),
  returns: listOf(
    objectOf<Return>({
      number: isInteger,
      items: listOf(objectOf<ReturnedItem>({ lineId: isText, quantity: isInteger, warehouseId: isText })),
      reason: isText,
      restock: isFlag,
      isRestocked: isFlag,
      refund: isMoney,
      refundNumber: nullable(isInteger),
      at: isInteger,
    }),
  ),
  restCancel: nullable(
    objectOf<RestCancel>({
      by: isText,
      reason: isText,
      items: listOf(objectOf<ShippedItem>({ lineId: isText, quantity: isInteger })),
      refundNumber: nullable(isInteger),
      at: isInteger,
    }),
  ),
  cancel: nullable(
    objectOf<Cancel>({
      by: isText,
      reason: isText,
      receipt: nullable(objectOf<ReceiptKey>({ key: isText, fingerprint: isText })),
    }),
  ),
});

export const isCustomerView = objectOf<CustomerView>({
  id: isText,
  sealed: isText,
  createdAt: isInteger,
  updatedAt: isInteger,
});

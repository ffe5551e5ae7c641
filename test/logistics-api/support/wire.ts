// What the fakes hold, as the contract has it.
import { itemIdOfSku } from '../../../src/actors/ids.ts';
import { OrderStatus } from '../../../src/generated/synkro/logistics/v1/logistics.ts';
import {
  address,
  customerId,
  orderId,
  paymentId,
  shipmentId,
  warehouseId,
} from '../../http/support/logistics-fakes.ts';

export const gbp = (units: bigint, nanos = 0) => ({ currencyCode: 'GBP', units, nanos });

const madeAt = Date.parse('2026-01-31T12:00:00.000Z');

const heart = {
  productId: itemIdOfSku('85123A'),
  sku: '85123A',
  quantity: 2n,
  unitPrice: gbp(2n, 550_000_000),
  totalPrice: gbp(5n, 100_000_000),
  lineId: '1',
};

export const wireOrder = {
  id: orderId,
  customerId,
  status: OrderStatus.CONFIRMED,
  items: [
    heart,
    {
      productId: itemIdOfSku('71053'),
      sku: '71053',
      quantity: 1n,
      unitPrice: gbp(0n, 50_000_000),
      totalPrice: gbp(0n, 50_000_000),
      lineId: '2',
    },
  ],
  totalAmount: gbp(5n, 150_000_000),
  shippingAddress: address,
  payments: [
    {
      id: paymentId,
      status: 'partially_refunded',
      amount: gbp(5n, 150_000_000),
      transactionId: 'tx-1',
      capturedAmount: gbp(5n, 150_000_000),
      refundedAmount: gbp(2n, 550_000_000),
      refunds: [{ number: 1, status: 'done', amount: gbp(2n, 550_000_000), reason: '' }],
    },
  ],
  shipments: [
    {
      id: shipmentId,
      carrier: 'Royal Mail',
      trackingNumber: 'RM123',
      status: 'in_transit',
      warehouseId,
      items: [heart],
      createdAt: new Date(madeAt + 3_000),
    },
  ],
  reservationId: 'rsv-1-b3JkZXItMQ',
  estimatedAvailability: undefined,
  cancellationReason: '',
  createdAt: new Date(madeAt),
  updatedAt: new Date(madeAt + 2_000),
  notes: 'at the back',
  cancelledItems: [],
  returns: [
    {
      number: 1,
      items: [{ ...heart, quantity: 1n, totalPrice: gbp(2n, 550_000_000) }],
      reason: 'too small',
      restock: true,
      refundAmount: gbp(2n, 550_000_000),
      refundNumber: 1,
      createdAt: new Date(madeAt + 4_000),
    },
  ],
};

// What the fakes of Logistics hold, as clients get it.
import { itemIdOfSku } from '../../../src/actors/ids.ts';
import { address, customerId, orderId, paymentId, shipmentId, warehouseId } from './logistics-fakes.ts';

export const gbp = (amount: string) => ({ amount, currency: 'GBP' });

const heart = {
  lineId: '1',
  productId: itemIdOfSku('85123A'),
  sku: '85123A',
  quantity: 2,
  unitPrice: gbp('2.55'),
  totalPrice: gbp('5.10'),
};

export const orderJson = {
  id: orderId,
  customerId,
  status: 'confirmed',
  items: [
    heart,
    {
      lineId: '2',
      productId: itemIdOfSku('71053'),
      sku: '71053',
      quantity: 1,
      unitPrice: gbp('0.05'),
      totalPrice: gbp('0.05'),
    },
  ],
  totalAmount: gbp('5.15'),
  shippingAddress: address,
  payments: [
    {
      id: paymentId,
      status: 'partially_refunded',
      amount: gbp('5.15'),
      transactionId: 'tx-1',
      capturedAmount: gbp('5.15'),
      refundedAmount: gbp('2.55'),
      refunds: [{ number: 1, status: 'done', amount: gbp('2.55'), reason: '' }],
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
      createdAt: '2026-01-31T12:00:03.000Z',
    },
  ],
  returns: [
    {
      number: 1,
      items: [{ ...heart, quantity: 1, totalPrice: gbp('2.55') }],
      reason: 'too small',
      restock: true,
      refundAmount: gbp('2.55'),
      refundNumber: 1,
      createdAt: '2026-01-31T12:00:04.000Z',
    },
  ],
  cancelledItems: [],
  reservationId: 'rsv-1-b3JkZXItMQ',
  cancellationReason: '',
  notes: 'at the back',
  createdAt: '2026-01-31T12:00:00.000Z',
  updatedAt: '2026-01-31T12:00:02.000Z',
};

export const customerJson = {
  id: customerId,
  name: 'Ada Lovelace',
  email: 'ada@example.org',
  phone: '',
  defaultAddress: address,
  createdAt: '2026-01-31T12:00:00.000Z',
  updatedAt: '2026-01-31T12:00:01.000Z',
};

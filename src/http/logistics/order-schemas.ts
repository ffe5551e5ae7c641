// An order as JSON, and everything that belongs to one.
import Type from 'typebox';
import { count, quantity, time, uuid } from '../fields.ts';
import { named } from '../openapi/named.ts';
import { Address } from './address.ts';
import { Money } from './money.ts';
import { OrderStatus, paymentStatuses, refundStatuses, shipmentStatuses } from './statuses.ts';

export const exampleIds = {
  order: '9b2e4c1a-7a55-4c0e-8d0e-1f2a3b4c5d6e',
  customer: '4f1c2d3e-1a2b-4c3d-9e8f-0a1b2c3d4e5f',
  item: 'cd7d1bde-5e4b-5b4c-9d5e-0f4c5d1c3a10',
  warehouse: '11111111-1111-4111-8111-111111111111',
  shipment: '5a6b7c8d-9e0f-5a1b-8c2d-3e4f5a6b7c8d',
  payment: '6b7c8d9e-0f1a-5b2c-9d3e-4f5a6b7c8d9e',
} as const;

const moment = '2026-01-31T12:00:00.000Z';

const OrderItem = named(
  'OrderItem',
  Type.Object(
    {
      lineId: Type.String({ description: 'Names the line in shipments and returns.', examples: ['1'] }),
      productId: uuid('Id of the item.'),
      sku: Type.String(),
      quantity: quantity('How much.'),
      unitPrice: Money,
      totalPrice: Money,
    },
    { description: 'A line of an order, or a part of one.' },
  ),
);

const Refund = named(
  'Refund',
  Type.Object(
    {
      number: count('Which of the order’s it is, from 1.'),
      status: Type.Enum([...refundStatuses], { description: 'What the payment gateway said.' }),
      amount: Money,
      reason: Type.String({ description: 'Why it was declined.' }),
    },
    { description: 'What is paid back of a payment. One that was declined can be tried again.' },
  ),
);

const Payment = named(
  'Payment',
  Type.Object(
    {
      id: uuid('Of the payment; comes back in webhooks.'),
      status: Type.Enum([...paymentStatuses], { description: 'What became of it.' }),
      amount: Money,
      transactionId: Type.String({ description: 'The payment gateway’s own.' }),
      capturedAmount: Money,
      refundedAmount: Money,
      refunds: Type.Array(Refund),
    },
    {
      description:
        'The amount is what is authorized. A lapsed authorization is renewed by a further payment.',
    },
  ),
);

const Shipment = named(
  'Shipment',
  Type.Object(
    {
      id: uuid('Of the shipment.'),
      carrier: Type.String(),
      trackingNumber: Type.String(),
      status: Type.Enum([...shipmentStatuses], {
        description: 'created: the warehouse is being told. in_transit: the goods have left it.',
      }),
      warehouseId: uuid('Where the goods come from.'),
      items: Type.Array(OrderItem),
      createdAt: time('When it was asked for.'),
    },
    { description: 'What leaves one warehouse at one time.' },
  ),
);

const Return = named(
  'Return',
  Type.Object(
    {
      number: count('Which of the order’s it is, from 1.'),
      items: Type.Array(OrderItem),
      reason: Type.String(),
      restock: Type.Boolean({ description: 'Whether the goods went back into stock.' }),
      refundAmount: Money,
      refundNumber: Type.Optional(
        count('Of the refund, which stands at the payment. Absent where nothing was to be paid.'),
      ),
      createdAt: time('When it was asked for.'),
    },
    { description: 'The amount is what it is worth; whether it was paid back its refund says.' },
  ),
);

const exampleItem = {
  lineId: '1',
  productId: exampleIds.item,
  sku: '85123A',
  quantity: 2,
  unitPrice: { amount: '2.55', currency: 'GBP' },
  totalPrice: { amount: '5.10', currency: 'GBP' },
};

export const exampleOrder = {
  id: exampleIds.order,
  customerId: exampleIds.customer,
  status: 'confirmed',
  items: [exampleItem],
  totalAmount: { amount: '5.10', currency: 'GBP' },
  payments: [
    {
      id: exampleIds.payment,
      status: 'captured',
      amount: { amount: '5.10', currency: 'GBP' },
      transactionId: 'tx-1',
      capturedAmount: { amount: '5.10', currency: 'GBP' },
      refundedAmount: { amount: '0.00', currency: 'GBP' },
      refunds: [],
    },
  ],
  shipments: [],
  returns: [],
  cancelledItems: [],
  reservationId: 'rsv-1-b3JkZXItMQ',
  cancellationReason: '',
  notes: '',
  createdAt: moment,
  updatedAt: moment,
  atRest: true,
};

export const Order = named(
  'Order',
  Type.Object(
    {
      id: uuid('Of the order.'),
      customerId: Type.String({ description: 'UUID of the customer; empty for a guest.' }),
      status: OrderStatus,
      items: Type.Array(OrderItem),
      totalAmount: Money,
      shippingAddress: Type.Optional(Address),
      payments: Type.Array(Payment),
      shipments: Type.Array(Shipment),
      returns: Type.Array(Return),
      cancelledItems: Type.Array(OrderItem, {
        description: 'What had not left when the rest of the order was cancelled.',
      }),
      reservationId: Type.String({ description: 'Of its stock; empty where it has none.' }),
      estimatedAvailability: Type.Optional(
        time('Where it is back-ordered: when everything it lacks is expected, if that is known.'),
      ),
      cancellationReason: Type.String({
        description:
          'Also of a cancellation that is noted, and done when the order rests, and of one of what had not left.',
      }),
      notes: Type.String(),
      createdAt: time('When it was made.'),
      updatedAt: time('When it last changed.'),
      atRest: Type.Optional(
        Type.Boolean({
          description:
            'Nothing more happens until somebody asks, stock arrives or time passes. Absent in lists.',
        }),
      ),
    },
    {
      description: 'An order. Address and notes are gone once its customer is deleted.',
      examples: [exampleOrder],
    },
  ),
);

export const OrderHistory = named(
  'OrderHistory',
  Type.Object(
    {
      entries: Type.Array(
        Type.Object({
          previousStatus: Type.Optional(OrderStatus),
          newStatus: OrderStatus,
          timestamp: time('When it was.'),
          changedBy: Type.String({
            description: 'customer, shop, payment, stock, timeout or system.',
            examples: ['payment'],
          }),
          reason: Type.String(),
        }),
      ),
    },
    {
      description: 'Every move of an order, the oldest first. The first has no previous status.',
      examples: [
        {
          entries: [
            { newStatus: 'created', timestamp: moment, changedBy: 'customer', reason: '' },
            {
              previousStatus: 'created',
              newStatus: 'processing',
              timestamp: moment,
              changedBy: 'system',
              reason: '',
            },
          ],
        },
      ],
    },
  ),
);

export const OrderEvent = named(
  'OrderEvent',
  Type.Object(
    {
      orderId: uuid('Of the order.'),
      customerId: Type.String({ description: 'UUID of its customer; empty for a guest.' }),
      previousStatus: Type.Optional(OrderStatus),
      newStatus: OrderStatus,
      timestamp: time('When it was.'),
    },
    { description: 'The `data` of an event: a move of an order. Without a previous status it was created.' },
  ),
);

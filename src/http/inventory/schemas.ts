// What Inventory answers with, as JSON.
import Type from 'typebox';
import { reservationStatuses } from '../../actors/inventory/order-stock/model.ts';
import { Availability } from '../availability-schema.ts';
import { count, int32, time, uuid } from '../fields.ts';
import { named } from '../openapi/named.ts';

export const exampleIds = {
  item: 'cd7d1bde-5e4b-5b4c-9d5e-0f4c5d1c3a10',
  warehouse: '11111111-1111-4111-8111-111111111111',
  otherWarehouse: '22222222-2222-4222-8222-222222222222',
  reservation: 'rsv-1-b3JkZXItMQ',
} as const;

const moment = '2026-01-31T12:00:00.000Z';

export const Item = named(
  'Item',
  Type.Object(
    {
      id: uuid('UUIDv5 of the SKU.'),
      sku: Type.String({ description: 'Unique and exact; never changes.' }),
      name: Type.String(),
      description: Type.String(),
      category: Type.String(),
      attributes: Type.Optional(
        Type.Record(Type.String(), Type.Unknown(), { description: 'Any JSON object of the shop’s own.' }),
      ),
      createdAt: time('When it was first made.'),
      updatedAt: time('When its details last changed.'),
    },
    {
      description: 'Something that is sold. Its stock is told apart, by warehouse.',
      examples: [
        {
          id: exampleIds.item,
          sku: '85123A',
          name: 'White hanging heart',
          description: '',
          category: 'decoration',
          attributes: { colour: 'white' },
          createdAt: moment,
          updatedAt: moment,
        },
      ],
    },
  ),
);

export const Warehouse = named(
  'Warehouse',
  Type.Object(
    {
      id: uuid('Id of the warehouse.'),
      name: Type.String(),
      location: Type.String(),
      isActive: Type.Boolean({ description: 'An inactive warehouse gets no new reservations.' }),
      customerId: Type.String({ description: 'Whose stock it is (a merchant, not a shopper).' }),
      priority: int32('The lower is drawn from first.'),
    },
    {
      description: 'A place with stock.',
      examples: [
        {
          id: exampleIds.warehouse,
          name: 'North',
          location: 'Leeds',
          isActive: true,
          customerId: '',
          priority: 1,
        },
      ],
    },
  ),
);

export const StockPolicy = named(
  'StockPolicy',
  Type.Object(
    {
      lowStockThreshold: count('Stock is low where less than this is available; 0: never.'),
      backInStockThreshold: count(
        'Stock that was low is back where this is available; 0 where the low-stock threshold is.',
      ),
      incomingQuantity: count('What is on its way.'),
      incomingAt: Type.Optional(time('When that is expected.')),
    },
    {
      description: 'What a level is compared with, and what is to come.',
      examples: [
        { lowStockThreshold: 5, backInStockThreshold: 20, incomingQuantity: 100, incomingAt: moment },
      ],
    },
  ),
);

export const Level = named(
  'Level',
  Type.Object(
    {
      itemId: uuid('Id of the item.'),
      sku: Type.String(),
      warehouseId: uuid('Id of the warehouse.'),
      quantity: count('What lies there.'),
      reserved: count('Held and allocated together.'),
      available: count('What is left: quantity less reserved. Never negative.'),
      held: count('By reservations that may still expire.'),
      allocated: count('Promised to orders for good.'),
      version: count('One more with every change of this level.'),
      lastUpdated: time('Of the last change.'),
      policy: Type.Optional(StockPolicy),
      isLow: Type.Optional(
        Type.Boolean({ description: 'Low by its policy, and not back yet; comes with the policy.' }),
      ),
    },
    {
      description:
        'The stock of an item in a warehouse. A basket that is being decided shows as held for that moment. Its policy is told where levels are read, if one is set.',
      examples: [
        {
          itemId: exampleIds.item,
          sku: '85123A',
          warehouseId: exampleIds.warehouse,
          quantity: 10,
          reserved: 5,
          available: 5,
          held: 3,
          allocated: 2,
          version: 7,
          lastUpdated: moment,
        },
      ],
    },
  ),
);

export const Levels = Type.Object({ levels: Type.Array(Level) });

export const Movement = named(
  'Movement',
  Type.Object(
    {
      warehouseId: uuid('Where it was.'),
      version: count('Of the level that it made.'),
      delta: Type.Integer({ description: 'What came (positive) or left (negative).', examples: [10] }),
      quantity: count('What lay there afterwards.'),
      cause: Type.String({
        description: 'What was asked for: created, adjusted, transferred, fulfilled, deleted.',
        examples: ['adjusted'],
      }),
      reason: Type.String({ description: 'As the caller gave it, or what it was.', examples: ['received'] }),
      reference: Type.String({ description: 'The order’s id, or the caller’s own reference.' }),
      at: time('When it happened.'),
    },
    { description: 'One change of a quantity. A level’s quantity is the sum of its movements.' },
  ),
);

const statusMeaning =
  'pending → held or refused; held → committed, released or expired; committed → fulfilled or released.';

export const ReservationStatus = named(
  'ReservationStatus',
  Type.Enum([...reservationStatuses], { description: statusMeaning }),
);

/** As a parameter: those are documented in their place. */
export const statusFilter = Type.Enum([...reservationStatuses], {
  description: 'Only those of this status.',
});

export const Reserved = named(
  'Reserved',
  Type.Object(
    {
      id: Type.String({ description: 'Of the reservation.', examples: [exampleIds.reservation] }),
      orderId: Type.String(),
      status: ReservationStatus,
      attempt: count('How many the order has had, with this one.'),
      items: Type.Array(Availability),
      expiresAt: Type.Optional(
        time(
          'When what is held is let go, unless it is committed or extended before. Absent where it was committed at once.',
        ),
      ),
    },
    {
      description: 'A basket that is held, or was committed at once.',
      examples: [
        {
          id: exampleIds.reservation,
          orderId: 'order-1',
          status: 'held',
          attempt: 1,
          items: [
            {
              itemId: exampleIds.item,
              sku: '85123A',
              inStock: true,
              requested: 2,
              availableQuantity: 5,
              draws: [{ warehouseId: exampleIds.warehouse, quantity: 2, levelVersion: 8 }],
            },
          ],
          expiresAt: moment,
        },
      ],
    },
  ),
);

export const Reservation = named(
  'Reservation',
  Type.Object(
    {
      id: Type.String({ description: 'Of the reservation.', examples: [exampleIds.reservation] }),
      orderId: Type.String(),
      status: ReservationStatus,
      attempt: count('Which of the order’s it is, from 1.'),
      lines: Type.Array(
        Type.Object({
          itemId: uuid('Id of the item.'),
          sku: Type.String(),
          warehouseId: uuid('Where it is drawn from.'),
          held: count('May still expire.'),
          allocated: count('Committed.'),
          fulfilled: count('Shipped.'),
          givenBack: count('Released or expired.'),
          levelVersion: count('Of the level, as the last change of this line made it.'),
        }),
      ),
      createdAt: time('When it was asked for.'),
      expiresAt: time('When what is held is let go.'),
    },
    { description: 'What an order has reserved, and what has become of it.' },
  ),
);

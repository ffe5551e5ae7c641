// Events as messages for people. A webhook gets what the event alone says; a mail also what Logistics knows of the order.

import type { Static } from 'typebox';
import type { EventType } from '../events/catalogue.ts';
import type { PublishedEvent } from '../events/event.ts';
import type { Money } from '../events/fields.ts';
import type { OrderFacts, ShipmentFacts } from './contacts.ts';
import { composed, type Draft, type Message } from './message.ts';
import type { TemplateName } from './rules.ts';

/** What only Logistics knows. */
export interface Known {
  /** Whom the message is for. */
  readonly name: string;
  readonly order: OrderFacts;
}

/**
 * @param known absent where the message says only what the event does
 * @throws TypeError where the event is not one of the template
 */
export function render(template: TemplateName, event: PublishedEvent, known?: Known): Message {
  return composed(templates[template](event, known?.order), known?.name);
}

type Template = (event: PublishedEvent, order: OrderFacts | undefined) => Draft;

const templates: Readonly<Record<TemplateName, Template>> = {
  order_confirmed: (event, order) => {
    const { orderId } = dataOf(event, 'OrderStatusChanged');
    return {
      subject: `Order ${orderId} is confirmed`,
      // Not that it is paid: the money is taken only now.
      paragraphs: [
        `Order ${orderId} is confirmed, and everything in it is set aside. We will write again when it leaves the warehouse.`,
      ],
      ...bought(order),
    };
  },
  order_back_ordered: (event, order) => {
    const { orderId } = dataOf(event, 'OrderStatusChanged');
    const expectedAt = order?.expectedAt ?? null;
    return {
      subject: `Order ${orderId} waits for stock`,
      paragraphs: [
        `Some of what order ${orderId} asks for is out of stock. The order keeps its place in line, and nothing is charged until everything is there.`,
        ...(expectedAt === null ? [] : [`It is expected on ${dayOf(expectedAt)}.`]),
      ],
      ...bought(order),
    };
  },
  order_shipped: (event, order) => {
    const { orderId, shipmentId } = dataOf(event, 'ShipmentDispatched');
    const shipment = order?.shipments.find(({ id }) => id === shipmentId);
    return {
      subject: `A shipment of order ${orderId} is on its way`,
      paragraphs: [`A shipment of order ${orderId} has left the warehouse.`, ...carriedBy(shipment)],
      ...(shipment === undefined ? {} : { goods: shipment.goods }),
    };
  },
  order_delivered: (event, order) => {
    const { orderId } = dataOf(event, 'OrderStatusChanged');
    return {
      subject: `Order ${orderId} has been delivered`,
      paragraphs: [`Everything of order ${orderId} has been delivered.`],
      ...bought(order),
    };
  },
  order_cancelled: (event, order) => {
    const { orderId, by } = dataOf(event, 'OrderCancelled');
    return {
      subject: `Order ${orderId} is cancelled`,
      paragraphs: [
        `Order ${orderId} is cancelled${becauseOf[by]}.`,
        'What was set aside for it is released, and whatever was charged for it is paid back.',
      ],
      ...bought(order),
    };
  },
  payment_failed: (event) => {
    const { orderId, amount } = dataOf(event, 'PaymentFailed');
    return {
      subject: `The payment for order ${orderId} failed`,
      paragraphs: [
        `The payment of ${priceOf(amount)} for order ${orderId} was declined. Nothing was charged.`,
      ],
    };
  },
  low_stock: (event) => {
    const { sku, warehouseId, available, threshold } = dataOf(event, 'LowStock');
    return {
      subject: `Low stock: ${sku}`,
      paragraphs: [
        `${sku}: ${available} available in warehouse ${warehouseId}, which is below the threshold of ${threshold}.`,
      ],
    };
  },
  back_in_stock: (event) => {
    const { sku, warehouseId, available, threshold } = dataOf(event, 'BackInStock');
    return {
      subject: `Back in stock: ${sku}`,
      paragraphs: [
        `${sku}: ${available} available in warehouse ${warehouseId} again; the threshold is ${threshold}.`,
      ],
    };
  },
};

const becauseOf = {
  customer: ', as you asked',
  shop: ' by the shop',
  payment: ', since it could not be paid',
  stock: ', since it could not be served from stock',
  timeout: ', since it could not be completed in time',
  system: '',
} as const;

function dataOf<T extends EventType>(event: PublishedEvent, type: T): PublishedEvent<T>['data'] {
  if (!isOfType(event, type)) throw new TypeError(`a template for ${type} was given ${event.type}`);
  return event.data;
}

function isOfType<T extends EventType>(
  event: PublishedEvent,
  type: T,
): event is PublishedEvent & PublishedEvent<T> {
  return event.type === type;
}

function bought(order: OrderFacts | undefined): Pick<Draft, 'goods' | 'total'> {
  return order === undefined ? {} : { goods: order.goods, total: order.total };
}

function carriedBy(shipment: ShipmentFacts | undefined): readonly string[] {
  if (shipment === undefined || shipment.carrier === '') return [];
  const { carrier, trackingNumber } = shipment;
  return [`Carrier: ${carrier}${trackingNumber === '' ? '' : `, tracking number ${trackingNumber}`}.`];
}

function priceOf({ amount, currency }: Static<typeof Money>): string {
  return `${amount} ${currency}`;
}

/** Such as 31 January 2026, in UTC. */
function dayOf(at: Date): string {
  return at.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
}

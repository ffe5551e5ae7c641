// The queues that consumers of this system read, whatever carries the events to them.
import { catalogue, type EventType, eventTypes } from '../events/catalogue.ts';

export const queueNames = ['order_processing', 'notification_service'] as const;

export type QueueName = (typeof queueNames)[number];

export function isQueueName(text: string): text is QueueName {
  return queueNames.some((name) => name === text);
}

/** By topic: every routing key of the catalogue is among them, in at least one queue. */
export const bindings: Readonly<Record<QueueName, readonly string[]>> = {
  order_processing: ['inventory.#'],
  notification_service: [
    'order.#',
    'payment.#',
    'shipment.#',
    'customer.#',
    'inventory.low_stock',
    'inventory.back_in_stock',
  ],
};

const takes = new Map(
  queueNames.map((queue) => [
    queue,
    new Set(eventTypes.filter((type) => bindings[queue].some((pattern) => isBound(pattern, type)))),
  ]),
);

/** Whether events of this type go to that queue. */
export function queueTakes(queue: QueueName, type: EventType): boolean {
  return takes.get(queue)?.has(type) === true;
}

/** Of the broker's patterns only those that are used: a whole key, or what begins with words. */
function isBound(pattern: string, type: EventType): boolean {
  const { routingKey } = catalogue[type];
  return pattern.endsWith('.#') ? routingKey.startsWith(pattern.slice(0, -1)) : routingKey === pattern;
}

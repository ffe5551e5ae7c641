// The queues that consumers of this system read, whatever carries the events to them.

export const queueNames = ['order_processing', 'notification_service'] as const;

export type QueueName = (typeof queueNames)[number];

export function isQueueName(text: string): text is QueueName {
  return queueNames.some((name) => name === text);
}

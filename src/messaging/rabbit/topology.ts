// What stands on the broker: the exchange that every event goes to, the queues that consumers read, each with the queue
// of its dead letters. Declared anew with every connection, so that a broker that has lost everything is made whole.
import type { Channel } from 'amqplib';
import { bindings, type QueueName, queueNames } from '../queues.ts';
import { deadDeliveriesMax, deliveriesMax } from './limits.ts';

/** Something of that name is there and is not as it should be: somebody has to mend it. */
export class TopologyError extends Error {
  override readonly name = 'TopologyError';
}

/** @param prefix tells installations on one broker apart */
export function exchangeName(prefix: string): string {
  return `${prefix}order_events`;
}

export function queueName(prefix: string, queue: QueueName): string {
  return `${prefix}${queue}`;
}

export function deadQueueName(prefix: string, queue: QueueName): string {
  return `${queueName(prefix, queue)}.dead`;
}

/** @throws RangeError */
export function checkPrefix(prefix: string): void {
  if (!/^[\w.-]{0,64}$/.test(prefix)) {
    throw new RangeError(`prefix must be at most 64 letters, digits, '.', '_' and '-', not '${prefix}'`);
  }
}

/**
 * Does nothing to what is there already.
 * @throws TopologyError; the broker closes the channel with that
 */
export async function declareTopology(channel: Channel, prefix: string): Promise<void> {
  const exchange = exchangeName(prefix);
  await naming(`the exchange '${exchange}'`, channel.assertExchange(exchange, 'topic', { durable: true }));
  for (const queue of queueNames) await declareQueue(channel, prefix, queue);
}

async function declareQueue(channel: Channel, prefix: string, queue: QueueName): Promise<void> {
  const name = queueName(prefix, queue);
  const deadName = deadQueueName(prefix, queue);
  await naming(
    `the queue '${deadName}'`,
    channel.assertQueue(deadName, {
      durable: true,
      arguments: { 'x-queue-type': 'quorum', 'x-delivery-limit': deadDeliveriesMax },
    }),
  );
  await naming(
    `the queue '${name}'`,
    channel.assertQueue(name, {
      durable: true,
      arguments: {
        'x-queue-type': 'quorum',
        // One consumer at a time, the others stand by: it is what keeps the events of a subject in order.
        'x-single-active-consumer': true,
        'x-delivery-limit': deliveriesMax,
        'x-dead-letter-exchange': '',
        'x-dead-letter-routing-key': deadName,
        // The broker, too, lets go of a message only when the queue of dead letters has it; it asks for the other for that.
        'x-dead-letter-strategy': 'at-least-once',
        'x-overflow': 'reject-publish',
      },
    }),
  );
  for (const pattern of bindings[queue]) {
    await naming(
      `the binding of '${name}' to ${pattern}`,
      channel.bindQueue(name, exchangeName(prefix), pattern),
    );
  }
}

async function naming(what: string, declared: Promise<unknown>): Promise<void> {
  try {
    await declared;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    if (error.code === preconditionFailed) {
      throw new TopologyError(
        `${what} is there with other settings; delete it (a queue: once it is empty), and it is made anew: ${error.message}`,
      );
    }
    throw new TopologyError(`${what} cannot be declared: ${error.message}`);
  }
}

const preconditionFailed = 406;

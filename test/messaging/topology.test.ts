// What stands on the broker: declared again without harm, every routing key reaches a queue, and what is there with other
// settings is named.
import { connect } from 'amqplib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventTypes } from '../../src/events/catalogue.ts';
import { routingKeyOf } from '../../src/events/event.ts';
import { openPublisher } from '../../src/messaging/rabbit/publisher.ts';
import {
  deadQueueName,
  declareTopology,
  queueName,
  TopologyError,
} from '../../src/messaging/rabbit/topology.ts';
import { itemEvent } from '../support/event.ts';
import { isWithoutRabbit, Rabbit, RecordedLog, rabbitUrl } from '../support/rabbit.ts';
import { until } from '../support/until.ts';

describe.skipIf(isWithoutRabbit)('the topology', () => {
  let rabbit: Rabbit;

  beforeEach(async () => {
    rabbit = await Rabbit.open();
  });

  afterEach(() => rabbit.close());

  test('is declared again without harm to what is in the queues', async () => {
    await declareTopology(rabbit.channel, rabbit.prefix);
    const queue = queueName(rabbit.prefix, 'order_processing');
    rabbit.channel.publish(rabbit.exchange, 'inventory.reserved', Buffer.from('{}'));
    await rabbit.channel.waitForConfirms();
    await declareTopology(rabbit.channel, rabbit.prefix);
    expect(await rabbit.depth(queue)).toBe(1);
  });

  test('takes every routing key of the catalogue into the queues that are meant for it', async () => {
    await declareTopology(rabbit.channel, rabbit.prefix);
    const returned: string[] = [];
    rabbit.channel.on('return', ({ fields }) => returned.push(fields.routingKey));
    const keys = eventTypes.map(routingKeyOf);
    for (const key of [...keys, 'nobody.listens']) {
      rabbit.channel.publish(rabbit.exchange, key, Buffer.from(key), { mandatory: true });
    }
    await rabbit.channel.waitForConfirms();
    expect(returned).toEqual(['nobody.listens']);

    const arrived = async (queue: 'order_processing' | 'notification_service'): Promise<string[]> => {
      const name = queueName(rabbit.prefix, queue);
      const depth = await rabbit.depth(name);
      const taken = await rabbit.drain(name, ({ length }) => length === depth);
      return taken.map(({ content }) => content.toString()).sort();
    };
    const isInventory = (key: string): boolean => key.startsWith('inventory.');
    expect(await arrived('order_processing')).toEqual(keys.filter(isInventory).sort());
    expect(await arrived('notification_service')).toEqual(
      [...keys.filter((key) => !isInventory(key)), 'inventory.low_stock', 'inventory.back_in_stock'].sort(),
    );
  });

  test('that is there with other settings is refused by name, and an event waits until that is mended', async () => {
    const name = queueName(rabbit.prefix, 'order_processing');
    await rabbit.channel.assertQueue(name, { durable: true });
    const declared = rabbit.aside((channel) => declareTopology(channel, rabbit.prefix));
    await expect(declared).rejects.toThrow(TopologyError);
    await expect(declared).rejects.toThrow(`'${name}'`);

    const log = new RecordedLog();
    const publisher = openPublisher({ url: rabbitUrl, prefix: rabbit.prefix, log, inFlightMax: 10 });
    try {
      const published = publisher.publish(itemEvent('items/1', 1));
      await until('the error', () => log.has(name));
      expect(log.lines.find(({ level }) => level === 'error')?.message).toBe(
        'the broker is not set up for it',
      );
      await rabbit.channel.deleteQueue(name);
      await published;
    } finally {
      await publisher.close();
    }
    expect(await rabbit.depth(name)).toBe(1);
  });

  test('puts aside by itself, without losing it, what was delivered too often', async () => {
    // As declared, but with a limit that a test reaches: the arguments are what the broker goes by.
    await rabbit.channel.assertQueue(deadQueueName(rabbit.prefix, 'order_processing'), {
      durable: true,
      arguments: { 'x-queue-type': 'quorum', 'x-delivery-limit': 2_000_000_000 },
    });
    const queue = `${rabbit.prefix}limited`;
    await rabbit.channel.assertExchange(rabbit.exchange, 'topic', { durable: true });
    await rabbit.queue('limited', '#', {
      'x-queue-type': 'quorum',
      'x-delivery-limit': 1,
      'x-dead-letter-exchange': '',
      'x-dead-letter-routing-key': deadQueueName(rabbit.prefix, 'order_processing'),
      'x-dead-letter-strategy': 'at-least-once',
      'x-overflow': 'reject-publish',
    });
    rabbit.channel.sendToQueue(queue, Buffer.from('fatal'));
    await rabbit.channel.waitForConfirms();
    for (let times = 0; times < 2; times += 1) {
      const model = await connect(rabbitUrl);
      const channel = await model.createChannel();
      await until('it', async () => (await channel.get(queue)) !== false);
      await model.close();
    }
    await until(
      'the dead letter',
      async () => (await rabbit.depth(deadQueueName(rabbit.prefix, 'order_processing'))) === 1,
    );
  });
});

// Dead letters on the broker: looking changes nothing, replaying and dropping change what they are asked to.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Consumer, openConsumer } from '../../src/messaging/rabbit/consumer.ts';
import { BrokerError, RabbitDeadLetters } from '../../src/messaging/rabbit/dead-letters.ts';
import { openPublisher } from '../../src/messaging/rabbit/publisher.ts';
import { deadQueueName, declareTopology, queueName } from '../../src/messaging/rabbit/topology.ts';
import { eventIn, itemEvent } from '../support/event.ts';
import { isWithoutRabbit, Rabbit, RecordedLog, rabbitUrl } from '../support/rabbit.ts';
import { until } from '../support/until.ts';

describe.skipIf(isWithoutRabbit)('dead letters on the broker', () => {
  let rabbit: Rabbit;
  let letters: RabbitDeadLetters;
  let queue: string;
  let deadQueue: string;
  const log = new RecordedLog();

  beforeEach(async () => {
    rabbit = await Rabbit.open();
    queue = queueName(rabbit.prefix, 'order_processing');
    deadQueue = deadQueueName(rabbit.prefix, 'order_processing');
    letters = new RabbitDeadLetters({ url: rabbitUrl, prefix: rabbit.prefix, queue: 'order_processing' });
  });

  afterEach(() => rabbit.close());

  /** Ten events of ten subjects that no handler takes, in the order in which they died. */
  async function died(count = 10): Promise<string[]> {
    const publisher = openPublisher({ url: rabbitUrl, prefix: rabbit.prefix, log, inFlightMax: 10 });
    const consumer = consuming(() => Promise.reject(new Error('it is broken')));
    try {
      const events = Array.from({ length: count }, (_, index) => itemEvent(`items/${index}`, 1));
      for (const [index, event] of events.entries()) {
        await publisher.publish(event);
        await until('its death', () => consumer.counts.dead === index + 1);
      }
      return events.map(({ id }) => id);
    } finally {
      await Promise.all([publisher.close(), consumer.close()]);
    }
  }

  function consuming(handle: (event: { readonly id: string }) => Promise<void>): Consumer {
    return openConsumer({
      url: rabbitUrl,
      prefix: rabbit.prefix,
      queue: 'order_processing',
      handler: { handle },
      prefetch: 10,
      log,
      deliveryLimits: { attemptsMax: 1 },
    });
  }

  const listed = async (limit = 100): Promise<string[]> =>
    (await letters.list({ limit })).map(({ id }) => id);

  test('are looked at without losing or reordering any, however often', async () => {
    const ids = await died();
    for (const limit of [3, 100, 1, 10, 7]) expect(await listed(limit)).toEqual(ids.slice(0, limit));
    for (let times = 0; times < 25; times += 1) await letters.list({ limit: 5 });
    expect(await listed()).toEqual(ids);
    const [one] = await letters.list({ limit: 1 });
    expect(one).toMatchObject({
      id: ids[0],
      type: 'ItemDeleted',
      subject: 'items/0',
      reason: 'it is broken',
      attempts: 1,
      routingKey: 'inventory.item_deleted',
      deadAt: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    expect(JSON.parse(one?.body ?? '')).toMatchObject({ id: ids[0], subject: 'items/0' });
    const some = await letters.list({ limit: 2, ids: [ids[7] ?? '', ids[2] ?? ''] });
    expect(some.map(({ id }) => id)).toEqual([ids[2], ids[7]]);
    expect(await listed()).toEqual(ids);
  });

  test('go back to their own queue, those that were asked for', async () => {
    const ids = await died(6);
    const chosen = [ids[4] ?? '', ids[1] ?? ''];
    expect(await letters.replay({ ids: [...chosen, 'unknown'] })).toEqual({ count: 2, missing: ['unknown'] });
    expect(await listed()).toEqual(ids.filter((id) => !chosen.includes(id)));
    const back = await rabbit.drain(queue, ({ length }) => length === 2);
    expect(back.map((message) => eventIn(message).id)).toEqual([ids[1], ids[4]]);
    expect(back[0]?.properties).toMatchObject({ messageId: ids[1], type: 'ItemDeleted', deliveryMode: 2 });
    expect(back[0]?.properties.headers).not.toHaveProperty('x-reason');
    // Not to the other queue's consumers, who have handled theirs.
    expect(await rabbit.depth(queueName(rabbit.prefix, 'notification_service'))).toBe(0);
  });

  test('are handled once what made them fail is mended; what fails again is dead again, and keeps its routing key', async () => {
    const ids = await died(5);
    const handled: string[] = [];
    const consumer = consuming((event) => {
      if (event.id === ids[3]) return Promise.reject(new Error('still broken'));
      handled.push(event.id);
      return Promise.resolve();
    });
    try {
      expect(await letters.replay('all')).toEqual({ count: 5, missing: [] });
      await until('all', () => consumer.counts.handled === 4 && consumer.counts.dead === 1);
    } finally {
      await consumer.close();
    }
    expect(handled).toEqual(ids.filter((id) => id !== ids[3]));
    expect(await letters.list({ limit: 9 })).toMatchObject([
      { id: ids[3], reason: 'still broken', routingKey: 'inventory.item_deleted' },
    ]);
  });

  test('are dropped for good, those that were asked for', async () => {
    const ids = await died(4);
    expect(await letters.drop({ ids: [ids[2] ?? '', 'unknown'] })).toEqual({
      count: 1,
      missing: ['unknown'],
    });
    expect(await listed()).toEqual([ids[0], ids[1], ids[3]]);
    expect(await letters.drop('all')).toEqual({ count: 3, missing: [] });
    expect(await listed()).toEqual([]);
    expect(await rabbit.depth(queue)).toBe(0);
  });

  test('have an id even where they are no events, or the broker has put them aside', async () => {
    await declareTopology(rabbit.channel, rabbit.prefix);
    rabbit.channel.sendToQueue(deadQueue, Buffer.from('nonsense'), {
      headers: {
        'x-death': [
          {
            count: 1,
            reason: 'delivery_limit',
            queue,
            time: { '!': 'timestamp', value: 1_700_000_000 },
            exchange: rabbit.exchange,
            'routing-keys': ['inventory.reserved'],
          },
        ],
      },
    });
    await rabbit.channel.waitForConfirms();
    const [letter] = await letters.list({ limit: 10 });
    expect(letter).toEqual({
      id: expect.stringMatching(/^sha256-[0-9a-f]{16}$/),
      type: '',
      subject: '',
      reason: 'the broker has put it aside: delivery_limit',
      attempts: null,
      deadAt: '2023-11-14T22:13:20.000Z',
      routingKey: 'inventory.reserved',
      body: 'nonsense',
    });
    expect(await letters.drop({ ids: [letter?.id ?? ''] })).toEqual({ count: 1, missing: [] });
  });

  test('are listed whatever somebody has written about their deaths', async () => {
    await declareTopology(rabbit.channel, rabbit.prefix);
    for (const death of ['odd', ['odd'], [{ 'routing-keys': 7, reason: {}, time: 'never' }]])
      rabbit.channel.sendToQueue(deadQueue, Buffer.from('nonsense'), { headers: { 'x-death': death } });
    await rabbit.channel.waitForConfirms();
    const unknown = { body: 'nonsense', reason: '', deadAt: null, routingKey: deadQueue };
    expect(await letters.list({ limit: 10 })).toMatchObject([unknown, unknown, unknown]);
  });

  test('say why where no broker answers', async () => {
    const lost = new RabbitDeadLetters({ url: 'amqp://127.0.0.1:1', queue: 'order_processing' });
    await expect(lost.list({ limit: 1 })).rejects.toThrow(BrokerError);
    await expect(lost.replay('all')).rejects.toThrow('ECONNREFUSED');
  });
});

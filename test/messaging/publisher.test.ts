// The publisher with a broker that lives: what a message carries, what is refused or returned, what is blocked, and how it
// is closed.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ClosedError } from '../../src/messaging/closed.ts';
import {
  openPublisher,
  type Publisher,
  type PublisherOptions,
} from '../../src/messaging/rabbit/publisher.ts';
import { queueName } from '../../src/messaging/rabbit/topology.ts';
import { traceparentOf } from '../../src/messaging/rabbit/traceparent.ts';
import { eventIn, itemEvent } from '../support/event.ts';
import { TcpProxy } from '../support/proxy.ts';
import { isWithoutRabbit, Rabbit, RecordedLog, rabbitAddress, rabbitUrl } from '../support/rabbit.ts';
import { until } from '../support/until.ts';

describe.skipIf(isWithoutRabbit)('the publisher', () => {
  let rabbit: Rabbit;
  let queue: string;
  let publisher: Publisher;
  const log = new RecordedLog();

  beforeEach(async () => {
    rabbit = await Rabbit.open();
    queue = queueName(rabbit.prefix, 'order_processing');
  });

  afterEach(async () => {
    await publisher.close();
    await rabbit.close();
  });

  function opened(options: Partial<PublisherOptions> = {}): Publisher {
    return openPublisher({ url: rabbitUrl, prefix: rabbit.prefix, log, inFlightMax: 100, ...options });
  }

  test('sends what every consumer needs to know beside the body', async () => {
    publisher = opened();
    const event = itemEvent('items/ä', 7);
    await publisher.publish(event);
    const [message] = await rabbit.drain(queue, ({ length }) => length === 1);
    expect(message?.properties).toMatchObject({
      deliveryMode: 2,
      contentType: 'application/json',
      messageId: event.id,
      type: 'ItemDeleted',
      timestamp: Math.floor(Date.parse(event.time) / 1_000),
      headers: { traceparent: traceparentOf(event.id), 'x-sequence': 7, 'x-subject': 'items/ä' },
    });
    expect(message?.fields).toMatchObject({
      routingKey: 'inventory.item_deleted',
      exchange: rabbit.exchange,
    });
    expect(JSON.parse(message?.content.toString() ?? '')).toEqual(event);
    expect(publisher.counts).toEqual({ published: 1, confirmed: 1, returned: 0, nacked: 0, reconnects: 0 });
    expect(publisher.state).toBe('connected');
  });

  test('never has more under way than it may, nor two of one subject', async () => {
    publisher = opened({ inFlightMax: 8 });
    let most = 0;
    const events = Array.from({ length: 500 }, (_, index) =>
      itemEvent(`items/${index % 50}`, 1 + Math.floor(index / 50)),
    );
    const published = events.map((event) =>
      publisher.publish(event).then(() => {
        most = Math.max(most, publisher.inFlight);
      }),
    );
    await Promise.all(published);
    expect(most).toBeLessThanOrEqual(8);
    expect(most).toBeGreaterThan(1);
    const same = Array.from({ length: 20 }, (_, index) =>
      publisher.publish(itemEvent('items/one', index + 1)),
    );
    await until('the first under way', () => publisher.inFlight > 0);
    expect(publisher.inFlight).toBe(1);
    await Promise.all(same);
    expect(publisher.counts).toMatchObject({ published: 520, confirmed: 520 });
  });

  test('repeats what is refused, and keeps the order of each subject', async () => {
    publisher = opened({ limits: { resendMsMin: 1, resendMsMax: 20 } });
    await until('the connection', () => publisher.state === 'connected');
    // Takes one at a time, and refuses all that come meanwhile.
    const narrow = await rabbit.queue('narrow', 'inventory.#', {
      'x-max-length': 1,
      'x-overflow': 'reject-publish',
    });
    const subjects = ['a', 'b', 'c', 'd'];
    const rounds = 15;
    const published = subjects.flatMap((subject) =>
      Array.from({ length: rounds }, (_, index) => publisher.publish(itemEvent(subject, index + 1))),
    );
    await until('a refusal', () => publisher.counts.nacked > 0);
    const taken = await rabbit.drain(
      narrow,
      (all) => new Set(all.map(({ properties }) => properties.messageId)).size === published.length,
    );
    await Promise.all(published);
    for (const subject of subjects) {
      const sequences = taken
        .map(eventIn)
        .filter((event) => event.subject === subject)
        .map(({ sequence }) => sequence);
      expect([...new Set(sequences)]).toEqual(Array.from({ length: rounds }, (_, index) => index + 1));
    }
    expect(publisher.counts.confirmed).toBe(published.length);
  });

  test('declares the queues again where an event comes back, and sends it again', async () => {
    publisher = opened();
    await publisher.publish(itemEvent('items/1', 1));
    await rabbit.channel.deleteQueue(queue);
    await Promise.all([1, 2, 3].map((sequence) => publisher.publish(itemEvent('items/2', sequence))));
    expect(publisher.counts.returned).toBeGreaterThan(0);
    expect(publisher.counts.reconnects).toBe(0);
    const taken = await rabbit.drain(queue, ({ length }) => length === 3);
    expect(taken.map(eventIn).map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
  });

  test('makes everything anew where somebody has deleted the exchange', async () => {
    publisher = opened();
    await publisher.publish(itemEvent('items/1', 1));
    await rabbit.channel.deleteExchange(rabbit.exchange);
    await publisher.publish(itemEvent('items/1', 2));
    expect(publisher.counts.reconnects).toBe(1);
  });

  test('only lags while the broker is blocked', async () => {
    const proxy = await TcpProxy.open(rabbitAddress);
    const states: string[] = [];
    publisher = opened({
      url: proxy.url(rabbitUrl),
      onState: (state) => states.push(state),
      limits: { confirmMsMax: 100, confirmLookIntervalMs: 10 },
    });
    try {
      await publisher.publish(itemEvent('items/1', 1));
      proxy.tellClients(blockedFrame('low on memory'));
      await until('the state', () => publisher.state === 'blocked');
      const published = publisher.publish(itemEvent('items/1', 2));
      expect(publisher.inFlight).toBe(0);
      expect(log.has('low on memory')).toBe(true);
      proxy.tellClients(unblockedFrame);
      await published;
      expect(states).toEqual(['connected', 'blocked', 'connected']);
      expect(publisher.counts.reconnects).toBe(0);
    } finally {
      await publisher.close();
      await proxy.close();
    }
    expect(states.at(-1)).toBe('connecting');
  });

  test('tells whoever waits when it is closed, with or without a connection', async () => {
    publisher = opened();
    await publisher.publish(itemEvent('items/1', 1));
    const published = [2, 3, 4].map((sequence) => publisher.publish(itemEvent('items/1', sequence)));
    const outcomes = Promise.allSettled(published);
    await publisher.close();
    const [first, ...others] = await outcomes;
    // The first was under way, and is waited for.
    expect(first).toMatchObject({ status: 'fulfilled' });
    for (const other of others)
      expect(other).toMatchObject({ status: 'rejected', reason: expect.any(ClosedError) });
    await expect(publisher.publish(itemEvent('items/1', 5))).rejects.toThrow(ClosedError);

    const lonely = opened({ url: 'amqp://127.0.0.1:1' });
    const never = expect(lonely.publish(itemEvent('items/1', 1))).rejects.toThrow(ClosedError);
    await until('a failure', () => log.has('ECONNREFUSED'));
    await lonely.close();
    await never;
  });

  test('says so at once where an event can never be sent, and goes on with the others', async () => {
    publisher = opened();
    const unfit = { ...itemEvent('items/1', 2), id: 'x'.repeat(256) };
    const outcomes = await Promise.allSettled(
      [itemEvent('items/1', 1), unfit, itemEvent('items/1', 3)].map((event) => publisher.publish(event)),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(outcomes[1]).toMatchObject({ reason: { message: expect.stringContaining('messageId') } });
    expect(publisher.counts).toMatchObject({ confirmed: 2, reconnects: 0 });
  });

  test('refuses a prefix that names would not stand', () => {
    publisher = opened();
    expect(() => opened({ prefix: 'a b' })).toThrow('prefix');
  });
});

/** connection.blocked and connection.unblocked, as frames of the protocol on channel 0. */
function blockedFrame(reason: string): Buffer {
  const text = Buffer.from(reason);
  return frame(Buffer.concat([Buffer.from([0, 10, 0, 60, text.length]), text]));
}

const unblockedFrame = frame(Buffer.from([0, 10, 0, 61]));

function frame(method: Buffer): Buffer {
  const head = Buffer.alloc(7);
  head.writeUInt8(1, 0);
  head.writeUInt32BE(method.length, 3);
  return Buffer.concat([head, method, Buffer.from([0xce])]);
}

// The consumer: what is handled is gone, what cannot be lies among the dead letters, and a connection that is lost in the
// middle makes neither two of one subject at once nor a gap.
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PublishedEvent } from '../../src/events/event.ts';
import { NotNow } from '../../src/events/handler.ts';
import { type Consumer, type ConsumerOptions, openConsumer } from '../../src/messaging/rabbit/consumer.ts';
import { RabbitDeadLetters } from '../../src/messaging/rabbit/dead-letters.ts';
import { openPublisher, type Publisher } from '../../src/messaging/rabbit/publisher.ts';
import { deadQueueName, queueName } from '../../src/messaging/rabbit/topology.ts';
import { itemEvent } from '../support/event.ts';
import { TcpProxy } from '../support/proxy.ts';
import { isWithoutRabbit, Rabbit, RecordedLog, rabbitAddress, rabbitUrl } from '../support/rabbit.ts';
import { until } from '../support/until.ts';

/** Remembers what it was given; a test may decide what becomes of each. */
class Handler {
  readonly begun: PublishedEvent[] = [];
  readonly ended: PublishedEvent[] = [];
  /** How many of one subject were ever handled at once. */
  most = 0;
  readonly #underWay = new Map<string, number>();
  decide: (event: PublishedEvent) => Promise<void> | void = () => undefined;

  async handle(event: PublishedEvent): Promise<void> {
    const { subject } = event;
    const count = (this.#underWay.get(subject) ?? 0) + 1;
    this.#underWay.set(subject, count);
    this.most = Math.max(this.most, count);
    this.begun.push(event);
    try {
      await this.decide(event);
      this.ended.push(event);
    } finally {
      this.#underWay.set(subject, (this.#underWay.get(subject) ?? 0) - 1);
    }
  }

  sequences(subject: string): number[] {
    return this.ended.filter((event) => event.subject === subject).map(({ sequence }) => sequence);
  }
}

describe.skipIf(isWithoutRabbit)('the consumer', () => {
  let rabbit: Rabbit;
  let proxy: TcpProxy;
  let publisher: Publisher;
  let handler: Handler;
  let log: RecordedLog;
  let consumer: Consumer | undefined;
  let queue: string;
  let deadQueue: string;

  beforeEach(async () => {
    rabbit = await Rabbit.open();
    proxy = await TcpProxy.open(rabbitAddress);
    log = new RecordedLog();
    handler = new Handler();
    consumer = undefined;
    queue = queueName(rabbit.prefix, 'order_processing');
    deadQueue = deadQueueName(rabbit.prefix, 'order_processing');
    publisher = openPublisher({ url: rabbitUrl, prefix: rabbit.prefix, log, inFlightMax: 100 });
  });

  afterEach(async () => {
    await Promise.all([publisher.close(), consumer?.close()]);
    await proxy.close();
    await rabbit.close();
  });

  function opened(options: Partial<ConsumerOptions> = {}): Consumer {
    consumer = openConsumer({
      url: proxy.url(rabbitUrl),
      prefix: rabbit.prefix,
      queue: 'order_processing',
      handler,
      prefetch: 50,
      log,
      limits: { reconnectMsMin: 5, reconnectMsMax: 50, closeMsMax: 1_000 },
      deliveryLimits: { attempt: { msMin: 1, msMax: 5 }, notNow: { msMin: 1, msMax: 10 }, closeMsMax: 1_000 },
      ...options,
    });
    return consumer;
  }

  const publish = (subject: string, ...sequences: number[]): Promise<unknown> =>
    Promise.all(sequences.map((sequence) => publisher.publish(itemEvent(subject, sequence))));

  test('handles the events of each subject in order, and acknowledges them', async () => {
    opened();
    const sequences = Array.from({ length: 20 }, (_, index) => index + 1);
    await Promise.all(['a', 'b', 'c'].map((subject) => publish(subject, ...sequences)));
    await until('all', () => consumer?.counts.handled === 60);
    for (const subject of ['a', 'b', 'c']) expect(handler.sequences(subject)).toEqual(sequences);
    await consumer?.close();
    expect(await rabbit.depth(queue)).toBe(0);
  });

  test('puts what cannot be handled among the dead letters with the reason, and goes on', async () => {
    handler.decide = ({ sequence }) => {
      if (sequence === 2) throw new Error('no such\norder');
    };
    opened();
    await publish('a', 1, 2, 3);
    await until('the rest', () => handler.sequences('a').length === 2);
    const [dead] = await rabbit.drain(deadQueue, ({ length }) => length === 1);
    expect(dead?.properties).toMatchObject({
      messageId: 'test.a.2',
      type: 'ItemDeleted',
      deliveryMode: 2,
      contentType: 'application/json',
      headers: {
        'x-reason': 'no such order',
        'x-attempts': 5,
        'x-dead-at': expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        'x-original-routing-key': 'inventory.item_deleted',
        'x-subject': 'a',
        'x-sequence': 2,
      },
    });
    expect(JSON.parse(dead?.content.toString() ?? '')).toMatchObject({
      id: 'test.a.2',
      subject: 'a',
      sequence: 2,
    });
    expect(handler.sequences('a')).toEqual([1, 3]);
    expect(handler.begun.filter(({ sequence }) => sequence === 2)).toHaveLength(5);
    expect(consumer?.counts).toMatchObject({ handled: 2, dead: 1, malformed: 0, retried: 4 });
    expect(log.has('no such order')).toBe(true);
  });

  test('never hands on what is no event', async () => {
    opened();
    await publish('a', 1);
    const bad: readonly (readonly [string, string])[] = [
      ['{', 'it is not JSON'],
      ['[]', 'it must be object'],
      [JSON.stringify({ ...itemEvent('a', 2), data: { itemId: 7 } }), 'data/itemId must be string'],
      [JSON.stringify({ ...itemEvent('a', 2), version: 2 }), 'it is of version 2'],
    ];
    for (const [body] of bad)
      rabbit.channel.publish(rabbit.exchange, 'inventory.reserved', Buffer.from(body));
    await rabbit.channel.waitForConfirms();
    const dead = await rabbit.drain(deadQueue, ({ length }) => length === bad.length);
    for (const [body, reason] of bad) {
      const message = dead.find(({ content }) => content.toString() === body);
      expect(message?.properties.headers?.['x-reason']).toContain(reason);
      expect(message?.properties.headers).toMatchObject({
        'x-attempts': 0,
        'x-original-routing-key': 'inventory.reserved',
      });
    }
    await publish('a', 2);
    await until('the next', () => handler.sequences('a').length === 2);
    expect(consumer?.counts).toMatchObject({ dead: 4, malformed: 4 });
  });

  test('puts aside what is no event whatever its headers are', async () => {
    opened();
    const odd: readonly Record<string, unknown>[] = [
      { 'x-death': ['odd'] },
      { 'x-death': 'odd' },
      { 'x-death': [{ reason: 1, 'routing-keys': 7, time: 'never' }] },
      { long: 'x'.repeat(65_000) },
      { table: { a: { '!': 'timestamp', value: 1 } }, kept: 1 },
    ];
    await until('the connection', () => consumer?.state === 'connected');
    for (const headers of odd)
      rabbit.channel.publish(rabbit.exchange, 'inventory.reserved', Buffer.from('{'), { headers });
    await rabbit.channel.waitForConfirms();
    const letters = new RabbitDeadLetters({
      url: rabbitUrl,
      prefix: rabbit.prefix,
      queue: 'order_processing',
    });
    await until('all', async () => (await rabbit.depth(deadQueue)) === odd.length);
    expect(await letters.list({ limit: 10 })).toMatchObject(
      odd.map(() => ({ reason: 'it is not JSON', routingKey: 'inventory.reserved' })),
    );
    expect(consumer?.counts).toMatchObject({ malformed: odd.length, reconnects: 0 });
  });

  test('keeps what dies while there is no queue of dead letters', async () => {
    handler.decide = () => {
      throw new Error('never');
    };
    opened({ deliveryLimits: { attemptsMax: 1, notNow: { msMin: 1, msMax: 10 } } });
    await until('the connection', () => consumer?.state === 'connected');
    await rabbit.channel.deleteQueue(deadQueue);
    await publish('a', 1);
    await until('the trouble', () => log.has('nor be put among the dead letters'));
    await publish('b', 1);
    await rabbit.channel.assertQueue(deadQueue, {
      durable: true,
      arguments: { 'x-queue-type': 'quorum', 'x-delivery-limit': 2_000_000_000 },
    });
    const dead = await rabbit.drain(deadQueue, ({ length }) => length === 2);
    expect(dead.map(({ properties }) => properties.messageId).sort()).toEqual(['test.a.1', 'test.b.1']);
  });

  test('holds the subject, and no other, while what it needs does not answer', async () => {
    let isDown = true;
    handler.decide = ({ subject }) => {
      if (subject === 'a' && isDown) throw new NotNow('the database does not answer');
    };
    opened();
    await publish('a', 1, 2);
    await publish('b', 1, 2, 3);
    await until('the others', () => handler.sequences('b').length === 3);
    await until('many tries', () => handler.begun.filter(({ subject }) => subject === 'a').length > 10);
    expect(handler.sequences('a')).toEqual([]);
    expect(consumer?.stuckForMs).toBeGreaterThan(0);
    isDown = false;
    await until('the held', () => handler.sequences('a').length === 2);
    expect(handler.sequences('a')).toEqual([1, 2]);
    expect(consumer?.counts.dead).toBe(0);
  });

  test('does not handle twice at once what comes again while the first is under way', async () => {
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    handler.decide = ({ id }) => (id === 'test.a.1' ? released : undefined);
    opened();
    await publish('a', 1, 2, 3);
    await until('the first', () => handler.begun.length === 1);
    for (let cuts = 1; cuts <= 3; cuts += 1) {
      proxy.cut();
      await until('another connection', () => consumer?.counts.reconnects === cuts);
    }
    await publish('b', 1);
    await until('what came over the new one', () => handler.sequences('b').length === 1);
    expect(handler.begun.filter(({ subject }) => subject === 'a')).toHaveLength(1);
    release();
    await until('all', () => handler.sequences('a').at(-1) === 3);
    expect(handler.sequences('a')).toEqual([1, 1, 2, 3]);
    expect(handler.most).toBe(1);
    await consumer?.close();
    expect(await rabbit.depth(queue)).toBe(0);
  });

  test('loses and reorders nothing over connections that are cut again and again', async () => {
    opened({ prefetch: 20 });
    const subjects = Array.from({ length: 20 }, () => randomUUID());
    const sequences = Array.from({ length: 50 }, (_, index) => index + 1);
    const published = Promise.all(subjects.map((subject) => publish(subject, ...sequences)));
    for (let cuts = 1; cuts <= 6; cuts += 1) {
      await until('more', () => handler.ended.length >= cuts * 130);
      proxy.cut();
    }
    await published;
    await until('all', () => subjects.every((subject) => handler.sequences(subject).includes(50)));
    for (const subject of subjects) {
      const seen = handler.sequences(subject);
      expect([...new Set(seen)]).toEqual(sequences);
    }
    expect(handler.most).toBe(1);
    expect(consumer?.counts.reconnects).toBeGreaterThanOrEqual(6);
    await consumer?.close();
    expect(await rabbit.depth(queue)).toBe(0);
  });

  test('gives back what it has not begun when it is closed, and finishes what it has', async () => {
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    handler.decide = ({ subject }) => (subject === 'a' ? released : undefined);
    opened();
    await publish('a', 1, 2, 3);
    await until('the first', () => handler.begun.length === 1);
    const closed = consumer?.close();
    release();
    await closed;
    expect(handler.sequences('a')).toEqual([1]);
    const rest = await rabbit.drain(queue, ({ length }) => length === 2);
    expect(rest.map(({ properties }) => properties.messageId)).toEqual(['test.a.2', 'test.a.3']);
  });

  test('stands by while another consumer is active, and takes over in order when that one ends', async () => {
    const first = opened({ prefetch: 2 });
    await publish('a', 1);
    await until('the first', () => first.counts.handled === 1);
    const other = new Handler();
    const second = opened({ handler: other });
    await until('the second', () => second.state === 'connected');
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    handler.decide = ({ sequence }) => (sequence === 2 ? released : undefined);
    await publish('a', 2, 3, 4, 5);
    await until('the second event', () => handler.begun.length === 2);
    const closed = first.close();
    release();
    await closed;
    await until('the rest', () => other.sequences('a').length === 3);
    expect(handler.sequences('a')).toEqual([1, 2]);
    expect(other.sequences('a')).toEqual([3, 4, 5]);
  });

  test('comes back where somebody deletes its queue', async () => {
    opened();
    await publish('a', 1);
    await until('the first', () => handler.ended.length === 1);
    await rabbit.channel.deleteQueue(queue);
    await until('another connection', () => consumer?.counts.reconnects === 1);
    await publish('a', 2);
    await until('the second', () => handler.ended.length === 2);
  });
});

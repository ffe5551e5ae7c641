// The publisher over a wire that breaks: everything arrives, and, repeats aside, in the order of its subject.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PublishedEvent } from '../../src/events/event.ts';
import type { RabbitLimits } from '../../src/messaging/rabbit/limits.ts';
import { openPublisher, type Publisher } from '../../src/messaging/rabbit/publisher.ts';
import { queueName } from '../../src/messaging/rabbit/topology.ts';
import { eventIn, itemEvent, longEvent } from '../support/event.ts';
import { TcpProxy } from '../support/proxy.ts';
import { isWithoutRabbit, Rabbit, RecordedLog, rabbitAddress, rabbitUrl } from '../support/rabbit.ts';
import { until } from '../support/until.ts';

const quick = { reconnectMsMin: 5, reconnectMsMax: 50 };

describe.skipIf(isWithoutRabbit)('the publisher over a wire that breaks', () => {
  let rabbit: Rabbit;
  let proxy: TcpProxy;
  let publisher: Publisher;
  let log: RecordedLog;

  beforeEach(async () => {
    rabbit = await Rabbit.open();
    proxy = await TcpProxy.open(rabbitAddress);
    log = new RecordedLog();
  });

  afterEach(async () => {
    await publisher.close();
    await proxy.close();
    await rabbit.close();
  });

  function opened(limits: Partial<RabbitLimits> = {}): Publisher {
    const url = proxy.url(rabbitUrl);
    return openPublisher({
      url,
      prefix: rabbit.prefix,
      log,
      inFlightMax: 200,
      limits: { ...quick, ...limits },
    });
  }

  /** What arrived: nothing is missing, and of each subject none comes before the one that it follows. */
  async function expectAllInOrder(events: readonly PublishedEvent[]): Promise<void> {
    const ids = new Set<string>();
    let looked = 0;
    const taken = await rabbit.drain(queueName(rabbit.prefix, 'order_processing'), (all) => {
      for (const { properties } of all.slice(looked)) ids.add(String(properties.messageId));
      looked = all.length;
      return ids.size === events.length;
    });
    const last = new Map<string, number>();
    for (const { subject, sequence } of taken.map(eventIn)) {
      const before = last.get(subject) ?? 0;
      // Of a subject one is under way: only that one can be repeated.
      expect([before, before + 1]).toContain(sequence);
      last.set(subject, sequence);
    }
  }

  test('loses nothing over connections that are cut again and again', async () => {
    publisher = opened();
    const events = Array.from({ length: 6_000 }, (_, index) =>
      itemEvent(`items/${index % 300}`, 1 + Math.floor(index / 300)),
    );
    let confirmed = 0;
    const published = events.map(async (event) => {
      await publisher.publish(event);
      confirmed += 1;
    });
    for (let cuts = 1; cuts <= 8; cuts += 1) {
      const target = (events.length * cuts) / 10;
      await until(`${target} confirmed`, () => confirmed >= target);
      proxy.cut();
    }
    await Promise.all(published);
    expect(publisher.counts.reconnects).toBeGreaterThanOrEqual(8);
    expect(publisher.counts.confirmed).toBe(events.length);
    await expectAllInOrder(events);
  });

  test('waits as long as it takes for a broker that is not there', async () => {
    proxy.refuse();
    publisher = opened();
    const events = [1, 2, 3].map((sequence) => itemEvent('items/1', sequence));
    const published = Promise.all(events.map((event) => publisher.publish(event)));
    await until('failures', () => proxy.refused >= 8);
    const said = log.lines.map(({ message, fields }) => `${message}: ${JSON.stringify(fields)}`);
    // It may be away for days: each reason is logged when it is a new one.
    expect(said.length).toBeGreaterThan(0);
    expect(said.filter((line, index) => line === said[index - 1])).toEqual([]);
    expect(publisher.state).toBe('connecting');
    proxy.restore();
    await published;
    await expectAllInOrder(events);
  });

  test('gives up a connection that swallows everything', async () => {
    publisher = opened({ confirmMsMax: 200, confirmLookIntervalMs: 20, connectMsMax: 200 });
    const events = Array.from({ length: 40 }, (_, index) =>
      itemEvent(`items/${index % 10}`, 1 + Math.floor(index / 10)),
    );
    await publisher.publish(itemEvent('items/warm', 1));
    proxy.blackHole();
    const published = Promise.all(events.map((event) => publisher.publish(event)));
    await until('the watchdog', () => log.has('no confirm within 200 ms'));
    await until('a connection that gets no answer', () => log.has('no answer within 200 ms'));
    proxy.restore();
    await published;
    await expectAllInOrder([itemEvent('items/warm', 1), ...events]);
  });

  test('notices by heartbeats that the broker has forgotten it', async () => {
    publisher = opened({ heartbeatSeconds: 1 });
    await publisher.publish(itemEvent('items/1', 1));
    proxy.halfOpen();
    const published = publisher.publish(itemEvent('items/1', 2));
    await published;
    expect(log.has('Heartbeat timeout')).toBe(true);
    await expectAllInOrder([itemEvent('items/1', 1), itemEvent('items/1', 2)]);
  });

  test('is closed in time over a connection that goes nowhere', async () => {
    publisher = opened({ closeMsMax: 100 });
    await publisher.publish(itemEvent('items/1', 1));
    proxy.blackHole();
    const outcome = expect(publisher.publish(itemEvent('items/1', 2))).rejects.toThrow('closed');
    const beganAt = performance.now();
    await publisher.close();
    expect(performance.now() - beganAt).toBeLessThan(4_000);
    await outcome;
  });

  test('takes up messages that are larger than a frame and more than a socket holds', async () => {
    publisher = opened();
    const events = Array.from({ length: 60 }, (_, index) => longEvent(`items/${index}`, 1, 300_000));
    const published = Promise.all(events.map((event) => publisher.publish(event)));
    await until('some', () => publisher.counts.confirmed > 3);
    proxy.cut();
    await published;
    await expectAllInOrder(events);
  });
});

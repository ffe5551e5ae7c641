// Live updates over channels: in order, at most once, dropped and counted rather than waited for.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { redisLimits as limits } from '../../../src/messaging/redis/limits.ts';
import { UpdateListener } from '../../../src/messaging/redis/listener.ts';
import { channels, UpdatePublisher } from '../../../src/messaging/redis/publisher.ts';
import { describeWithRedis, TestRedis } from '../../support/redis.ts';
import { until } from '../../support/until.ts';
import { type Connected, connectUp, isUp } from './support/connections.ts';

describeWithRedis('live updates', () => {
  let server: TestRedis;
  let connected: Connected;
  let publisher: UpdatePublisher;
  let listener: UpdateListener;
  const heard: string[] = [];
  const counted = { published: 0, dropped: 0 };
  beforeEach(async () => {
    heard.length = 0;
    Object.assign(counted, { published: 0, dropped: 0 });
    server = await TestRedis.start();
    connected = await connectUp(server.url);
    const { connection } = connected;
    publisher = new UpdatePublisher({
      connection,
      observe: (_channel, outcome, messages) => {
        counted[outcome] += messages;
      },
    });
    listener = new UpdateListener({
      url: server.url,
      channel: channels.inventory,
      heard: (text) => heard.push(text),
    });
    await listening();
  });
  afterEach(async () => {
    listener.close();
    connected.connection.close();
    await server.stop();
  });

  const listening = () =>
    until('somebody to listen', async () => {
      const [, listeners] = await server.client.pubsub('NUMSUB', channels.inventory);
      return listeners === 1;
    });
  const publish = (from: number, count: number) => {
    for (let each = from; each < from + count; each += 1) publisher.publish(channels.inventory, String(each));
  };
  const numbers = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) => String(from + index));

  test('come in order, each once, and on their own channel', async () => {
    publisher.publish(channels.orders, 'an order');
    publish(0, 2_000);
    await until('all of them', () => heard.length >= 2_000);
    expect(heard).toEqual(numbers(0, 2_000));
    await until('them to be counted', () => counted.published === 2_001);
    expect(counted.dropped).toBe(0);
  });

  test('beyond what may wait are dropped', async () => {
    publish(0, limits.waitingMessagesMax + 10);
    await until('the others', () => counted.published === limits.waitingMessagesMax);
    expect(counted.dropped).toBe(10);
    await until('them to be heard', () => heard.length === limits.waitingMessagesMax);
  });

  test('are dropped while Redis is away, and told again afterwards', async () => {
    await server.kill();
    await until('the end to be noticed', () => !connected.connection.isUp);
    publish(0, 10);
    expect(counted).toEqual({ published: 0, dropped: 10 });
    await server.start();
    await isUp(connected);
    await listening();
    publish(10, 5);
    await until('what comes now', () => heard.length >= 5);
    expect(heard).toEqual(numbers(10, 5));
  });

  test('of a Redis that hangs are given up soon', async () => {
    server.freeze();
    publish(0, 3_000);
    await until('all of them to be given up', () => counted.dropped === 3_000);
    server.thaw();
    await isUp(connected);
    const before = heard.length;
    await listening();
    publish(5_000, 1);
    await until('what comes now', () => heard.includes('5000'));
    // What was on its way when it froze may have come after all, in order.
    expect(heard.slice(0, before)).toEqual(heard.slice(0, before).toSorted((a, b) => Number(a) - Number(b)));
  });
});

// A connection to a Redis that dies, hangs, and comes back: whoever asks is answered soon, with null where it cannot be
// helped, and what comes back is used again.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { redisLimits as limits } from '../../../src/messaging/redis/limits.ts';
import { describeWithRedis, freePort, TestRedis } from '../../support/redis.ts';
import { until } from '../../support/until.ts';
import { type Connected, connect, connectUp, isUp } from './support/connections.ts';

describeWithRedis('a connection', () => {
  let server: TestRedis;
  const opened: Connected[] = [];
  beforeEach(async () => {
    server = await TestRedis.start();
  });
  afterEach(async () => {
    for (const { connection } of opened.splice(0)) connection.close();
    await server.stop();
  });

  function remember(connected: Connected): Connected {
    opened.push(connected);
    return connected;
  }

  const open = async () => remember(await connectUp(server.url));
  const ping = ({ connection }: Connected) => connection.run((redis) => redis.ping());

  test('answers', async () => {
    const connected = await open();
    expect(await ping(connected)).toBe('PONG');
    expect([connected.said, connected.problems]).toEqual([['redis-up'], []]);
  });

  test('to what is not there says so once, and answers null', async () => {
    const connected = remember(connect(`redis://127.0.0.1:${await freePort()}`));
    const failures: unknown[] = [];
    connected.connection.redis.on('close', () => failures.push('closed'));
    await until('several tries', () => failures.length >= 3);
    expect(await ping(connected)).toBeNull();
    expect(connected.said).toEqual(['redis-down']);
  });

  test('that is cut by kill -9 answers null at once, and again when there is a Redis again', async () => {
    const connected = await open();
    const underWay = Array.from({ length: 100 }, () => ping(connected));
    await server.kill();
    for (const answer of await Promise.all(underWay)) expect(['PONG', null]).toContain(answer);
    await until('the end to be noticed', () => connected.said.length === 2);
    const begunAt = performance.now();
    for (let each = 0; each < 100; each += 1) expect(await ping(connected)).toBeNull();
    expect(performance.now() - begunAt).toBeLessThan(10 * limits.answerMsMax);
    await server.start();
    await isUp(connected);
    expect(await ping(connected)).toBe('PONG');
    expect(connected.said).toEqual(['redis-up', 'redis-down', 'redis-up']);
  });

  test('to a Redis that hangs costs a few short waits, then nothing, and is used again when it goes on', async () => {
    const connected = await open();
    server.freeze();
    for (let each = 0; each < limits.breakerFailuresMax; each += 1) expect(await ping(connected)).toBeNull();
    expect(connected.problems).toEqual(Array.from({ length: limits.breakerFailuresMax }, () => 'silent'));
    const begunAt = performance.now();
    for (let each = 0; each < 1_000; each += 1) expect(await ping(connected)).toBeNull();
    // Not a tenth of what it would cost to wait for each.
    expect(performance.now() - begunAt).toBeLessThan(100 * limits.answerMsMax);
    server.thaw();
    await isUp(connected);
    expect(await ping(connected)).toBe('PONG');
    expect(connected.said).toEqual(['redis-up', 'redis-down', 'redis-up']);
  });

  test('does not give up a Redis that answers with errors', async () => {
    const connected = await open();
    await server.client.rpush('list', 'x');
    for (let each = 0; each < 10; each += 1) {
      expect(await connected.connection.run((redis) => redis.get('list'))).toBeNull();
    }
    expect(connected.problems).toEqual(Array.from({ length: 10 }, () => 'refused'));
    expect(connected.said).toEqual(['redis-up', 'redis-refuses']);
    expect(await ping(connected)).toBe('PONG');
  });

  test('reads what has come before it gives up, where this thread itself stood still', async () => {
    const connected = await open();
    const asked = ping(connected);
    const end = performance.now() + 3 * limits.answerMsMax;
    while (performance.now() < end);
    expect(await asked).toBe('PONG');
  });
});

// What processes remember of availability together: never too old, whoever wrote it and however late, and no entry where
// it is not exactly one.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { AvailabilityCache } from '../../../src/api/inventory/availability-cache.ts';
import { availabilityKey, RedisAvailability } from '../../../src/messaging/redis/availability.ts';
import { processNow } from '../../../src/runtime/ask.ts';
import { describeWithRedis, TestRedis } from '../../support/redis.ts';
import { until } from '../../support/until.ts';
import { type Connected, connectUp } from './support/connections.ts';

describeWithRedis('shared availability', () => {
  let server: TestRedis;
  let connected: Connected;
  let shared: RedisAvailability;
  beforeAll(async () => {
    server = await TestRedis.start();
    connected = await connectUp(server.url);
    shared = new RedisAvailability(connected.connection, processNow);
  });
  afterAll(async () => {
    connected.connection.close();
    await server.stop();
  });
  beforeEach(() => server.flush());

  /** A thread of some process. */
  function thread(amounts: Readonly<Record<string, number>>) {
    const asked: string[] = [];
    const ask = async (sku: string) => {
      asked.push(sku);
      return amounts[sku] ?? null;
    };
    return { asked, cache: new AvailabilityCache({ ask, shared }) };
  }

  const amountsOf = async (cache: AvailabilityCache, ...skus: string[]) =>
    (await cache.read(skus)).map(({ amount }) => amount);
  const isKept = (...skus: string[]) =>
    until('it to be kept', async () => (await server.client.exists(...skus.map(availabilityKey))) > 0);

  /** By the clock of Redis. */
  async function redisNowUs(): Promise<number> {
    const [seconds = 0, micros = 0] = await server.client.time();
    return Number(seconds) * 1_000_000 + Number(micros);
  }

  test('what one thread asked, others are told, unknown SKUs too', async () => {
    const first = thread({ a: 5 });
    expect(await amountsOf(first.cache, 'a', 'none')).toEqual([5, null]);
    await isKept('a', 'none');
    const second = thread({ a: 4, c: 1 });
    expect(await amountsOf(second.cache, 'a', 'none', 'c')).toEqual([5, null, 1]);
    expect(second.asked).toEqual(['c']);
  });

  test('it is as old as the moment before its item was asked', async () => {
    const before = processNow();
    const stamp = await redisNowUs();
    shared.write(new Map([['old', 7]]), stamp - 400_000);
    await isKept('old');
    const [reading] = [...((await shared.read(['old']))?.readings.values() ?? [])];
    expect(reading?.amount).toBe(7);
    expect(reading?.readAt).toBeLessThanOrEqual(processNow() - 400);
    // And no older than it can be: the stamp was given after `before`, and 1 ms for the two clocks.
    expect(reading?.readAt).toBeGreaterThanOrEqual(before - 401);
    expect(await server.client.pttl(availabilityKey('old'))).toBeLessThanOrEqual(600);
  });

  test('what comes to Redis too late is not kept, and what is near its end is not told', async () => {
    const stamp = await redisNowUs();
    shared.write(new Map([['late', 7]]), stamp - 1_000_001);
    shared.write(new Map([['nearly', 7]]), stamp - 950_000);
    // One after another on one connection.
    expect((await shared.read(['late']))?.readings.size).toBe(0);
    const { cache, asked } = thread({ nearly: 6 });
    expect(await amountsOf(cache, 'nearly')).toEqual([6]);
    expect(asked).toEqual(['nearly']);
  });

  test('what is no entry is none, whoever wrote it', async () => {
    const now = await redisNowUs();
    const texts = [
      '',
      'x',
      '5',
      `${now}`,
      `${now} `,
      `${now} -1`,
      `${now} 1e9`,
      `${now} 05`,
      `${now} 5 5`,
      `${now} 5\n`,
      ` ${now} 5`,
      `${Math.floor(now / 1_000)} 5`,
      `${now + 60_000_000} 5`,
      `{"amount":5}`,
      '\u0000\u0001',
    ];
    const skus = texts.map((_, index) => `bad-${index}`);
    for (const [index, text] of texts.entries())
      await server.client.set(availabilityKey(skus[index] ?? ''), text);
    await server.client.rpush(availabilityKey('list'), '5');
    const told = await shared.read([...skus, 'list']);
    expect([...(told?.readings ?? [])]).toEqual([]);
    // And it gets out of the way.
    const { cache } = thread({ 'bad-1': 3, list: 4 });
    expect(await amountsOf(cache, 'bad-1', 'list')).toEqual([3, 4]);
    const again = thread({});
    await until(
      'they to be overwritten',
      async () => (await shared.read(['bad-1', 'list']))?.readings.size === 2,
    );
    expect(await amountsOf(again.cache, 'bad-1', 'list')).toEqual([3, 4]);
  });

  test('what is dropped is gone for all threads that ask from then on', async () => {
    const first = thread({ a: 5, b: 1 });
    await amountsOf(first.cache, 'a', 'b');
    await isKept('a', 'b');
    first.cache.drop('a');
    const second = thread({ a: 4, b: 0 });
    expect(await amountsOf(second.cache, 'a', 'b')).toEqual([4, 1]);
  });

  test('a flush only has it asked again, and a script that was forgotten comes again', async () => {
    const first = thread({ a: 5 });
    await amountsOf(first.cache, 'a');
    await server.client.script('FLUSH');
    await server.flush();
    const second = thread({ a: 4 });
    expect(await amountsOf(second.cache, 'a')).toEqual([4]);
    expect(connected.problems).toEqual([]);
  });
});

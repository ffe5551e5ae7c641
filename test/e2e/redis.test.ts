/**
 * Redis under the running service: flushed, frozen, killed and started again under load, it costs no request and no
 * right answer; what it is used for works, and everything works without it.
 */
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { channels } from '../../src/messaging/redis/publisher.ts';
import { EventClient } from '../http/support/events.ts';
import { basket, rpc, together } from '../support/inventory.ts';
import { describeWithRedis, freePort, TestRedis } from '../support/redis.ts';
import { type Running, startRunning } from '../support/running.ts';
import { type LogLine, portsOf, TestService } from '../support/service.ts';
import { orderOf, orders, Shop } from '../support/shop.ts';
import { until } from '../support/until.ts';
import { AvailabilityWitness } from './support/availability.ts';

async function metric(port: number, name: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const line = text.split('\n').find((each) => each.startsWith(`${name} `));
  return Number(line?.split(' ').at(-1) ?? Number.NaN);
}

describeWithRedis('availability', () => {
  let redis: TestRedis;
  let running: Running;
  let warehouseId: string;
  beforeAll(async () => {
    redis = await TestRedis.start();
    running = await startRunning({ REDIS_URL: redis.url });
    warehouseId = await running.inventory.warehouse();
  });
  afterAll(async () => {
    await running.close();
    await redis.stop();
  });

  const isUp = (value: number) =>
    until(
      `synkro_redis_up ${value}`,
      async () => (await metric(running.ports.http, 'synkro_redis_up')) === value,
    );

  /** Reserves and reads while something is done to Redis; every answer has to have been right. */
  async function underLoad(prefix: string, trouble: (witness: AvailabilityWitness) => Promise<void>) {
    const { inventory, ports } = running;
    const skus = Array.from({ length: 4 }, (_, index) => `${prefix}-${index}`);
    await Promise.all(skus.map((sku) => inventory.item(sku, { [warehouseId]: 1_000_000 })));
    const witness = await AvailabilityWitness.start({ inventory, skus, port: ports.http });
    await trouble(witness);
    await witness.end();
  }

  test('is right while stock moves, from the memory of the thread, of Redis, and from the items', async () => {
    await underLoad('calm', (witness) => witness.sees(500));
    const text = await (await fetch(`http://127.0.0.1:${running.ports.http}/metrics`)).text();
    for (const source of ['thread', 'item'])
      expect(text).toMatch(new RegExp(`synkro_availability_reads_total\\{source="${source}"\\} [1-9]`));
  });

  test('is right, and no request fails, while Redis is flushed again and again', async () => {
    await underLoad('flushed', async (witness) => {
      for (let each = 0; each < 20; each += 1) {
        await redis.flush();
        await witness.sees(20);
      }
    });
  });

  test('is right, and no request fails, while Redis is killed and started again', async () => {
    await underLoad('killed', async (witness) => {
      await witness.sees(50);
      await redis.kill();
      await isUp(0);
      await witness.sees(200);
      await redis.start();
      await isUp(1);
      await witness.sees(200);
    });
  });

  test('is right, and no request fails, while Redis stands still and goes on', async () => {
    await underLoad('frozen', async (witness) => {
      await witness.sees(50);
      redis.freeze();
      await isUp(0);
      await witness.sees(200);
      redis.thaw();
      await isUp(1);
      await witness.sees(200);
    });
  });

  test('is right, and no request fails, whatever stands under its keys', async () => {
    await underLoad('garbled', async (witness) => {
      for (let each = 0; each < 50; each += 1) {
        await redis.client.set(`synkro:availability:1:garbled-${each % 4}`, `${each} cabbages`);
        await witness.sees(4);
      }
    });
  });

  test('is shared: a process that stands by answers what it finds, and nothing else', async () => {
    const { inventory, ports, database } = running;
    await inventory.item('shared', { [warehouseId]: 10 });
    const standby = TestService.spawn({ data: database, env: { REDIS_URL: redis.url } });
    const { http } = portsOf(await standby.says('that it stands by', ({ event }) => event === 'standby'));
    const read = (port: number) => fetch(`http://127.0.0.1:${port}/v1/availability?sku=shared`);
    expect((await read(http)).status).toBe(503);
    await until('the standby to answer what the other one has read', async () => {
      expect((await read(ports.http)).status).toBe(200);
      const answered = await read(http);
      const body: unknown = await answered.json();
      if (answered.status === 200)
        expect(body).toMatchObject({ availability: [{ sku: 'shared', available: 10 }], unknown: [] });
      return answered.status === 200;
    });
    await standby.stop();
  });
});

test('availability without Redis is right while stock moves', async () => {
  const running = await startRunning();
  const { inventory, ports } = running;
  const warehouseId = await inventory.warehouse();
  await inventory.item('alone', { [warehouseId]: 1_000_000 });
  const witness = await AvailabilityWitness.start({ inventory, skus: ['alone'], port: ports.http });
  // Nobody tells this process of changes, so an amount is remembered for as long as it may be, several times over.
  await until('it to be asked several times', async () => {
    await witness.sees(10);
    return (await metric(ports.http, 'synkro_availability_reads_total{source="item"}')) > 4;
  });
  await witness.end();
  await running.close();
});

test('a Redis that is not there keeps nothing from starting, and is told of once', async () => {
  const env = { REDIS_URL: `redis://127.0.0.1:${await freePort()}`, CLIENT_REQUESTS_PER_SECOND: '1000' };
  const running = await startRunning(env);
  const { inventory, ports, service } = running;
  const warehouseId = await inventory.warehouse();
  await inventory.item('without', { [warehouseId]: 7 });
  for (let each = 0; each < 20; each += 1) {
    const response = await fetch(`http://127.0.0.1:${ports.http}/v1/availability?sku=without`);
    expect(await response.json()).toMatchObject({ availability: [{ available: 7 }] });
  }
  await running.close();
  const isAboutRedis = ({ event }: LogLine) => String(event).startsWith('redis-');
  expect(service.lines.filter(isAboutRedis)).toMatchObject([{ event: 'redis-down', connection: 'synkro' }]);
});

describeWithRedis('limits of clients', () => {
  let redis: TestRedis;
  const started: Running[] = [];
  beforeAll(async () => {
    redis = await TestRedis.start();
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map((each) => each.close()));
  });
  afterAll(() => redis.stop());

  test('hold over two processes together, and over each alone when Redis is dead', async () => {
    const env = { REDIS_URL: redis.url, CLIENT_REQUESTS_PER_SECOND: '50' };
    started.push(...(await Promise.all([startRunning(env), startRunning(env)])));
    const ports = started.map((each) => each.ports.http);
    for (const port of ports)
      await until('Redis to be used', async () => (await metric(port, 'synkro_redis_up')) === 1);

    const shared = await flood(ports, 400);
    expect(shared.statuses).toEqual(new Set([404, 429]));
    expect(shared.admitted).toBeGreaterThanOrEqual(100);
    // A burst, and what a second allows.
    expect(shared.admitted).toBeLessThanOrEqual(101 + 50 * shared.seconds);

    await redis.kill();
    const alone = await flood(ports, 400);
    expect([...alone.statuses].every((status) => status === 404 || status === 429)).toBe(true);
    expect(alone.admitted).toBeLessThanOrEqual(202 + 100 * alone.seconds);
    await redis.start();
  });

  async function flood(ports: readonly number[], count: number) {
    const statuses: number[] = [];
    const begunAt = performance.now();
    await together(count, 50, async (index) => {
      const response = await fetch(`http://127.0.0.1:${ports[index % ports.length]}/v1/items/sku:none`);
      await response.arrayBuffer();
      statuses.push(response.status);
    });
    const seconds = (performance.now() - begunAt) / 1_000;
    return { statuses: new Set(statuses), admitted: statuses.filter((each) => each === 404).length, seconds };
  }
});

describeWithRedis('live updates', () => {
  let redis: TestRedis;
  let shop: Shop;
  let subscriber: Redis;
  beforeAll(async () => {
    redis = await TestRedis.start();
    shop = await Shop.open({ roles: 'all', env: { REDIS_URL: redis.url } });
    subscriber = new Redis(redis.url);
  });
  afterAll(async () => {
    subscriber.disconnect();
    await shop.close();
    await redis.stop();
  });

  test('are those of the event streams', async () => {
    const heard = { [channels.inventory]: [] as unknown[], [channels.orders]: [] as unknown[] };
    subscriber.on('message', (channel: keyof typeof heard, text: string) =>
      heard[channel].push(JSON.parse(text)),
    );
    await subscriber.subscribe(channels.inventory, channels.orders);
    const base = shop.httpUrl('logistics');
    const levels = await new EventClient(`${base}/v1/inventory/events`).began();
    const moves = await new EventClient(`${base}/v1/orders/events`).began();

    const warehouseId = await shop.inventory.warehouse();
    await shop.inventory.item('TEA', { [warehouseId]: 100 });
    await shop.inventory.call(rpc.reserve, basket('basket-1', { TEA: 3 }));
    await together(20, 5, async () => {
      await shop.logistics.settle(orders.create, orderOf({ TEA: 1 }));
    });
    await moves.has(60);
    await levels.has(22);
    for (const [client, channel] of [
      [levels, channels.inventory],
      [moves, channels.orders],
    ] as const) {
      await until(`all of ${channel}`, () => heard[channel].length >= client.events.length);
      // Of one shard in order, of all shards in any.
      const texts = (all: readonly unknown[]) => all.map((each) => JSON.stringify(each)).toSorted();
      expect(texts(heard[channel])).toEqual(texts(client.events.map(({ data }) => data)));
      client.close();
    }
    expect(Object(heard[channels.inventory][0]).level.version).toBe(1);
  });
});

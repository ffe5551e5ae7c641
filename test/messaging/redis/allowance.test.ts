// How often a client may ask, counted by several processes: exactly so often, together, and by each alone where Redis
// does not answer.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { ClientLimiter } from '../../../src/http/clients/limiter.ts';
import { RedisAllowance } from '../../../src/messaging/redis/allowance.ts';
import { describeWithRedis, TestRedis } from '../../support/redis.ts';
import { type Connected, connectUp, isUp } from './support/connections.ts';

/** A hundred at once, and then none for longer than any test takes. */
const rate = { intervalUs: 600_000_000, windowUs: 100 * 600_000_000 };

describeWithRedis('shared allowances', () => {
  let server: TestRedis;
  let connections: Connected[];
  beforeAll(async () => {
    server = await TestRedis.start();
  });
  beforeEach(async () => {
    connections = await Promise.all([connectUp(server.url), connectUp(server.url)]);
    await server.flush();
  });
  afterEach(() => {
    for (const { connection } of connections) connection.close();
  });
  afterAll(() => server.stop());

  const limiters = () =>
    connections.map(
      ({ connection }) => new ClientLimiter({ rate, shared: new RedisAllowance(connection, rate) }),
    );

  /** So many at once, in turns by all processes. @returns how many were admitted */
  async function admitted(among: readonly ClientLimiter[], count: number, address = '10.0.0.1') {
    const waits = await Promise.all(
      Array.from({ length: count }, (_, index) => among[index % among.length]?.take(address)),
    );
    return waits.filter((waitMs) => waitMs === 0).length;
  }

  test('a client gets what it may from all processes together, to the request', async () => {
    const both = limiters();
    expect(await admitted(both, 300)).toBe(100);
    expect(await admitted(both, 100)).toBe(0);
    expect(await admitted(both, 30, '10.0.0.2')).toBe(30);
  });

  test('who is refused is told how long to wait', async () => {
    const [limiter] = limiters();
    await admitted(limiter === undefined ? [] : [limiter], 100);
    const waitMs = await limiter?.take('10.0.0.1');
    expect(waitMs).toBeGreaterThan(500_000);
    expect(waitMs).toBeLessThanOrEqual(600_000);
  });

  test('keys go away by themselves', async () => {
    await admitted(limiters(), 1);
    const [key = '', ...others] = await server.client.keys('*');
    expect([key, others]).toEqual(['synkro:rate:1:10.0.0.1', []]);
    expect(await server.client.pttl(key)).toBeLessThanOrEqual(600_000);
  });

  test.each(['x', '', '-1', '9e99', 'nan', '1'])('a key that is %j counts as none', async (text) => {
    await server.client.set('synkro:rate:1:10.0.0.1', text);
    expect(await admitted(limiters(), 150)).toBe(100);
  });

  test('a key of another kind: each process counts by itself', async () => {
    await server.client.rpush('synkro:rate:1:10.0.0.1', 'x');
    expect(await admitted(limiters(), 300)).toBe(200);
  });

  test('after a flush a process still knows what it admitted itself', async () => {
    const [first, second] = limiters();
    if (first === undefined || second === undefined) throw new Error('two are needed');
    expect(await admitted([first], 100)).toBe(100);
    await server.flush();
    expect(await admitted([first], 100)).toBe(0);
    expect(await admitted([second], 200)).toBe(100);
  });

  test.each(['dead', 'frozen'])('a %s Redis: each process goes on counting by itself', async (how) => {
    const both = limiters();
    expect(await admitted(both, 50)).toBe(50);
    if (how === 'dead') await server.kill();
    else server.freeze();
    // Each has admitted 25, and now counts alone.
    expect(await admitted(both, 400)).toBe(150);
    if (how === 'dead') await server.start();
    else server.thaw();
    await Promise.all(connections.map((each) => isUp(each)));
    expect(await admitted(both, 50)).toBe(0);
  });
});

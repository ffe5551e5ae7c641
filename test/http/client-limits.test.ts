// How often a client may ask: bursts to the request, evenly for ever, and who asks more often is refused before anything
// of the request is looked at.
import { afterEach, describe, expect, test } from 'vitest';
import { Allowances, rateOf } from '../../src/http/clients/allowances.ts';
import { ClientLimiter, clientOf } from '../../src/http/clients/limiter.ts';
import { level } from '../grpc/support/fakes.ts';
import { type Harness, serve } from './support/server.ts';

const path = `/v1/items/${level.itemId}`;

describe('allowances', () => {
  const take = (allowances: Allowances, at: number, client = 'a') => {
    const waitMs = allowances.waitOf(client, at);
    if (waitMs === 0) allowances.count(client, at);
    return waitMs;
  };

  test('twice at once what a second allows, then one an interval', () => {
    const allowances = new Allowances(rateOf(10), 10);
    const burst = Array.from({ length: 20 }, () => take(allowances, 1_000));
    expect(burst.every((waitMs) => waitMs === 0)).toBe(true);
    expect(take(allowances, 1_000)).toBe(100);
    expect(take(allowances, 1_099)).toBe(1);
    expect([take(allowances, 1_100), take(allowances, 1_100)]).toEqual([0, 100]);
    // Whole again after as long as the burst takes, and never more than whole.
    const later = Array.from({ length: 21 }, () => take(allowances, 60_000));
    expect(later.filter((waitMs) => waitMs === 0)).toHaveLength(20);
  });

  test('an even client is never refused, one that is faster gets its share', () => {
    const allowances = new Allowances(rateOf(10), 10);
    const even = Array.from({ length: 1_000 }, (_, each) => take(allowances, each * 100, 'even'));
    expect(even.every((waitMs) => waitMs === 0)).toBe(true);
    const fast = Array.from({ length: 1_000 }, (_, each) => take(allowances, each * 10, 'fast'));
    // 20 at once, and 10 a second for the 9.99 seconds.
    expect(fast.filter((waitMs) => waitMs === 0)).toHaveLength(119);
  });

  test.each([1, 3, 7, 1_000_000])('%i a second', (perSecond) => {
    const allowances = new Allowances(rateOf(perSecond), 10);
    const count = Math.min(2 * perSecond, 10_000);
    for (let each = 0; each < count; each += 1) expect(take(allowances, 5)).toBe(0);
    if (count === 2 * perSecond) expect(take(allowances, 5)).toBeGreaterThan(0);
  });

  test('clients do not hurt each other, and only so many are remembered', () => {
    const allowances = new Allowances(rateOf(1), 3);
    for (const client of ['a', 'b', 'c', 'a', 'd', 'e']) take(allowances, 0, client);
    expect(allowances.size).toBe(3);
    // 'a' asked after 'b' and 'c', and is remembered: its two are used up.
    expect(take(allowances, 0, 'a')).toBe(1_000);
    expect(take(allowances, 0, 'b')).toBe(0);
  });
});

test.each([
  ['127.0.0.1', '127.0.0.1'],
  ['::ffff:10.1.2.3', '10.1.2.3'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::6', '2001:db8:1:2::/64'],
  ['2001:db8::6', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1:2%eth0', 'fe80:0:0:0::/64'],
  ['', ''],
])('the client of %s is %s', (address, client) => {
  expect(clientOf(address)).toBe(client);
});

describe('over HTTP', () => {
  const harnesses: Harness[] = [];
  afterEach(async () => {
    await Promise.all(harnesses.splice(0).map((harness) => harness.stop()));
  });

  /** Two requests, and the next after ten minutes. */
  async function start() {
    const refused = { count: 0 };
    const limiter = new ClientLimiter({
      rate: { intervalUs: 600_000_000, windowUs: 1_200_000_000 },
      observe: () => {
        refused.count += 1;
      },
    });
    const harness = await serve({ limiter });
    harnesses.push(harness);
    return { harness, refused };
  }

  test('the third is refused with how long to wait, and has asked nobody', async () => {
    const { harness, refused } = await start();
    expect((await harness.call('GET', path)).status).toBe(200);
    expect((await harness.call('GET', '/v1/items/sku:x')).status).toBe(200);
    const asked = harness.fakes.asker.asked.length;
    const { status, headers, body } = await harness.call('GET', path);
    expect([status, headers.get('retry-after')]).toEqual([429, '60']);
    expect(body).toMatchObject({ code: 'rate-limited', status: 429, retryAfterMs: 60_000 });
    expect(body).not.toHaveProperty('details');
    expect([harness.fakes.asker.asked.length - asked, refused.count]).toEqual([0, 1]);
    expect(harness.fakes.observed.at(-1)).toMatchObject({ method: 'getItem', outcome: 'rate-limited' });
  });

  test('before its body is looked at, whatever it is', async () => {
    const { harness } = await start();
    for (let each = 0; each < 2; each += 1) await harness.call('GET', path);
    const options = { raw: '{', headers: { 'content-type': 'text/plain' } };
    expect((await harness.call('POST', '/v1/items', options)).body).toMatchObject({ code: 'rate-limited' });
  });

  test('whether it is alive and ready, and what it measures, anybody may ask', async () => {
    const { harness } = await start();
    for (let each = 0; each < 3; each += 1) {
      for (const free of ['/healthz', '/readyz', '/metrics'])
        expect((await harness.call('GET', free)).status).toBe(200);
    }
    expect((await harness.call('GET', path)).status).toBe(200);
  });
});

// What those who operate the service ask: is it alive, is it ready, what does it measure, and administration.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { level } from '../grpc/support/fakes.ts';
import { type Harness, reset, serve } from './support/server.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await serve();
});
afterAll(() => harness.stop());
beforeEach(() => reset(harness));

test('it is alive', async () => {
  const { status, body } = await harness.call('GET', '/healthz');
  expect([status, body]).toEqual([200, { status: 'ok' }]);
});

test('it is ready, or says why not', async () => {
  expect((await harness.call('GET', '/readyz')).body).toEqual({ status: 'ready' });
  harness.ops.why = 'standing by';
  const { status, body } = await harness.call('GET', '/readyz');
  harness.ops.why = null;
  expect([status, body]).toEqual([503, { status: 'not ready', why: 'standing by' }]);
});

test('what it measures, as Prometheus takes it', async () => {
  const accept = 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';
  const { status, headers, body } = await harness.call('GET', '/metrics', { headers: { accept } });
  expect([status, headers.get('content-type'), body]).toEqual([
    200,
    'text/plain; version=0.0.4; charset=utf-8',
    'synkro_ready 1\n',
  ]);
});

test('metrics that cannot be gathered are a fault of ours, and no secret', async () => {
  const { metrics } = harness.ops;
  harness.ops.metrics = () => Promise.reject(new Error('secret'));
  const { status, body } = await harness.call('GET', '/metrics');
  harness.ops.metrics = metrics;
  expect([status, Object(body).code]).toEqual([500, 'internal']);
  expect(JSON.stringify(body)).not.toContain('secret');
});

test('HEAD answers as GET does, without the body', async () => {
  const head = await fetch(`${harness.base}/v1/items/${level.itemId}`, { method: 'HEAD' });
  expect([head.status, await head.text()]).toEqual([200, '']);
  expect(Number(head.headers.get('content-length'))).toBeGreaterThan(100);
});

describe('administration', () => {
  test('who owns, what lags, what is hot', async () => {
    const owners = await harness.call('GET', '/v1/admin/owners');
    expect(owners.body).toEqual({
      owners: [
        {
          service: 'inventory',
          isOwner: true,
          epoch: 3,
          holder: 'a process',
          leaseEndsAt: '2023-11-14T22:13:20.000Z',
        },
        { service: 'logistics', isOwner: false, epoch: 0 },
      ],
    });
    expect((await harness.call('GET', '/v1/admin/lag')).body).toMatchObject({
      threads: [{ thread: 0, snapshotLagEvents: 12 }],
    });
    const hot = await harness.call('GET', '/v1/admin/hot-skus?limit=1');
    expect(hot.body).toEqual({ skus: [{ itemId: level.itemId, sku: '85123A', changesLastMinute: 500 }] });
  });

  test('how much is logged, and more of it', async () => {
    expect((await harness.call('GET', '/v1/admin/log-level')).body).toEqual({ level: 'info' });
    const json = { level: 'debug' };
    expect((await harness.call('PUT', '/v1/admin/log-level', { json })).body).toEqual(json);
    expect(harness.admin.level).toBe('debug');
    const refused = await harness.call('PUT', '/v1/admin/log-level', { json: { level: 'loud' } });
    expect(refused.body).toMatchObject({ status: 400, field: 'level' });
    expect(harness.admin.level).toBe('debug');
  });
});

describe('compression', () => {
  const many = Array.from({ length: 200 }, (_, i) => `sku=s${i}`).join('&');
  const encodingOf = async (path: string, accepted: string) => {
    const { headers } = await harness.call('GET', path, { headers: { 'accept-encoding': accepted } });
    return headers.get('content-encoding');
  };

  test.each([
    ['gzip', 'gzip'],
    ['br', 'br'],
    ['gzip, br', 'br'],
    ['identity', null],
    ['zstd, deflate', null],
  ])('of large answers, for who takes %s: %s', async (accepted, expected) => {
    expect(await encodingOf(`/v1/levels?${many}`, accepted)).toBe(expected);
    expect(await encodingOf('/v1/reports/stock?format=csv', accepted)).toBe(expected);
  });

  test('not of small ones', async () => {
    expect(await encodingOf(`/v1/items/${level.itemId}`, 'gzip, br')).toBeNull();
    expect(await encodingOf('/v1/items/x', 'gzip, br')).toBeNull();
  });
});

// Inventory over REST on the whole service, over a real socket and a real database: every answer is held to the document
// that the service itself serves.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isObject } from '../../src/actors/shape.ts';
import { type Answered, type Checked, checkedFetch } from '../http/support/checked.ts';
import { EventClient } from '../http/support/events.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { together } from '../support/inventory.ts';
import { expectCleanAudit, TestService } from '../support/service.ts';
import { until } from '../support/until.ts';

let database: TestDatabase;
let service: TestService;
let base: string;
let call: Checked;
let warehouseId: string;

async function start(): Promise<void> {
  service = await TestService.start({
    data: database,
    env: { SHARD_THREADS: '2', OWNER_LEASE_MS: '500' },
  });
  base = `http://127.0.0.1:${(await service.ready()).http}`;
  call = await checkedFetch(base);
}

beforeAll(async () => {
  database = await createDatabase();
  await start();
  const { body } = await call('POST', '/v1/warehouses', { json: { name: 'Main' } });
  warehouseId = String(Object(body).id);
});

afterAll(async () => {
  await service.stop();
  await expectCleanAudit(database.url);
  await database.drop();
});

async function item(sku: string, quantity: number): Promise<void> {
  const json = { sku, category: 'things', initialLevels: [{ warehouseId, quantity }] };
  expect((await call('POST', '/v1/items', { json })).status).toBe(201);
}

async function level(sku: string): Promise<Readonly<Record<string, unknown>>> {
  const { body } = await call('GET', `/v1/items/${encodeURIComponent(`sku:${sku}`)}/levels`);
  return Object(body).levels[0];
}

const reserve = (orderId: string, sku: string, quantity = 1) =>
  call('POST', '/v1/reservations', { json: { orderId, items: [{ sku, quantity }] } });

/** How many answers had each status. */
function tally(answers: readonly Answered[]): Record<string, number> {
  return Object.fromEntries(
    Array.from(
      Map.groupBy(answers, ({ status }) => String(status)),
      ([status, same]) => [status, same.length],
    ),
  );
}

test('32 clients ask 600 times for one of 200 units: exactly 200 get one, the others hear what there is', async () => {
  await item('hot', 200);
  const answers: Answered[] = [];
  await together(600, 32, async (index) => {
    answers.push(await reserve(`hot-${index}`, 'hot'));
  });
  expect(tally(answers)).toEqual({ 201: 200, 409: 400 });
  for (const { body } of answers.filter(({ status }) => status === 409)) {
    expect(body).toMatchObject({
      code: 'insufficient-stock',
      items: [{ sku: 'hot', inStock: false, requested: 1 }],
    });
  }
  expect(await level('hot')).toMatchObject({ quantity: 200, held: 200, available: 0 });
});

describe('one idempotency key', () => {
  test('sent 50 times at once: one effect, 50 equal answers; other content is refused', async () => {
    await item('keyed', 10);
    const path = '/v1/items/sku:keyed/adjustments';
    const headers = { 'idempotency-key': 'delivery 1' };
    const answers: Answered[] = [];
    await together(50, 50, async () => {
      answers.push(await call('POST', path, { json: { warehouseId, delta: 5 }, headers }));
    });
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(answers[0]?.body).toMatchObject({ quantity: 15 });
    const other = await call('POST', path, { json: { warehouseId, delta: 6 }, headers });
    expect(other.body).toMatchObject({ status: 409, code: 'idempotency-key-reused' });
    expect(await level('keyed')).toMatchObject({ quantity: 15 });
  });

  test('of a bulk call, repeated: each entry has its effect once, also two that say the same', async () => {
    await item('bulk', 0);
    const entry = { sku: 'bulk', warehouseId, delta: 1 };
    const options = { json: { adjustments: [entry, entry] }, headers: { 'idempotency-key': 'bulk 1' } };
    const first = await call('POST', '/v1/adjustments:bulk', options);
    const again = await call('POST', '/v1/adjustments:bulk', options);
    expect(again.body).toEqual(first.body);
    expect(await level('bulk')).toMatchObject({ quantity: 2 });
  });
});

test('a reservation goes its way: held, extended, committed, given back; released; and lists follow', async () => {
  await item('way', 10);
  const made = await reserve('way-1', 'way', 4);
  const location = made.headers.get('location') ?? '';
  const holders = async () => Object(await call('GET', '/v1/reservations?sku=way')).body;
  await expect.poll(holders).toMatchObject({ reservations: [{ orderId: 'way-1', status: 'held' }] });
  expect((await call('POST', `${location}/extend`, { json: { ttlSeconds: 3_600 } })).status).toBe(200);
  expect((await call('POST', `${location}/commit`)).body).toMatchObject({ status: 'committed' });
  const refused = await call('POST', `${location}/release`);
  expect(refused.body).toMatchObject({
    status: 409,
    code: 'reservation-state',
    details: { state: 'committed' },
  });
  const shipped = await call('POST', '/v1/allocations/fulfill', {
    json: { orderId: 'way-1', lines: [{ sku: 'way', quantity: 1 }] },
  });
  expect(shipped.body).toMatchObject({ levels: [{ quantity: 9, allocated: 3 }] });
  const inTheWay = await call('POST', '/v1/items/sku:way/adjustments', { json: { warehouseId, delta: -9 } });
  expect(inTheWay.body).toMatchObject({ status: 409, code: 'below-reserved' });
  expect((await call('DELETE', '/v1/items/sku:way')).body).toMatchObject({ code: 'item-reserved' });
  const back = await call('POST', '/v1/allocations/release', { json: { orderId: 'way-1' } });
  expect(back.body).toMatchObject({ levels: [{ available: 9 }] });
  const movements = async () => (await call('GET', '/v1/items/sku:way/movements?pageSize=1')).body;
  await expect
    .poll(movements)
    .toMatchObject({ movements: [{ delta: -1, reason: 'fulfilled', reference: 'way-1' }] });
  await expect.poll(holders).toMatchObject({ reservations: [] });
  expect((await call('GET', location)).body).toMatchObject({ status: 'fulfilled' });
  expect((await call('DELETE', '/v1/items/sku:way')).status).toBe(204);
  expect((await call('GET', '/v1/items/sku:way')).body).toMatchObject({ status: 404, field: 'id' });
});

test('an inactive warehouse counts for nothing in what can be had', async () => {
  const { body } = await call('POST', '/v1/warehouses', { json: { name: 'Closing' } });
  const other = String(Object(body).id);
  await item('split', 3);
  await call('POST', '/v1/items/sku:split/adjustments', { json: { warehouseId: other, delta: 4 } });
  const available = async () => (await call('GET', '/v1/availability?sku=split&sku=none')).body;
  expect(await available()).toMatchObject({
    availability: [{ sku: 'split', available: 7 }],
    unknown: ['none'],
  });
  await call('PATCH', `/v1/warehouses/${other}`, { json: { isActive: false } });
  // What can be had is remembered for a moment.
  await expect.poll(available).toMatchObject({ availability: [{ available: 3 }] });
});

test('1,000 items in one request, and the report has them all, in pages and as CSV', async () => {
  const items = Array.from({ length: 1_000 }, (_, i) => ({
    sku: `many-${String(i).padStart(4, '0')}`,
    category: 'many',
    initialLevels: [{ warehouseId, quantity: i }],
  }));
  const made = await call('POST', '/v1/items:bulk', { json: { items } });
  const results: unknown = Object(made.body).results;
  expect(Array.isArray(results) && results.filter((each) => isObject(each) && 'item' in each)).toHaveLength(
    1_000,
  );
  const query = '/v1/reports/stock?category=many';
  await expect
    .poll(async () => Object((await call('GET', query)).body).totalItems, { timeout: 20_000 })
    .toBe(1_000);
  const skus: string[] = [];
  for (let token = ''; ; ) {
    const { body } = await call('GET', `${query}&pageSize=300&pageToken=${token}`);
    for (const { item: listed } of Object(body).lines) skus.push(String(listed.sku));
    token = String(Object(body).nextPageToken);
    if (token === '') break;
  }
  expect(skus).toEqual(items.map(({ sku }) => sku));
  const csv = await call('GET', `${query}&format=csv`, { headers: { 'accept-encoding': 'gzip' } });
  expect(csv.headers.get('content-encoding')).toBe('gzip');
  const rows = String(csv.body).trimEnd().split('\r\n').slice(1);
  expect(rows.map((row) => row.split(',')[0])).toEqual(skus);
});

test('events: resumed after the service was killed, nothing is lost and nothing comes twice', async () => {
  await item('watched', 0);
  const change = async () => {
    const json = { warehouseId, delta: 1 };
    expect((await call('POST', '/v1/items/sku:watched/adjustments', { json })).status).toBe(200);
  };
  const quantities = ({ events }: EventClient) => events.map(({ data }) => Object(data).level.quantity);
  const path = '/v1/inventory/events?sku=watched';
  const first = await new EventClient(`${base}${path}`).began();
  for (let i = 0; i < 5; i += 1) await change();
  await first.has(5);
  call.assertIs('LevelEvent', first.events[0]?.data);
  const { lastId } = first;
  await change();
  await service.kill();
  await until('the end of the stream', () => first.ended);
  await start();
  for (let i = 0; i < 3; i += 1) await change();
  const again = await new EventClient(`${base}${path}`, { 'last-event-id': lastId }).began();
  await again.has(4);
  await change();
  await again.has(5);
  expect([...quantities(first).slice(0, 5), ...quantities(again)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  again.close();
});

test('told to stop in the midst of requests it answers what it has taken', async () => {
  await item('last', 10_000);
  const statuses: number[] = [];
  let cut = 0;
  let stopped: Promise<void> | null = null;
  await together(400, 16, async (index) => {
    if (index === 100) stopped = service.stop();
    try {
      statuses.push((await reserve(`last-${index}`, 'last')).status);
    } catch {
      // No connection is taken any more.
      cut += 1;
    }
  });
  await stopped;
  expect(new Set(statuses)).toEqual(new Set([201]));
  expect(statuses.length).toBeGreaterThanOrEqual(85);
  expect(cut).toBeGreaterThan(0);
  await expectCleanAudit(database.url);
  await start();
  const held = Number((await level('last'))['held']);
  expect(held).toBe(statuses.length);
});

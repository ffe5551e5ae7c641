// What a request says beside its body: idempotency keys, and how long its client waits.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Reply } from '../../src/actors/behaviour.ts';
import { processNow } from '../../src/runtime/ask.ts';
import { level, reservation } from '../grpc/support/fakes.ts';
import { callAsking, type Harness, reset, serve } from './support/server.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await serve();
});
afterAll(() => harness.stop());
beforeEach(() => reset(harness));

const { itemId, warehouseId } = level;
const lastOptions = () => harness.fakes.asker.asked.at(-1)?.options;

describe('Idempotency-Key', () => {
  const change = { json: { warehouseId, delta: 1 } };

  test.each([
    ['POST', '/v1/items', { sku: '85123A' }, 'CreateItem|0b02b3d2'],
    ['PATCH', `/v1/items/${itemId}`, { name: 'x' }, `UpdateItem|${itemId}`],
    ['POST', `/v1/items/${itemId}/adjustments`, change.json, `AdjustInventory|${itemId}`],
    ['POST', '/v1/warehouses', { name: 'x' }, 'CreateWarehouse|'],
    ['POST', '/v1/allocations/release', { orderId: 'o' }, 'ReleaseInventory|o'],
  ])('%s %s', async (method, path, json, scope) => {
    await harness.call(method, path, { json, headers: { 'idempotency-key': 'k 1' } });
    const key = lastOptions()?.receipt?.key ?? '';
    if (scope.startsWith('CreateItem')) expect(key).toMatch(/^CreateItem\|[0-9a-f-]{36}\|k 1$/);
    else if (scope.startsWith('CreateWarehouse'))
      expect(key).toMatch(/^CreateWarehouse\|[0-9a-f-]{36}\|k 1$/);
    else expect(key).toBe(`${scope}|k 1`);
    await harness.call(method, path, { json });
    expect(lastOptions()?.receipt).toBeNull();
  });

  test('of a reservation, in the place of the order’s id', async () => {
    const json = { orderId: 'order-1', items: [{ sku: 'A', quantity: 1 }] };
    const headers = { 'Idempotency-Key': 'again' };
    const { asked } = await callAsking(harness, 'POST', '/v1/reservations', { json, headers });
    expect(asked[0]?.command).toMatchObject({ key: 'again' });
  });

  test('in bulk: each entry has its own, or one that follows from the header and its place', async () => {
    const entry = { itemId, warehouseId, delta: 1 };
    const json = { adjustments: [entry, { ...entry, idempotencyKey: 'own' }, entry] };
    const keys = async (headers: Record<string, string>) => {
      harness.fakes.asker.asked.length = 0;
      await harness.call('POST', '/v1/adjustments:bulk', { json, headers });
      return harness.fakes.asker.asked.map(({ options }) => options.receipt?.key ?? null);
    };
    const first = await keys({ 'idempotency-key': 'k'.repeat(255) });
    expect(new Set(first).size).toBe(3);
    expect(first[1]).toBe(`AdjustInventory|${itemId}|own`);
    expect(await keys({ 'idempotency-key': 'k'.repeat(255) })).toEqual(first);
    expect(await keys({ 'idempotency-key': 'other' })).not.toEqual(first);
    expect(await keys({})).toEqual([null, `AdjustInventory|${itemId}|own`, null]);
  });
});

describe('Prefer: wait', () => {
  /** How long the actor is given, in seconds. */
  async function waitOf(prefer: string | null) {
    const before = processNow();
    const headers: Record<string, string> = prefer === null ? {} : { prefer };
    const answered = await harness.call('GET', `/v1/items/${itemId}`, { headers });
    const seconds = ((lastOptions()?.deadline ?? 0) - before) / 1_000;
    return { seconds: Math.round(seconds), applied: answered.headers.get('preference-applied') };
  }

  test.each([
    [null, 30, null],
    ['wait=5', 5, 'wait=5'],
    ['respond-async, WAIT = 7; x=y', 7, 'wait=7'],
    ['wait=600', 600, 'wait=600'],
    ['wait=601', 30, null],
    ['wait=0', 30, null],
    ['wait=abc', 30, null],
    ['wait=-1', 30, null],
    ['something, else=1', 30, null],
  ])('%s: %d seconds', async (prefer, seconds, applied) => {
    expect(await waitOf(prefer)).toEqual({ seconds, applied });
  });

  test('an actor that does not answer by then: 504', async () => {
    harness.fakes.asker.answer = () => new Promise<Reply>(() => {});
    const begun = performance.now();
    const { status, body } = await harness.call(
      'POST',
      `/v1/reservations/${reservation.reservationId}/commit`,
      {
        headers: { prefer: 'wait=1' },
      },
    );
    expect([status, Object(body).code]).toEqual([504, 'deadline-exceeded']);
    expect(performance.now() - begun).toBeGreaterThan(900);
  });
});

test('each request is observed once, by its operation and its outcome', async () => {
  const { observed } = harness.fakes;
  observed.length = 0;
  await harness.call('GET', `/v1/items/${itemId}`);
  await harness.call('GET', '/v1/items/x');
  await harness.call('GET', '/v1/nothing');
  await expect.poll(() => observed.length).toBe(3);
  expect(observed.map(({ method, outcome }) => [method, outcome])).toEqual([
    ['getItem', 'ok'],
    ['getItem', 'invalid-argument'],
    ['unknown', 'route-not-found'],
  ]);
  expect(observed.every(({ seconds }) => seconds > 0 && seconds < 10)).toBe(true);
});

test('a client that goes away is observed as such', async () => {
  const { observed } = harness.fakes;
  observed.length = 0;
  const leaving = new AbortController();
  harness.fakes.asker.answer = () => {
    leaving.abort();
    return new Promise<Reply>(() => {});
  };
  const options = { signal: leaving.signal, headers: { prefer: 'wait=1' } };
  await expect(harness.call('GET', `/v1/items/${itemId}`, options)).rejects.toThrow();
  await expect.poll(() => observed.map(({ outcome }) => outcome), { timeout: 10_000 }).toEqual(['cancelled']);
});

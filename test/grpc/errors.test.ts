// Every failure as a client sees it: status, reason, details, retry delay, and nothing of the inside.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type FailureCode, failures } from '../../src/actors/failure.ts';
import * as pb from '../../src/generated/synkro/inventory/v1/inventory.ts';
import { callBytes, type Harness, problemOf, serve } from './support/client.ts';
import { errorId, level } from './support/fakes.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await serve();
});
afterAll(() => harness.stop());
beforeEach(() => {
  harness.fakes.logged.length = 0;
  harness.fakes.observed.length = 0;
});

const get = pb.GetItemRequest.encode(pb.GetItemRequest.create({ sku: 'A' })).finish();

async function problemOfGet() {
  return problemOf((await callBytes(harness, 'getItem', get)).error);
}

const codes = Object.entries(failures).filter(([code]) => code !== 'internal');

test.each(codes)('%s', async (name, declared) => {
  const code = codes.map(([each]) => each).find((each): each is FailureCode => each === name);
  if (code === undefined) throw new Error(name);
  harness.fakes.asker.answer = () => ({
    error: { code, message: `it is ${code}`, details: { state: 'held', orderId: 'Ünï' } },
  });
  const problem = await problemOfGet();
  expect(problem).toMatchObject({
    code: declared.grpc,
    reason: name,
    message: `it is ${name}`,
    details: { state: 'held', orderId: 'Ünï' },
  });
  expect(problem.retryDelayMs === null).toBe(!declared.repeatable);
  expect(harness.fakes.observed).toMatchObject([{ method: 'GetItem', outcome: name }]);
});

test('a delay that the refusal names is passed on', async () => {
  harness.fakes.asker.answer = () => ({
    error: { code: 'overloaded', message: 'busy', details: { retryAfterMs: '1250' } },
  });
  expect((await problemOfGet()).retryDelayMs).toBe(1_250);
});

test('an actor’s invalid-argument names its field in BadRequest', async () => {
  harness.fakes.asker.answer = () => ({
    error: { code: 'invalid-argument', message: 'delta: too much', field: 'delta' },
  });
  expect((await problemOfGet()).fields).toEqual(['delta']);
});

describe('a fault of ours', () => {
  test.each([
    ['an asker that rejects', () => Promise.reject(new Error('secret table'))],
    ['an internal failure', () => ({ error: { code: 'internal', message: 'secret table' } as const })],
    ['an answer of another shape', () => ({ ok: { secret: 'table' } })],
  ])('%s: INTERNAL, with an id that is in the log', async (_what, answer) => {
    harness.fakes.asker.answer = answer;
    const { error } = await callBytes(harness, 'getItem', get);
    const problem = problemOf(error);
    expect(problem).toMatchObject({
      code: 'INTERNAL',
      reason: 'internal',
      message: `internal error ${errorId}`,
      details: { id: errorId },
    });
    expect(JSON.stringify([error?.message, error?.details, problem])).not.toContain('secret');
    expect(harness.fakes.logged.filter((entry) => entry.includes(errorId))).toHaveLength(1);
    expect(harness.fakes.logged[0]).toContain('GetItem');
  });
});

describe('stock that is in the way', () => {
  const adjust = pb.AdjustInventoryRequest.encode(
    pb.AdjustInventoryRequest.create({ sku: '85123A', warehouseId: level.warehouseId, delta: -9n }),
  ).finish();

  test('names up to ten orders that hold it, with the time of the look', async () => {
    harness.fakes.queries.holders = Array.from({ length: 20 }, (_, i) => `order-${i}`);
    harness.fakes.asker.answer = () => ({ error: { code: 'below-reserved', message: 'below' } });
    const problem = problemOf((await callBytes(harness, 'adjustInventory', adjust)).error);
    const ten = Array.from({ length: 10 }, (_, i) => `order-${i}`);
    expect(problem).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'below-reserved' });
    expect(JSON.parse(problem.details['orders'] ?? '')).toEqual(ten);
    expect(problem.details['asOf']).toBe('2023-11-14T22:15:23.456Z');
    expect(problem.message).toContain(ten.join(', '));
    expect(harness.fakes.queries.asked.at(-1)).toEqual({
      itemId: level.itemId,
      warehouseId: level.warehouseId,
      limit: 10,
    });
  });

  test('says so where the tables have none of the orders yet', async () => {
    harness.fakes.queries.holders = [];
    harness.fakes.asker.answer = () => ({ error: { code: 'below-reserved', message: 'below' } });
    const problem = problemOf((await callBytes(harness, 'adjustInventory', adjust)).error);
    expect(problem).toMatchObject({
      code: 'FAILED_PRECONDITION',
      message: 'below; the orders that hold it are not in the tables yet (as of 2023-11-14T22:15:23.456Z)',
      details: { orders: '[]', asOf: '2023-11-14T22:15:23.456Z' },
    });
  });

  test('is refused all the same where the tables cannot be read', async () => {
    harness.fakes.queries.ordersHolding = () => Promise.reject(new Error('no table'));
    harness.fakes.asker.answer = () => ({ error: { code: 'below-reserved', message: 'below' } });
    const problem = problemOf((await callBytes(harness, 'adjustInventory', adjust)).error);
    expect(problem).toMatchObject({ code: 'FAILED_PRECONDITION', message: 'below', details: {} });
  });
});

test('a refusal of everything that could be wrong still fits the trailers', async () => {
  const items = Array.from({ length: 2_000 }, () => ({ itemId: 'x', sku: '', quantity: 0n }));
  const bytes = pb.StockReservationRequest.encode(
    pb.StockReservationRequest.create({ orderId: '', items }),
  ).finish();
  const problem = problemOf((await callBytes(harness, 'checkAndReserveStock', bytes)).error);
  expect(problem.fields).toHaveLength(16);
  expect(problem.fields.slice(0, 3)).toEqual(['order_id', 'items[0].item_id', 'items[0].quantity']);
});

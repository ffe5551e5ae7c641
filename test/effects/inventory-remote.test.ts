// Inventory in another process that is down, hangs, comes back, or has something between that answers in its place:
// deadlines hold, repeats are made where they are safe and nowhere else, and the breaker fails fast and heals.
import { createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FailureCode } from '../../src/actors/failure.ts';
import { fulfillInventory } from '../../src/api/inventory/allocations.ts';
import { deleteItem, getItem } from '../../src/api/inventory/items.ts';
import { commitReservation } from '../../src/api/inventory/reservations.ts';
import { checkAndReserveStock } from '../../src/api/inventory/reserve.ts';
import { adjustInventory } from '../../src/api/inventory/stock.ts';
import type { InventoryConnection } from '../../src/effects/inventory/connection.ts';
import { type RemoteLimits, remoteLimits } from '../../src/effects/inventory/limits.ts';
import { overGrpc } from '../../src/effects/inventory/over-grpc.ts';
import { pauseBeforeRepeat } from '../../src/effects/inventory/repeat.ts';
import * as pb from '../../src/generated/synkro/inventory/v1/inventory.ts';
import { type Fakes, fakes, level, usualAnswer } from '../grpc/support/fakes.ts';
import { until } from '../support/until.ts';
import { hasty, outcomeOf, type Served, serveAt } from './support/connections.ts';

const { itemId, warehouseId } = level;
const get = pb.GetItemRequest.create({ sku: 'A' });

let given: Fakes;
let served: Served;
let inventory: InventoryConnection;
const also: InventoryConnection[] = [];

beforeEach(async () => {
  given = fakes();
  served = await serveAt(given, 0);
  inventory = connect();
});
afterEach(async () => {
  await Promise.all([inventory, ...also.splice(0)].map((each) => each.close()));
  await served.stop();
});

function connect(limits: Partial<RemoteLimits> = {}, port = served.port): InventoryConnection {
  return overGrpc({
    url: `grpc://127.0.0.1:${port}`,
    log: given.log,
    limits: { ...hasty, ...limits },
    random: () => 0,
  });
}

/** In the place of the usual one. */
function reconnect(limits: Partial<RemoteLimits>): void {
  also.push(inventory);
  inventory = connect(limits);
}

const ask = (waitMs = 10_000) => outcomeOf(inventory.call(getItem, get, { waitMs }));
const failure = (code: FailureCode) => ({ failure: expect.objectContaining({ code }) });
const answer = { answer: expect.objectContaining({ item: expect.anything() }) };
const asked = () => given.asker.asked.length;

/** Answers these failures, one to each question, and what is usual from then on. */
function refuse(...codes: readonly FailureCode[]): void {
  const left = [...codes];
  given.asker.answer = (question) => {
    const code = left.shift();
    return code === undefined ? { ok: usualAnswer(question) } : { error: { code, message: 'for now' } };
  };
}

describe('repeats', () => {
  const keyed = pb.AdjustInventoryRequest.create({ sku: 'A', warehouseId, delta: 1n, idempotencyKey: 'k' });
  const unkeyed = { ...keyed, idempotencyKey: '' };
  const basket = pb.StockReservationRequest.create({ orderId: 'o', items: [{ itemId, quantity: 1n }] });
  const fulfill = pb.FulfillInventoryRequest.create({ orderId: 'o' });
  const waitMs = 10_000;

  const repeatable: [string, () => Promise<unknown>][] = [
    ['a read', () => inventory.call(getItem, get, { waitMs })],
    ['a key in the request', () => inventory.call(adjustInventory, keyed, { waitMs })],
    ['a key beside the request', () => inventory.call(fulfillInventory, fulfill, { waitMs, key: 'k' })],
    ['a reservation, whose order is its key', () => inventory.call(checkAndReserveStock, basket, { waitMs })],
    [
      'a commit',
      () =>
        inventory.call(commitReservation, pb.CommitReservationRequest.create({ orderId: 'o' }), { waitMs }),
    ],
  ];
  test.each(repeatable)('%s: twice after unavailable, and no more', async (_what, call) => {
    refuse('unavailable', 'unavailable');
    expect(await outcomeOf(call())).toHaveProperty('answer');
    expect(asked()).toBe(3);
    refuse('unavailable', 'unavailable', 'unavailable');
    expect(await outcomeOf(call())).toEqual(failure('unavailable'));
    expect(asked()).toBe(6);
  });

  const once: [string, () => Promise<unknown>][] = [
    ['an adjustment without key', () => inventory.call(adjustInventory, unkeyed, { waitMs })],
    ['a fulfilment without key', () => inventory.call(fulfillInventory, fulfill, { waitMs })],
    ['a deletion', () => inventory.call(deleteItem, pb.DeleteItemRequest.create({ id: itemId }), { waitMs })],
  ];
  test.each(once)('%s: never', async (_what, call) => {
    refuse('unavailable');
    expect(await outcomeOf(call())).toEqual(failure('unavailable'));
    expect(asked()).toBe(1);
  });

  test.each<FailureCode>(['overloaded', 'deadline-exceeded', 'item-not-found', 'internal'])(
    'not after %s',
    async (code) => {
      refuse(code);
      expect(await ask()).toEqual(failure(code));
      expect(asked()).toBe(1);
    },
  );

  test('not where there is no time for the pause', async () => {
    reconnect({ retryPauseMs: 60_000 });
    refuse('unavailable');
    const begunAt = performance.now();
    expect(await ask(10_000)).toEqual(failure('unavailable'));
    expect(performance.now() - begunAt).toBeLessThan(5_000);
    expect(asked()).toBe(1);
  });

  test('closing does not wait for the pause', async () => {
    reconnect({ retryPauseMs: 60_000 });
    refuse('unavailable');
    const call = ask(120_000);
    await until('the first answer', () => given.observed.length === 1);
    await inventory.close();
    expect(await call).toEqual(failure('unavailable'));
    expect(asked()).toBe(1);
  });

  test('the pauses grow, and are at random within the upper half', () => {
    const pause = (tries: number, random: number) =>
      pauseBeforeRepeat({ code: 'unavailable', message: '' }, tries, remoteLimits, random);
    expect([pause(1, 0), pause(1, 0.5), pause(2, 0), pause(2, 0.5)]).toEqual([25, 37.5, 50, 75]);
    expect(pause(3, 0)).toBeNull();
  });
});

describe('nobody there', () => {
  test('is told at once, and without the inside', async () => {
    await served.stop();
    const begunAt = performance.now();
    expect(await ask(30_000)).toEqual({
      failure: { code: 'unavailable', message: 'Inventory cannot be reached at the moment' },
    });
    expect(performance.now() - begunAt).toBeLessThan(10_000);
  });

  test('the process ends while it is asked: unavailable, and it is found again when it is back', async () => {
    given.asker.answer = () => new Promise(() => {});
    const adjust = pb.AdjustInventoryRequest.create({ sku: 'A', warehouseId, delta: 1n });
    const call = outcomeOf(inventory.call(adjustInventory, adjust, { waitMs: 30_000 }));
    await until('the question', () => asked() === 1);
    await served.stop();
    expect(await call).toEqual(failure('unavailable'));
    given.asker.answer = (question) => ({ ok: usualAnswer(question) });
    served = await serveAt(given, served.port);
    await until('an answer', async () => 'answer' in Object(await ask()));
  });

  describe('but something that takes connections and says nothing', () => {
    let silent: Server;
    let port = 0;
    beforeEach(async () => {
      silent = createServer((socket) => void socket.on('error', () => {}));
      await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
      const address = silent.address();
      if (typeof address !== 'object' || address === null) throw new Error('no port');
      port = address.port;
    });
    afterEach(() => void silent.close());

    test('each call ends at its own deadline, until the breaker opens', async () => {
      also.push(inventory);
      inventory = connect({ breakerFailuresMax: 2, breakerOpenMs: 60_000 }, port);
      for (const _time of [1, 2]) {
        const begunAt = performance.now();
        expect(await ask(300)).toEqual(failure('deadline-exceeded'));
        expect(performance.now() - begunAt).toBeGreaterThan(290);
        expect(performance.now() - begunAt).toBeLessThan(5_000);
      }
      const begunAt = performance.now();
      expect(await ask(30_000)).toEqual(failure('unavailable'));
      expect(performance.now() - begunAt).toBeLessThan(5_000);
    });
  });
});

describe('the breaker', () => {
  const silence: FailureCode[] = [
    'unavailable',
    'deadline-exceeded',
    'unavailable',
    'unavailable',
    'unavailable',
  ];

  async function askTimes(times: number): Promise<unknown[]> {
    const outcomes: unknown[] = [];
    for (let time = 0; time < times; time += 1) outcomes.push(await ask());
    return outcomes;
  }

  test('opens after five unanswered calls in a row, and then nothing is asked', async () => {
    reconnect({ retriesMax: 0, breakerOpenMs: 60_000 });
    refuse(...silence);
    await askTimes(5);
    expect(asked()).toBe(5);
    expect(await ask()).toEqual({
      failure: { code: 'unavailable', message: 'Inventory has not answered for a while, and was not asked' },
    });
    expect(asked()).toBe(5);
    expect(given.logged.filter((line) => line.includes('does not answer'))).toHaveLength(1);
  });

  test('opens during the repeats of a call, which then ends', async () => {
    reconnect({ retriesMax: 10, breakerOpenMs: 60_000 });
    refuse(...silence.map(() => 'unavailable' as const));
    expect(await ask()).toEqual({ failure: { code: 'unavailable', message: 'for now' } });
    expect(asked()).toBe(5);
  });

  test.each<FailureCode>(['item-not-found', 'overloaded', 'internal', 'invalid-argument'])(
    'takes %s for a sign of life',
    async (code) => {
      reconnect({ retriesMax: 0, breakerOpenMs: 60_000 });
      refuse(...silence.slice(1), code, ...silence.slice(1));
      await askTimes(9);
      expect(asked()).toBe(9);
      expect(await ask()).toEqual(answer);
    },
  );

  test('heals by one call that is let through', async () => {
    reconnect({ retriesMax: 0 });
    refuse(...silence);
    await askTimes(5);
    await until('an answer', async () => 'answer' in Object(await ask()));
    expect(await askTimes(20)).toEqual(Array.from({ length: 20 }, () => answer));
    expect(given.logged.filter((line) => line.includes('answers again'))).toHaveLength(1);
  });

  test('stays open where that one fails too', async () => {
    reconnect({ retriesMax: 0 });
    refuse(...silence, 'unavailable', 'unavailable');
    await askTimes(5);
    await until('two that were let through in vain', async () => {
      const outcome = await ask();
      return asked() === 7 || 'answer' in Object(outcome);
    });
    expect(asked()).toBe(7);
    await until('an answer', async () => 'answer' in Object(await ask()));
  });

  test('refuses all others while that one is under way, and they do not wait for it', async () => {
    reconnect({ retriesMax: 0 });
    refuse(...silence);
    await askTimes(5);
    let release = () => {};
    given.asker.answer = (question) =>
      new Promise((resolve) => {
        release = () => resolve({ ok: usualAnswer(question) });
      });
    const calls: Promise<unknown>[] = [];
    await until('one to be let through', async () => {
      calls.push(ask());
      await Promise.race([calls.at(-1), new Promise((resolve) => setImmediate(resolve))]);
      return asked() === 6;
    });
    expect(await ask(30_000)).toEqual(failure('unavailable'));
    expect(asked()).toBe(6);
    release();
    const outcomes = await Promise.all(calls);
    expect(outcomes.filter((outcome) => 'answer' in Object(outcome))).toHaveLength(1);
    given.asker.answer = (question) => ({ ok: usualAnswer(question) });
    expect(await ask()).toEqual(answer);
  });

  test('does not wait for that one for as long as its caller might', async () => {
    reconnect({ retriesMax: 0, breakerProbeMsMax: 200 });
    refuse(...silence);
    await askTimes(5);
    given.asker.answer = () => new Promise(() => {});
    const begunAt = performance.now();
    await until('one that was let through in vain', async () => {
      const outcome = await ask(60_000);
      return JSON.stringify(outcome).includes('deadline-exceeded');
    });
    expect(performance.now() - begunAt).toBeLessThan(15_000);
  });

  test('opens and heals where the process is gone for a while', async () => {
    reconnect({ breakerFailuresMax: 3 });
    expect(await ask()).toEqual(answer);
    await served.stop();
    for (const _time of [1, 2, 3, 4]) expect(await ask()).toEqual(failure('unavailable'));
    expect(given.logged.some((line) => line.includes('does not answer'))).toBe(true);
    served = await serveAt(given, served.port);
    await until('an answer', async () => 'answer' in Object(await ask()));
    expect(await ask()).toEqual(answer);
  });
});

// What lies between the wire and the handlers: bytes that are no message, unknown methods, sizes, deadlines, health,
// reflection, and stopping.
import { type ClientReadableStream, credentials, Metadata, status } from '@grpc/grpc-js';
import { service as healthService } from 'grpc-health-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import * as pb from '../../src/generated/synkro/inventory/v1/inventory.ts';
import { processNow } from '../../src/runtime/ask.ts';
import { callBytes, type Harness, problemOf, serve, until } from './support/client.ts';

let harness: Harness;
beforeEach(async () => {
  harness = await serve();
});
afterEach(() => harness.stop());

const get = pb.GetItemRequest.encode(pb.GetItemRequest.create({ sku: 'A' })).finish();

describe('bytes that are no request', () => {
  test.each([
    ['a length beyond the end', [0x0a, 0x7f, 0x41], ''],
    ['a varint without end', Array(11).fill(0xff), ''],
    ['a reserved wire type', [0x0f], ''],
    ['a string that is not UTF-8', [0x12, 0x02, 0xc3, 0x28], 'sku'],
  ])('%s', async (_what, bytes, field) => {
    const problem = problemOf((await callBytes(harness, 'getItem', Uint8Array.from(bytes))).error);
    expect(problem).toMatchObject({ code: 'INVALID_ARGUMENT', fields: [field] });
    expect(harness.fakes.asker.asked).toEqual([]);
  });

  test('a nested string that is not UTF-8 is named by its path', async () => {
    const good = pb.StockReservationRequest.create({ orderId: 'o', items: [{ sku: 'A' }, { sku: 'BCD' }] });
    const bytes = pb.StockReservationRequest.encode(good).finish();
    bytes[bytes.length - 1] = 0xff;
    const problem = problemOf((await callBytes(harness, 'checkAndReserveStock', bytes)).error);
    expect(problem.violations).toEqual([{ field: 'items[1].sku', description: 'is not valid UTF-8' }]);
  });

  test('a replacement character that was really sent is a character like any other', async () => {
    const bytes = pb.GetItemRequest.encode(pb.GetItemRequest.create({ sku: 'a\u{fffd}' })).finish();
    expect((await callBytes(harness, 'getItem', bytes)).error).toBeNull();
  });

  test('attributes nested without end', async () => {
    let value: Buffer = Buffer.from([0x20, 0x01]);
    for (let depth = 0; depth < 300; depth += 1) value = nest(nest(value, 0x0a), 0x32);
    const entry = Buffer.concat([Buffer.from([0x0a, 0x01, 0x61]), nest(value, 0x12)]);
    const bytes = Buffer.concat([Buffer.from([0x0a, 0x01, 0x41]), nest(nest(entry, 0x0a), 0x2a)]);
    const problem = problemOf((await callBytes(harness, 'createItem', bytes)).error);
    expect(problem.code).toBe('INVALID_ARGUMENT');
  });
});

function nest(inner: Buffer, tag: number): Buffer {
  const length: number[] = [];
  let rest = inner.length;
  for (; rest > 127; rest >>>= 7) length.push((rest & 127) | 128);
  return Buffer.concat([Buffer.from([tag, ...length, rest]), inner]);
}

test('an unknown method is UNIMPLEMENTED', async () => {
  const error = await new Promise<{ code?: number } | null>((resolve) => {
    harness.client.makeUnaryRequest(
      '/synkro.inventory.v1.InventoryService/Nothing',
      (bytes: Buffer) => bytes,
      (bytes) => bytes,
      Buffer.alloc(0),
      (err) => resolve(err),
    );
  });
  expect(error?.code).toBe(status.UNIMPLEMENTED);
});

test('a message beyond 8 MiB is RESOURCE_EXHAUSTED, and the server goes on', async () => {
  const { error } = await callBytes(harness, 'getItem', Buffer.alloc(8 * 1_024 * 1_024 + 1));
  expect(error?.code).toBe(status.RESOURCE_EXHAUSTED);
  expect((await callBytes(harness, 'getItem', get)).error).toBeNull();
});

test('the largest basket and the largest bulk fit', async () => {
  const items = Array.from({ length: 2_000 }, (_, i) => ({ sku: `${i}`.padEnd(128, 'x'), quantity: 1n }));
  const basket = pb.StockReservationRequest.encode(
    pb.StockReservationRequest.create({ orderId: 'o', items }),
  ).finish();
  expect((await callBytes(harness, 'checkAndReserveStock', basket)).error).toBeNull();
  const bulk = pb.BulkCreateItemsRequest.encode(
    pb.BulkCreateItemsRequest.create({
      items: Array.from({ length: 1_000 }, (_, i) => ({ sku: `s${i}`, description: 'x'.repeat(8_000) })),
    }),
  ).finish();
  const { error, response } = await callBytes(harness, 'bulkCreateItems', bulk);
  expect(error).toBeNull();
  expect(response).toMatchObject({ results: { length: 1_000 } });
});

describe('deadlines', () => {
  test('the caller’s reaches the asker', async () => {
    const before = processNow();
    await callBytes(harness, 'getItem', get, new Metadata(), 5_000);
    const deadline = harness.fakes.asker.asked[0]?.options.deadline ?? 0;
    expect(deadline - before).toBeGreaterThan(4_000);
    expect(deadline - before).toBeLessThan(5_100);
  });

  test('without one, 30 s', async () => {
    const before = processNow();
    await new Promise((resolve) => harness.client.getItem(pb.GetItemRequest.create({ sku: 'A' }), resolve));
    const deadline = harness.fakes.asker.asked[0]?.options.deadline ?? 0;
    expect(deadline - before).toBeGreaterThan(29_900);
    expect(deadline - before).toBeLessThan(31_000);
  });

  test('a call whose time has passed is answered though the asker is not, and observed once', async () => {
    harness.fakes.asker.answer = () => new Promise(() => {});
    const { error } = await callBytes(harness, 'getItem', get, new Metadata(), 50);
    expect(error?.code).toBe(status.DEADLINE_EXCEEDED);
    await until('the call to be observed', () => harness.fakes.observed.length > 0);
    expect(harness.fakes.observed).toMatchObject([{ method: 'GetItem', outcome: 'deadline-exceeded' }]);
  });

  test('a cancelled call is over at once', async () => {
    harness.fakes.asker.answer = () => new Promise(() => {});
    const call = harness.client.getItem(pb.GetItemRequest.create({ sku: 'A' }), () => {});
    await until('the asker to be asked', () => harness.fakes.asker.asked.length === 1);
    call.cancel();
    await until('the call to be observed', () => harness.fakes.observed.length > 0);
    expect(harness.fakes.observed).toMatchObject([{ outcome: 'cancelled' }]);
  });
});

describe('health', () => {
  const check = (service: string) =>
    new Promise((resolve) => {
      const { path, requestSerialize, responseDeserialize } = healthMethod('Check');
      harness.client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        { service },
        (error, response) => resolve(error?.code ?? response),
      );
    });

  test.each(['', 'synkro.inventory.v1.InventoryService'])('of %j follows setServing', async (service) => {
    expect(await check(service)).toEqual({ status: 'SERVING' });
    harness.server.setServing(false);
    expect(await check(service)).toEqual({ status: 'NOT_SERVING' });
  });

  test('of an unknown service is NOT_FOUND', async () => {
    expect(await check('nothing')).toBe(status.NOT_FOUND);
  });
});

function healthMethod(name: string) {
  const method = healthService[name];
  if (method === undefined) throw new Error(name);
  return method;
}

describe('stopping', () => {
  test('answers what is open, takes nothing new, and does not wait for a health watch', async () => {
    let answer: (reply: { ok: unknown }) => void = () => {};
    const { usualAnswer } = await import('./support/fakes.ts');
    harness.fakes.asker.answer = (asked) =>
      new Promise((resolve) => {
        answer = () => resolve({ ok: usualAnswer(asked) });
      });
    const { path, requestSerialize, responseDeserialize } = healthMethod('Watch');
    const watch: ClientReadableStream<unknown> = harness.client.makeServerStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      { service: '' },
    );
    const seen: unknown[] = [];
    watch.on('data', (message) => seen.push(message));
    watch.on('error', () => {});
    await until('the watch', () => seen.length === 1);
    const open = callBytes(harness, 'getItem', get);
    await until('the asker to be asked', () => harness.fakes.asker.asked.length === 1);
    const begunAt = performance.now();
    const drained = harness.server.drain(20_000);
    await until('the watch to say so', () => seen.length === 2);
    expect(seen).toEqual([{ status: 'SERVING' }, { status: 'NOT_SERVING' }]);
    answer({ ok: null });
    expect((await open).error).toBeNull();
    await drained;
    expect(performance.now() - begunAt).toBeLessThan(10_000);
    const late = new pb.InventoryServiceClient(harness.address, credentials.createInsecure());
    const { error } = await callBytes({ client: late }, 'getItem', get, new Metadata(), 2_000);
    late.close();
    expect(error?.code).toBe(status.UNAVAILABLE);
  });

  test('gives up on what is open when its time has passed', async () => {
    harness.fakes.asker.answer = () => new Promise(() => {});
    const open = callBytes(harness, 'getItem', get);
    await until('the asker to be asked', () => harness.fakes.asker.asked.length === 1);
    await harness.server.drain(50);
    expect([status.CANCELLED, status.UNAVAILABLE]).toContain((await open).error?.code);
  });
});

// ReserveStream: many requests on one stream, each answered by itself.
import { type ClientDuplexStream, type ServiceError, status } from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Reply } from '../../src/actors/behaviour.ts';
import * as pb from '../../src/generated/synkro/inventory/v1/inventory.ts';
import { type Harness, problemOf, problemOfStatus, serve, until } from './support/client.ts';
import { reserved } from './support/fakes.ts';

let harness: Harness;
beforeEach(async () => {
  harness = await serve();
});
afterEach(() => harness.stop());

type Stream = ClientDuplexStream<pb.StockReservationRequest, pb.ReserveStreamResponse>;

interface Opened {
  readonly stream: Stream;
  readonly answers: pb.ReserveStreamResponse[];
  readonly ended: Promise<{ readonly error: ServiceError | null }>;
}

function open(): Opened {
  const stream = harness.client.reserveStream();
  const answers: pb.ReserveStreamResponse[] = [];
  stream.on('data', (answer: pb.ReserveStreamResponse) => answers.push(answer));
  const ended = new Promise<{ readonly error: ServiceError | null }>((resolve) => {
    stream.on('error', (error: ServiceError) => resolve({ error }));
    stream.on('end', () => resolve({ error: null }));
  });
  return { stream, answers, ended };
}

const basket = (requestId: string, over: object = {}) =>
  pb.StockReservationRequest.create({
    orderId: `order-${requestId}`,
    items: [{ sku: 'A', quantity: 1n }],
    requestId,
    ...over,
  });

/** Answers when it is told to, by order. */
function heldBack(): Map<string, (reply: Reply) => void> {
  const waiting = new Map<string, (reply: Reply) => void>();
  harness.fakes.asker.answer = ({ ref }) => new Promise((resolve) => waiting.set(ref.id, resolve));
  return waiting;
}

test('answers come as they are ready and carry the request id', async () => {
  const waiting = heldBack();
  const { stream, answers, ended } = open();
  for (const id of ['1', '2', '3']) stream.write(basket(id));
  await until('three requests', () => waiting.size === 3);
  for (const id of ['3', '1']) waiting.get(`order-${id}`)?.({ ok: reserved });
  await until('two answers', () => answers.length === 2);
  stream.end();
  waiting.get('order-2')?.({ ok: reserved });
  expect(await ended).toEqual({ error: null });
  expect(answers.map(({ requestId }) => requestId)).toEqual(['3', '1', '2']);
  expect(answers[0]?.result).toMatchObject({
    $case: 'response',
    value: { success: true, orderId: 'order-3' },
  });
});

test('a bad request is answered with its error and ends nothing', async () => {
  const { stream, answers, ended } = open();
  stream.write(basket('bad', { orderId: '' }));
  stream.write(basket('good'));
  stream.end();
  expect(await ended).toEqual({ error: null });
  const bad = answers.find(({ requestId }) => requestId === 'bad')?.result;
  if (bad?.$case !== 'error') throw new Error('no error for the bad one');
  expect(problemOfStatus(bad.value)).toMatchObject({ code: 'INVALID_ARGUMENT', fields: ['order_id'] });
  expect(answers.find(({ requestId }) => requestId === 'good')?.result?.$case).toBe('response');
  expect(harness.fakes.observed.map(({ method, outcome }) => [method, outcome]).sort()).toEqual([
    ['ReserveStream', 'invalid-argument'],
    ['ReserveStream', 'ok'],
  ]);
});

test('bytes that are no request are answered, and end nothing', async () => {
  const stream = harness.client.makeBidiStreamRequest(
    pb.InventoryServiceService.reserveStream.path,
    (bytes: Buffer) => bytes,
    (bytes) => pb.ReserveStreamResponse.decode(bytes),
  );
  const answers: pb.ReserveStreamResponse[] = [];
  stream.on('data', (answer: pb.ReserveStreamResponse) => answers.push(answer));
  const ended = new Promise((resolve) => stream.on('end', resolve));
  const bytes = Buffer.from(pb.StockReservationRequest.encode(basket('utf8', { customerId: 'Q' })).finish());
  bytes[bytes.lastIndexOf('Q')] = 0xff;
  stream.write(Buffer.from([0x0a, 0x7f]));
  stream.write(bytes);
  stream.write(Buffer.from(pb.StockReservationRequest.encode(basket('good')).finish()));
  stream.end();
  await ended;
  expect(answers.map(({ requestId, result }) => [requestId, result?.$case]).sort()).toEqual([
    ['', 'error'],
    ['good', 'response'],
    ['utf8', 'error'],
  ]);
});

test('a half-closed stream without requests ends', async () => {
  const { stream, ended } = open();
  stream.end();
  expect(await ended).toEqual({ error: null });
});

test('no more than 1,024 are in flight, and all are answered in the end', async () => {
  const waiting = heldBack();
  const { stream, answers, ended } = open();
  for (let i = 0; i < 3_000; i += 1) stream.write(basket(String(i)));
  stream.end();
  await until('1,024 to be asked', () => waiting.size === 1_024);
  // What is beyond would be asked by the time that another call on the same connection has been answered.
  await new Promise((resolve) => harness.client.listItems(pb.ListItemsRequest.create({}), resolve));
  expect(waiting.size).toBe(1_024);
  harness.fakes.asker.answer = () => ({ ok: reserved });
  for (const answer of waiting.values()) answer({ ok: reserved });
  expect(await ended).toEqual({ error: null });
  expect(new Set(answers.map(({ requestId }) => requestId)).size).toBe(3_000);
  expect(answers).toHaveLength(3_000);
});

test('a client that does not read stops us from reading', async () => {
  const items = Array.from({ length: 250 }, () => reserved.items[0]);
  harness.fakes.asker.answer = () => ({ ok: { ...reserved, items } });
  const stream = harness.client.reserveStream();
  stream.pause();
  const total = 4_000;
  for (let i = 0; i < total; i += 1) stream.write(basket(String(i)));
  stream.end();
  await until('1,024 to be asked', () => harness.fakes.asker.asked.length >= 1_024);
  await new Promise((resolve) => harness.client.listItems(pb.ListItemsRequest.create({}), resolve));
  expect(harness.fakes.asker.asked.length).toBeLessThan(total);
  stream.on('error', () => {});
  stream.cancel();
});

test('a stream that is cancelled is over', async () => {
  const waiting = heldBack();
  const { stream, ended } = open();
  stream.write(basket('1'));
  await until('the request', () => waiting.size === 1);
  stream.cancel();
  expect((await ended).error?.code).toBe(status.CANCELLED);
  waiting.get('order-1')?.({ ok: reserved });
  const begunAt = performance.now();
  await harness.server.drain(10_000);
  expect(performance.now() - begunAt).toBeLessThan(5_000);
});

test('a stopping server answers what is in flight, then ends the stream with UNAVAILABLE', async () => {
  const waiting = heldBack();
  const { stream, answers, ended } = open();
  stream.write(basket('1'));
  await until('the request', () => waiting.size === 1);
  const drained = harness.server.drain(10_000);
  waiting.get('order-1')?.({ ok: reserved });
  const { error } = await ended;
  expect(problemOf(error)).toMatchObject({ code: 'UNAVAILABLE', reason: 'unavailable' });
  expect(answers.map(({ requestId }) => requestId)).toEqual(['1']);
  await drained;
});

// StreamOrderUpdates: every move of an order, to who asked for it, from any token on, none twice and none left out.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { OrderStatus } from '../../src/actors/logistics/order/transitions.ts';
import * as pb from '../../src/generated/synkro/logistics/v1/logistics.ts';
import { problemOf } from '../grpc/support/client.ts';
import { customerId, order, orderId } from '../http/support/logistics-fakes.ts';
import { type Harness, type Opened, open, serve, until } from './support/client.ts';

let harness: Harness;
const opened: Opened[] = [];
beforeEach(async () => {
  harness = await serve();
});
afterEach(async () => {
  for (const { stream } of opened.splice(0)) stream.cancel();
  await harness.stop();
});

const otherOrder = '11111111-aaaa-4aaa-8aaa-111111111111';
const otherCustomer = '22222222-bbbb-4bbb-8bbb-222222222222';
const at = 1_700_000_000_000;

const created = (id = orderId, owner = customerId) =>
  ['order', id, { type: 'created', order: { ...order, customerId: owner }, at }] as const;

const moved = (from: OrderStatus, to: OrderStatus, id = orderId, owner = customerId) =>
  ['order', id, { type: 'moved', from, to, customerId: owner, at: at + 1, by: 'shop', why: '' }] as const;

/** Makes a row durable and tells of it. */
function commit(shard: number, ...events: Parameters<Harness['fakes']['queries']['append']>[1]) {
  harness.fakes.notices.tell(shard, harness.fakes.queries.append(shard, events));
}

async function openLive(request: Parameters<typeof open>[1] = {}): Promise<Opened> {
  const stands = open(harness.client, request);
  opened.push(stands);
  await stands.begun;
  return stands;
}

const { CREATED, PROCESSING, CONFIRMED, SHIPPED, UNSPECIFIED } = pb.OrderStatus;
const movesOf = ({ messages }: Opened) =>
  messages.map(({ orderId: id, previousStatus, newStatus }) => [id, previousStatus, newStatus]);

test('shows where an order comes from and goes to, and nothing else that happens', async () => {
  const live = await openLive();
  commit(
    0,
    created(),
    ['order', orderId, { type: 'paymentOpened', id: 'p', isRenewal: false, at }],
    moved('created', 'processing'),
    ['queue', 'item', { type: 'moved', from: 'created', to: 'shipped', customerId, at }],
    ['customer', customerId, { type: 'created', sealed: '', terms: [], fingerprint: '', at }],
  );
  await until('two moves', () => live.messages.length === 2);
  const common = { orderId, customerId, resumeToken: expect.stringMatching(/./) };
  expect(live.messages).toEqual([
    { ...common, previousStatus: UNSPECIFIED, newStatus: CREATED, timestamp: new Date(at) },
    { ...common, previousStatus: CREATED, newStatus: PROCESSING, timestamp: new Date(at + 1) },
  ]);
  commit(1, moved('confirmed', 'shipped', otherOrder, ''));
  await until('the third', () => live.messages.length === 3);
  expect(live.messages[2]).toMatchObject({ orderId: otherOrder, customerId: '', newStatus: SHIPPED });
});

test('begins now, and says where in its initial metadata', async () => {
  commit(0, created());
  const live = await openLive();
  commit(0, moved('created', 'processing'));
  await until('the move', () => live.messages.length === 1);
  expect(movesOf(live)).toEqual([[orderId, CREATED, PROCESSING]]);
  const again = await openLive({ resumeToken: await live.begun });
  await until('the move again', () => again.messages.length === 1);
  expect(movesOf(again)).toEqual(movesOf(live));
});

describe('filters', () => {
  const all = [
    created(orderId, customerId),
    created(otherOrder, customerId),
    created('33333333-cccc-4ccc-8ccc-333333333333', otherCustomer),
    moved('created', 'processing', otherOrder, customerId),
  ];
  test.each<[string, Parameters<typeof open>[1], readonly number[]]>([
    ['nothing', {}, [0, 1, 2, 3]],
    ['an order', { orderId: otherOrder.toUpperCase() }, [1, 3]],
    ['a customer', { customerId: customerId.toUpperCase() }, [0, 1, 3]],
    ['both', { customerId, orderId }, [0]],
    ['both, that do not belong together', { customerId: otherCustomer, orderId }, []],
  ])('by %s', async (_what, request, expected) => {
    const [live, everything] = [await openLive(request), await openLive()];
    commit(0, ...all);
    await until('everything', () => everything.messages.length === all.length);
    await until('its part', () => live.messages.length >= expected.length);
    // What comes last shows that nothing came between.
    commit(0, moved('confirmed', 'shipped', orderId, customerId));
    commit(0, moved('confirmed', 'shipped', otherOrder, otherCustomer));
    await until('the last of everything', () => everything.messages.length === all.length + 2);
    const moves = movesOf(everything);
    expect(movesOf(live).slice(0, expected.length)).toEqual(expected.map((index) => moves[index]));
  });

  test.each(['orderId', 'customerId'] as const)('an id that is none is refused: %s', async (field) => {
    const stands = open(harness.client, { [field]: 'x' });
    expect(problemOf(await stands.ended)).toMatchObject({
      code: 'INVALID_ARGUMENT',
      fields: [field.replace('Id', '_id')],
    });
  });
});

describe('resuming', () => {
  test.each([{}, { orderId }])('from every token what came after it is sent, once: %j', async (filter) => {
    const live = await openLive(filter);
    commit(0, created(), moved('created', 'processing'), created(otherOrder, otherCustomer));
    commit(0, moved('processing', 'reservingStock'));
    commit(1, created(otherOrder, otherCustomer));
    commit(0, moved('reservingStock', 'confirmed'));
    const mine = 'orderId' in filter ? 4 : 6;
    await until('all', () => live.messages.length === mine);
    for (const [index, { resumeToken }] of live.messages.entries()) {
      const rest = live.messages.slice(index + 1);
      const again = await openLive({ ...filter, resumeToken });
      await until(`the ${rest.length} after ${index}`, () => again.messages.length >= rest.length);
      const sorted = (messages: readonly pb.OrderStatusEvent[]) =>
        messages.map(({ orderId: id, newStatus }) => `${id} ${newStatus}`).sort();
      expect(sorted(again.messages)).toEqual(sorted(rest));
      again.stream.cancel();
    }
  });

  test('a token that waited through rows that did not concern it goes on without a gap', async () => {
    const live = await openLive({ orderId });
    const everything = await openLive();
    for (let row = 0; row < 50; row += 1) commit(row % 2, created(otherOrder, otherCustomer));
    await until('the others', () => everything.messages.length === 50);
    commit(0, created());
    await until('its own', () => live.messages.length === 1);
    const again = await openLive({ orderId, resumeToken: live.messages[0]?.resumeToken ?? '' });
    commit(1, moved('created', 'processing'));
    await until('what came after', () => again.messages.length === 1);
    expect(movesOf(again)).toEqual([[orderId, CREATED, PROCESSING]]);
  });

  test('a token older than what is kept is OUT_OF_RANGE', async () => {
    commit(0, created());
    const live = await openLive();
    commit(0, moved('created', 'processing'));
    harness.fakes.queries.trimmedTo.set(0, 2);
    const stands = open(harness.client, { resumeToken: await live.begun });
    expect(problemOf(await stands.ended)).toMatchObject({ code: 'OUT_OF_RANGE', reason: 'token-expired' });
  });

  test('what is no token is refused', async () => {
    const stands = open(harness.client, { resumeToken: 'x' });
    expect(problemOf(await stands.ended)).toMatchObject({
      code: 'INVALID_ARGUMENT',
      fields: ['resume_token'],
    });
  });
});

test('a stopping server ends the streams with UNAVAILABLE', async () => {
  const { ended } = await openLive({ orderId });
  const drained = harness.server.drain(10_000);
  expect(problemOf(await ended).code).toBe('UNAVAILABLE');
  await drained;
});

test('a move of an order that nobody asks for wakes nobody, and the last that goes leaves the journal alone', async () => {
  const live = await openLive({ orderId });
  commit(0, moved('reservingStock', 'confirmed', otherOrder, otherCustomer));
  commit(0, moved('reservingStock', 'confirmed'));
  await until('its own', () => live.messages.length === 1);
  expect(movesOf(live)).toEqual([[orderId, pb.OrderStatus.RESERVING_STOCK, CONFIRMED]]);
  live.stream.cancel();
  await until('nobody to listen', () => harness.fakes.notices.listeners.size === 0);
});

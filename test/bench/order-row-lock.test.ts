// The rival of orders has to be right, or beating it says nothing; and the check of its books has to find what is wrong.
import postgres from 'postgres';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { checkOrderRowLock } from '../../bench/check/order-row-lock.ts';
import type { Told } from '../../bench/check/told.ts';
import { type OrderRowLock, openOrderRowLock } from '../../bench/rivals/order-row-lock.ts';
import type { Line } from '../../bench/scenarios/scenarios.ts';
import { fillOrderRowLock } from '../../bench/stock.ts';
import type { Reply } from '../../src/actors/behaviour.ts';
import { itemIdOfSku, uuidv5 } from '../../src/actors/ids.ts';
import { money } from '../../src/actors/logistics/money.ts';
import { fingerprintOf } from '../../src/api/idempotency.ts';
import { orderMessage } from '../../src/api/logistics/present.ts';
import { isOrderView } from '../../src/api/logistics/views.ts';
import { OrderResponse } from '../../src/generated/synkro/logistics/v1/logistics.ts';
import { createEmptyDatabase, type TestDatabase } from '../support/database.ts';

const units = 20;
const stock = ['A', 'B', 'C'].map((sku) => ({ sku, units }));
let database: TestDatabase;
let sql: postgres.Sql;
let rival: OrderRowLock;

beforeAll(async () => {
  database = await createEmptyDatabase();
  await fillOrderRowLock(database.url, stock);
  sql = postgres(database.url, { max: 1, onnotice: () => {} });
  rival = openOrderRowLock(database.url, 16);
});

beforeEach(async () => {
  await sql`truncate shop_orders, order_progress, allocations`;
  await sql`update stock_levels set allocated = 0`;
});

afterAll(async () => {
  await rival.close();
  await sql.end();
  await database.drop();
});

const idOf = (name: string) => uuidv5(name);

function order(
  name: string,
  lines: readonly Line[],
  { method = 'tok_approve', on = rival } = {},
): Promise<Reply> {
  const asked = {
    customerId: '',
    lines: lines.map(({ sku, quantity }, at) => ({
      lineId: String(at + 1),
      itemId: itemIdOfSku(sku),
      sku,
      quantity,
      unitMinor: '250',
    })),
    total: money('GBP', 250n),
    sealed: '',
    method,
    fingerprint: fingerprintOf({ lines, method }),
    patience: { paymentMs: 1_000, stockMs: 1_000, unitsMax: 1_000 },
  };
  return on.create(idOf(name), { type: 'create', order: asked, isIdOfKey: false });
}

function viewOf(reply: Reply) {
  if (!('ok' in reply) || !isOrderView(reply.ok)) throw new Error(`not confirmed: ${JSON.stringify(reply)}`);
  return reply.ok;
}

const codeOf = (reply: Reply) => ('error' in reply ? reply.error.code : 'ok');

/** By name of the order: what was asked for, and what was answered. */
type Answers = Readonly<Record<string, readonly [readonly Line[], Reply]>>;

function told(granted: number, answers: Answers = {}): Told {
  const all = Object.entries(answers);
  return {
    granted,
    refused: 0,
    unknown: 0,
    baskets: all.map(([, [lines]]) => lines),
    samples: all.map(([name, [, reply]], basket) => {
      const shown = orderMessage(viewOf(reply), { address: null, notes: '' });
      const answer = OrderResponse.encode({ order: shown, atRest: true }).finish();
      return { orderId: name, basket, answer };
    }),
  };
}

const check = (whatWasTold: Told) =>
  checkOrderRowLock(
    { url: '', logisticsUrl: database.url, notificationsUrl: '', drop: async () => {} },
    'grpc',
    whatWasTold,
  );

const one = [{ sku: 'A', quantity: 1 }];
const basket = [
  { sku: 'B', quantity: 2 },
  { sku: 'A', quantity: 1 },
  { sku: 'B', quantity: 3 },
];

test('exactly as many are confirmed as there are units, each version of the level once, and the books balance', async () => {
  const replies = await Promise.all(Array.from({ length: 64 }, (_, n) => order(`o-${n}`, one)));
  expect(replies.filter((reply) => codeOf(reply) === 'ok')).toHaveLength(units);
  expect(replies.filter((reply) => codeOf(reply) === 'insufficient-stock')).toHaveLength(64 - units);
  const [versions] = await sql`select count(distinct level_versions[1])::int as n from allocations`;
  expect(versions?.['n']).toBe(units);
  expect(await check(told(units))).toEqual([]);
});

test('with connections of their own for stock the books balance as well', async () => {
  const apart = openOrderRowLock(database.url, 4, 1);
  const replies = await Promise.all(
    Array.from({ length: 64 }, (_, n) => order(`apart-${n}`, one, { on: apart })),
  );
  await apart.close();
  expect(replies.filter((reply) => codeOf(reply) === 'ok')).toHaveLength(units);
  expect(await check(told(units))).toEqual([]);
});

test('baskets in opposite orders do not lock each other, and are all or nothing', async () => {
  const there = [...one, { sku: 'B', quantity: 1 }];
  const replies = await Promise.all(
    Array.from({ length: 60 }, (_, n) => order(`o-${n}`, n % 2 === 0 ? there : there.toReversed())),
  );
  expect(replies.filter((reply) => codeOf(reply) === 'ok')).toHaveLength(units);
  expect(codeOf(await order('short', [...one, { sku: 'C', quantity: 1 }]))).toBe('insufficient-stock');
  const [level] = await sql`select allocated::int as allocated from stock_levels where sku = 'C'`;
  expect(level?.['allocated']).toBe(0);
  expect(await check(told(units))).toEqual([]);
});

test('lines of one item are taken as one, and the order keeps them as they were', async () => {
  const reply = await order('basket', basket);
  expect(viewOf(reply).draws.map(({ lineId, quantity }) => [lineId, quantity])).toEqual([
    ['1', 2],
    ['2', 1],
    ['3', 3],
  ]);
  const levels = await sql`select sku, allocated::int as allocated from stock_levels order by sku`;
  expect(levels.map(({ sku, allocated }) => [sku, allocated])).toEqual([
    ['A', 1],
    ['B', 5],
    ['C', 0],
  ]);
  expect(await check(told(1, { basket: [basket, reply] }))).toEqual([]);
});

test('the same order a hundred times at once is made once, and answered a hundred times', async () => {
  const views = (await Promise.all(Array.from({ length: 100 }, () => order('same', basket)))).map(viewOf);
  const [first] = views;
  for (const { payments, draws, status } of views)
    expect({ payments: payments.map(({ id }) => id), draws, status }).toEqual({
      payments: first?.payments.map(({ id }) => id),
      draws: first?.draws,
      status: 'confirmed',
    });
  const [made] = await sql`select jsonb_array_length(history) as moves, payment_id from order_progress`;
  expect(made).toEqual({ moves: 4, payment_id: first?.payments[0]?.id });
  expect(await check(told(1))).toEqual([]);
});

test('the same order with other content is refused, without effect', async () => {
  const first = await order('twice', one);
  expect(codeOf(await order('twice', basket))).toBe('idempotency-key-reused');
  expect(await check(told(1, { twice: [one, first] }))).toEqual([]);
});

test.each([
  ['made', "status = 'processing', payment_status = 'authorizing', transaction_id = ''", true],
  ['allocated', "status = 'reserving_stock', payment_status = 'capturing'", false],
])('an order that was left when it was %s is taken up again by a repeat', async (_, state, isUntaken) => {
  await order('left', basket);
  await sql.unsafe(`update order_progress set ${state}`);
  if (isUntaken) {
    await sql`delete from allocations`;
    await sql`update stock_levels set allocated = 0`;
  }
  expect(await check(told(0))).toEqual([]);
  const reply = await order('left', basket);
  expect(await check(told(1, { left: [basket, reply] }))).toEqual([]);
});

test('a payment that is not approved takes no stock', async () => {
  expect(codeOf(await order('declined', one, { method: 'tok_decline' }))).toBe('unavailable');
  expect(await check(told(0))).toEqual([]);
});

test('the check finds a level that counts otherwise than its orders', async () => {
  await order('o', one);
  await sql`update stock_levels set allocated = allocated + 1 where sku = 'A'`;
  expect(await check(told(1))).toEqual(['I2: allocated is not what the orders have: 1 levels']);
});

test('the check finds an order that has something else than was ordered', async () => {
  await order('o', one);
  await sql`update allocations set quantities = '{2}'`;
  await sql`update stock_levels set allocated = 2 where sku = 'A'`;
  expect(await check(told(1))).toEqual(['I2: what an order has is not what was ordered: 1 lines']);
});

test('the check finds an order that was answered and is lost, is not paid, or is another', async () => {
  const answers: Answers = {
    kept: [one, await order('kept', one)],
    lost: [one, await order('lost', one)],
    unpaid: [one, await order('unpaid', one)],
    other: [basket, await order('other', one)],
  };
  await sql`delete from order_progress where order_id = ${idOf('lost')}`;
  await sql`update order_progress set payment_status = 'capturing' where order_id = ${idOf('unpaid')}`;
  const problems = await check(told(4, answers));
  const wrong = ['lost', 'unpaid', 'other'].map(
    (name) => `I8: order ${idOf(name)} is not what its caller was told`,
  );
  expect(problems).toEqual([
    'I2: what an order has is not what was ordered: 1 lines',
    'I8, I9: 2 confirmed orders are in the database, where clients were told of 4',
    ...wrong,
  ]);
});

test('asked what became of an order in time, it does not claim a fault', async () => {
  expect(await rival.create(uuidv5('late'), { type: 'get' })).toMatchObject({
    error: { code: 'deadline-exceeded' },
  });
});

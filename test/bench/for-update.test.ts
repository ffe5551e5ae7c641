// The rival has to be right, or beating it says nothing; and the check of its books has to find what is wrong.
import { readFile } from 'node:fs/promises';
import postgres from 'postgres';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { checkForUpdate } from '../../bench/check/for-update.ts';
import type { Told } from '../../bench/check/told.ts';
import { type ForUpdate, openForUpdate } from '../../bench/rivals/for-update.ts';
import type { Reply } from '../../src/actors/behaviour.ts';
import { itemIdOfSku } from '../../src/actors/ids.ts';
import { reserveMessage } from '../../src/api/inventory/present.ts';
import { isReserveView } from '../../src/api/inventory/views.ts';
import { StockReservationResponse } from '../../src/generated/synkro/inventory/v1/inventory.ts';
import { createEmptyDatabase, type TestDatabase } from '../support/database.ts';

const units = 20;
const skus = ['A', 'B', 'C'];
const warehouseId = '00000000-0000-4000-8000-000000000001';
let database: TestDatabase;
let sql: postgres.Sql;
let rival: ForUpdate;

beforeAll(async () => {
  database = await createEmptyDatabase();
  sql = postgres(database.url, { max: 1, onnotice: () => {} });
  rival = openForUpdate(database.url, 16);
  await sql.unsafe(await readFile(new URL('../../bench/rivals/for-update.sql', import.meta.url), 'utf8'));
});

beforeEach(async () => {
  await sql`truncate stock_levels, reservations`;
  for (const sku of skus)
    await sql`insert into stock_levels values (${itemIdOfSku(sku)}, ${sku}, ${warehouseId}, ${units})`;
});

afterAll(async () => {
  await rival.close();
  await sql.end();
  await database.drop();
});

async function reserve(orderId: string, wanted: Readonly<Record<string, number>>): Promise<Reply> {
  const items = Object.entries(wanted).map(([sku, quantity]) => ({ itemId: itemIdOfSku(sku), quantity }));
  return await rival.reserve(orderId, {
    type: 'reserve',
    key: orderId,
    fingerprint: 'f',
    request: { items, ttlSeconds: 900 },
  });
}

function viewOf(reply: Reply) {
  if (!('ok' in reply) || !isReserveView(reply.ok)) throw new Error(`not granted: ${JSON.stringify(reply)}`);
  return reply.ok;
}

function told(granted: number, replies: Readonly<Record<string, Reply>> = {}): Told {
  const samples = Object.entries(replies).map(([orderId, reply]) => ({
    orderId,
    basket: 0,
    answer: StockReservationResponse.encode(reserveMessage(orderId, viewOf(reply))).finish(),
  }));
  return { granted, refused: 0, unknown: 0, samples, baskets: [] };
}

test('exactly as many are granted as there are, and the books balance', async () => {
  const replies = await Promise.all(Array.from({ length: 64 }, (_, n) => reserve(`o-${n}`, { A: 1 })));
  const granted = replies.map(viewOf).filter(({ success }) => success);
  expect(granted).toHaveLength(units);
  expect(new Set(granted.map(({ items }) => items[0]?.draws[0]?.levelVersion)).size).toBe(units);
  expect(await checkForUpdate(database.url, told(units))).toEqual([]);
});

test('baskets in opposite orders do not lock each other, and are all or nothing', async () => {
  const replies = await Promise.all(
    Array.from({ length: 60 }, (_, n) => reserve(`o-${n}`, n % 2 === 0 ? { A: 1, B: 1 } : { B: 1, A: 1 })),
  );
  expect(replies.map(viewOf).filter(({ success }) => success)).toHaveLength(units);
  const short = viewOf(await reserve('short', { A: 1, C: 1 }));
  expect(short).toMatchObject({ success: false, status: 'refused', expiresAt: null });
  expect(short.items.map(({ sku, inStock, draws }) => [sku, inStock, draws.length]).toSorted()).toEqual([
    ['A', false, 0],
    ['C', true, 0],
  ]);
  expect(await checkForUpdate(database.url, told(units))).toEqual([]);
});

test('an item that is not there, and an order that has one already, are failures without effect', async () => {
  expect(await reserve('unknown', { nowhere: 1 })).toHaveProperty('error');
  expect(viewOf(await reserve('partly', { A: 1, nowhere: 1 })).success).toBe(false);
  const first = await reserve('twice', { A: 2 });
  expect(viewOf(first).success).toBe(true);
  expect(await reserve('twice', { A: 2 })).toHaveProperty('error');
  expect(await checkForUpdate(database.url, told(1, { twice: first }))).toEqual([]);
});

test('the check finds a level that holds more than its reservations', async () => {
  await reserve('o', { A: 1 });
  await sql`update stock_levels set reserved = reserved + 1 where item_id = ${itemIdOfSku('A')}`;
  expect((await checkForUpdate(database.url, told(1))).join()).toContain('I2');
});

test('the check finds an acknowledged reservation that is lost or changed', async () => {
  const kept = await reserve('kept', { A: 1, B: 2 });
  const lost = await reserve('lost', { A: 1 });
  expect(await checkForUpdate(database.url, told(2, { kept, lost }))).toEqual([]);
  await sql`delete from reservations where order_id = 'lost'`;
  await sql`update reservations set held = array[1, 1] where order_id = 'kept'`;
  const problems = (await checkForUpdate(database.url, told(2, { kept, lost }))).join();
  expect(problems).toContain('order lost does not hold');
  expect(problems).toContain('order kept does not hold');
  expect(problems).toContain('1 reservations are in the database');
});

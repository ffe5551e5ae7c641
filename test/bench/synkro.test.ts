// A wrong run has to fail: the check of Synkro's books passes what is right, and finds what is not.
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkSynkro } from '../../bench/check/synkro.ts';
import type { Told } from '../../bench/check/told.ts';
import { requestOf } from '../../bench/load/frames.ts';
import type { Sample } from '../../bench/load/plan.ts';
import { Host } from '../../bench/processes.ts';
import { hotSku } from '../../bench/scenarios/hot.ts';
import { fillSynkro, hotStock, product } from '../../bench/stock.ts';
import { itemIdOfSku } from '../../src/actors/ids.ts';
import { connect } from '../../src/cli/client.ts';
import {
  InventoryServiceService as inventory,
  StockReservationResponse,
} from '../../src/generated/synkro/inventory/v1/inventory.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

const baskets = [[{ sku: hotSku, quantity: 2 }]];
let database: TestDatabase;
let samples: Sample[];

beforeAll(async () => {
  database = await createDatabase();
  await fillSynkro(database.url, hotStock);
  samples = await reserve(3);
}, 120_000);

afterAll(async () => {
  await database.drop();
});

async function reserve(orders: number): Promise<Sample[]> {
  const host = await Host.start({ ...product, databaseUrl: database.url });
  const caller = connect(`127.0.0.1:${host.port}`, 1);
  const asked = Array.from({ length: orders }, async (_, n) => {
    const request = requestOf(`order-${n}`, baskets[0] ?? []);
    const answer = await caller.call(inventory.checkAndReserveStock, request);
    return { orderId: request.orderId, basket: 0, answer: StockReservationResponse.encode(answer).finish() };
  });
  const answered = await Promise.all(asked);
  caller.close();
  await host.child.stop();
  return answered;
}

function told(granted: number, answers: readonly Sample[]): Told {
  return { granted, refused: 0, unknown: 0, samples: answers, baskets };
}

test('what clients were told is there, the same, after the process has ended', {
  timeout: 120_000,
}, async () => {
  expect(await checkSynkro(database.url, told(3, samples))).toEqual([]);
});

test('an answer that was changed, one that was lost, and a level that does not balance are found', {
  timeout: 120_000,
}, async () => {
  const [first, ...rest] = samples;
  const changed = StockReservationResponse.decode(first?.answer ?? new Uint8Array());
  const draw = changed.items[0]?.draws[0];
  if (first === undefined || draw === undefined) throw new Error('the first order was granted nothing');
  draw.quantity += 1n;
  const forged = { ...first, answer: StockReservationResponse.encode(changed).finish() };
  const sql = postgres(database.url, { max: 1 });
  await sql`update inventory_levels set held = held + 1 where item_id = ${itemIdOfSku(hotSku)}`;
  await sql.end();
  const problems = (await checkSynkro(database.url, told(4, [forged, ...rest]))).join('\n');
  expect(problems).toContain('order order-0 was answered otherwise');
  expect(problems).toContain('order order-0 does not hold what it was granted');
  expect(problems).not.toContain('order order-1');
  expect(problems).toContain('3 reservations are in the database, where clients were told of 4');
  expect(problems).toMatch(/I2: level .* counts held 7, orders have 6/);
});

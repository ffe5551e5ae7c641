// Whole runs of orders, short ones: every engine over either way confirms orders, and the checks of their books pass; and
// the rival's check finds what is wrong with them.
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkOrderRowLock } from '../../bench/check/order-row-lock.ts';
import { Databases, type RunDatabases } from '../../bench/databases.ts';
import { openOrderRowLock } from '../../bench/rivals/order-row-lock.ts';
import { runOnce } from '../../bench/run.ts';
import { hotSku } from '../../bench/scenarios/hot.ts';
import { scenarios, variants } from '../../bench/scenarios/scenarios.ts';
import { hotStock } from '../../bench/stock.ts';
import { itemIdOfSku, uuidv5 } from '../../src/actors/ids.ts';
import { money } from '../../src/actors/logistics/money.ts';

const options = {
  rounds: 1,
  warmUpMs: 500,
  measureMs: 1_000,
  outstanding: 8,
  baskets: 1,
  generators: 1,
  only: scenarios,
  json: null,
  svg: null,
};
let databases: Databases;

beforeAll(async () => {
  databases = await Databases.open();
  await databases.fillTemplates([...hotStock, { sku: 'RARE', units: 5 }]);
}, 120_000);

afterAll(() => databases.close());

const wanted = ['synkro', 'FOR UPDATE, pool of 16', 'empty'];

describe.each(scenarios.filter(({ name }) => name.startsWith('orders-hot')))('$name', (scenario) => {
  test.each(variants.filter(({ name }) => wanted.includes(name)))(
    '$name',
    async (variant) => {
      const { opsPerSecond, problems } = await runOnce(databases, scenario, variant, options, variant.engine);
      expect(problems).toEqual([]);
      expect(opsPerSecond).toBeGreaterThan(0);
    },
    60_000,
  );
});

function commandOf(sku: string, quantity: number) {
  const line = { lineId: '1', itemId: itemIdOfSku(sku), sku, quantity, unitMinor: '250' };
  const order = {
    customerId: '',
    lines: [line],
    total: money('GBP', 250n * BigInt(quantity)),
    sealed: '',
    method: 'tok_approve',
    fingerprint: 'f',
    patience: { paymentMs: 1_000, stockMs: 1_000 },
  };
  return { type: 'create', order, isIdOfKey: false };
}

describe('the rival', () => {
  let database: RunDatabases;

  beforeAll(async () => {
    database = await databases.copy('for-update', 'order');
  });

  afterAll(() => database.drop());

  const told = (granted: number) => ({ granted, refused: 0, unknown: 0, samples: [], baskets: [] });

  test('exactly as many units are taken as there are, an order is made once, and its check finds what is wrong', async () => {
    const rival = openOrderRowLock(database.logisticsUrl, 8);
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, n) => rival.create(uuidv5(`rare-${n}`), commandOf('RARE', 1))),
    );
    expect(replies.filter((reply) => 'ok' in reply)).toHaveLength(5);
    const again = uuidv5('twice');
    expect(await rival.create(again, commandOf(hotSku, 1))).toHaveProperty('ok.status', 'confirmed');
    expect(await rival.create(again, commandOf(hotSku, 1))).toHaveProperty('error');
    await rival.close();
    expect(await checkOrderRowLock(database, 'grpc', told(6))).toEqual([]);

    const sql = postgres(database.logisticsUrl, { max: 1, onnotice: () => {} });
    await sql`update stock_levels set allocated = allocated - 1 where sku = 'RARE'`;
    await sql`update order_progress set status = 'processing' where order_id = ${again}`;
    await sql.end();
    const problems = (await checkOrderRowLock(database, 'grpc', told(6))).join();
    expect(problems).toContain('I2: allocated is not what the orders have: 1 levels');
    expect(problems).toContain('5 confirmed orders are in the database');
  });
});

// Whole runs of orders, tiny ones: every variant confirms orders, the product and the ceiling with both workloads and over
// both ways, and the books pass. And a wrong run has to fail: the check of the product's books finds an answer that was
// changed, an order that was lost, and two databases that do not agree.
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkOrders } from '../../bench/check/orders.ts';
import { Databases, type RunDatabases } from '../../bench/databases.ts';
import { orderIdOf } from '../../bench/load/order-frames.ts';
import type { Sample } from '../../bench/load/plan.ts';
import { senderOf } from '../../bench/load/senders.ts';
import { Host } from '../../bench/processes.ts';
import { runOnce } from '../../bench/run.ts';
import { baskets } from '../../bench/scenarios/baskets.ts';
import { hotSku } from '../../bench/scenarios/hot.ts';
import { scenarios, variantsOf } from '../../bench/scenarios/scenarios.ts';
import { hotStock } from '../../bench/stock.ts';

const options = {
  rounds: 1,
  warmUpMs: 100,
  measureMs: 100,
  outstanding: 8,
  baskets: 10,
  generators: 1,
  flushMs: 0,
  only: scenarios,
  json: null,
  svg: null,
};
/** Each takes seconds, most of them to start processes: enough to have every variant, and no more. */
const runs = [
  ['orders-hot-grpc', 'synkro'],
  ['orders-baskets-rest', 'synkro'],
  ['orders-baskets-grpc', 'FOR UPDATE, pool of 1'],
  ['orders-hot-rest', 'FOR UPDATE, pool of 16'],
  ['orders-baskets-grpc', 'FOR UPDATE, pool of 64'],
  ['orders-hot-rest', 'FOR UPDATE, 4 and 1'],
  ['orders-baskets-rest', 'empty'],
] as const;
const variants = variantsOf({ job: 'order' });
let databases: Databases;

beforeAll(async () => {
  const skus = new Set((await baskets.load(options.baskets)).flat().map(({ sku }) => sku));
  const units = 1_000_000;
  databases = await Databases.open();
  await databases.fillTemplates([...hotStock, ...[...skus].map((sku) => ({ sku, units }))]);
}, 120_000);

afterAll(() => databases.close());

test('every scenario of orders and every variant is run once at least', () => {
  const ofOrders = scenarios.filter(({ job }) => job === 'order').map(({ name }) => name);
  expect(new Set(runs.map(([scenario]) => scenario))).toEqual(new Set(ofOrders));
  expect(new Set(runs.map(([, variant]) => variant))).toEqual(new Set(variants.map(({ name }) => name)));
});

test.each(runs)('%s, %s', { timeout: 120_000 }, async (scenarioName, variantName) => {
  const scenario = scenarios.find(({ name }) => name === scenarioName);
  const variant = variants.find(({ name }) => name === variantName);
  if (scenario === undefined || variant === undefined) throw new TypeError('there is no such run');
  const { granted, overloaded, problems } = await runOnce(databases, scenario, variant, options, 'smoke');
  expect(problems).toEqual([]);
  expect(overloaded).toBe(0);
  // However slow the machine: those that were under way are waited for.
  expect(granted).toBeGreaterThanOrEqual(options.outstanding);
});

const asked = [[{ sku: hotSku, quantity: 2 }]];

/** As a generator does it over REST. */
async function order({ url: databaseUrl, logisticsUrl, notificationsUrl }: RunDatabases, orders: number) {
  const way = 'rest';
  const host = await Host.start({
    engine: 'synkro',
    job: 'order',
    way,
    databaseUrl,
    logisticsUrl,
    notificationsUrl,
    poolSize: 0,
    stockPoolSize: 0,
  });
  const { send, close } = senderOf(host.port, { job: 'order', way, outstanding: orders }, asked);
  const one = (_: unknown, n: number): Promise<Sample> =>
    new Promise((resolve, reject) => {
      const orderId = `order-${n}`;
      send(orderId, 0, (outcome, bytes) => {
        if (outcome === 'granted') resolve({ orderId, basket: 0, answer: bytes() });
        else reject(new Error(`${orderId}: ${outcome}`));
      });
    });
  try {
    return await Promise.all(Array.from({ length: orders }, one));
  } finally {
    close();
    await host.child.stop();
  }
}

test('an answer that was changed, an order that was lost, and databases that do not agree are found', {
  timeout: 120_000,
}, async () => {
  const database = await databases.copy('synkro', 'order');
  const [changed, kept] = await order(database, 3);
  if (changed === undefined || kept === undefined) throw new Error('nothing was ordered');
  const text = Buffer.from(changed.answer).toString();
  const forged = { ...changed, answer: Buffer.from(text.replace('"amount":"5.00"', '"amount":"6.00"')) };
  expect(Buffer.compare(forged.answer, changed.answer)).not.toBe(0);
  const id = orderIdOf('rest', kept.answer);
  const sql = postgres(database.url, { max: 1, onnotice: () => {} });
  await sql`update reservations set allocated = '{1}' where order_id = ${id}`;
  await sql.end();
  const told = { granted: 4, refused: 0, unknown: 0, samples: [forged, kept], baskets: asked };
  const problems = (await checkOrders(database, 'rest', told)).join('\n');
  await database.drop();
  expect(problems).toContain(
    `I8: order ${orderIdOf('rest', changed.answer)} is not what its caller was told`,
  );
  expect(problems).not.toContain(`I8: order ${id}`);
  expect(problems).toContain('3 confirmed orders are in the database, where clients were told of 4');
  expect(problems).toMatch(/^I2: level .* counts/m);
  expect(problems).toMatch(new RegExp(`^I\\d+: .*${id}`, 'm'));
});

// The books of a run of orders under row locks, by SQL: nothing oversold, what is allocated is what the orders have, which is
// what was ordered; every order that was answered is there, confirmed and paid, and those of the sample are what was asked.
import postgres from 'postgres';
import { itemIdOfSku } from '../../src/actors/ids.ts';
import type { RunDatabases } from '../databases.ts';
import { orderIdOf } from '../load/order-frames.ts';
import type { Way } from '../scenarios/scenarios.ts';
import { countOf } from './count.ts';
import { compareCount, type Told } from './told.ts';

/** @returns what is wrong, if anything */
export async function checkOrderRowLock(
  { logisticsUrl }: RunDatabases,
  way: Way,
  told: Told,
): Promise<string[]> {
  const [oversold, unbalanced, unlike, confirmed] = await Promise.all(
    [oversoldLevels, unbalancedLevels, unlikeOrders, confirmedOrders].map((query) =>
      countOf(logisticsUrl, query),
    ),
  );
  return [
    ...wrong('I1: oversold', oversold, 'levels'),
    ...wrong('I2: allocated is not what the orders have', unbalanced, 'levels'),
    ...wrong('I2: what an order has is not what was ordered', unlike, 'lines'),
    ...compareCount('confirmed orders are in the database', confirmed ?? Number.NaN, told),
    ...(await readBackBySql(logisticsUrl, way, told)),
  ];
}

function wrong(what: string, count: number | undefined, of: string): string[] {
  return count === 0 ? [] : [`${what}: ${count} ${of}`];
}

const oversoldLevels = `
  select count(*)::int as rows from stock_levels where allocated not between 0 and quantity`;

const unbalancedLevels = `
  select count(*)::int as rows
  from stock_levels
  full join (
    select line.item_id, sum(line.units) as units
    from allocations, unnest(allocations.item_ids, allocations.quantities) as line (item_id, units)
    group by line.item_id
  ) as held on held.item_id = stock_levels.item_id
  where coalesce(stock_levels.allocated, 0) <> coalesce(held.units, 0)`;

const orderedLines = `
  select shop_orders.order_id, line.item_id, sum(line.units) as units
  from shop_orders
  join order_progress as progress using (order_id),
    unnest(shop_orders.item_ids, shop_orders.quantities) as line (item_id, units)
  where progress.status <> 'processing'
  group by shop_orders.order_id, line.item_id`;

const unlikeOrders = `
  select count(*)::int as rows
  from (${orderedLines}) as ordered
  full join (
    select allocations.order_id, line.item_id, line.units
    from allocations, unnest(allocations.item_ids, allocations.quantities) as line (item_id, units)
  ) as taken using (order_id, item_id)
  where ordered.units is distinct from taken.units`;

const isConfirmed = "progress.status = 'confirmed' and progress.payment_status = 'captured'";

const confirmedOrders = `
  select count(*)::int as rows
  from shop_orders join order_progress as progress using (order_id) join allocations using (order_id)
  where ${isConfirmed}`;

/** In the order of the lines. */
interface Ordered {
  readonly order_id: string;
  readonly item_ids: readonly string[];
  readonly quantities: readonly string[];
}

/** Each order of the sample is confirmed and paid, and is what was asked for. */
async function readBackBySql(url: string, way: Way, { baskets, samples }: Told): Promise<string[]> {
  const sampled = samples.map(({ answer, basket }) => ({ id: orderIdOf(way, answer), basket }));
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    const rows = await sql<Ordered[]>`
      select order_id, item_ids, quantities
      from shop_orders join order_progress as progress using (order_id)
      where ${sql.unsafe(isConfirmed)} and order_id = any(${sampled.map(({ id }) => id)}::uuid[])`;
    const bought = new Map(
      rows.map((row) => [row.order_id, row.item_ids.map((id, at) => `${id}: ${row.quantities[at]}`).join()]),
    );
    return sampled.flatMap(({ id, basket }) => {
      const asked = baskets[basket]?.map(({ sku, quantity }) => `${itemIdOfSku(sku)}: ${quantity}`).join();
      return asked !== undefined && bought.get(id) === asked
        ? []
        : [`I8: order ${id} is not what its caller was told`];
    });
  } finally {
    await sql.end({ timeout: 5 });
  }
}

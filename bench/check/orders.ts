// The books of a run of orders. Of Synkro, after its process has ended: both databases are audited (I1, I2, I10 to I14),
// the confirmed orders are counted, and started again on what is durable, a sample of the answers is read back (I8). Of
// the rival the same by SQL: nothing oversold, what is allocated is what the orders have, every order that was answered
// is there, confirmed and paid.
import postgres from 'postgres';
import { connect, type ServiceCaller } from '../../src/cli/client.ts';
import {
  LogisticsServiceService as logistics,
  OrderStatus,
} from '../../src/generated/synkro/logistics/v1/logistics.ts';
import { auditServices } from '../../src/service/audit.ts';
import type { RunDatabases } from '../databases.ts';
import { orderIdOf } from '../load/order-frames.ts';
import type { Sample } from '../load/plan.ts';
import { Host } from '../processes.ts';
import type { Way } from '../scenarios/scenarios.ts';
import { compareCount, type Told } from './told.ts';

const channels = 2;

/** @returns what is wrong, if anything */
export async function checkOrders(
  { url, logisticsUrl }: RunDatabases,
  way: Way,
  told: Told,
): Promise<string[]> {
  const problems = await readBack(url, logisticsUrl, way, told);
  const { differences, differenceCount } = await auditServices(
    { inventory: url, logistics: logisticsUrl },
    { warn: () => {} },
  );
  const more = differenceCount - differences.length;
  const confirmed = await countOf(
    logisticsUrl,
    "select count(*)::int as rows from orders where status = 'confirmed'",
  );
  return [
    ...problems,
    ...differences,
    ...(more > 0 ? [`and ${more} more differences`] : []),
    ...compareCount('confirmed orders are in the database', confirmed, told),
  ];
}

async function readBack(url: string, logisticsUrl: string, way: Way, told: Told): Promise<string[]> {
  const options = {
    engine: 'synkro',
    job: 'order',
    way: 'grpc',
    databaseUrl: url,
    logisticsUrl,
    poolSize: 0,
  } as const;
  const again = await Host.start(options);
  const caller = connect(`127.0.0.1:${again.port}`, channels);
  try {
    return (await Promise.all(told.samples.map((sample) => readBackOne(caller, sample, way, told)))).flat();
  } finally {
    caller.close();
    await again.child.stop();
  }
}

async function readBackOne(caller: ServiceCaller, { answer, basket }: Sample, way: Way, { baskets }: Told) {
  const orderId = orderIdOf(way === 'rest' ? 'rest' : 'grpc', answer);
  const { order } = await caller.call(logistics.getOrder, { orderId });
  const bought = order?.items.map(({ sku, quantity }) => `${sku}: ${quantity}`).join();
  const asked = baskets[basket]?.map(({ sku, quantity }) => `${sku}: ${quantity}`).join();
  return order?.status === OrderStatus.CONFIRMED && bought === asked
    ? []
    : [`I8: order ${orderId} is not what its caller was told`];
}

/** @returns what is wrong, if anything */
export async function checkOrderRowLock(
  { logisticsUrl }: RunDatabases,
  way: Way,
  told: Told,
): Promise<string[]> {
  const ids = told.samples.map(({ answer }) => orderIdOf(way === 'rest' ? 'rest' : 'grpc', answer));
  const [oversold, unbalanced, confirmed, sampled] = await Promise.all([
    countOf(
      logisticsUrl,
      'select count(*)::int as rows from stock_levels where allocated not between 0 and quantity',
    ),
    countOf(logisticsUrl, unbalancedLevels),
    countOf(logisticsUrl, confirmedOrders),
    countOf(logisticsUrl, `${confirmedOrders} and order_id = any($1::uuid[])`, [ids]),
  ]);
  return [
    ...(oversold === 0 ? [] : [`I1: oversold: ${oversold} levels`]),
    ...(unbalanced === 0 ? [] : [`I2: allocated is not what the orders have: ${unbalanced} levels`]),
    ...compareCount('confirmed orders are in the database', confirmed, told),
    ...(sampled === ids.length
      ? []
      : [`I8: of ${ids.length} orders ${sampled} are what their caller was told`]),
  ];
}

const unbalancedLevels = `
  select count(*)::int as rows
  from stock_levels
  full join (
    select line.item_id, sum(line.units) as units
    from allocations, unnest(allocations.item_ids, allocations.quantities) as line (item_id, units)
    group by line.item_id
  ) as held on held.item_id = stock_levels.item_id
  where coalesce(stock_levels.allocated, 0) <> coalesce(held.units, 0)`;

const confirmedOrders = `
  select count(*)::int as rows
  from shop_orders
  join order_progress as progress using (order_id)
  join allocations using (order_id)
  where progress.status = 'confirmed' and progress.payment_status = 'captured'`;

async function countOf(url: string, query: string, parameters: string[][] = []): Promise<number> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    const [row] = await sql.unsafe<{ rows: number }[]>(query, parameters);
    return row?.rows ?? Number.NaN;
  } finally {
    await sql.end({ timeout: 5 });
  }
}

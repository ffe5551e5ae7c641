// The books of a run of orders. Of Synkro, after its process has ended: started again on what is durable, a sample of the
// answers is read back, the same as they were (I8); both databases are audited, each by itself and against the other, so
// that every confirmed line is allocated once (I1, I2); and the confirmed orders are counted (I8, I9).
import { connect, type ServiceCaller } from '../../src/cli/client.ts';
import {
  LogisticsServiceService as logistics,
  OrderResponse,
  OrderStatus,
} from '../../src/generated/synkro/logistics/v1/logistics.ts';
import { orderResponseJson } from '../../src/http/logistics/present.ts';
import { auditServices } from '../../src/service/audit.ts';
import type { RunDatabases } from '../databases.ts';
import { orderIdOf } from '../load/order-frames.ts';
import type { Sample } from '../load/plan.ts';
import { Host } from '../processes.ts';
import type { Way } from '../scenarios/scenarios.ts';
import { countOf } from './count.ts';
import { compareCount, type Told } from './told.ts';

const channels = 2;

/** @returns what is wrong, if anything */
export async function checkOrders(databases: RunDatabases, way: Way, told: Told): Promise<string[]> {
  const { url, logisticsUrl } = databases;
  const problems = await readBack(databases, way, told);
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

async function readBack(databases: RunDatabases, way: Way, told: Told): Promise<string[]> {
  const options = {
    engine: 'synkro',
    job: 'order',
    way: 'grpc',
    databaseUrl: databases.url,
    logisticsUrl: databases.logisticsUrl,
    notificationsUrl: databases.notificationsUrl,
    poolSize: 0,
    stockPoolSize: 0,
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

/** What is read is what was answered, to the byte; and what was answered is what was asked for, confirmed. */
async function readBackOne(caller: ServiceCaller, { answer, basket }: Sample, way: Way, { baskets }: Told) {
  const orderId = orderIdOf(way, answer);
  const found = await caller.call(logistics.getOrder, { orderId });
  const bought = found.order?.items.map(({ sku, quantity }) => `${sku}: ${quantity}`).join();
  const asked = baskets[basket]?.map(({ sku, quantity }) => `${sku}: ${quantity}`).join();
  const isSame = Buffer.compare(answerOf(way, found), answer) === 0;
  return isSame && found.order?.status === OrderStatus.CONFIRMED && bought === asked
    ? []
    : [`I8: order ${orderId} is not what its caller was told`];
}

/** As the caller would have been sent it. */
function answerOf(way: Way, response: OrderResponse): Uint8Array {
  return way === 'rest'
    ? Buffer.from(JSON.stringify(orderResponseJson(response)))
    : OrderResponse.encode(response).finish();
}

// The stock that every run begins with: one warehouse, the real catalogue, and the SKUs of the hot workload, with so
// many units that nothing is ever refused; and one SKU with few, to see that it is never oversold.
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import postgres from 'postgres';
import { itemIdOfSku } from '../src/actors/ids.ts';
import { connect } from '../src/cli/client.ts';
import { InventoryServiceService as inventory } from '../src/generated/synkro/inventory/v1/inventory.ts';
import { Host } from './processes.ts';
import { readCatalogue } from './scenarios/baskets.ts';
import { hotSku } from './scenarios/hot.ts';

/** What the check after each run asks for more of than there is. */
export const scarce = { sku: 'BENCH-SCARCE', units: 100 } as const;

const plentyUnits = 1_000_000_000_000;
const bulkItemsMax = 500;

/** The product's Inventory, asked over gRPC. */
export const product = {
  engine: 'synkro',
  job: 'reserve',
  way: 'grpc',
  logisticsUrl: '',
  notificationsUrl: '',
  poolSize: 0,
  stockPoolSize: 0,
} as const;

export interface Stocked {
  readonly sku: string;
  readonly units: number;
}

/** What the hot workload and the check need. */
export const hotStock: readonly Stocked[] = [{ sku: hotSku, units: plentyUnits }, scarce];

export async function fullStock(): Promise<readonly Stocked[]> {
  const catalogue = await readCatalogue();
  return [...hotStock, ...catalogue.map(({ sku }) => ({ sku, units: plentyUnits }))];
}

/** Through the service's own API, on an empty database. */
export async function fillSynkro(databaseUrl: string, all: readonly Stocked[]): Promise<void> {
  const host = await Host.start({ ...product, databaseUrl });
  const caller = connect(`127.0.0.1:${host.port}`, 1);
  try {
    const { warehouse } = await caller.call(inventory.createWarehouse, {
      name: 'Bench',
      location: '',
      customerId: '',
      priority: 0,
      idempotencyKey: 'bench',
    });
    const warehouseId = warehouse?.id ?? '';
    for (let from = 0; from < all.length; from += bulkItemsMax) {
      const items = all.slice(from, from + bulkItemsMax).map(({ sku, units }) => ({
        sku,
        name: sku,
        description: '',
        category: '',
        attributes: undefined,
        initialLevels: [{ warehouseId, quantity: BigInt(units) }],
        idempotencyKey: `bench-${sku}`,
      }));
      const { results } = await caller.call(inventory.bulkCreateItems, { items });
      const failed = results.find(({ error }) => error !== undefined);
      if (failed !== undefined) throw new Error(`an item could not be made: ${failed.error?.message}`);
    }
  } finally {
    caller.close();
    await host.child.stop();
  }
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  await sql`vacuum analyze`;
  await sql.end({ timeout: 5 });
}

/** @param schema the statements that make its tables */
export async function fillForUpdate(
  databaseUrl: string,
  schema: string,
  all: readonly Stocked[],
): Promise<void> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  try {
    await sql.unsafe(schema).simple();
    const ids = all.map(({ sku }) => itemIdOfSku(sku));
    await sql`
      insert into stock_levels (item_id, sku, warehouse_id, quantity)
      select id, sku, ${randomUUID()}::uuid, units
      from unnest(
        ${ids}::uuid[], ${all.map(({ sku }) => sku)}::text[], ${all.map(({ units }) => units)}::bigint[]
      ) as stock (id, sku, units)`;
    await sql`vacuum analyze`;
  } finally {
    await sql.end({ timeout: 5 });
  }
}

export async function fillOrderRowLock(databaseUrl: string, all: readonly Stocked[]): Promise<void> {
  const schema = await readFile(new URL('rivals/order-row-lock.sql', import.meta.url), 'utf8');
  await fillForUpdate(databaseUrl, schema, all);
}

// The real store on a database of its own.
import { openClient, type StoreLog } from '../../src/persistence/connect.ts';
import { inventorySchema } from '../../src/persistence/inventory/schema.ts';
import type { StoreLimits } from '../../src/persistence/limits.ts';
import { createOwnership } from '../../src/persistence/ownership.ts';
import { ensureShards } from '../../src/persistence/shards.ts';
import { createStore } from '../../src/persistence/store.ts';
import type { StoreSchema } from '../../src/persistence/table.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import type { StoreUnderTest } from './contract.ts';

export const silentLog: StoreLog = { warn: () => {} };

export const shardCount = 4;

/** A migrated database of Inventory with four shards. */
export async function makeDatabase(): Promise<TestDatabase> {
  return withShards(await createDatabase());
}

export async function withShards(database: TestDatabase): Promise<TestDatabase> {
  const client = openClient('work', { url: database.url, log: silentLog });
  await ensureShards(client, shardCount).finally(() => client.close());
  return database;
}

/** @param url another way to the database than its own, such as through a proxy */
export function makeStores(
  database: TestDatabase,
  url = database.url,
  limits: Partial<StoreLimits> = {},
  schema: StoreSchema = inventorySchema,
): StoreUnderTest {
  const store = createStore({ url, log: silentLog, limits }, schema);
  const other = createStore({ url: database.url, log: silentLog }, schema);
  const ownership = createOwnership({ url: database.url, log: silentLog });
  return {
    store,
    other,
    own: () => takeOver(ownership),
    async close() {
      await Promise.all([store.close(), other.close(), ownership.close()]);
      await database.drop();
    },
  };
}

/** The same one acquires again and again, which raises the epoch like another one's take-over. */
async function takeOver(ownership: ReturnType<typeof createOwnership>): Promise<number> {
  const epoch = await ownership.acquire('a test', 60_000);
  if (epoch === null) throw new Error('somebody else owns the database of this test');
  return epoch;
}

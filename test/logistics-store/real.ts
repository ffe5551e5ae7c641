// The real store with the tables of Logistics, on a database of its own.
import { logisticsSchema } from '../../src/persistence/logistics/schema.ts';
import type { SnapshotRow } from '../../src/runtime/store.ts';
import type { StoreUnderTest } from '../store/contract.ts';
import { makeStores, withShards } from '../store/real.ts';
import { head } from '../store/samples.ts';
import { createLogisticsDatabase, type TestDatabase } from '../support/database.ts';

/** A migrated database of Logistics with four shards. */
export async function makeLogisticsDatabase(): Promise<TestDatabase> {
  return withShards(await createLogisticsDatabase());
}

export function makeLogisticsStores(database: TestDatabase): StoreUnderTest {
  return makeStores(database, database.url, {}, logisticsSchema);
}

/** Rows of shard 0, under its first epoch. */
export function write({ store }: StoreUnderTest, rows: readonly SnapshotRow[]) {
  return store.snapshot({ heads: [head(0, 1, 0)], rows, events: [] });
}

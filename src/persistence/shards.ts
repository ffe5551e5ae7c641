// How many shards the database has: settled when it is made, and never changed.
import type { Client } from './connect.ts';

/**
 * Fills the empty table of shards; to be called after the migrations.
 * @param count how many, where the database is new; from 1
 * @returns how many there are
 */
export async function ensureShards(client: Client, count: number): Promise<number> {
  // One statement after another: the second sees what the first, or another process, has made.
  await client.run(
    'make the shards',
    (sql) => sql`
      insert into shards (shard)
      select generate_series(0, ${count}::int - 1) where not exists (select from shards)
      on conflict do nothing`,
  );
  const [row] = await client.run(
    'count the shards',
    (sql) => sql<{ readonly count: number }[]>`select count(*) as count from shards`,
  );
  return row?.count ?? 0;
}

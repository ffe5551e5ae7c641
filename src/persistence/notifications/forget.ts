// Forgets what has been kept long enough, by the clock of the database. Each locks the rows that it deletes.
import type { Client } from '../connect.ts';

/** What waits is kept. */
export async function forgetNotifications(
  client: Client,
  olderThanMs: number,
  limit: number,
): Promise<number> {
  const { count } = await client.run(
    'forget notifications',
    (sql) => sql`
      delete from notifications where id in (
        select id from notifications
        where created_at < now() - ${olderThanMs}::bigint * interval '1 millisecond' and status <> 'waiting'
        order by created_at limit ${limit}
      ) and status <> 'waiting'`,
  );
  return count;
}

export async function forgetConsumed(client: Client, olderThanMs: number, limit: number): Promise<number> {
  const { count } = await client.run(
    'forget consumed',
    (sql) => sql`
      delete from consumed where event_id in (
        select event_id from consumed
        where at < now() - ${olderThanMs}::bigint * interval '1 millisecond'
        order by at limit ${limit}
      )`,
  );
  return count;
}

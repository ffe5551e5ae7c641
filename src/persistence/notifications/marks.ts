// What became of a message. Each locks the rows that it changes. What is over keeps no event; what failed does, since it
// may be tried again.
import type { Client } from '../connect.ts';
import { arrayText } from '../values.ts';
import { rowColumns, rowOf, type StoredRow } from './record.ts';
import type { RetryOutcome } from './store.ts';

/** Also where it was skipped meanwhile: it was sent. */
export async function markSent(client: Client, id: number): Promise<void> {
  await client.run(
    'mark sent',
    (sql) => sql`
      update notifications
      set status = 'sent', sent_at = now(), attempts = attempts + 1, reason = '', event = ''
      where id = ${id} and status in ('waiting', 'skipped')`,
  );
}

export async function markSkipped(client: Client, id: number, reason: string): Promise<void> {
  await client.run(
    'mark skipped',
    (sql) => sql`
      update notifications set status = 'skipped', reason = ${reason}, event = ''
      where id = ${id} and status = 'waiting'`,
  );
}

export async function markFailed(client: Client, id: number, reason: string): Promise<void> {
  await client.run(
    'mark failed',
    (sql) => sql`
      update notifications set status = 'failed', attempts = attempts + 1, reason = ${reason}
      where id = ${id} and status = 'waiting'`,
  );
}

export async function markLater(
  client: Client,
  id: number,
  reason: string,
  afterMs: number,
): Promise<boolean> {
  const [row] = await client.run(
    'mark later',
    (sql) => sql<{ readonly status: string }[]>`
      update notifications
      set attempts = attempts + 1, reason = ${reason},
        status = case when give_up_at <= now() then 'failed' else 'waiting' end,
        next_at = now() + ${afterMs}::bigint * interval '1 millisecond'
      where id = ${id} and status = 'waiting'
      returning status`,
  );
  return row === undefined || row.status === 'waiting';
}

export async function giveUp(client: Client, target: string, reason: string, limit: number): Promise<number> {
  const { count } = await client.run(
    'give up',
    (sql) => sql`
      update notifications set status = 'failed', reason = ${reason}
      where id in (
        select id from notifications
        where status = 'waiting' and target = ${target} and give_up_at <= now()
        order by id limit ${limit}
      ) and status = 'waiting'`,
  );
  return count;
}

export async function skipOtherTargets(
  client: Client,
  targets: readonly string[],
  reason: string,
  limit: number,
): Promise<number> {
  const { count } = await client.run(
    'skip other targets',
    (sql) => sql`
      update notifications set status = 'skipped', reason = ${reason}, event = ''
      where id in (
        select id from notifications
        where status = 'waiting' and target <> all(${arrayText(targets)}::text[])
        order by id limit ${limit}
      ) and status = 'waiting'`,
  );
  return count;
}

export async function retry(
  client: Client,
  id: number,
  targets: readonly string[],
  patienceMs: number,
): Promise<RetryOutcome | null> {
  const [retried] = await client.run(
    'retry',
    (sql) => sql<StoredRow[]>`
      update notifications
      set status = 'waiting', attempts = 0, next_at = now(),
        give_up_at = now() + ${patienceMs}::bigint * interval '1 millisecond'
      where id = ${id} and status = 'failed' and target = any(${arrayText(targets)}::text[])
      returning ${rowColumns(sql)}`,
  );
  if (retried !== undefined) return { isRetried: true, row: rowOf(retried) };
  const [found] = await client.run(
    'read notification',
    (sql) => sql<StoredRow[]>`select ${rowColumns(sql)} from notifications where id = ${id}`,
  );
  return found === undefined ? null : { isRetried: false, row: rowOf(found) };
}

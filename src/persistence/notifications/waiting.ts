// What is to be sent next. Both questions find nothing unless whoever asks still owns the database, so that two
// processes do not send at the same time.
import type { Client, Fragment, Sql } from '../connect.ts';
import type { WaitingQuestion, WaitingRow } from './store.ts';

export function nextInOrder(client: Client, question: WaitingQuestion): Promise<readonly WaitingRow[]> {
  const { target, limit } = question;
  return client.run(
    'next in order',
    (sql) => sql<WaitingRow[]>`
      select ${columns(sql)} from notifications
      where status = 'waiting' and ${isOwned(sql, question)}
        -- As a row: the index of what waits has it in this order. With 'target =' the planner may take that of all ids,
        -- and read everything that was sent before.
        and (target, id) >= (${target}, 0) and (target, id) <= (${target}, ${Number.MAX_SAFE_INTEGER}::bigint)
      order by target, id limit ${limit}`,
  );
}

/** Passes over those that are not due, and over what comes after them of the same subject. */
export function nextOfSubjects(client: Client, question: WaitingQuestion): Promise<readonly WaitingRow[]> {
  const { target, limit } = question;
  return client.run(
    'next of subjects',
    (sql) => sql<WaitingRow[]>`
      select ${columns(sql)} from notifications
      where status = 'waiting' and target = ${target} and next_at <= now() and ${isOwned(sql, question)}
        and not exists (
          select from notifications as earlier
          where earlier.status = 'waiting' and earlier.target = notifications.target
            and earlier.subject = notifications.subject and earlier.id < notifications.id
        )
      order by id limit ${limit}`,
  );
}

function columns(sql: Sql): Fragment {
  return sql`
    id, event_id as "eventId", target, template, order_id as "orderId", attempts, event,
    greatest(0, ceil(extract(epoch from next_at - now()) * 1000))::float8 as "dueInMs"`;
}

function isOwned(sql: Sql, { ownerEpoch }: WaitingQuestion): Fragment {
  return sql`exists (select from owner where epoch = ${ownerEpoch} and holder <> '')`;
}

// The record of what was sent, for people, and how much waits.

import type {
  NotificationChannel,
  NotificationsQuestion,
  NotificationView,
} from '../../api/notifications/deps.ts';
import type { Client, Fragment, Sql } from '../connect.ts';
import type { WaitingCount } from './store.ts';

export type StoredRow = Omit<NotificationView, 'createdAt' | 'nextAt' | 'sentAt'> & {
  readonly createdAt: Date;
  readonly nextAt: Date;
  readonly sentAt: Date | null;
};

export function rowColumns(sql: Sql): Fragment {
  return sql`
    id, event_id as "eventId", channel, target, template, subject, order_id as "orderId",
    customer_id as "customerId", status, attempts, created_at as "createdAt", next_at as "nextAt",
    sent_at as "sentAt", reason`;
}

export function rowOf({ createdAt, nextAt, sentAt, ...row }: StoredRow): NotificationView {
  return {
    ...row,
    createdAt: createdAt.getTime(),
    nextAt: nextAt.getTime(),
    sentAt: sentAt?.getTime() ?? null,
  };
}

export async function listNotifications(
  client: Client,
  { status, channel, orderId, beforeId, limit }: NotificationsQuestion,
): Promise<readonly NotificationView[]> {
  const rows = await client.run(
    'list notifications',
    (sql) => sql<StoredRow[]>`
      select ${rowColumns(sql)} from notifications
      where true
        ${status === null ? sql`` : sql`and status = ${status}`}
        ${channel === null ? sql`` : sql`and channel = ${channel}`}
        ${orderId === null ? sql`` : sql`and order_id = ${orderId}::uuid`}
        ${beforeId === null ? sql`` : sql`and id < ${beforeId}`}
      order by id desc limit ${limit}`,
  );
  return rows.map(rowOf);
}

export async function countWaiting(
  client: Client,
): Promise<Readonly<Record<NotificationChannel, WaitingCount>>> {
  const rows = await client.run(
    'count waiting',
    (sql) => sql<(WaitingCount & { readonly channel: NotificationChannel })[]>`
      select channel, count(*) as waiting,
        greatest(0, extract(epoch from now() - min(created_at)) * 1000)::float8 as "oldestAgeMs"
      from notifications where status = 'waiting' group by channel`,
  );
  const none = { waiting: 0, oldestAgeMs: 0 };
  const of = (channel: NotificationChannel): WaitingCount => {
    const { waiting, oldestAgeMs } = rows.find((row) => row.channel === channel) ?? none;
    return { waiting, oldestAgeMs };
  };
  return { webhook: of('webhook'), mail: of('mail') };
}

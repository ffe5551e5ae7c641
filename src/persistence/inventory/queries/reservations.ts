// Lists of reservations, in order of order and attempt. Attempts that are as if they had never been are left out.
import type { ReservationView } from '../../../actors/inventory/order-stock/model.ts';
import { StoreError } from '../../../runtime/store.ts';
import type { Client, Fragment, Sql } from '../../connect.ts';
import { arrayText, fromInstant } from '../../values.ts';
import { type LineColumns, toLines } from '../lines.ts';
import type { ReservationKey, ReservationPage, ReservationsQuestion } from './types.ts';

interface ReservationJson extends LineColumns {
  readonly reservation_id: string;
  readonly order_id: string;
  readonly attempt: number;
  readonly status: ReservationView['status'];
  readonly created_at: string;
  readonly expires_at: string;
}

interface Found {
  readonly asOf: Date;
  readonly page: readonly ReservationJson[];
  readonly examinedTo: ReservationKey | null;
}

export async function listReservations(
  client: Client,
  question: ReservationsQuestion,
): Promise<ReservationPage> {
  const { itemId, orderId, status } = question;
  const [found] = await client.run('list reservations', (sql) =>
    itemId !== null && orderId === null && status === null
      ? holding(sql, question, itemId)
      : examining(sql, question),
  );
  if (found === undefined) throw new StoreError('broken', 'a list without a row');
  return { rows: found.page.map(toView), asOf: found.asOf.getTime(), examinedTo: found.examinedTo };
}

/** Those that hold some of the item, or have it allocated: an index finds them, and they are as many as hold it. */
function holding(sql: Sql, { after, limit }: ReservationsQuestion, itemId: string) {
  return sql<Found[]>`
    with page as materialized (
      select ${columns(sql)} from reservations
      where status in ('pending', 'held', 'committed') and item_ids @> ${arrayText([itemId])}::uuid[]
        and not abandoned ${beyond(sql, after)} and exists (
          select from unnest(item_ids, held, allocated) as line (item_id, held, allocated)
          where line.item_id = ${itemId}::uuid and line.held + line.allocated > 0
        )
      order by order_id, attempt limit ${limit}
    )
    ${answer(sql, sql`null::json`)}`;
}

/**
 * Goes through the reservations in order of their key, and no further than so many: a filter that lets little through
 * makes a short page, not a long search. An index for each filter would cost every reservation that is written.
 */
function examining(sql: Sql, question: ReservationsQuestion) {
  const { orderId, itemId, status, after, limit, examineMax } = question;
  const within = sql`
    where true ${orderId === null ? sql`` : sql`and order_id = ${orderId}`} ${beyond(sql, after)}
    order by order_id, attempt`;
  return sql<Found[]>`
    with page as materialized (
      select ${columns(sql)} from (select * from reservations ${within} limit ${examineMax}) as examined
      where not abandoned ${status === null ? sql`` : sql`and status = ${status}`}
        ${itemId === null ? sql`` : sql`and item_ids @> ${arrayText([itemId])}::uuid[]`}
      order by order_id, attempt limit ${limit}
    )
    ${answer(
      sql,
      sql`case when (select count(*) from page) < ${limit} then (
        select json_build_object('orderId', order_id, 'attempt', attempt)
        from reservations ${within} offset ${examineMax - 1} limit 1
      ) end`,
    )}`;
}

function columns(sql: Sql): Fragment {
  return sql`
    reservation_id, order_id, attempt, status, created_at, expires_at,
    item_ids, skus, warehouse_ids, held, allocated, fulfilled, given_back, level_versions`;
}

function beyond(sql: Sql, after: ReservationKey | null): Fragment {
  return after === null ? sql`` : sql`and (order_id, attempt) > (${after.orderId}, ${after.attempt}::int)`;
}

function answer(sql: Sql, examinedTo: Fragment): Fragment {
  return sql`
    select tables_as_of() as "asOf", (
      select coalesce(json_agg(to_json(page) order by order_id, attempt), '[]') from page
    ) as page, ${examinedTo} as "examinedTo"`;
}

function toView(row: ReservationJson): ReservationView {
  return {
    reservationId: row.reservation_id,
    orderId: row.order_id,
    attempt: row.attempt,
    status: row.status,
    lines: toLines(row),
    createdAt: fromInstant(row.created_at),
    expiresAt: fromInstant(row.expires_at),
  };
}

// What orders hold: OrderState <-> order_stock, reservations.
import { isOrderState } from '../../actors/inventory/order-stock/guards.ts';
import type { Attempt, Line, OrderState } from '../../actors/inventory/order-stock/model.ts';
import { formatReservationId } from '../../actors/inventory/order-stock/reservation-id.ts';
import { type Numbered, numberedShape } from '../../actors/numbered.ts';
import { type SnapshotRow, StoreError } from '../../runtime/store.ts';
import type { Fragment, Sql } from '../connect.ts';
import type { ActorTable } from '../table.ts';
import { arrayText, fromInstant, toInstant, toInstantOrNull } from '../values.ts';
import { type LineColumns, toLineColumns, toLines } from './lines.ts';

interface ReservationRow extends LineColumns {
  readonly attempt: number;
  readonly reservation_id: string;
  readonly status: Attempt['status'];
  readonly abandoned: boolean;
  readonly key: string;
  readonly fingerprint: string;
  readonly request: string;
  readonly availability: string;
  readonly created_at: string;
  readonly first_expires_at: string;
  readonly expires_at: string;
}

interface OrderRow extends LineColumns {
  readonly operations: number;
  readonly published: number;
  readonly operation: string | null;
  readonly reservations: readonly ReservationRow[];
}

const isNumberedOrder = numberedShape(isOrderState);

export const ordersTable: ActorTable = {
  kind: 'order',
  write: (sql, rows) => write(sql, rows.map(toRow)),
  read,
  parse: (body) => toState(JSON.parse(body)),
  due: { table: 'order_stock', id: 'order_id' },
};

function toRow({ ref, shard, seq, state, dueAt }: SnapshotRow) {
  if (!isNumberedOrder(state)) throw new StoreError('broken', 'the state of an order is not one');
  return {
    order_id: ref.id,
    shard,
    seq,
    due_at: toInstantOrNull(dueAt),
    operations: state.operations,
    published: state.published,
    operation: state.operation === null ? null : JSON.stringify(state.operation),
    ...toLineColumns(state.direct),
    reservations: state.attempts.map((attempt) => toReservationRow(ref.id, attempt)),
  };
}

function toReservationRow(orderId: string, attempt: Attempt): ReservationRow {
  return {
    attempt: attempt.number,
    reservation_id: formatReservationId(orderId, attempt.number),
    status: attempt.status,
    abandoned: attempt.abandoned,
    key: attempt.key,
    fingerprint: attempt.fingerprint,
    request: JSON.stringify(attempt.request),
    availability: JSON.stringify(attempt.availability),
    created_at: toInstant(attempt.createdAt),
    first_expires_at: toInstant(attempt.firstExpiresAt),
    expires_at: toInstant(attempt.expiresAt),
    ...toLineColumns(attempt.lines),
  };
}

/**
 * Locks the orders' rows and, through them, their reservations: nobody writes a reservation but with its order. An
 * attempt that was abandoned is no longer in the state, and its row goes.
 */
function write(sql: Sql, orders: readonly ReturnType<typeof toRow>[]): Fragment {
  return sql`
    orders_sent as materialized (
      select * from json_to_recordset(${JSON.stringify(orders)}::text::json) as sent (
        order_id text, shard int, seq bigint, due_at timestamptz, operations bigint, published bigint,
        operation text,
        item_ids uuid[], skus text[], warehouse_ids uuid[], held bigint[], allocated bigint[], fulfilled bigint[],
        given_back bigint[], level_versions bigint[], reservations json
      )
    ), orders_written as (
      insert into order_stock as old (
        order_id, shard, seq, due_at, operations, published, operation,
        item_ids, skus, warehouse_ids, held, allocated, fulfilled, given_back, level_versions
      )
      select order_id, shard, seq, due_at, operations, published, operation,
        item_ids, skus, warehouse_ids, held, allocated, fulfilled, given_back, level_versions
      from orders_sent where (select holds from fence)
      on conflict (order_id) do update set
        shard = excluded.shard, seq = excluded.seq, due_at = excluded.due_at,
        operations = excluded.operations, published = excluded.published, operation = excluded.operation,
        item_ids = excluded.item_ids,
        skus = excluded.skus, warehouse_ids = excluded.warehouse_ids, held = excluded.held,
        allocated = excluded.allocated, fulfilled = excluded.fulfilled, given_back = excluded.given_back,
        level_versions = excluded.level_versions
      where old.seq < excluded.seq
      returning old.order_id
    ), reservations_sent as materialized (
      select orders_sent.order_id, sent.*
      from orders_written join orders_sent using (order_id)
      cross join lateral json_to_recordset(orders_sent.reservations) as sent (
        attempt int, reservation_id text, status text, abandoned boolean, key text, fingerprint text,
        request text, availability text,
        created_at timestamptz, first_expires_at timestamptz, expires_at timestamptz,
        item_ids uuid[], skus text[], warehouse_ids uuid[], held bigint[], allocated bigint[], fulfilled bigint[],
        given_back bigint[], level_versions bigint[]
      )
    ), reservations_dropped as (
      delete from reservations as old using orders_written
      where old.order_id = orders_written.order_id and not exists (
        select from reservations_sent as sent
        where sent.order_id = old.order_id and sent.attempt = old.attempt
      )
    ), reservations_written as (
      insert into reservations as old (
        order_id, attempt, reservation_id, status, abandoned, key, fingerprint, request, availability,
        created_at, first_expires_at, expires_at,
        item_ids, skus, warehouse_ids, held, allocated, fulfilled, given_back, level_versions
      )
      select * from reservations_sent
      on conflict (order_id, attempt) do update set
        reservation_id = excluded.reservation_id, status = excluded.status, abandoned = excluded.abandoned,
        key = excluded.key, fingerprint = excluded.fingerprint, request = excluded.request,
        availability = excluded.availability, created_at = excluded.created_at,
        first_expires_at = excluded.first_expires_at, expires_at = excluded.expires_at,
        item_ids = excluded.item_ids, skus = excluded.skus, warehouse_ids = excluded.warehouse_ids,
        held = excluded.held, allocated = excluded.allocated, fulfilled = excluded.fulfilled,
        given_back = excluded.given_back, level_versions = excluded.level_versions
    )`;
}

function read(sql: Sql, ids: readonly string[] | null): Fragment {
  const which = ids === null ? sql`true` : sql`orders.order_id = any(${arrayText(ids)}::text[])`;
  return sql`
    select orders.order_id as id, orders.seq, json_build_object(
      'operations', orders.operations, 'published', orders.published, 'operation', orders.operation,
      'item_ids', orders.item_ids, 'skus', orders.skus, 'warehouse_ids', orders.warehouse_ids,
      'held', orders.held, 'allocated', orders.allocated, 'fulfilled', orders.fulfilled,
      'given_back', orders.given_back, 'level_versions', orders.level_versions,
      'reservations', (
        select coalesce(json_agg(to_json(attempts) order by attempts.attempt), '[]')
        from reservations as attempts where attempts.order_id = orders.order_id
      )
    )::text as body
    from order_stock as orders where ${which}`;
}

function toState(row: OrderRow): OrderState & Numbered {
  const direct: readonly Line[] = toLines(row);
  return {
    attempts: row.reservations.map(toAttempt),
    direct,
    operation: row.operation === null ? null : JSON.parse(row.operation),
    operations: row.operations,
    published: row.published,
  };
}

function toAttempt(row: ReservationRow): Attempt {
  const { attempt, status, abandoned, key, fingerprint } = row;
  return {
    number: attempt,
    key,
    fingerprint,
    status,
    abandoned,
    request: JSON.parse(row.request),
    availability: JSON.parse(row.availability),
    lines: toLines(row),
    createdAt: fromInstant(row.created_at),
    firstExpiresAt: fromInstant(row.first_expires_at),
    expiresAt: fromInstant(row.expires_at),
  };
}

// Orders: OrderState <-> orders.
import type { Order } from '../../actors/logistics/order/model.ts';
import { isOrderState } from '../../actors/logistics/order/state-guards.ts';
import { numberedShape } from '../../actors/numbered.ts';
import type { SnapshotRow } from '../../runtime/store.ts';
import type { Fragment, Sql } from '../connect.ts';
import { type ActorTable, isUuid } from '../table.ts';
import { arrayText, toInstant, toInstantOrNull } from '../values.ts';
import { parseState, stateOf } from './state-text.ts';

const isNumberedOrder = numberedShape(isOrderState);

export const ordersTable: ActorTable = {
  kind: 'order',
  write: (sql, rows) => write(sql, rows.flatMap(toRows)),
  read,
  parse: (body) => parseState('order', isNumberedOrder, body),
  due: { table: 'orders', id: 'id' },
  pending: { table: 'orders', id: 'id' },
};

/** An order that was never made has nothing to be kept. */
function toRows({ ref, shard, seq, state, dueAt, pending }: SnapshotRow) {
  const { order } = stateOf('order', isNumberedOrder, state);
  if (order === null) return [];
  return [
    {
      id: ref.id,
      customer_id: order.customerId === '' ? null : order.customerId,
      status: order.status,
      currency: order.total.currency,
      total: order.total.minor,
      ...moneyOf(order),
      units: order.lines.reduce((sum, { quantity }) => sum + BigInt(quantity), 0n).toString(),
      created_at: toInstant(order.createdAt),
      updated_at: toInstant(order.updatedAt),
      due_at: toInstantOrNull(dueAt),
      pending,
      state: JSON.stringify(state),
      shard,
      seq,
    },
  ];
}

function moneyOf({ payments }: Order): { readonly captured: string; readonly refunded: string } {
  let captured = 0n;
  let refunded = 0n;
  for (const { status, amount, refunds } of payments) {
    if (status === 'captured') captured += BigInt(amount.minor);
    for (const refund of refunds) if (refund.status === 'done') refunded += BigInt(refund.amount.minor);
  }
  return { captured: captured.toString(), refunded: refunded.toString() };
}

/** Locks the orders' rows. */
function write(sql: Sql, rows: readonly ReturnType<typeof toRows>[number][]): Fragment {
  return sql`
    orders_written as (
      insert into orders as old (
        id, customer_id, status, currency, total, captured, refunded, units, created_at, updated_at, due_at, pending,
        state, shard, seq
      )
      select * from json_to_recordset(${JSON.stringify(rows)}::text::json) as sent (
        id uuid, customer_id uuid, status text, currency text, total bigint, captured bigint, refunded bigint,
        units bigint, created_at timestamptz, updated_at timestamptz, due_at timestamptz, pending boolean,
        state text, shard int, seq bigint
      ) where (select holds from fence)
      on conflict (id) do update set
        customer_id = excluded.customer_id, status = excluded.status, currency = excluded.currency,
        total = excluded.total, captured = excluded.captured, refunded = excluded.refunded, units = excluded.units,
        created_at = excluded.created_at, updated_at = excluded.updated_at, due_at = excluded.due_at, pending = excluded.pending,
        state = excluded.state, shard = excluded.shard, seq = excluded.seq
      where old.seq < excluded.seq
    )`;
}

function read(sql: Sql, ids: readonly string[] | null): Fragment {
  const which = ids === null ? sql`true` : sql`id = any(${arrayText(ids.filter(isUuid))}::uuid[])`;
  return sql`select id::text as id, seq, state as body from orders where ${which}`;
}

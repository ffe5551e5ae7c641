// Customers: CustomerState <-> customers.
import { isCustomerState } from '../../actors/logistics/customer/guards.ts';
import type { CustomerState } from '../../actors/logistics/customer/model.ts';
import type { SnapshotRow } from '../../runtime/store.ts';
import type { Fragment, Sql } from '../connect.ts';
import { type ActorTable, isUuid } from '../table.ts';
import { arrayText, fromInstant, toInstant } from '../values.ts';
import { stateOf } from './state-text.ts';

interface CustomerRow {
  readonly sealed: string;
  readonly terms: readonly string[];
  readonly fingerprint: string;
  readonly erasure: CustomerState['erasure'];
  readonly created_at: string;
  readonly updated_at: string;
}

export const customersTable: ActorTable = {
  kind: 'customer',
  write: (sql, rows) => write(sql, rows.flatMap(toRows)),
  read,
  parse: (body) => stateOf('customer', isCustomerState, toState(JSON.parse(body))),
  pending: { table: 'customers', id: 'id' },
};

/** A customer that was never made has nothing to be kept. */
function toRows({ ref, shard, seq, state, pending }: SnapshotRow) {
  const { customer, erasure } = stateOf('customer', isCustomerState, state);
  if (customer === null) return [];
  const { createdAt, updatedAt, ...sealed } = customer;
  const times = { created_at: toInstant(createdAt), updated_at: toInstant(updatedAt) };
  return [{ id: ref.id, ...sealed, ...times, erasure, pending, shard, seq }];
}

/** Locks the customers' rows. */
function write(sql: Sql, rows: readonly ReturnType<typeof toRows>[number][]): Fragment {
  return sql`
    customers_written as (
      insert into customers as old (
        id, sealed, terms, fingerprint, erasure, created_at, updated_at, pending, shard, seq
      )
      select * from json_to_recordset(${JSON.stringify(rows)}::text::json) as sent (
        id uuid, sealed text, terms text[], fingerprint text, erasure text, created_at timestamptz,
        updated_at timestamptz, pending boolean, shard int, seq bigint
      ) where (select holds from fence)
      on conflict (id) do update set
        sealed = excluded.sealed, terms = excluded.terms, fingerprint = excluded.fingerprint,
        erasure = excluded.erasure, created_at = excluded.created_at, updated_at = excluded.updated_at, pending = excluded.pending,
        shard = excluded.shard, seq = excluded.seq
      where old.seq < excluded.seq
    )`;
}

function read(sql: Sql, ids: readonly string[] | null): Fragment {
  const which = ids === null ? sql`true` : sql`id = any(${arrayText(ids.filter(isUuid))}::uuid[])`;
  return sql`select id::text as id, seq, to_json(customers)::text as body from customers where ${which}`;
}

function toState({
  sealed,
  terms,
  fingerprint,
  erasure,
  created_at,
  updated_at,
}: CustomerRow): CustomerState {
  const createdAt = fromInstant(created_at);
  return { customer: { sealed, terms, fingerprint, createdAt, updatedAt: fromInstant(updated_at) }, erasure };
}

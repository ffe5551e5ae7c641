// Customers: CustomerState <-> customers.
import { isCustomerState } from '../../actors/logistics/customer/guards.ts';
import type { CustomerState } from '../../actors/logistics/customer/model.ts';
import { type Numbered, numberedShape } from '../../actors/numbered.ts';
import type { SnapshotRow } from '../../runtime/store.ts';
import type { Fragment, Sql } from '../connect.ts';
import { type ActorTable, isUuid } from '../table.ts';
import { arrayText, fromInstant, toInstant } from '../values.ts';
import { stateOf } from './state-text.ts';

const isNumberedCustomer = numberedShape(isCustomerState);

interface CustomerRow {
  readonly sealed: string;
  readonly terms: readonly string[];
  readonly fingerprint: string;
  readonly erasure: CustomerState['erasure'];
  readonly created_at: string;
  readonly updated_at: string;
  readonly published: number;
}

export const customersTable: ActorTable = {
  kind: 'customer',
  write: (sql, rows) => write(sql, rows.flatMap(toRows)),
  read,
  parse: (body) => stateOf('customer', isNumberedCustomer, toState(JSON.parse(body))),
  pending: { table: 'customers', id: 'id' },
};

/** A customer that was never made has nothing to be kept. */
function toRows({ ref, shard, seq, state, pending }: SnapshotRow) {
  const { customer, erasure, published } = stateOf('customer', isNumberedCustomer, state);
  if (customer === null) return [];
  const { createdAt, updatedAt, ...sealed } = customer;
  const times = { created_at: toInstant(createdAt), updated_at: toInstant(updatedAt) };
  return [{ id: ref.id, ...sealed, ...times, erasure, published, pending, shard, seq }];
}

/** Locks the customers' rows. */
function write(sql: Sql, rows: readonly ReturnType<typeof toRows>[number][]): Fragment {
  return sql`
    customers_written as (
      insert into customers as old (
        id, sealed, terms, fingerprint, created_at, updated_at, erasure, published, pending, shard, seq
      )
      select * from json_to_recordset(${JSON.stringify(rows)}::text::json) as sent (
        id uuid, sealed text, terms text[], fingerprint text, created_at timestamptz, updated_at timestamptz,
        erasure text, published bigint, pending boolean, shard int, seq bigint
      ) where (select holds from fence)
      on conflict (id) do update set
        sealed = excluded.sealed, terms = excluded.terms, fingerprint = excluded.fingerprint,
        erasure = excluded.erasure, published = excluded.published, created_at = excluded.created_at, updated_at = excluded.updated_at, pending = excluded.pending,
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
  published,
}: CustomerRow): CustomerState & Numbered {
  const createdAt = fromInstant(created_at);
  return {
    customer: { sealed, terms, fingerprint, createdAt, updatedAt: fromInstant(updated_at) },
    erasure,
    published,
  };
}

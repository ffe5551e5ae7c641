// Warehouses and the shards' copies of them: WarehouseState <-> warehouses, DirectoryState <-> warehouse_directory.

import { isDirectoryState } from '../../actors/inventory/warehouse/directory.ts';
import type { Warehouse, WarehouseState } from '../../actors/inventory/warehouse/model.ts';
import { type Numbered, numberedShape } from '../../actors/numbered.ts';
import { isObject } from '../../actors/shape.ts';
import { type SnapshotRow, StoreError } from '../../runtime/store.ts';
import type { Fragment, Sql } from '../connect.ts';
import { type ActorTable, isUuid } from '../table.ts';
import { arrayText, fromInstant, toInstant } from '../values.ts';

interface WarehouseRow {
  readonly id: string;
  readonly name: string;
  readonly location: string;
  readonly is_active: boolean;
  readonly customer_id: string;
  readonly priority: number;
  readonly created_at: string;
  readonly updated_at: string;
  readonly changes: number;
  readonly spread: string | null;
}

type SentWarehouse = WarehouseRow & { readonly shard: number; readonly seq: number };

export const warehousesTable: ActorTable = {
  kind: 'warehouse',
  write: (sql, rows) => writeWarehouses(sql, rows.flatMap(toWarehouseRows)),
  read: readWarehouses,
  parse: (body) => toWarehouseState(JSON.parse(body)),
};

export const directoryTable: ActorTable = {
  kind: 'directory',
  write: (sql, rows) => writeDirectories(sql, rows.map(toDirectoryRow)),
  read: readDirectories,
  parse: (body) => ({ warehouses: JSON.parse(body) }),
};

const isWarehouseState = numberedShape(
  (state: unknown): state is WarehouseState => isObject(state) && 'warehouse' in state && 'spread' in state,
);

/** A warehouse that was never made has nothing to be kept. */
function toWarehouseRows({ ref, shard, seq, state }: SnapshotRow): SentWarehouse[] {
  if (!isWarehouseState(state)) throw new StoreError('broken', `the state of warehouse ${ref.id} is not one`);
  const { warehouse, changes, spread } = state;
  if (warehouse === null) return [];
  return [
    {
      id: ref.id,
      name: warehouse.name,
      location: warehouse.location,
      is_active: warehouse.isActive,
      customer_id: warehouse.customerId,
      priority: warehouse.priority,
      created_at: toInstant(warehouse.createdAt),
      updated_at: toInstant(warehouse.updatedAt),
      changes,
      spread: spread === null ? null : JSON.stringify(spread),
      shard,
      seq,
    },
  ];
}

/** Locks the warehouses' rows. */
function writeWarehouses(sql: Sql, rows: readonly SentWarehouse[]): Fragment {
  return sql`
    warehouses_written as (
      insert into warehouses as old (
        id, name, location, is_active, customer_id, priority, created_at, updated_at, changes, spread, shard, seq
      )
      select * from json_to_recordset(${JSON.stringify(rows)}::text::json) as sent (
        id uuid, name text, location text, is_active boolean, customer_id text, priority int,
        created_at timestamptz, updated_at timestamptz, changes bigint, spread text, shard int, seq bigint
      ) where (select holds from fence)
      on conflict (id) do update set
        name = excluded.name, location = excluded.location, is_active = excluded.is_active,
        customer_id = excluded.customer_id, priority = excluded.priority, created_at = excluded.created_at,
        updated_at = excluded.updated_at, changes = excluded.changes, spread = excluded.spread,
        shard = excluded.shard, seq = excluded.seq
      where old.seq < excluded.seq
    )`;
}

function readWarehouses(sql: Sql, ids: readonly string[] | null): Fragment {
  const which = ids === null ? sql`true` : sql`id = any(${arrayText(ids.filter(isUuid))}::uuid[])`;
  return sql`select id::text as id, seq, to_json(warehouses)::text as body from warehouses where ${which}`;
}

/** Each change has been one message. */
function toWarehouseState(row: WarehouseRow): WarehouseState & Numbered {
  const { id, name, location, priority, changes } = row;
  const warehouse: Warehouse = {
    id,
    name,
    location,
    isActive: row.is_active,
    customerId: row.customer_id,
    priority,
    createdAt: fromInstant(row.created_at),
    updatedAt: fromInstant(row.updated_at),
  };
  const spread = row.spread === null ? null : JSON.parse(row.spread);
  return { warehouse, changes, spread, published: changes };
}

function toDirectoryRow({ ref, shard, seq, state }: SnapshotRow) {
  if (!isDirectoryState(state) || ref.id !== String(shard)) {
    throw new StoreError('broken', `the state of the directory of shard ${ref.id} is not one`);
  }
  return { shard, seq, warehouses: JSON.stringify(state.warehouses) };
}

/** Locks the directories' rows. */
function writeDirectories(sql: Sql, rows: readonly ReturnType<typeof toDirectoryRow>[]): Fragment {
  return sql`
    directories_written as (
      insert into warehouse_directory as old (shard, seq, warehouses)
      select * from json_to_recordset(${JSON.stringify(rows)}::text::json) as sent (
        shard int, seq bigint, warehouses text
      ) where (select holds from fence)
      on conflict (shard) do update set seq = excluded.seq, warehouses = excluded.warehouses
      where old.seq < excluded.seq
    )`;
}

function readDirectories(sql: Sql, ids: readonly string[] | null): Fragment {
  const which = ids === null ? sql`true` : sql`shard::text = any(${arrayText(ids)}::text[])`;
  return sql`select shard::text as id, seq, warehouses as body from warehouse_directory where ${which}`;
}

// Items and their levels: ItemState <-> items, inventory_levels.

import { isItemState } from '../../actors/inventory/item/guards.ts';
import type { ItemDetails, ItemState, Level, StockPolicy } from '../../actors/inventory/item/model.ts';
import { type Numbered, numberedShape } from '../../actors/numbered.ts';
import { type SnapshotRow, StoreError } from '../../runtime/store.ts';
import type { Fragment, Sql } from '../connect.ts';
import { type ActorTable, isUuid } from '../table.ts';
import { arrayText, fromInstant, fromInstantOrNull, toInstant, toInstantOrNull } from '../values.ts';

interface LevelRow {
  readonly warehouse_id: string;
  readonly quantity: number;
  readonly held: number;
  readonly allocated: number;
  readonly version: number;
  readonly last_updated: string;
  readonly low_stock_threshold: number | null;
  readonly incoming_quantity: number | null;
  readonly incoming_at: string | null;
  readonly back_in_stock_threshold: number | null;
  readonly is_low: boolean;
}

interface ItemRow {
  readonly sku: string;
  readonly name: string;
  readonly description: string;
  readonly category: string;
  readonly attributes: ItemDetails['attributes'];
  readonly created_at: string;
  readonly updated_at: string;
  readonly deleted_at: string | null;
  readonly published: number;
  readonly levels: readonly LevelRow[];
}

type SentItem = ItemRow & { readonly id: string; readonly shard: number; readonly seq: number };

const isNumberedItem = numberedShape(isItemState);

export const itemsTable: ActorTable = {
  kind: 'item',
  write: (sql, rows) => write(sql, rows.flatMap(toRows)),
  read,
  parse: (body) => toState(JSON.parse(body)),
};

/** An item that was never created has nothing to be kept: none of its stock can have changed. */
function toRows({ ref, shard, seq, state }: SnapshotRow): SentItem[] {
  if (!isNumberedItem(state))
    throw new StoreError('broken', `the state of item ${ref.id} is not one of an item`);
  if (state.details === null) return [];
  const { createdAt, updatedAt, ...details } = state.details;
  return [
    {
      id: ref.id,
      ...details,
      created_at: toInstant(createdAt),
      updated_at: toInstant(updatedAt),
      deleted_at: toInstantOrNull(state.deletedAt),
      published: state.published,
      levels: Object.entries(state.levels).map(toLevelRow),
      shard,
      seq,
    },
  ];
}

function toLevelRow([warehouseId, level]: readonly [string, Level]): LevelRow {
  const { policy } = level;
  return {
    warehouse_id: warehouseId,
    quantity: level.quantity,
    held: level.held,
    allocated: level.allocated,
    version: level.version,
    last_updated: toInstant(level.updatedAt),
    low_stock_threshold: policy?.lowStockThreshold ?? null,
    incoming_quantity: policy?.incomingQuantity ?? null,
    incoming_at: toInstantOrNull(policy?.incomingAt ?? null),
    back_in_stock_threshold: policy?.backInStockThreshold ?? null,
    is_low: level.isLow,
  };
}

/** Locks the items' rows and, through them, their levels: nobody writes a level but with its item. */
function write(sql: Sql, items: readonly SentItem[]): Fragment {
  return sql`
    items_sent as materialized (
      select * from json_to_recordset(${JSON.stringify(items)}::text::json) as sent (
        id uuid, sku text, name text, description text, category text, attributes jsonb,
        created_at timestamptz, updated_at timestamptz, deleted_at timestamptz, published bigint, levels json,
        shard int, seq bigint
      )
    ), items_written as (
      insert into items as old (
        id, sku, name, description, category, attributes, created_at, updated_at, deleted_at, published,
        shard, seq
      )
      select id, sku, name, description, category, attributes, created_at, updated_at, deleted_at, published,
        shard, seq
      from items_sent where (select holds from fence)
      on conflict (id) do update set
        sku = excluded.sku, name = excluded.name, description = excluded.description,
        category = excluded.category, attributes = excluded.attributes, created_at = excluded.created_at,
        updated_at = excluded.updated_at, deleted_at = excluded.deleted_at, published = excluded.published,
        shard = excluded.shard, seq = excluded.seq
      where old.seq < excluded.seq
      returning old.id
    ), levels_written as (
      insert into inventory_levels as old (
        item_id, warehouse_id, quantity, held, allocated, version, last_updated,
        low_stock_threshold, incoming_quantity, incoming_at, back_in_stock_threshold, is_low
      )
      select items_sent.id, level.*
      from items_written join items_sent using (id)
      cross join lateral json_to_recordset(items_sent.levels) as level (
        warehouse_id uuid, quantity bigint, held bigint, allocated bigint, version bigint, last_updated timestamptz,
        low_stock_threshold bigint, incoming_quantity bigint, incoming_at timestamptz,
        back_in_stock_threshold bigint, is_low boolean
      )
      on conflict (item_id, warehouse_id) do update set
        quantity = excluded.quantity, held = excluded.held, allocated = excluded.allocated,
        version = excluded.version, last_updated = excluded.last_updated,
        low_stock_threshold = excluded.low_stock_threshold, incoming_quantity = excluded.incoming_quantity,
        incoming_at = excluded.incoming_at, back_in_stock_threshold = excluded.back_in_stock_threshold,
        is_low = excluded.is_low
      where (
        old.version, old.quantity, old.held, old.allocated, old.last_updated,
        old.low_stock_threshold, old.incoming_quantity, old.incoming_at,
        old.back_in_stock_threshold, old.is_low
      ) is distinct from (
        excluded.version, excluded.quantity, excluded.held, excluded.allocated, excluded.last_updated,
        excluded.low_stock_threshold, excluded.incoming_quantity, excluded.incoming_at,
        excluded.back_in_stock_threshold, excluded.is_low
      )
    )`;
}

function read(sql: Sql, ids: readonly string[] | null): Fragment {
  const which = ids === null ? sql`true` : sql`items.id = any(${arrayText(ids.filter(isUuid))}::uuid[])`;
  return sql`
    select items.id::text as id, items.seq, (to_jsonb(items) || jsonb_build_object('levels', (
      select coalesce(jsonb_agg(to_jsonb(level)), '[]')
      from inventory_levels as level where level.item_id = items.id
    )))::text as body
    from items where ${which}`;
}

function toState(row: ItemRow): ItemState & Numbered {
  const { sku, name, description, category, attributes } = row;
  return {
    details: {
      sku,
      name,
      description,
      category,
      attributes,
      createdAt: fromInstant(row.created_at),
      updatedAt: fromInstant(row.updated_at),
    },
    deletedAt: fromInstantOrNull(row.deleted_at),
    published: row.published,
    levels: Object.fromEntries(row.levels.map((level) => [level.warehouse_id, toLevel(level)])),
  };
}

function toLevel(row: LevelRow): Level {
  const { quantity, held, allocated, version } = row;
  return {
    quantity,
    held,
    allocated,
    version,
    updatedAt: fromInstant(row.last_updated),
    policy: toPolicy(row),
    isLow: row.is_low,
  };
}

function toPolicy(row: LevelRow): StockPolicy | null {
  if (row.low_stock_threshold === null || row.incoming_quantity === null) return null;
  return {
    lowStockThreshold: row.low_stock_threshold,
    backInStockThreshold: row.back_in_stock_threshold ?? row.low_stock_threshold,
    incomingQuantity: row.incoming_quantity,
    incomingAt: fromInstantOrNull(row.incoming_at),
  };
}

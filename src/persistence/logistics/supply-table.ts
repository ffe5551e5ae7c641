// What is to be ordered anew: SupplyState <-> supply.
import { isSupplyState } from '../../actors/logistics/supply/guards.ts';
import type { SnapshotRow } from '../../runtime/store.ts';
import type { Fragment, Sql } from '../connect.ts';
import { type ActorTable, isUuid } from '../table.ts';
import { arrayText, toInstant } from '../values.ts';
import { parseState, stateOf } from './state-text.ts';

export const supplyTable: ActorTable = {
  kind: 'supply',
  write: (sql, rows) => write(sql, rows.flatMap(toRows)),
  read,
  parse: (body) => parseState('supply', isSupplyState, body),
};

/** An item that nothing was heard of has nothing to be kept. */
function toRows({ ref, shard, seq, state }: SnapshotRow) {
  const { supply } = stateOf('supply', isSupplyState, state);
  if (supply === null) return [];
  return [
    {
      item_id: ref.id,
      sku: supply.sku,
      is_low: Object.values(supply.alerts).some(({ isLow }) => isLow),
      expired_holds: supply.expiredHolds,
      expired_units: supply.expiredUnits,
      refusals: supply.refusals,
      refused_units: supply.refusedUnits,
      since: toInstant(supply.since),
      updated_at: toInstant(supply.updatedAt),
      state: JSON.stringify(state),
      shard,
      seq,
    },
  ];
}

/** Locks the supplies' rows. */
function write(sql: Sql, rows: readonly ReturnType<typeof toRows>[number][]): Fragment {
  return sql`
    supply_written as (
      insert into supply as old (
        item_id, sku, is_low, expired_holds, expired_units, refusals, refused_units, since, updated_at, state, shard, seq
      )
      select * from json_to_recordset(${JSON.stringify(rows)}::text::json) as sent (
        item_id uuid, sku text, is_low boolean, expired_holds bigint, expired_units bigint, refusals bigint,
        refused_units bigint, since timestamptz, updated_at timestamptz, state text, shard int, seq bigint
      ) where (select holds from fence)
      on conflict (item_id) do update set
        sku = excluded.sku, is_low = excluded.is_low, expired_holds = excluded.expired_holds,
        expired_units = excluded.expired_units, refusals = excluded.refusals, refused_units = excluded.refused_units,
        since = excluded.since, updated_at = excluded.updated_at, state = excluded.state,
        shard = excluded.shard, seq = excluded.seq
      where old.seq < excluded.seq
    )`;
}

function read(sql: Sql, ids: readonly string[] | null): Fragment {
  const which = ids === null ? sql`true` : sql`item_id = any(${arrayText(ids.filter(isUuid))}::uuid[])`;
  return sql`select item_id::text as id, seq, state as body from supply where ${which}`;
}

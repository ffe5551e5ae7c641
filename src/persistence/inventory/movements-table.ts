// stock_movements: derived from the events of items, one row for each change of a level's quantity. The same event may
// come again after a crash and is one row still.
import type { LevelChanged } from '../../actors/inventory/item/model.ts';
import { isObject } from '../../actors/shape.ts';
import type { DurableEvent } from '../../runtime/store.ts';
import type { Fragment, Sql } from '../connect.ts';
import { toInstant } from '../values.ts';

/** Locks nothing but the keys it inserts. */
export function writeMovements(sql: Sql, events: readonly DurableEvent[]): Fragment {
  return sql`
    movements_written as (
      insert into stock_movements (
        item_id, warehouse_id, version, delta, quantity, cause, reason, reference, at, shard, seq
      )
      select * from json_to_recordset(${JSON.stringify(events.flatMap(toRows))}::text::json) as sent (
        item_id uuid, warehouse_id uuid, version bigint, delta bigint, quantity bigint, cause text, reason text,
        reference text, at timestamptz, shard int, seq bigint
      ) where (select holds from fence)
      on conflict do nothing
    )`;
}

function toRows({ ref, shard, seq, event }: DurableEvent) {
  if (ref.kind !== 'item' || !isLevelChange(event) || event.delta === 0) return [];
  const { warehouseId, version, delta, quantity, cause, reason, reference, at } = event;
  return [
    {
      item_id: ref.id,
      warehouse_id: warehouseId,
      version,
      delta,
      quantity,
      cause,
      reason,
      reference,
      at: toInstant(at),
      shard,
      seq,
    },
  ];
}

function isLevelChange(event: unknown): event is LevelChanged {
  return isObject(event) && event['type'] === 'level';
}

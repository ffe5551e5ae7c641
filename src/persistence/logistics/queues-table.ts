// Back-order queues: QueueState <-> backorder_queues.
import { isQueueState } from '../../actors/logistics/queue/guards.ts';
import type { SnapshotRow } from '../../runtime/store.ts';
import type { Fragment, Sql } from '../connect.ts';
import { type ActorTable, isUuid } from '../table.ts';
import { arrayText } from '../values.ts';
import { parseState, stateOf } from './state-text.ts';

export const queuesTable: ActorTable = {
  kind: 'queue',
  write: (sql, rows) => write(sql, rows.map(toRow)),
  read,
  parse: (body) => parseState('queue', isQueueState, body),
  pending: { table: 'backorder_queues', id: 'item_id' },
};

function toRow({ ref, shard, seq, state, pending }: SnapshotRow) {
  const { entries } = stateOf('queue', isQueueState, state);
  return {
    item_id: ref.id,
    waiting: entries.length,
    units: entries.reduce((sum, { quantity }) => sum + quantity, 0),
    pending,
    state: JSON.stringify(state),
    shard,
    seq,
  };
}

/** Locks the queues' rows. */
function write(sql: Sql, rows: readonly ReturnType<typeof toRow>[]): Fragment {
  return sql`
    queues_written as (
      insert into backorder_queues as old (item_id, waiting, units, pending, state, shard, seq)
      select * from json_to_recordset(${JSON.stringify(rows)}::text::json) as sent (
        item_id uuid, waiting int, units bigint, pending boolean, state text, shard int, seq bigint
      ) where (select holds from fence)
      on conflict (item_id) do update set
        waiting = excluded.waiting, units = excluded.units, pending = excluded.pending,
        state = excluded.state, shard = excluded.shard, seq = excluded.seq
      where old.seq < excluded.seq
    )`;
}

function read(sql: Sql, ids: readonly string[] | null): Fragment {
  const which = ids === null ? sql`true` : sql`item_id = any(${arrayText(ids.filter(isUuid))}::uuid[])`;
  return sql`select item_id::text as id, seq, state as body from backorder_queues where ${which}`;
}

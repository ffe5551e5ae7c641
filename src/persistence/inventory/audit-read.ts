// Everything that an audit folds, as it stood at one moment. One statement rather than one transaction: it is one
// snapshot by itself, and there is no session that could be lost half-way and silently begin anew.
import type { JournalRow, StoredActor } from '../../runtime/store.ts';
import { type ConnectOptions, type Fragment, openClient, type Sql } from '../connect.ts';
import { type StoredText, toStoredActor } from '../table.ts';
import { fromInstant } from '../values.ts';
import { itemsTable } from './items-table.ts';
import { ordersTable } from './orders-table.ts';

export interface AuditHead {
  readonly shard: number;
  readonly snapshotSeq: number;
  readonly trimmedTo: number;
  readonly channels: string;
}

export interface LevelMovements {
  readonly itemId: string;
  readonly warehouseId: string;
  /** The sum of all deltas up to `version`: those of the journal that are in it already have no higher one. */
  readonly sum: number;
  readonly version: number;
}

/** Called for each part as it arrives; heads first, then the journal, so that it is known when states come. */
export interface AuditVisitor {
  head(head: AuditHead): void;
  /** Rows after their shard's snapshot position, each shard's in order of seq. */
  journal(row: JournalRow): void;
  /** Items and orders. Its seq may lie beyond its shard's snapshot position: it lacks nothing up to there. */
  state(actor: StoredActor): void;
  movements(level: LevelMovements): void;
}

interface Row extends StoredText {
  readonly part: 'head' | 'journal' | 'item' | 'order' | 'movements';
}

/** @throws StoreError */
export async function readForAudit(options: ConnectOptions, visitor: AuditVisitor): Promise<void> {
  const client = openClient('audit', options);
  try {
    await client.run('reading the books', (sql) =>
      everything(sql).forEach((row) => {
        visit(visitor, row);
      }),
    );
  } finally {
    await client.close();
  }
}

/** In this order, since nothing runs in parallel (see connect.ts) and the branches of a union all come one by one. */
function everything(sql: Sql) {
  return sql<Row[]>`
    select 'head' as part, shard::text as id, snapshot_seq as seq,
      json_build_object('trimmedTo', trimmed_to, 'channels', channels)::text as body
    from shards
    union all
    (${tails(sql)})
    union all
    select 'item', stored.* from (${itemsTable.read(sql, null)}) as stored
    union all
    select 'order', stored.* from (${ordersTable.read(sql, null)}) as stored
    union all
    select 'movements', item_id::text, max(version), json_build_object(
      'warehouseId', warehouse_id, 'sum', sum(delta)
    )::text
    from stock_movements group by item_id, warehouse_id`;
}

function tails(sql: Sql): Fragment {
  return sql`
    select 'journal', journal.shard::text, journal.seq, json_build_object(
      'epoch', journal.epoch, 'at', journal.at, 'events', journal.events
    )::text
    from shards join journal on journal.shard = shards.shard and journal.seq > shards.snapshot_seq
    order by journal.shard, journal.seq`;
}

function visit(visitor: AuditVisitor, row: Row): void {
  const { part, id, seq, body } = row;
  switch (part) {
    case 'head':
      visitor.head({ shard: Number(id), snapshotSeq: seq, ...JSON.parse(body) });
      break;
    case 'journal': {
      const { epoch, at, events } = JSON.parse(body);
      visitor.journal({ shard: Number(id), seq, epoch, at: fromInstant(at), events });
      break;
    }
    case 'item':
      visitor.state(toStoredActor(itemsTable, row));
      break;
    case 'order':
      visitor.state(toStoredActor(ordersTable, row));
      break;
    case 'movements':
      visitor.movements({ itemId: id, version: seq, ...JSON.parse(body) });
      break;
  }
}

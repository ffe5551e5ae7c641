// Everything that an audit folds, as it stood at one moment. One statement rather than one transaction: it is one
// snapshot by itself, and there is no session that could be lost half-way and silently begin anew.
import type { JournalRow, StoredActor } from '../../runtime/store.ts';
import { type AuditHead, heads, tails, toHead, toJournalRow } from '../audit-parts.ts';
import { type ConnectOptions, type Fragment, openClient, type Sql } from '../connect.ts';
import { type StoredText, toStoredActor } from '../table.ts';
import { arrayText } from '../values.ts';
import { itemsTable } from './items-table.ts';
import { ordersTable } from './orders-table.ts';

export type { AuditHead } from '../audit-parts.ts';

export interface LevelMovements {
  readonly itemId: string;
  readonly warehouseId: string;
  /** The sum of all deltas up to `version`: those of the journal that are in it already have no higher one. */
  readonly sum: number;
  readonly version: number;
}

/** A movement of goods that came back. */
export interface ReturnMovement {
  readonly itemId: string;
  readonly warehouseId: string;
  /** Of the level, as the movement made it: names it within the level. */
  readonly version: number;
  readonly delta: number;
  /** The order's id, by convention. */
  readonly reference: string;
}

/** Called for each part as it arrives; heads first, then the journal, then movements, so that they are known when states come. */
export interface AuditVisitor {
  head(head: AuditHead): void;
  /** Rows after their shard's snapshot position, each shard's in order of seq. */
  journal(row: JournalRow): void;
  movements?(level: LevelMovements): void;
  /** Not called where the visitor has no such method, and then not read either. */
  returned?(movement: ReturnMovement): void;
  /** Items and orders. Its seq may lie beyond its shard's snapshot position: it lacks nothing up to there. */
  state(actor: StoredActor): void;
}

interface Row extends StoredText {
  readonly part: 'head' | 'journal' | 'item' | 'order' | 'movements' | 'returned';
}

/** The reason that goods which come back are booked with. */
export const returnedReason = 'returned';

/** @throws StoreError */
export async function readForAudit(options: ConnectOptions, visitor: AuditVisitor): Promise<void> {
  await read(options, visitor, (sql) => everything(sql, visitor.returned !== undefined));
}

/** These orders and what came back of them alone; no items and no sums of movements. @throws StoreError */
export async function readOrdersForAudit(
  options: ConnectOptions,
  orderIds: readonly string[],
  visitor: AuditVisitor,
): Promise<void> {
  await read(options, visitor, (sql) => ordersAlone(sql, orderIds));
}

async function read(
  options: ConnectOptions,
  visitor: AuditVisitor,
  statement: (sql: Sql) => Fragment,
): Promise<void> {
  const client = openClient('audit', options);
  try {
    await client.run('reading the books', (sql) =>
      sql<Row[]>`${statement(sql)}`.forEach((row) => {
        visit(visitor, row);
      }),
    );
  } finally {
    await client.close();
  }
}

/** In this order, since nothing runs in parallel (see connect.ts) and the branches of a union all come one by one. */
function everything(sql: Sql, withReturns: boolean): Fragment {
  return sql`
    ${heads(sql)}
    union all
    (${tails(sql)})
    union all
    select 'movements', item_id::text, max(version), json_build_object(
      'warehouseId', warehouse_id, 'sum', sum(delta)
    )::text
    from stock_movements group by item_id, warehouse_id
    ${withReturns ? sql`union all ${returns(sql, null)}` : sql``}
    union all
    select 'item', stored.* from (${itemsTable.read(sql, null)}) as stored
    union all
    select 'order', stored.* from (${ordersTable.read(sql, null)}) as stored`;
}

function ordersAlone(sql: Sql, orderIds: readonly string[]): Fragment {
  return sql`
    ${heads(sql)}
    union all
    (${tails(sql)})
    union all
    ${returns(sql, orderIds)}
    union all
    select 'order', stored.* from (${ordersTable.read(sql, orderIds)}) as stored`;
}

function returns(sql: Sql, orderIds: readonly string[] | null): Fragment {
  return sql`
    select 'returned', item_id::text, version, json_build_object(
      'warehouseId', warehouse_id, 'delta', delta, 'reference', reference
    )::text
    from stock_movements
    where reason = ${returnedReason}::text
      ${orderIds === null ? sql`` : sql`and reference = any(${arrayText(orderIds)}::text[])`}`;
}

function visit(visitor: AuditVisitor, row: Row): void {
  const { part, id, seq, body } = row;
  switch (part) {
    case 'head':
      visitor.head(toHead(row));
      break;
    case 'journal':
      visitor.journal(toJournalRow(row));
      break;
    case 'item':
      visitor.state(toStoredActor(itemsTable, row));
      break;
    case 'order':
      visitor.state(toStoredActor(ordersTable, row));
      break;
    case 'movements':
      visitor.movements?.({ itemId: id, version: seq, ...JSON.parse(body) });
      break;
    case 'returned':
      visitor.returned?.({ itemId: id, version: seq, ...JSON.parse(body) });
      break;
  }
}

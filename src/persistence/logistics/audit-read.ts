// Everything that an audit of Logistics folds, as it stood at one moment: one statement, as for Inventory. What lists and
// reports go by (the columns) comes beside the state that it was taken from.
import type { JournalRow, StoredActor } from '../../runtime/store.ts';
import { type AuditHead, heads, tails, toHead, toJournalRow } from '../audit-parts.ts';
import { type ConnectOptions, type Fragment, openClient, type Sql } from '../connect.ts';
import { isUuid, type StoredText } from '../table.ts';
import { arrayText } from '../values.ts';

/** A row of orders beside its state. Amounts in minor units, as text. */
export interface OrderColumns {
  readonly status: string;
  readonly customerId: string | null;
  readonly currency: string;
  readonly total: string;
  readonly captured: string;
  readonly refunded: string;
  readonly units: string;
}

/** Called for each part as it arrives; heads first, then the journal, so that it is known when states come. */
export interface LogisticsAuditVisitor {
  head(head: AuditHead): void;
  /** Rows after their shard's snapshot position, each shard's in order of seq. */
  journal(row: JournalRow): void;
  /** The state is what was stored, looked at by nobody; undefined where it is no JSON. */
  order(actor: StoredActor, columns: OrderColumns): void;
  queue?(actor: StoredActor): void;
}

interface Row extends StoredText {
  readonly part: 'head' | 'journal' | 'order' | 'queue';
  readonly state: string | null;
}

/** @param orderIds these orders alone, and no queues; null: everything. @throws StoreError */
export async function readLogisticsForAudit(
  options: ConnectOptions,
  orderIds: readonly string[] | null,
  visitor: LogisticsAuditVisitor,
): Promise<void> {
  const client = openClient('audit', options);
  try {
    await client.run('reading the books of orders', (sql) =>
      everything(sql, orderIds).forEach((row) => {
        visit(visitor, row);
      }),
    );
  } finally {
    await client.close();
  }
}

/** In this order: the branches of a union all come one by one. */
function everything(sql: Sql, orderIds: readonly string[] | null) {
  return sql<Row[]>`
    select head.*, null as state from (${heads(sql)}) as head
    union all
    select tail.*, null from (${tails(sql)}) as tail
    union all
    select 'order', id::text, seq, json_build_object(
      'status', status, 'customerId', customer_id, 'currency', currency, 'total', total::text,
      'captured', captured::text, 'refunded', refunded::text, 'units', units::text
    )::text, state
    from orders where ${orderIds === null ? sql`true` : isOneOf(sql, orderIds)}
    ${
      orderIds === null
        ? sql`union all select 'queue', item_id::text, seq, '', state from backorder_queues`
        : sql``
    }`;
}

function isOneOf(sql: Sql, ids: readonly string[]): Fragment {
  return sql`id = any(${arrayText(ids.filter(isUuid))}::uuid[])`;
}

function visit(visitor: LogisticsAuditVisitor, row: Row): void {
  switch (row.part) {
    case 'head':
      visitor.head(toHead(row));
      break;
    case 'journal':
      visitor.journal(toJournalRow(row));
      break;
    case 'order':
      visitor.order(toActor('order', row), JSON.parse(row.body));
      break;
    case 'queue':
      visitor.queue?.(toActor('queue', row));
      break;
  }
}

function toActor(kind: string, { id, seq, state }: Row): StoredActor {
  return { ref: { kind, id }, seq, state: parsed(state ?? '') };
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    // An audit names what it finds; it does not stop there.
    return undefined;
  }
}

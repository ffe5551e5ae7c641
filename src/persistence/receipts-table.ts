// Receipts of calls with an idempotency key: their states <-> idempotency_keys.
import { isObject } from '../actors/shape.ts';
import { type ReceiptState, receiptKind } from '../runtime/receipts.ts';
import { type SnapshotRow, StoreError } from '../runtime/store.ts';
import type { Client, Fragment, Sql } from './connect.ts';
import type { ActorTable } from './table.ts';
import { arrayText, fromInstant, toInstant } from './values.ts';

interface ReceiptRow {
  readonly fingerprint: string;
  readonly reply: string;
  readonly created_at: string;
}

type SentReceipt = ReceiptRow & { readonly key: string; readonly shard: number; readonly seq: number };

export const receiptsTable: ActorTable = {
  kind: receiptKind,
  write: (sql, rows) => write(sql, rows.flatMap(toRows)),
  read,
  parse: (body) => toState(JSON.parse(body)),
};

function isReceiptState(state: unknown): state is ReceiptState {
  return state === null || (isObject(state) && 'fingerprint' in state && 'reply' in state && 'at' in state);
}

/** A key that was not used has nothing to be kept. */
function toRows({ ref, shard, seq, state }: SnapshotRow): SentReceipt[] {
  if (!isReceiptState(state)) throw new StoreError('broken', 'the state of a receipt is not one');
  if (state === null) return [];
  const { fingerprint, reply, at } = state;
  return [{ key: ref.id, fingerprint, reply: JSON.stringify(reply), created_at: toInstant(at), shard, seq }];
}

/** Locks the receipts' rows. */
function write(sql: Sql, rows: readonly SentReceipt[]): Fragment {
  return sql`
    receipts_written as (
      insert into idempotency_keys as old (key, fingerprint, reply, created_at, shard, seq)
      select * from json_to_recordset(${JSON.stringify(rows)}::text::json) as sent (
        key text, fingerprint text, reply text, created_at timestamptz, shard int, seq bigint
      ) where (select holds from fence)
      on conflict (key) do update set
        fingerprint = excluded.fingerprint, reply = excluded.reply, created_at = excluded.created_at,
        shard = excluded.shard, seq = excluded.seq
      where old.seq < excluded.seq
    )`;
}

function read(sql: Sql, ids: readonly string[] | null): Fragment {
  const which = ids === null ? sql`true` : sql`key = any(${arrayText(ids)}::text[])`;
  return sql`
    select key as id, seq, json_build_object(
      'fingerprint', fingerprint, 'reply', reply, 'created_at', created_at
    )::text as body
    from idempotency_keys where ${which}`;
}

function toState({ fingerprint, reply, created_at }: ReceiptRow): ReceiptState {
  return { fingerprint, reply: JSON.parse(reply), at: fromInstant(created_at) };
}

/**
 * Forgets keys that are old enough, by the clock of the database. Locks the rows that it deletes.
 * @param keptMs how long a key is kept, in milliseconds
 * @returns how many there were, at most `limit`
 */
export async function forgetReceipts(client: Client, keptMs: number, limit: number): Promise<number> {
  const result = await client.run(
    'forget receipts',
    (sql) => sql`
      delete from idempotency_keys where key in (
        select key from idempotency_keys where created_at < now() - ${keptMs}::bigint * interval '1 millisecond'
        order by created_at limit ${limit}
      )`,
  );
  return result.count;
}

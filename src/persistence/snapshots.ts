// States of actors into the tables that people query, and back.
//
// I3: a row only ever goes forward, and so does a shard's position; and both only while the shard has the epoch of
// whoever writes. Mapping states to columns is each table's own matter.
import type { Ref } from '../actors/behaviour.ts';
import {
  type SnapshotHead,
  type SnapshotRow,
  type SnapshotWrite,
  type StoredActor,
  StoreError,
} from '../runtime/store.ts';
import type { Client, Fragment, Sql } from './connect.ts';
import { type StoredText, type StoreSchema, toStoredActor } from './table.ts';
import { arrayText } from './values.ts';

/**
 * One statement. Locks the shards' rows in their order, so that a claim waits for it, and it for a claim: whichever
 * comes second sees the epoch that the first one left. Then, as their one writer, the actors' rows.
 */
export async function writeSnapshot(
  client: Client,
  schema: StoreSchema,
  write: SnapshotWrite,
): Promise<'written' | 'fenced'> {
  const { tables, writeLedger } = schema;
  const byKind = Map.groupBy(checked(schema, write), (row) => row.ref.kind);
  const [row] = await client.run(
    'snapshot',
    (sql) => sql<{ readonly holds: boolean }[]>`
      with ${heads(sql, write.heads)},
      ${tables.map((table, index) => sql`${index === 0 ? sql`` : sql`,`}${table.write(sql, byKind.get(table.kind) ?? [])}`)}
      ${writeLedger === undefined ? sql`` : sql`, ${writeLedger(sql, write.events)}`}
      select holds from fence`,
  );
  return row?.holds === true ? 'written' : 'fenced';
}

/** `fence`: whether every head has its epoch. Moves the positions if so; channels go with the position, or stay. */
function heads(sql: Sql, sent: readonly SnapshotHead[]): Fragment {
  return sql`
    heads as materialized (
      select * from unnest(
        ${arrayText(sent.map(({ shard }) => shard))}::int[],
        ${arrayText(sent.map(({ epoch }) => epoch))}::bigint[],
        ${arrayText(sent.map(({ snapshotSeq }) => snapshotSeq))}::bigint[],
        ${arrayText(sent.map(({ channels }) => channels))}::text[]
      ) as heads (shard, epoch, snapshot_seq, channels)
    ), locked as materialized (
      select shards.shard from shards join heads using (shard, epoch)
      order by shards.shard for no key update of shards
    ), fence as materialized (
      select count(*) = ${sent.length}::int as holds from locked
    ), heads_moved as (
      update shards set snapshot_seq = heads.snapshot_seq, channels = heads.channels
      from heads
      where shards.shard = heads.shard and shards.snapshot_seq < heads.snapshot_seq
        and (select holds from fence)
    )`;
}

/** The rows without repeats: of one actor's, only the furthest. */
function checked({ tables }: StoreSchema, { heads, rows, events }: SnapshotWrite): Iterable<SnapshotRow> {
  const shards = new Set(heads.map(({ shard }) => shard));
  if (shards.size !== heads.length) throw new StoreError('broken', 'a shard has two heads in one snapshot');
  const stray = [...rows, ...events].find(({ shard }) => !shards.has(shard));
  if (stray !== undefined) throw new StoreError('broken', `shard ${stray.shard} has rows but no head`);
  const furthest = new Map<string, SnapshotRow>();
  for (const row of rows) {
    const { kind, id } = row.ref;
    const table = tables.find((each) => each.kind === kind);
    if (table === undefined) throw new StoreError('broken', `no table keeps ${kind}`);
    if (row.dueAt !== null && table.due === undefined)
      throw new StoreError('broken', `${kind} has no index of due times`);
    if (row.pending && table.pending === undefined)
      throw new StoreError('broken', `${kind} has no index of those that want effects`);
    const known = furthest.get(`${kind} ${id}`);
    if (known === undefined || known.seq < row.seq) furthest.set(`${kind} ${id}`, row);
  }
  return furthest.values();
}

/** Reads only; one query for each kind, sent together. */
export async function loadActors(
  client: Client,
  { tables }: StoreSchema,
  refs: readonly Ref[],
): Promise<readonly StoredActor[]> {
  const byKind = Map.groupBy(refs, (ref) => ref.kind);
  const asked = tables.filter((table) => byKind.has(table.kind));
  if (asked.length === 0) return [];
  const found = await client.run('load', (sql) =>
    Promise.all(
      asked.map(async (table) => {
        const ids = (byKind.get(table.kind) ?? []).map((ref) => ref.id);
        const rows = await sql<StoredText[]>`${table.read(sql, ids)}`;
        return rows.map((row) => toStoredActor(table, row));
      }),
    ),
  );
  return found.flat();
}

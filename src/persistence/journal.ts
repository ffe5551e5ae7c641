// The journal's statements. Each is one statement, and together they are the fence: what is appended is of the epoch
// that its shard has, and no two owners can both write a (shard, seq).
import type { JournalRow, ShardHead, Store } from '../runtime/store.ts';
import { StoreError } from '../runtime/store.ts';
import type { Client, Fragment, Sql } from './connect.ts';
import { reportedBy } from './errors.ts';
import { arrayText, toInstant } from './values.ts';

type Claimed = ShardHead & { readonly now: Date };

/**
 * Locks the owner row for share, so that nobody can take the database over meanwhile, then the shards' rows in their
 * order: it waits for a snapshot of theirs that is under way. It does not wait for an append: that one of an older
 * epoch may still land shows as a conflict with the first record of the new one.
 */
export async function claim(
  client: Client,
  ownerEpoch: number,
  shards: readonly number[],
): ReturnType<Store['claim']> {
  const rows = await client.run(
    'claim',
    (sql) => sql<Claimed[]>`
      with me as materialized (
        select epoch from owner where epoch = ${ownerEpoch} for share
      ), locked as materialized (
        select shard from shards
        where shard = any(${arrayText(shards)}::int[]) and exists (select from me)
        order by shard for no key update
      ), raised as (
        update shards set epoch = shards.epoch + 1 from locked where shards.shard = locked.shard
        returning shards.shard, shards.epoch, shards.snapshot_seq, shards.trimmed_to, shards.channels
      )
      select shard, epoch, snapshot_seq as "snapshotSeq", trimmed_to as "trimmedTo", channels,
        clock_timestamp() as now
      from raised order by shard`,
  );
  const [first] = rows;
  if (first === undefined) return 'displaced';
  if (rows.length !== new Set(shards).size) throw new StoreError('broken', 'claim: some shards do not exist');
  return { heads: rows.map(({ now: _, ...head }) => head), now: first.now.getTime() };
}

/** Reads only. */
export async function readTail(
  client: Client,
  after: ReadonlyMap<number, number>,
  limit: number,
): Promise<readonly JournalRow[]> {
  const rows = await client.run(
    'read the journal',
    (sql) => sql<(Omit<JournalRow, 'at'> & { readonly at: Date })[]>`
      select tail.shard, tail.seq, tail.epoch, tail.at, tail.events
      from unnest(
        ${arrayText([...after.keys()])}::int[], ${arrayText([...after.values()])}::bigint[]
      ) as wanted (shard, after)
      cross join lateral (
        select * from journal where journal.shard = wanted.shard and journal.seq > wanted.after
        order by journal.seq limit ${limit}
      ) as tail
      order by tail.shard, tail.seq limit ${limit}`,
  );
  return rows.map((row) => ({ ...row, at: row.at.getTime() }));
}

/**
 * Locks nothing but the keys that it inserts: a row of the same key that another owner is inserting is waited for, and
 * is a conflict once that is durable. The epochs are as they stood when the statement began.
 */
export async function append(client: Client, rows: readonly JournalRow[]): ReturnType<Store['append']> {
  if (rows.length === 0) return 'appended';
  const sorted = rows.toSorted((a, b) => a.shard - b.shard || a.seq - b.seq);
  try {
    const result = await client.run(
      'append',
      (sql) => sql`
        with sent as materialized (
          select * from unnest(
            ${arrayText(sorted.map((row) => row.shard))}::int[],
            ${arrayText(sorted.map((row) => row.seq))}::bigint[],
            ${arrayText(sorted.map((row) => row.epoch))}::bigint[],
            ${arrayText(sorted.map((row) => toInstant(row.at)))}::timestamptz[],
            array[${list(
              sql,
              sorted.map((row) => row.events),
            )}]
          ) as sent (shard, seq, epoch, at, events)
        ), fence as materialized (
          select count(*) = ${sorted.length}::int as holds
          from sent join shards using (shard)
          where shards.epoch = sent.epoch and sent.seq > shards.trimmed_to
        )
        insert into journal (shard, seq, epoch, at, events)
        select shard, seq, epoch, at, events from sent
        where (select holds from fence)
        order by shard, seq`,
    );
    return result.count === sorted.length ? 'appended' : 'fenced';
  } catch (error) {
    if (reportedBy(error)?.constraint_name === 'journal_pkey') return 'conflict';
    throw error;
  }
}

/** A parameter each, since within an array every quote of the JSON would have to be escaped: half of an append's work. */
function list(sql: Sql, texts: readonly string[]): Fragment[] {
  return texts.map((text, index) => (index === 0 ? sql`${text}::text` : sql`, ${text}::text`));
}

/** Reads only. The statement's snapshot is taken after the call, so it sees every claim that was answered before. */
export async function confirm(
  client: Client,
  shards: readonly { readonly shard: number; readonly epoch: number }[],
): Promise<boolean> {
  const [row] = await client.run(
    'confirm',
    (sql) => sql<{ readonly holds: boolean }[]>`
      select count(*) = ${shards.length}::int as holds
      from unnest(
        ${arrayText(shards.map(({ shard }) => shard))}::int[],
        ${arrayText(shards.map(({ epoch }) => epoch))}::bigint[]
      ) as asked (shard, epoch)
      join shards using (shard, epoch)`,
  );
  return row?.holds === true;
}

/**
 * Never past a reader of events. Locks the shards' rows in their order, so it waits for a snapshot of theirs. What it deletes was already barred from
 * being appended by an earlier call; calls must lie further apart than an append may take, since an append sees
 * `trimmed_to` as it stood when it began. A shard whose epoch has changed is passed over, and its mark stays for this
 * time where a snapshot moved its row while the statement waited.
 */
export async function trim(
  client: Client,
  heads: Parameters<Store['trim']>[0],
  limit: number,
): Promise<number> {
  const [row] = await client.run(
    'trim',
    (sql) => sql<{ readonly deleted: number }[]>`
      with heads as materialized (
        select * from unnest(
          ${arrayText(heads.map(({ shard }) => shard))}::int[],
          ${arrayText(heads.map(({ epoch }) => epoch))}::bigint[],
          ${arrayText(heads.map(({ olderThan }) => toInstant(olderThan)))}::timestamptz[]
        ) as heads (shard, epoch, older_than)
      ), locked as materialized (
        select shards.shard, shards.trimmed_to, heads.older_than,
          least(shards.snapshot_seq, (
            select min(seq) from outbox_positions as reader where reader.shard = shards.shard
          )) as goal_max
        from shards join heads using (shard, epoch)
        order by shards.shard for no key update of shards
      ), raised as (
        update shards set trimmed_to = goal.seq
        from locked cross join lateral (
          select max(old.seq) as seq from (
            select seq, at from journal
            where journal.shard = locked.shard
              and journal.seq > locked.trimmed_to and journal.seq <= locked.goal_max
            order by journal.seq limit ${limit}
          ) as old where old.at < locked.older_than
        ) as goal
        where shards.shard = locked.shard and goal.seq <= shards.snapshot_seq
      ), doomed as materialized (
        select below.shard, below.seq from locked cross join lateral (
          select shard, seq from journal
          where journal.shard = locked.shard and journal.seq <= locked.trimmed_to
          order by journal.seq limit ${limit}
        ) as below limit ${limit}
      ), deleted as (
        delete from journal using doomed
        where journal.shard = doomed.shard and journal.seq = doomed.seq
        returning 1
      )
      select count(*) as deleted from deleted`,
  );
  return row?.deleted ?? 0;
}

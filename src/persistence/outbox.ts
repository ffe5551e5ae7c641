// How far each reader of events has come in the journal. A position only ever goes forward, whoever writes it: a reader of a
// process that is no longer the owner can do no harm but to have told something twice.
import { type Client, type ConnectOptions, openClient } from './connect.ts';
import { readTail } from './journal.ts';
import { arrayText } from './values.ts';

/** By shard: everything up to this has been taken. */
export type Positions = ReadonlyMap<number, number>;

interface PositionRow {
  readonly shard: number;
  readonly seq: number;
}

/** Names the database for ever. */
export async function readIdentity(client: Client): Promise<string> {
  const [row] = await client.run(
    'read the identity',
    (sql) => sql<{ readonly id: string }[]>`select id::text as id from identity`,
  );
  return row?.id ?? '';
}

/**
 * Makes these the readers, and no others. One that is new begins where those that it replaces have come to, the last of
 * them: with all that is still there, where there were none. So nothing is lost when events change the way that they go.
 *
 * Locks the owner row for share: a process that was displaced meanwhile takes nobody's place.
 * @returns false: another process owns the database
 */
export async function openReaders(
  client: Client,
  ownerEpoch: number,
  readers: readonly string[],
): Promise<boolean> {
  const [row] = await client.run(
    'open the outbox',
    (sql) => sql<{ readonly isOwner: boolean }[]>`
      with me as materialized (
        select epoch from owner where epoch = ${ownerEpoch} for share
      ), behind as materialized (
        select shards.shard, coalesce(min(old.seq), shards.trimmed_to) as seq
        from shards left join outbox_positions as old using (shard)
        where exists (select from me)
        group by shards.shard, shards.trimmed_to
      ), gone as (
        delete from outbox_positions
        where reader <> all(${arrayText(readers)}::text[]) and exists (select from me)
      ), made as (
        insert into outbox_positions (reader, shard, seq)
        select reader, behind.shard, behind.seq
        from behind cross join unnest(${arrayText(readers)}::text[]) as reader
        on conflict (reader, shard) do nothing
      )
      select exists (select from me) as "isOwner"`,
  );
  return row?.isOwner === true;
}

export async function readPositions(client: Client, reader: string): Promise<Positions> {
  const rows = await client.run(
    'read the outbox positions',
    (sql) => sql<PositionRow[]>`select shard, seq from outbox_positions where reader = ${reader}`,
  );
  return new Map(rows.map(({ shard, seq }) => [shard, seq]));
}

/** @returns where the reader stands now, which may be further: somebody has decided to skip */
export async function advance(client: Client, reader: string, to: Positions): Promise<Positions> {
  const rows = await client.run(
    'advance the outbox',
    (sql) => sql<PositionRow[]>`
      update outbox_positions as old set seq = greatest(old.seq, sent.seq)
      from unnest(
        ${arrayText([...to.keys()])}::int[], ${arrayText([...to.values()])}::bigint[]
      ) as sent (shard, seq)
      where old.reader = ${reader} and old.shard = sent.shard
      returning old.shard, old.seq`,
  );
  return new Map(rows.map(({ shard, seq }) => [shard, seq]));
}

/** Of one reader. */
export interface ReaderLag {
  readonly reader: string;
  /** Rows of the journal that it has not taken. */
  readonly rows: number;
  /** Of the oldest of them, in seconds; 0 where there is none. */
  readonly seconds: number;
  /** When somebody last decided that what it had not taken is never told; null: never. */
  readonly skippedAt: Date | null;
}

export interface OutboxState {
  readonly readers: readonly ReaderLag[];
  /** What the journal takes up on disk. */
  readonly journalBytes: number;
}

export async function readOutbox(client: Client): Promise<OutboxState> {
  const [readers, sizes] = await client.run('look at the outbox', (sql) =>
    Promise.all([
      sql<(Omit<ReaderLag, 'seconds'> & { readonly seconds: number | null })[]>`
        select reader, sum(greatest(coalesce(ends.seq, 0) - position.seq, 0))::bigint as rows,
          greatest(0, extract(epoch from clock_timestamp() - min(first.at)))::float8 as seconds,
          max(position.skipped_at) as "skippedAt"
        from outbox_positions as position
        left join lateral (
          select seq from journal where journal.shard = position.shard order by seq desc limit 1
        ) as ends on true
        left join lateral (
          select at from journal
          where journal.shard = position.shard and journal.seq > position.seq order by seq limit 1
        ) as first on true
        group by reader order by reader`,
      sql<{ readonly bytes: number }[]>`select pg_total_relation_size('journal') as bytes`,
    ]),
  );
  return {
    readers: readers.map((each) => ({ ...each, seconds: each.seconds ?? 0 })),
    journalBytes: sizes[0]?.bytes ?? 0,
  };
}

/**
 * What lies before the journal's end is never told to this reader. Deliberate, and for ever.
 * @returns how many rows that were
 */
export async function skipReader(client: Client, reader: string): Promise<number | null> {
  const [row] = await client.run(
    'skip in the outbox',
    (sql) => sql<{ readonly readers: number; readonly skipped: number }[]>`
      with goal as materialized (
        select position.shard, position.seq as was, ends.seq
        from outbox_positions as position cross join lateral (
          select seq from journal where journal.shard = position.shard order by seq desc limit 1
        ) as ends
        where position.reader = ${reader} and ends.seq > position.seq
        for update of position
      ), moved as (
        update outbox_positions as old set seq = goal.seq, skipped_at = clock_timestamp()
        from goal where old.reader = ${reader} and old.shard = goal.shard
      )
      select (select count(*) from outbox_positions where reader = ${reader}) as readers,
        coalesce(sum(seq - was), 0)::bigint as skipped
      from goal`,
  );
  return row === undefined || row.readers === 0 ? null : row.skipped;
}

/** What one reader needs, over a connection of its own. */
export function openOutboxStore(options: ConnectOptions, reader: string) {
  const client = openClient('reads', options);
  return {
    positions: () => readPositions(client, reader),
    readTail: (after: Positions, limit: number) => readTail(client, after, limit),
    advance: (to: Positions) => advance(client, reader, to),
    close: () => client.close(),
  };
}

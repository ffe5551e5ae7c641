// What the audits of all services read alike: the shards' heads, and the journal after their snapshots.
import type { JournalRow } from '../runtime/store.ts';
import type { Fragment, Sql } from './connect.ts';
import type { StoredText } from './table.ts';
import { fromInstant } from './values.ts';

export interface AuditHead {
  readonly shard: number;
  readonly snapshotSeq: number;
  readonly trimmedTo: number;
  readonly channels: string;
}

/** A row of `part`, `id`, `seq` and `body` for each shard. */
export function heads(sql: Sql): Fragment {
  return sql`
    select 'head' as part, shard::text as id, snapshot_seq as seq,
      json_build_object('trimmedTo', trimmed_to, 'channels', channels)::text as body
    from shards`;
}

/** Rows after their shard's snapshot position, each shard's in order of seq. */
export function tails(sql: Sql): Fragment {
  return sql`
    select 'journal', journal.shard::text, journal.seq, json_build_object(
      'epoch', journal.epoch, 'at', journal.at, 'events', journal.events
    )::text
    from shards join journal on journal.shard = shards.shard and journal.seq > shards.snapshot_seq
    order by journal.shard, journal.seq`;
}

export function toHead({ id, seq, body }: StoredText): AuditHead {
  return { shard: Number(id), snapshotSeq: seq, ...JSON.parse(body) };
}

export function toJournalRow({ id, seq, body }: StoredText): JournalRow {
  const { epoch, at, events } = JSON.parse(body);
  return { shard: Number(id), seq, epoch, at: fromInstant(at), events };
}

// How far the journal has come.
import type { Client } from './connect.ts';
import type { JournalHead } from './inventory/queries/types.ts';

/** Of every shard, in order of shard. */
export function journalHeads(client: Client): Promise<readonly JournalHead[]> {
  return client.run(
    'read the journal heads',
    (sql) => sql<JournalHead[]>`
      select shards.shard, shards.trimmed_to as "trimmedTo",
        greatest(shards.trimmed_to, (
          select journal.seq from journal where journal.shard = shards.shard order by journal.seq desc limit 1
        )) as seq
      from shards order by shards.shard`,
  );
}

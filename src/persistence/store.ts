// The runtime's Store on PostgreSQL.
import type { Store } from '../runtime/store.ts';
import { type ConnectOptions, openClient } from './connect.ts';
import { dueActors, pendingActors } from './due.ts';
import { append, claim, confirm, readTail, trim } from './journal.ts';
import { loadActors, writeSnapshot } from './snapshots.ts';
import type { StoreSchema } from './table.ts';

/** Connects with the first statement, and by itself ever after. One for each shard thread. */
export function createStore(options: ConnectOptions, schema: StoreSchema): Store {
  const journal = openClient('append', options);
  const work = openClient('work', options);
  const background = openClient('snapshot', options);
  return {
    claim: (ownerEpoch, shards) => claim(work, ownerEpoch, shards),
    readTail: (after, limit) => readTail(work, after, limit),
    append: (rows) => append(journal, rows),
    confirm: (shards) => confirm(work, shards),
    load: (refs) => loadActors(work, schema, refs),
    due: (shards, before, limit) => dueActors(work, schema, shards, before, limit),
    pending: (shards, after, limit) => pendingActors(work, schema, shards, after, limit),
    snapshot: (write) => writeSnapshot(background, schema, write),
    trim: (heads, limit) => trim(background, heads, limit),
    async close() {
      await Promise.all([journal.close(), work.close(), background.close()]);
    },
  };
}

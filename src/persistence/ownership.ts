// Which process may work on this database: one row with an epoch, and a heartbeat by the database's clock. Whoever is
// displaced finds out by its heartbeat, and can claim no shards meanwhile (see claim in journal.ts).

import { StoreError } from '../runtime/store.ts';
import { type ConnectOptions, openClient } from './connect.ts';

export interface Ownership {
  /**
   * Takes the database over where nobody owns it or the owner's heartbeat lies further back than the lease. Repeated by
   * the one who owns it already, it raises the epoch again.
   * @param holder names one start of one process: never the same for two
   * @returns the owner epoch, or null where another process owns the database
   */
  acquire(holder: string, leaseMs: number): Promise<number | null>;
  /** @returns false: displaced, or released */
  heartbeat(epoch: number): Promise<boolean>;
  /** Lets the next one take over at once. Does nothing where the database has another owner by now. */
  release(epoch: number): Promise<void>;
  close(): Promise<void>;
}

/** Every method is one statement that locks the owner row, and so waits for claims that are under way. */
export function createOwnership(options: ConnectOptions): Ownership {
  const client = openClient('owner', options);
  return {
    async acquire(holder, leaseMs) {
      if (holder === '') throw new StoreError('broken', 'an owner needs a name');
      const [row] = await client.run(
        'acquire',
        (sql) => sql<{ readonly epoch: number }[]>`
          update owner set epoch = epoch + 1, holder = ${holder}, heartbeat = clock_timestamp()
          where holder in ('', ${holder})
            or heartbeat < clock_timestamp() - ${leaseMs}::bigint * interval '1 millisecond'
          returning epoch`,
      );
      return row?.epoch ?? null;
    },
    async heartbeat(epoch) {
      const rows = await client.run(
        'heartbeat',
        (sql) => sql`
          update owner set heartbeat = clock_timestamp() where epoch = ${epoch} and holder <> '' returning epoch`,
      );
      return rows.length === 1;
    },
    async release(epoch) {
      await client.run(
        'release',
        (sql) => sql`update owner set holder = '', heartbeat = '-infinity' where epoch = ${epoch}`,
      );
    },
    close: () => client.close(),
  };
}

// Which process may work on this database: one row with an epoch, and a heartbeat by the database's clock. Whoever is
// displaced finds out by its heartbeat, and can claim no shards meanwhile (see claim in journal.ts).
import { randomUUID } from 'node:crypto';
import { type ConnectOptions, openClient } from './connect.ts';

export interface Owner {
  /** As given to `acquire`, and a word behind it. */
  readonly holder: string;
  /** When it can be displaced, unless it is heard of again; milliseconds since 1970 by the database's clock. */
  readonly leaseEndsAt: number;
}

export interface Ownership {
  /**
   * Takes the database over where nobody owns it or the owner's heartbeat lies further back than the lease. Repeated by
   * the one who owns it already, it raises the epoch again.
   * @param holder says in the table who it is; two of one name are still two
   * @param leaseMs how long the owner may be silent
   * @returns the owner epoch, or null where another one owns the database
   */
  acquire(holder: string, leaseMs: number): Promise<number | null>;
  /** @param leaseMs how long the owner may be silent. @returns null where nobody owns the database */
  owner(leaseMs: number): Promise<Owner | null>;
  /** @returns false: displaced, or released */
  heartbeat(epoch: number): Promise<boolean>;
  /** The owner epoch, whoever owns the database or did last. */
  epoch(): Promise<number>;
  /** Lets the next one take over at once. Does nothing where the database has another owner by now. */
  release(epoch: number): Promise<void>;
  close(): Promise<void>;
}

/** Every method but `owner` is one statement that locks the owner row, and so waits for claims that are under way. */
export function createOwnership(options: ConnectOptions): Ownership {
  const client = openClient('owner', options);
  // Never the same for two, whatever they call themselves: it is how one knows its own after an unknown outcome.
  const self = randomUUID();
  return {
    async acquire(holder, leaseMs) {
      const name = `${holder} ${self}`;
      const [row] = await client.run(
        'acquire',
        (sql) => sql<{ readonly epoch: number }[]>`
          update owner set epoch = epoch + 1, holder = ${name}, heartbeat = clock_timestamp()
          where holder in ('', ${name})
            or heartbeat < clock_timestamp() - ${leaseMs}::bigint * interval '1 millisecond'
          returning epoch`,
      );
      return row?.epoch ?? null;
    },
    async owner(leaseMs) {
      const [row] = await client.run(
        'owner',
        (sql) => sql<{ readonly holder: string; readonly lease_ends_at: number }[]>`
          select holder, (extract(epoch from heartbeat) * 1000)::bigint + ${leaseMs}::bigint as lease_ends_at
          from owner where holder <> ''`,
      );
      return row === undefined ? null : { holder: row.holder, leaseEndsAt: row.lease_ends_at };
    },
    async epoch() {
      const [row] = await client.run(
        'owner epoch',
        (sql) => sql<{ readonly epoch: number }[]>`select epoch from owner`,
      );
      return row?.epoch ?? 0;
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

// The keys of personal data, in a table of their own: never in a journal, never in a snapshot.
import type { KeyStore } from '../../api/logistics/vault.ts';
import { StoreError } from '../../runtime/store.ts';
import { type ConnectOptions, openClient } from '../connect.ts';
import { arrayText } from '../values.ts';

export interface OpenKeyStore extends KeyStore {
  close(): Promise<void>;
}

/** Connects with the first statement. */
export function createKeyStore(options: ConnectOptions): OpenKeyStore {
  const client = openClient('reads', options);
  return {
    async read(owners) {
      const rows = await client.run(
        'read keys',
        (sql) => sql<{ readonly owner: string; readonly key: Uint8Array }[]>`
          select owner, key from personal_keys
          where owner = any(${arrayText(owners)}::text[]) and key is not null`,
      );
      return new Map(rows.map(({ owner, key }) => [owner, key]));
    },
    /** Where two make one at a time, the second waits for the first and takes its key. */
    async make(owner, key) {
      const [row] = await client.run(
        'make a key',
        (sql) => sql<{ readonly key: Uint8Array | null }[]>`
          insert into personal_keys as old (owner, key) values (${owner}, ${Buffer.from(key)})
          on conflict (owner) do update set key = old.key
          returning key`,
      );
      if (row === undefined) throw new StoreError('broken', 'a key without a row');
      return row.key;
    },
    /** Locks the key's row. An owner without one gets none afterwards either. */
    async destroy(owner) {
      await client.run(
        'destroy a key',
        (sql) => sql`
          insert into personal_keys (owner, key) values (${owner}, null)
          on conflict (owner) do update set key = null`,
      );
    },
    async secret(name, made) {
      const [row] = await client.run(
        'make a secret',
        (sql) => sql<{ readonly value: Uint8Array }[]>`
          insert into secrets as old (name, value) values (${name}, ${Buffer.from(made)})
          on conflict (name) do update set value = old.value
          returning value`,
      );
      if (row === undefined) throw new StoreError('broken', 'a secret without a row');
      return row.value;
    },
    close: () => client.close(),
  };
}

// The keys of personal data, in a table of their own: never in a journal, never in a snapshot. A row is made once and never
// goes: a key that was destroyed leaves its owner's row without one, so that nobody gets a second key.
//
// Each method is one statement, and what many ask for at a time shares it. A key that is there already is read without a
// write: a customer's key is asked for with every order.
import type { KeyStore } from '../../api/logistics/vault.ts';
import { Gatherer } from '../../runtime/gatherer.ts';
import { StoreError } from '../../runtime/store.ts';
import { type Client, type ConnectOptions, openClient } from '../connect.ts';
import { arrayText } from '../values.ts';

const connections = 2;
const batchLimits = { itemsMax: 1_000, underWayMax: connections } as const;
/** The second statement sees whatever the first one met. */
const triesMax = 3;

export interface OpenKeyStore extends KeyStore {
  close(): Promise<void>;
}

/** Null: destroyed. */
type Key = Uint8Array | null;

interface Owned {
  readonly owner: string;
  readonly key: Key;
}

interface Proposed {
  readonly owner: string;
  readonly key: Uint8Array;
}

/** Connects with the first statement. Every method throws StoreError. */
export function createKeyStore(options: ConnectOptions): OpenKeyStore {
  const limits = { ...options.limits, readConnectionsMax: connections };
  const client = openClient('reads', { ...options, limits });
  const reads = new Gatherer((owners: readonly string[]) => read(client, owners), batchLimits);
  const makes = new Gatherer((proposed: readonly Proposed[]) => make(client, proposed), batchLimits);
  return {
    async read(owners) {
      const keys = await Promise.all(owners.map((owner) => reads.ask(owner)));
      return new Map(
        owners.flatMap((owner, index): [string, Uint8Array][] => {
          const key = keys[index] ?? null;
          return key === null ? [] : [[owner, key]];
        }),
      );
    },
    make: (owner, key) => makes.ask({ owner, key }),
    destroy: (owner) => destroy(client, owner),
    secret: (name, made) => secret(client, name, made),
    close: () => client.close(),
  };
}

async function read(client: Client, owners: readonly string[]): Promise<readonly Key[]> {
  const rows = await client.run(
    'read keys',
    (sql) => sql<Owned[]>`
      select owner, key from personal_keys
      where owner = any(${arrayText([...new Set(owners)])}::text[]) and key is not null`,
  );
  const found = new Map(rows.map(({ owner, key }) => [owner, key]));
  return owners.map((owner) => found.get(owner) ?? null);
}

/**
 * Locks only what it inserts, in the order of the owners. Where another process is just inserting the same owner's, the
 * statement waits for it, but does not see its row: that one is asked for again.
 */
async function make(client: Client, proposed: readonly Proposed[]): Promise<readonly Key[]> {
  const found = new Map<string, Key>();
  for (let tries = 0; tries < triesMax; tries += 1) {
    const missing = proposed.filter(({ owner }) => !found.has(owner));
    if (missing.length === 0) break;
    for (const { owner, key } of await insert(client, missing)) found.set(owner, key);
  }
  return proposed.map(({ owner }) => {
    const key = found.get(owner);
    if (key === undefined) throw new StoreError('broken', 'a key without a row');
    return key;
  });
}

function insert(client: Client, proposed: readonly Proposed[]): Promise<readonly Owned[]> {
  return client.run(
    'make keys',
    (sql) => sql<Owned[]>`
      with sent as materialized (
        select * from unnest(
          ${arrayText(proposed.map(({ owner }) => owner))}::text[],
          ${arrayText(proposed.map(({ key }) => `\\x${Buffer.from(key).toString('hex')}`))}::bytea[]
        ) as sent (owner, key)
      ), made as (
        insert into personal_keys (owner, key) select owner, key from sent order by owner collate "C"
        on conflict do nothing
        returning owner, key
      )
      select owner, key from made
      union all
      select owner, old.key from personal_keys as old where owner in (select owner from sent)`,
  );
}

/** Locks the key's row. An owner without one gets none afterwards either. */
async function destroy(client: Client, owner: string): Promise<void> {
  await client.run(
    'destroy a key',
    (sql) => sql`
      insert into personal_keys as old (owner, key) values (${owner}, null)
      on conflict (owner) do update set key = null where old.key is not null`,
  );
}

/** Locks the secret's row: where two make one at a time, the second waits for the first and takes its value. */
async function secret(client: Client, name: string, made: Uint8Array): Promise<Uint8Array> {
  const [row] = await client.run(
    'make a secret',
    (sql) => sql<{ readonly value: Uint8Array }[]>`
      insert into secrets as old (name, value) values (${name}, ${Buffer.from(made)})
      on conflict (name) do update set value = old.value
      returning value`,
  );
  if (row === undefined) throw new StoreError('broken', 'a secret without a row');
  return row.value;
}

// Keys of personal data: one for each owner, ever; and none any more once it is destroyed, whoever asks at the same moment.
import { randomBytes, randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createKeyStore, type OpenKeyStore } from '../../src/persistence/logistics/keys.ts';
import { silentLog } from '../store/real.ts';
import { until } from '../store/until.ts';
import { createLogisticsDatabase, type TestDatabase } from '../support/database.ts';

const newKey = () => randomBytes(32);
const hex = (key: Uint8Array | null | undefined) => (key ? Buffer.from(key).toString('hex') : key);

let database: TestDatabase;
let opened: OpenKeyStore[];
let sql: postgres.Sql;
/** Nobody else's. */
let ada: string;

beforeAll(async () => {
  database = await createLogisticsDatabase();
  sql = postgres(database.url, { max: 1 });
});

afterAll(async () => {
  await sql.end({ timeout: 1 });
  await database.drop();
});

beforeEach(() => {
  opened = [];
  ada = randomUUID();
});

afterEach(async () => {
  await Promise.all(opened.map((keys) => keys.close()));
});

/** Another process's. */
function open(): OpenKeyStore {
  const keys = createKeyStore({ url: database.url, log: silentLog });
  opened.push(keys);
  return keys;
}

async function keyOf(keys: OpenKeyStore, owner: string): Promise<string | null | undefined> {
  return hex((await keys.read([owner])).get(owner));
}

describe('a key', () => {
  it('is kept exactly, for everybody', async () => {
    const [here, there] = [open(), open()];
    const owners = ['', '{"a","b\\"}', randomUUID()];
    for (const owner of owners) {
      const key = newKey();
      expect(hex(await here.make(owner, key))).toBe(hex(key));
      expect(await keyOf(there, owner)).toBe(hex(key));
    }
  });

  it('is made once: whoever comes later takes the one that is there, and writes nothing', async () => {
    const [here, there] = [open(), open()];
    const first = newKey();
    await here.make(ada, first);
    const before = await sql`select xmin, ctid from personal_keys where owner = ${ada}`;
    expect(hex(await there.make(ada, newKey()))).toBe(hex(first));
    expect(hex(await here.make(ada, newKey()))).toBe(hex(first));
    expect(await sql`select xmin, ctid from personal_keys where owner = ${ada}`).toEqual(before);
  });

  it('is read for those alone who have one', async () => {
    const keys = open();
    const key = newKey();
    const gone = randomUUID();
    await keys.make(ada, key);
    await keys.make(gone, newKey());
    await keys.destroy(gone);
    const read = await keys.read(['nobody', ada, gone, ada]);
    expect([...read].map(([owner, found]) => [owner, hex(found)])).toEqual([[ada, hex(key)]]);
    expect(await keys.read([])).toEqual(new Map());
  });

  it('that was destroyed is gone for good, also where there was none', async () => {
    const [here, there] = [open(), open()];
    await here.make(ada, newKey());
    for (const owner of [ada, randomUUID()]) {
      await here.destroy(owner);
      await here.destroy(owner);
      expect(await keyOf(there, owner)).toBeUndefined();
      expect(await there.make(owner, newKey())).toBeNull();
      expect(await here.make(owner, newKey())).toBeNull();
      expect(await keyOf(here, owner)).toBeUndefined();
    }
    expect(await sql`select key from personal_keys where owner = ${ada}`).toEqual([{ key: null }]);
  });

  it('that was destroyed is gone for others too, also while they use the owner all the time', async () => {
    const [here, there] = [open(), open()];
    await here.make(ada, newKey());
    let isDestroyed = false;
    const seenAfterwards: unknown[] = [];
    let asked = 0;
    const using = async () => {
      for (;;) {
        const wasDestroyed = isDestroyed;
        const [made, read] = await Promise.all([there.make(ada, newKey()), keyOf(there, ada)]);
        asked += 1;
        if (!wasDestroyed) continue;
        seenAfterwards.push(made, read);
        return;
      }
    };
    const users = Array.from({ length: 20 }, using);
    await until('the key to be used', () => asked > 100);
    await here.destroy(ada);
    isDestroyed = true;
    await Promise.all(users);
    expect(new Set(seenAfterwards)).toEqual(new Set([null, undefined]));
    expect(seenAfterwards).toHaveLength(40);
  });
});

describe('many at a time', () => {
  it('make one key for each owner, over many connections, in any order', async () => {
    const stores = Array.from({ length: 8 }, open);
    const owners = Array.from({ length: 50 }, () => randomUUID());
    const made = await Promise.all(
      stores.flatMap((keys, index) => {
        const inOrder = index % 2 === 0 ? owners : owners.toReversed();
        return inOrder.map(async (owner) => ({ owner, key: hex(await keys.make(owner, newKey())) }));
      }),
    );
    const byOwner = Map.groupBy(made, ({ owner }) => owner);
    expect(byOwner.size).toBe(owners.length);
    const kept = await open().read(owners);
    for (const [owner, keys] of byOwner) {
      expect(new Set(keys.map(({ key }) => key)).size).toBe(1);
      expect(keys[0]?.key).toBe(hex(kept.get(owner)));
    }
  });

  it('make and destroy at the same moment: never a second key, and none afterwards', async () => {
    const stores = Array.from({ length: 8 }, open);
    const owners = Array.from({ length: 40 }, () => randomUUID());
    const seen = new Map<string, Set<unknown>>(owners.map((owner) => [owner, new Set()]));
    await Promise.all(
      stores.flatMap((keys, index) =>
        owners.map(async (owner, number) => {
          if ((index + number) % 4 === 0) await keys.destroy(owner);
          else seen.get(owner)?.add(hex(await keys.make(owner, newKey())));
        }),
      ),
    );
    for (const [owner, keys] of seen) {
      keys.delete(null);
      expect(keys.size, owner).toBeLessThanOrEqual(1);
    }
    const [first] = stores;
    expect(await first?.read(owners)).toEqual(new Map());
    expect(await Promise.all(owners.map((owner) => first?.make(owner, newKey())))).toEqual(
      owners.map(() => null),
    );
  });

  it('share statements: the 1,500 keys of one tick are made in two', async () => {
    const keys = open();
    const owners = Array.from({ length: 1_500 }, () => randomUUID());
    const made = await Promise.all(owners.map((owner) => keys.make(owner, newKey())));
    // Rows of one statement have one time.
    const [counted] = await sql`
      select count(distinct created_at)::int as statements from personal_keys where owner = any(${owners})`;
    expect(counted).toEqual({ statements: 2 });
    const read = await Promise.all(owners.map((owner) => keyOf(keys, owner)));
    expect(read).toEqual(made.map(hex));
  });
});

describe('a key that another process is just making or destroying', () => {
  const theirs = newKey();
  const mine = newKey();

  beforeEach(() => sql`begin`);

  async function whileWaiting<T>(work: Promise<T>, end: () => Promise<unknown>): Promise<T> {
    const watcher = postgres(database.url, { max: 1 });
    try {
      await until('the statement to wait for the other process', async () => {
        const found = await watcher`
          select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
        return found.length > 0;
      });
      await end();
      return await work;
    } finally {
      await watcher.end({ timeout: 1 });
    }
  }

  const insert = (key: Buffer | null) => sql`insert into personal_keys (owner, key) values (${ada}, ${key})`;

  it('is the one that it made', async () => {
    await insert(theirs);
    const keys = open();
    const others = Array.from({ length: 20 }, (_, number) => keys.make(`other ${number}`, newKey()));
    const made = await whileWaiting(keys.make(ada, mine), () => sql`commit`);
    expect(hex(made)).toBe(hex(theirs));
    expect((await Promise.all(others)).every((key) => key?.length === 32)).toBe(true);
  });

  it('is mine where it changes its mind', async () => {
    await insert(theirs);
    expect(hex(await whileWaiting(open().make(ada, mine), () => sql`rollback`))).toBe(hex(mine));
  });

  it('is none where it was destroyed before it was ever made', async () => {
    await insert(null);
    expect(await whileWaiting(open().make(ada, mine), () => sql`commit`)).toBeNull();
  });

  it('is destroyed once it is made', async () => {
    await insert(theirs);
    const keys = open();
    await whileWaiting(keys.destroy(ada), () => sql`commit`);
    expect(await keyOf(keys, ada)).toBeUndefined();
    expect(await keys.make(ada, mine)).toBeNull();
  });
});

describe('a secret', () => {
  it('is made once, also by many at a time', async () => {
    const made = await Promise.all(Array.from({ length: 16 }, () => open().secret('a secret', newKey())));
    expect(new Set(made.map(hex)).size).toBe(1);
    expect(hex(await open().secret('a secret', newKey()))).toBe(hex(made[0]));
    expect(hex(await open().secret('another', newKey()))).not.toBe(hex(made[0]));
  });
});

describe('keys that cannot be asked for', () => {
  it('fail all that asked, and are there for those who ask later', async () => {
    const keys = open();
    await sql`alter table personal_keys rename to elsewhere`;
    const owners = ['a', 'b', 'c'];
    const outcomes = await Promise.allSettled([
      ...owners.map((owner) => keys.make(owner, newKey())),
      ...owners.map((owner) => keys.read([owner])),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(Array.from({ length: 6 }, () => 'rejected'));
    expect(outcomes[0]).toMatchObject({ reason: { name: 'StoreError', kind: 'broken' } });
    await sql`alter table elsewhere rename to personal_keys`;
    expect(await Promise.all(owners.map((owner) => keys.make(owner, newKey())))).not.toContain(null);
  });
});

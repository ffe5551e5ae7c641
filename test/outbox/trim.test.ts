// The journal is never trimmed past a reader of events, however far the tables are.
import { afterEach, expect, it } from 'vitest';
import { openClient } from '../../src/persistence/connect.ts';
import { inventorySchema } from '../../src/persistence/inventory/schema.ts';
import { readOutbox, skipReader } from '../../src/persistence/outbox.ts';
import { createStore } from '../../src/persistence/store.ts';
import { journalRow, silent, TestJournal } from './support.ts';

let journal: TestJournal;
afterEach(() => journal.close());

async function trimmed(readers: readonly string[]): Promise<() => Promise<readonly number[]>> {
  journal = await TestJournal.open(1, readers);
  await journal.sql`update owner set epoch = 1`;
  const store = createStore({ url: journal.database.url, log: silent }, inventorySchema);
  const claim = await store.claim(1, [0]);
  const [head] = claim === 'displaced' ? [] : claim.heads;
  if (head === undefined) throw new Error('no claim');
  const { epoch } = head;
  for (let seq = 1; seq <= 6; seq++)
    expect(await store.append([{ ...journalRow(0, seq), epoch }])).toBe('appended');
  const heads = [{ shard: 0, epoch, snapshotSeq: 5, channels: '' }];
  expect(await store.snapshot({ heads, rows: [], events: [] })).toBe('written');
  return async () => {
    const old = [{ shard: 0, epoch, olderThan: Date.now() }];
    // What a call raises the mark to, the next one deletes.
    for (const _ of [1, 2, 3]) await store.trim(old, 100);
    const rows = await journal.sql`select seq::int from journal order by seq`;
    return rows.map(({ seq }) => Number(seq));
  };
}

it('goes as far as the slowest reader', async () => {
  const rest = await trimmed(['fast', 'slow']);
  await journal.sql`update outbox_positions set seq = case reader when 'fast' then 5 else 2 end`;
  expect(await rest()).toEqual([3, 4, 5, 6]);
  await journal.sql`update outbox_positions set seq = 9`;
  expect(await rest()).toEqual([6]);
});

it('goes as far as the tables where nobody reads', async () => {
  const rest = await trimmed([]);
  expect(await rest()).toEqual([6]);
});

it('goes on when somebody decides to skip, and says so', async () => {
  const rest = await trimmed(['amqp']);
  expect(await rest()).toEqual([1, 2, 3, 4, 5, 6]);
  const client = openClient('work', { url: journal.database.url, log: silent });
  const before = await readOutbox(client);
  expect(before.readers).toMatchObject([{ reader: 'amqp', rows: 6, skippedAt: null }]);
  expect(before.readers[0]?.seconds).toBeGreaterThan(1_000);
  expect(before.journalBytes).toBeGreaterThan(0);
  expect(await skipReader(client, 'nobody')).toBeNull();
  expect(await skipReader(client, 'amqp')).toBe(6);
  expect(await skipReader(client, 'amqp')).toBe(0);
  expect((await readOutbox(client)).readers).toMatchObject([
    { rows: 0, seconds: 0, skippedAt: expect.any(Date) },
  ]);
  await client.close();
  expect(await rest()).toEqual([6]);
});

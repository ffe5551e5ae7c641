// Statements of two processes at the same moment, and backends that end under a statement. Another session holds a lock
// so that the statement under test waits for it; what it finds afterwards is what counts.
import postgres from 'postgres';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TestDatabase } from '../support/database.ts';
import type { StoreUnderTest } from './contract.ts';
import { makeDatabase, makeStores } from './real.ts';
import { head, itemRef, itemRow, journalRow, someTime } from './samples.ts';
import { until } from './until.ts';

describe('the store on PostgreSQL, at the same moment as others', () => {
  let database: TestDatabase;
  let test: StoreUnderTest;
  let ownerEpoch: number;
  /** One connection, so that a transaction can be written out. */
  let session: postgres.Sql;
  let watcher: postgres.Sql;

  beforeEach(async () => {
    database = await makeDatabase();
    test = makeStores(database, database.url, { appendMsMax: 2_000, statementMarginMs: 1_000 });
    ownerEpoch = await test.own();
    await test.store.claim(ownerEpoch, [0, 1]);
    session = postgres(database.url, { max: 1 });
    watcher = postgres(database.url, { max: 1 });
    await session`begin`;
  });

  afterEach(async () => {
    await Promise.all([session.end({ timeout: 1 }), watcher.end({ timeout: 1 })]);
    await test.close();
  });

  const waiting = (role: string) =>
    until(`a statement of ${role} to wait for a lock`, async () => {
      const found = await watcher`
        select pid from pg_stat_activity
        where datname = current_database() and application_name = ${`synkro-${role}`} and wait_event_type = 'Lock'`;
      return found.length > 0;
    });

  const lateRow = () => session`
    insert into journal (shard, seq, epoch, at, events) values (0, 1, 1, now(), '"late"')`;

  it('an append of the old epoch that lands after the claim is a conflict for the new one', async () => {
    await lateRow();
    await test.other.claim(ownerEpoch, [0]);
    const first = test.other.append([journalRow(0, 1, 2)]);
    await waiting('append');
    await session`commit`;
    expect(await first).toBe('conflict');
    expect(await test.other.readTail(new Map([[0, 0]]), 10)).toMatchObject([{ seq: 1, epoch: 1 }]);
    expect(await test.other.append([journalRow(0, 2, 2)])).toBe('appended');
  });

  it('an append that waits for one that is rolled back goes through', async () => {
    await lateRow();
    const append = test.store.append([journalRow(0, 1, 1)]);
    await waiting('append');
    await session`rollback`;
    expect(await append).toBe('appended');
  });

  it('an append that has to wait too long is ended by the server, without effect', async () => {
    await lateRow();
    await expect(test.store.append([journalRow(0, 1, 1)])).rejects.toMatchObject({ kind: 'rejected' });
    await session`rollback`;
    expect(await test.store.append([journalRow(0, 1, 1)])).toBe('appended');
  });

  it('an append whose backend ends is unknown, and the store goes on by itself', async () => {
    await lateRow();
    const append = test.store.append([journalRow(0, 1, 1)]);
    // Settled here as soon as it rejects: nobody else listens before the check below.
    const outcome = expect(append).rejects.toMatchObject({ name: 'StoreError', kind: 'unknown' });
    await waiting('append');
    await watcher`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name = 'synkro-append'`;
    await outcome;
    await session`rollback`;
    expect(await test.store.append([journalRow(0, 1, 1)])).toBe('appended');
  });

  it('goes on after all of its idle backends were ended', async () => {
    const { store } = test;
    await store.append([journalRow(0, 1, 1)]);
    await store.load([itemRef(0)]);
    await watcher`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name like 'synkro-%'`;
    // A call that comes before the end of the connection is noticed may be unknown; none hangs.
    await until('an append to be answered', () =>
      store.append([journalRow(0, 2, 1)]).then(
        () => true,
        () => false,
      ),
    );
    await until('a load to be answered', () =>
      store.load([itemRef(0)]).then(
        () => true,
        () => false,
      ),
    );
    expect(await store.readTail(new Map([[0, 1]]), 10)).toMatchObject([{ seq: 2 }]);
  });

  it('a claim that waits for a snapshot sees the position that it left', async () => {
    await session`update shards set snapshot_seq = 7, channels = 'at seven' where shard = 0`;
    const claim = test.other.claim(ownerEpoch, [1, 0]);
    await waiting('work');
    await session`commit`;
    expect(await claim).toMatchObject({
      heads: [
        { shard: 0, epoch: 2, snapshotSeq: 7, channels: 'at seven' },
        { shard: 1, epoch: 2, snapshotSeq: 0 },
      ],
    });
  });

  it('a claim that waits while its process is displaced is refused', async () => {
    await session`update owner set epoch = epoch + 1, holder = 'another'`;
    const claim = test.store.claim(ownerEpoch, [0]);
    await waiting('work');
    await session`commit`;
    expect(await claim).toBe('displaced');
    expect(await test.store.confirm([{ shard: 0, epoch: 1 }])).toBe(true);
  });

  it('a snapshot that waits for a claim is fenced by it, and writes nothing', async () => {
    await session`update shards set epoch = epoch + 1 where shard = 1`;
    const heads = [head(0, 1, 3), head(1, 1, 3)];
    const snapshot = test.store.snapshot({ heads, rows: [itemRow(0, 0, 3)], events: [] });
    await waiting('snapshot');
    await session`commit`;
    expect(await snapshot).toBe('fenced');
    expect(await test.store.load([itemRef(0)])).toEqual([]);
    expect(await watcher`select snapshot_seq from shards where snapshot_seq > 0`).toHaveLength(0);
  });

  it('a snapshot that waits for another goes on from what that one left', async () => {
    await session`update shards set snapshot_seq = 5, channels = 'at five' where shard = 0`;
    const snapshot = test.store.snapshot({
      heads: [head(0, 1, 4, 'at four')],
      rows: [itemRow(0, 0, 4)],
      events: [],
    });
    await waiting('snapshot');
    await session`commit`;
    expect(await snapshot).toBe('written');
    expect(await watcher`select snapshot_seq, channels from shards where shard = 0`).toEqual([
      { snapshot_seq: '5', channels: 'at five' },
    ]);
  });

  it('a trim that waits for a snapshot never raises its mark beyond what that one left', async () => {
    await test.store.append([1, 2, 3].map((seq) => journalRow(0, seq, 1)));
    await session`update shards set snapshot_seq = 2 where shard = 0`;
    const goal = [{ shard: 0, epoch: 1, olderThan: someTime + 100 }];
    const trim = test.store.trim(goal, 10);
    await waiting('snapshot');
    await session`commit`;
    expect(await trim).toBe(0);
    await test.store.trim(goal, 10);
    expect(await watcher`select trimmed_to from shards where shard = 0`).toEqual([{ trimmed_to: '2' }]);
    expect(await test.store.trim(goal, 10)).toBe(2);
  });
});

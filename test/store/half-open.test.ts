// A connection that goes nowhere: every call ends by its deadline, and the store goes on by itself afterwards.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StoreError } from '../../src/runtime/store.ts';
import type { StoreUnderTest } from './contract.ts';
import { type DatabaseProxy, startProxy } from './proxy.ts';
import { makeDatabase, makeStores } from './real.ts';
import { head, itemRef, itemRow, journalRow } from './samples.ts';
import { until } from './until.ts';

const deadlineMs = 1_500;
/** Far below what the kernel would take to notice, far above the deadline on a busy machine. */
const patienceMs = 10_000;

describe('a connection that goes nowhere', () => {
  let proxy: DatabaseProxy;
  let test: StoreUnderTest;

  beforeEach(async () => {
    const database = await makeDatabase();
    proxy = await startProxy(database.url);
    const limits = { appendMsMax: deadlineMs, workMsMax: deadlineMs, snapshotMsMax: deadlineMs };
    test = makeStores(database, proxy.url, { ...limits, statementMarginMs: 50 });
    await test.other.claim(await test.own(), [0, 1]);
  });

  afterEach(async () => {
    await proxy.close();
    await test.close();
  });

  async function expectUnknown(call: Promise<unknown>): Promise<void> {
    const startedAt = performance.now();
    const error = await call.then(
      () => undefined,
      (reason: StoreError) => reason,
    );
    expect(error).toMatchObject({ name: 'StoreError', kind: 'unknown' });
    expect(performance.now() - startedAt).toBeLessThan(patienceMs);
  }

  it('ends every call by its deadline', async () => {
    const { store } = test;
    await store.append([journalRow(0, 1, 1)]);
    await store.load([itemRef(0)]);
    await store.snapshot({ heads: [head(0, 1, 1)], rows: [], events: [] });
    proxy.break('swallow everything');
    await Promise.all([
      expectUnknown(store.append([journalRow(0, 2, 1)])),
      expectUnknown(store.confirm([{ shard: 0, epoch: 1 }])),
      expectUnknown(store.load([itemRef(0)])),
      expectUnknown(store.snapshot({ heads: [head(0, 1, 1)], rows: [itemRow(0, 0, 1)], events: [] })),
    ]);
    proxy.heal();
    expect(await store.append([journalRow(0, 2, 1)])).toBe('appended');
    expect(await store.confirm([{ shard: 0, epoch: 1 }])).toBe(true);
    expect(await store.load([itemRef(0)])).toEqual([]);
  });

  it('lets go of the dead sockets', async () => {
    const { store } = test;
    await store.append([journalRow(0, 1, 1)]);
    proxy.break('swallow everything');
    await expectUnknown(store.append([journalRow(0, 2, 1)]));
    await until('the client to close its dead connection', () => proxy.clients === 0);
  });

  it('calls an append unknown whose answer was lost, and finds it in the journal', async () => {
    const { store } = test;
    await store.append([journalRow(0, 1, 1)]);
    proxy.break('swallow answers');
    await expectUnknown(store.append([journalRow(0, 2, 1)]));
    proxy.heal();
    expect(await store.append([journalRow(0, 2, 1)])).toBe('conflict');
    expect(await store.readTail(new Map([[0, 1]]), 10)).toEqual([journalRow(0, 2, 1)]);
  });

  it('gives up a connection that never comes to stand', async () => {
    proxy.break('swallow everything');
    await expectUnknown(test.store.append([journalRow(0, 1, 1)]));
    proxy.heal();
    expect(await test.store.append([journalRow(0, 1, 1)])).toBe('appended');
  });
});

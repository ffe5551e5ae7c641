// The reading for an audit: everything, as it stood at one moment.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type AuditHead,
  type LevelMovements,
  readForAudit,
} from '../../src/persistence/inventory/audit-read.ts';
import type { JournalRow, StoredActor } from '../../src/runtime/store.ts';
import type { TestDatabase } from '../support/database.ts';
import type { StoreUnderTest } from './contract.ts';
import { makeDatabase, makeStores, silentLog } from './real.ts';
import {
  head,
  itemRef,
  itemRow,
  itemState,
  journalRow,
  orderRow,
  orderState,
  someTime,
  warehouseId,
} from './samples.ts';

describe('reading for an audit', () => {
  let database: TestDatabase;
  let test: StoreUnderTest;

  beforeAll(async () => {
    database = await makeDatabase();
    test = makeStores(database);
    await test.store.claim(await test.own(), [0, 1]);
    await test.store.append([1, 2, 3].flatMap((seq) => [journalRow(0, seq, 1), journalRow(1, seq, 1)]));
    const change = {
      type: 'level',
      cause: 'adjusted',
      sku: '',
      warehouseId,
      quantity: 5,
      held: 0,
      allocated: 0,
    };
    const movement = (version: number, delta: number) => ({
      ref: itemRef(1),
      shard: 0,
      seq: version,
      event: { ...change, version, delta, at: someTime, reason: '', reference: '' },
    });
    await test.store.snapshot({
      heads: [head(0, 1, 2, '{"sent":1}'), head(1, 1, 3)],
      rows: [itemRow(1, 0, 2), orderRow('an order', 1, 3, null)],
      events: [movement(1, 7), movement(2, -2)],
    });
  });

  afterAll(() => test.close());

  async function read() {
    const heads: AuditHead[] = [];
    const journal: JournalRow[] = [];
    const states: StoredActor[] = [];
    const movements: LevelMovements[] = [];
    await readForAudit(
      { url: database.url, log: silentLog },
      {
        head: (each) => heads.push(each),
        journal: (row) => journal.push(row),
        state: (actor) => states.push(actor),
        movements: (level) => movements.push(level),
      },
    );
    return { heads, journal, states, movements };
  }

  it('yields the heads, the journal after them, all states and the sums of the movements', async () => {
    const { heads, journal, states, movements } = await read();
    expect(heads.toSorted((a, b) => a.shard - b.shard)).toEqual([
      { shard: 0, snapshotSeq: 2, trimmedTo: 0, channels: '{"sent":1}' },
      { shard: 1, snapshotSeq: 3, trimmedTo: 0, channels: 'at 3' },
      { shard: 2, snapshotSeq: 0, trimmedTo: 0, channels: '' },
      { shard: 3, snapshotSeq: 0, trimmedTo: 0, channels: '' },
    ]);
    expect(journal).toEqual([journalRow(0, 3, 1)]);
    expect(states).toEqual([
      { ref: itemRef(1), seq: 2, state: itemState(1, 2) },
      { ref: { kind: 'order', id: 'an order' }, seq: 3, state: orderState(3) },
    ]);
    expect(movements).toEqual([{ itemId: itemRef(1).id, warehouseId, sum: 5, version: 2 }]);
  });

  it('ends with the error of its visitor', async () => {
    const visitor = { head() {}, journal() {}, movements() {} };
    const state = () => {
      throw new Error('enough');
    };
    await expect(readForAudit({ url: database.url, log: silentLog }, { ...visitor, state })).rejects.toThrow(
      'enough',
    );
  });
});

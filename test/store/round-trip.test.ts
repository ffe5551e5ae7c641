// What is written comes back exactly, of every kind of actor.
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SnapshotRow } from '../../src/runtime/store.ts';
import type { StoreUnderTest } from './contract.ts';
import { makeDatabase, makeStores } from './real.ts';
import { head } from './samples.ts';
import {
  directoryStates,
  itemStates,
  orderIds,
  orderStates,
  receiptKeys,
  receiptStates,
  warehouseStates,
} from './states.ts';

const shard = 0;
const runs = 40;

type Written = Pick<SnapshotRow, 'ref' | 'state'>;

const actors: Record<string, () => fc.Arbitrary<Written>> = {
  item: () =>
    fc.uuid().chain((id) => itemStates(`${id} ${randomUUID()}`).map((state) => written('item', id, state))),
  order: () => fc.tuple(orderIds, orderStates).map(([id, state]) => written('order', id, state)),
  warehouse: () =>
    fc.uuid().chain((id) => warehouseStates(id).map((state) => written('warehouse', id, state))),
  directory: () => directoryStates.map((state) => written('directory', String(shard), state)),
  receipt: () => fc.tuple(receiptKeys, receiptStates).map(([id, state]) => written('receipt', id, state)),
};

function written(kind: string, id: string, state: unknown): Written {
  return { ref: { kind, id }, state };
}

describe('a state that was written', () => {
  let test: StoreUnderTest;
  /** Above that of every row before, so that each is newer than what it meets. */
  let seq = 0;

  beforeAll(async () => {
    test = makeStores(await makeDatabase());
    await test.store.claim(await test.own(), [shard]);
  });

  afterAll(() => test.close());

  async function writeAndRead(rows: readonly Written[]) {
    seq += 1;
    const sent = rows.map((row) => ({ ...row, shard, seq, dueAt: null, pending: false }));
    expect(await test.store.snapshot({ heads: [head(shard, 1, seq)], rows: sent, events: [] })).toBe(
      'written',
    );
    return test.other.load(rows.map((row) => row.ref));
  }

  for (const [kind, states] of Object.entries(actors)) {
    it(`comes back exactly: ${kind}`, async () => {
      await fc.assert(
        fc.asyncProperty(states(), async (row) => {
          expect(await writeAndRead([row])).toEqual([{ ...row, seq }]);
        }),
        { numRuns: runs },
      );
    });
  }

  it('replaces the one before it as a whole', async () => {
    await fc.assert(
      fc.asyncProperty(orderIds, orderStates, orderStates, async (id, first, second) => {
        await writeAndRead([written('order', id, first)]);
        const row = written('order', id, second);
        expect(await writeAndRead([row])).toEqual([{ ...row, seq }]);
      }),
      { numRuns: runs },
    );
  });

  it('comes back among states of all other kinds', async () => {
    const all = fc.tuple(...Object.values(actors).map((states) => states()));
    await fc.assert(
      fc.asyncProperty(all, async (rows) => {
        const stored = await writeAndRead(rows);
        for (const row of rows) expect(stored).toContainEqual({ ...row, seq });
        expect(stored).toHaveLength(rows.length);
      }),
      { numRuns: runs },
    );
  });

  it('is of none of the kinds written under an older epoch', async () => {
    const all = fc.tuple(...Object.values(actors).map((states) => states()));
    await fc.assert(
      fc.asyncProperty(all, async (rows) => {
        const before = await test.other.load(rows.map((row) => row.ref));
        const sent = rows.map((row) => ({ ...row, shard, seq: seq + 1, dueAt: null, pending: false }));
        const heads = [head(shard, 0, seq + 1)];
        expect(await test.store.snapshot({ heads, rows: sent, events: [] })).toBe('fenced');
        expect(await test.other.load(rows.map((row) => row.ref))).toEqual(before);
      }),
      { numRuns: 5 },
    );
  });

  it('is not kept where there is nothing to be kept', async () => {
    const rows = [
      written('item', randomUUID(), {
        details: null,
        deletedAt: null,
        levels: {},
        published: 0,
      }),
      written('warehouse', randomUUID(), { warehouse: null, changes: 0, spread: null, published: 0 }),
      written('receipt', 'a key', null),
    ];
    expect(await writeAndRead(rows)).toEqual([]);
  });
});

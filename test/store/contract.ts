// What every store must hold to, the real one and the simulator's: whoever implements Store runs this suite.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ShardHead, Store } from '../../src/runtime/store.ts';
import { head, itemRef, itemRow, itemState, journalRow, orderRow, someTime } from './samples.ts';

/** A database with the shards 0 to 3 and nothing in it, as two processes see it. */
export interface StoreUnderTest {
  readonly store: Store;
  /** Another process's access to the same database. */
  readonly other: Store;
  /** Makes a process the owner of the database, whoever was before. @returns its owner epoch */
  own(): Promise<number>;
  close(): Promise<void>;
}

const shards = [0, 1, 2, 3];

export function storeContract(name: string, makeStore: () => Promise<StoreUnderTest>): void {
  describe(name, () => {
    let test: StoreUnderTest;
    let store: Store;
    let ownerEpoch: number;

    /** The epochs of all shards, claimed by the owner. */
    async function claimed(by: Store = store): Promise<readonly ShardHead[]> {
      const claim = await by.claim(ownerEpoch, shards);
      if (claim === 'displaced') throw new Error('the owner was displaced');
      return claim.heads;
    }

    async function journal(): Promise<readonly string[]> {
      const rows = await store.readTail(new Map(shards.map((shard) => [shard, 0])), 1_000);
      return rows.map(({ shard, seq, epoch }) => `${shard}/${seq} of epoch ${epoch}`);
    }

    beforeEach(async () => {
      test = await makeStore();
      store = test.store;
      ownerEpoch = await test.own();
      await claimed();
    });

    afterEach(async () => {
      await test.close();
    });

    describe('claim', () => {
      it('raises the epoch of each shard that is asked for, and of no other', async () => {
        const claim = await store.claim(ownerEpoch, [2, 0]);
        expect(claim).not.toBe('displaced');
        const heads = claim === 'displaced' ? [] : claim.heads;
        expect(heads.map(({ shard, epoch }) => [shard, epoch]).toSorted()).toEqual([
          [0, 2],
          [2, 2],
        ]);
        expect(await store.confirm([{ shard: 1, epoch: 1 }])).toBe(true);
      });

      it('gives the whole milliseconds of a clock that does not go back', async () => {
        const first = await store.claim(ownerEpoch, [0]);
        const second = await test.other.claim(ownerEpoch, [1]);
        if (first === 'displaced' || second === 'displaced') throw new Error('the owner was displaced');
        expect(Number.isSafeInteger(first.now)).toBe(true);
        expect(second.now).toBeGreaterThanOrEqual(first.now);
      });

      it('is refused to a process that was displaced, and changes nothing then', async () => {
        const before = await claimed();
        const displaced = ownerEpoch;
        ownerEpoch = await test.own();
        expect(await store.claim(displaced, shards)).toBe('displaced');
        expect(await store.confirm(before)).toBe(true);
        expect((await claimed(test.other)).map(({ epoch }) => epoch)).toEqual(
          before.map(({ epoch }) => epoch + 1),
        );
      });
    });

    describe('append', () => {
      it('keeps every field of a row exactly', async () => {
        const row = journalRow(1, 1, 1, '[{"text":"quote \\" backslash \\\\ brace {} comma , ü \\u0000"}]');
        expect(await store.append([row])).toBe('appended');
        expect(await test.other.readTail(new Map([[1, 0]]), 10)).toEqual([row]);
      });

      it('takes rows of several shards in any order', async () => {
        expect(await store.append([journalRow(2, 1, 1), journalRow(0, 1, 1)])).toBe('appended');
        expect(await journal()).toEqual(['0/1 of epoch 1', '2/1 of epoch 1']);
      });

      it('writes none of its rows where one shard has another epoch', async () => {
        await store.claim(ownerEpoch, [1]);
        expect(await store.append([journalRow(0, 1, 1), journalRow(1, 1, 1)])).toBe('fenced');
        expect(await store.append([journalRow(0, 1, 1), journalRow(1, 1, 3)])).toBe('fenced');
        expect(await journal()).toEqual([]);
      });

      it('writes none of its rows where one is there already', async () => {
        await store.append([journalRow(1, 1, 1, '"first"')]);
        expect(await store.append([journalRow(0, 1, 1), journalRow(1, 1, 1, '"second"')])).toBe('conflict');
        expect(await store.readTail(new Map(shards.map((shard) => [shard, 0])), 10)).toEqual([
          journalRow(1, 1, 1, '"first"'),
        ]);
      });

      it('refuses a late append of an older epoch', async () => {
        await store.append([journalRow(0, 1, 1)]);
        await claimed(test.other);
        expect(await store.append([journalRow(0, 2, 1)])).toBe('fenced');
        expect(await test.other.append([journalRow(0, 2, 2)])).toBe('appended');
        expect(await store.append([journalRow(0, 3, 1)])).toBe('fenced');
        expect(await journal()).toEqual(['0/1 of epoch 1', '0/2 of epoch 2']);
      });

      it('shows as a conflict what an older epoch appended after the tail was read', async () => {
        await store.append([journalRow(0, 1, 1)]);
        const tail = await test.other.readTail(new Map([[0, 0]]), 10);
        await store.append([journalRow(0, 2, 1)]);
        await claimed(test.other);
        expect(await test.other.append([journalRow(0, tail.length + 1, 2)])).toBe('conflict');
        expect(await test.other.append([journalRow(0, tail.length + 2, 2)])).toBe('appended');
      });

      it('refuses what lies at or below what was trimmed', async () => {
        await store.append([1, 2, 3].map((seq) => journalRow(0, seq, 1)));
        await store.snapshot({ heads: [head(0, 1, 3)], rows: [], events: [] });
        const goal = [{ shard: 0, epoch: 1, olderThan: someTime + 3 }];
        await store.trim(goal, 10);
        expect(await store.trim(goal, 10)).toBe(2);
        expect(await store.append([journalRow(0, 2, 1)])).toBe('fenced');
        expect(await store.append([journalRow(0, 4, 1)])).toBe('appended');
      });
    });

    describe('confirm', () => {
      it('holds only where every shard has its epoch', async () => {
        await store.claim(ownerEpoch, [1]);
        expect(await store.confirm([])).toBe(true);
        expect(await store.confirm([{ shard: 0, epoch: 1 }])).toBe(true);
        const both = [
          { shard: 0, epoch: 1 },
          { shard: 1, epoch: 1 },
        ];
        expect(await store.confirm(both)).toBe(false);
        expect(await store.confirm([{ shard: 1, epoch: 3 }])).toBe(false);
      });
    });

    describe('readTail', () => {
      it('reads each shard after its own position, and no shard that was not asked for', async () => {
        await store.append(shards.flatMap((shard) => [1, 2, 3].map((seq) => journalRow(shard, seq, 1))));
        const rows = await store.readTail(
          new Map([
            [2, 0],
            [0, 2],
            [1, 3],
          ]),
          100,
        );
        const seen = (shard: number) => rows.filter((row) => row.shard === shard).map((row) => row.seq);
        expect([seen(0), seen(1), seen(2), seen(3)]).toEqual([[3], [], [1, 2, 3], []]);
      });

      it('reads everything in pages', async () => {
        await store.append(
          shards.flatMap((shard) => [1, 2, 3, 4, 5].map((seq) => journalRow(shard, seq, 1))),
        );
        const after = new Map(shards.map((shard) => [shard, 0]));
        const seen: string[] = [];
        for (;;) {
          const page = await store.readTail(after, 3);
          expect(page.length).toBeLessThanOrEqual(3);
          if (page.length === 0) break;
          for (const { shard, seq } of page) {
            expect(seq).toBe((after.get(shard) ?? 0) + 1);
            after.set(shard, seq);
            seen.push(`${shard}/${seq}`);
          }
        }
        expect(new Set(seen).size).toBe(20);
        expect([...after.values()]).toEqual([5, 5, 5, 5]);
      });
    });

    describe('snapshot', () => {
      it('moves the positions with their channels, and never back', async () => {
        const write = (snapshotSeq: number, channels: string) =>
          store.snapshot({ heads: [head(0, 1, snapshotSeq, channels)], rows: [], events: [] });
        expect(await write(5, 'at five')).toBe('written');
        expect(await write(3, 'at three')).toBe('written');
        expect(await write(5, '')).toBe('written');
        const [first, second] = await claimed();
        expect(first).toMatchObject({ shard: 0, snapshotSeq: 5, channels: 'at five' });
        expect(second).toMatchObject({ shard: 1, snapshotSeq: 0, channels: '' });
      });

      it('lets each row only go forward', async () => {
        const write = (rows: readonly [seq: number, quantity: number][]) =>
          store.snapshot({
            heads: [head(0, 1, 0)],
            rows: rows.map(([seq, quantity], index) => itemRow(index, 0, seq, quantity)),
            events: [],
          });
        await write([
          [5, 50],
          [5, 50],
          [5, 50],
        ]);
        await write([
          [4, 40],
          [5, 51],
          [6, 60],
        ]);
        const stored = await store.load([itemRef(0), itemRef(1), itemRef(2)]);
        const bySeq = stored.map(({ ref, seq, state }) => ({ ref, seq, state })).toSorted(byId);
        expect(bySeq).toEqual([
          { ref: itemRef(0), seq: 5, state: itemState(0, 50) },
          { ref: itemRef(1), seq: 5, state: itemState(1, 50) },
          { ref: itemRef(2), seq: 6, state: itemState(2, 60) },
        ]);
      });

      it('takes the furthest of several rows of one actor', async () => {
        const rows = [itemRow(0, 0, 2), itemRow(0, 0, 7), itemRow(0, 0, 3)];
        expect(await store.snapshot({ heads: [head(0, 1, 7)], rows, events: [] })).toBe('written');
        expect(await store.load([itemRef(0)])).toEqual([{ ref: itemRef(0), seq: 7, state: itemState(0, 7) }]);
      });

      it('writes nothing at all where one of its shards has another epoch', async () => {
        await store.claim(ownerEpoch, [1]);
        const heads = [head(0, 1, 4), head(1, 1, 4)];
        const rows = [itemRow(0, 0, 4), itemRow(1, 1, 4), orderRow('late', 0, 4, someTime)];
        expect(await store.snapshot({ heads, rows, events: [] })).toBe('fenced');
        expect(await store.load(rows.map((row) => row.ref))).toEqual([]);
        expect(await store.due([0, 1], someTime, 10)).toEqual([]);
        expect((await claimed()).map(({ snapshotSeq }) => snapshotSeq)).toEqual([0, 0, 0, 0]);
      });
    });

    describe('load', () => {
      it('yields the actors that are stored, of every kind, and no other', async () => {
        const rows = [itemRow(1, 0, 1), orderRow('an order', 1, 2, null)];
        await store.snapshot({ heads: [head(0, 1, 1), head(1, 1, 2)], rows, events: [] });
        const refs = [...rows.map((row) => row.ref), itemRef(2), { kind: 'order', id: itemRef(1).id }];
        const stored = (await test.other.load(refs)).toSorted(byId);
        expect(stored).toEqual(rows.map(({ ref, seq, state }) => ({ ref, seq, state })).toSorted(byId));
        expect(await store.load([])).toEqual([]);
      });
    });

    describe('due', () => {
      it('finds actors of these shards by their time, earliest first', async () => {
        const rows = [
          orderRow('third', 0, 1, someTime + 30),
          orderRow('first', 1, 1, someTime + 10),
          orderRow('second', 0, 1, someTime + 20),
          orderRow('later', 0, 1, someTime + 31),
          orderRow('elsewhere', 2, 1, someTime),
          orderRow('never', 0, 1, null),
        ];
        await store.snapshot({ heads: [0, 1, 2].map((shard) => head(shard, 1, 1)), rows, events: [] });
        const due = async (limit: number) =>
          (await store.due([0, 1], someTime + 30, limit)).map(({ ref, dueAt }) => [ref.id, dueAt - someTime]);
        expect(await due(10)).toEqual([
          ['first', 10],
          ['second', 20],
          ['third', 30],
        ]);
        expect(await due(2)).toEqual([
          ['first', 10],
          ['second', 20],
        ]);
      });

      it('follows what the last row said', async () => {
        const write = (seq: number, dueAt: number | null) =>
          store.snapshot({ heads: [head(0, 1, seq)], rows: [orderRow('a', 0, seq, dueAt)], events: [] });
        await write(1, someTime);
        await write(2, someTime + 5);
        expect((await store.due([0], someTime + 5, 10)).map(({ dueAt }) => dueAt)).toEqual([someTime + 5]);
        await write(3, null);
        expect(await store.due([0], someTime + 5, 10)).toEqual([]);
      });
    });

    describe('trim', () => {
      const goal = (olderThan: number) => [{ shard: 0, epoch: 1, olderThan }];

      beforeEach(async () => {
        await store.append([1, 2, 3, 4, 5, 6].map((seq) => journalRow(0, seq, 1)));
        await store.snapshot({ heads: [head(0, 1, 4)], rows: [], events: [] });
      });

      it('bars rows first, and deletes them in a later call', async () => {
        expect(await store.trim(goal(someTime + 100), 10)).toBe(0);
        expect(await journal()).toHaveLength(6);
        expect(await store.trim(goal(someTime + 100), 10)).toBe(4);
        expect(await journal()).toEqual(['0/5 of epoch 1', '0/6 of epoch 1']);
        expect((await claimed())[0]).toMatchObject({ snapshotSeq: 4, trimmedTo: 4 });
      });

      it('keeps what is young', async () => {
        await store.trim(goal(someTime + 3), 10);
        expect(await store.trim(goal(someTime + 3), 10)).toBe(2);
        expect((await claimed())[0]).toMatchObject({ trimmedTo: 2 });
      });

      it('deletes at most as many as it is told to', async () => {
        await store.trim(goal(someTime + 100), 10);
        expect(await store.trim(goal(someTime + 100), 3)).toBe(3);
        expect(await store.trim(goal(someTime + 100), 3)).toBe(1);
        expect(await store.trim(goal(someTime + 100), 3)).toBe(0);
      });

      it('passes over a shard whose epoch has changed', async () => {
        await store.trim(goal(someTime + 100), 10);
        await claimed(test.other);
        expect(await store.trim(goal(someTime + 100), 10)).toBe(0);
        expect(await journal()).toHaveLength(6);
      });
    });
  });
}

function byId(
  a: { readonly ref: { readonly id: string } },
  b: { readonly ref: { readonly id: string } },
): number {
  return a.ref.id < b.ref.id ? -1 : 1;
}

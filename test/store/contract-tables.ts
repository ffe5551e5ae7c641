// The part of the stores' contract that is about the states of actors.
import { describe, expect, it } from 'vitest';
import type { UnderTest } from './contract.ts';
import { head, itemRef, itemRow, itemState, orderRow, someTime } from './samples.ts';

export function tablesContract(under: UnderTest): void {
  describe('snapshot', () => {
    it('moves the positions with their channels, and never back', async () => {
      const write = (snapshotSeq: number, channels: string) =>
        under.store.snapshot({ heads: [head(0, 1, snapshotSeq, channels)], rows: [], events: [] });
      expect(await write(5, 'at five')).toBe('written');
      expect(await write(3, 'at three')).toBe('written');
      expect(await write(5, '')).toBe('written');
      const [first, second] = await under.claimed();
      expect(first).toMatchObject({ shard: 0, snapshotSeq: 5, channels: 'at five' });
      expect(second).toMatchObject({ shard: 1, snapshotSeq: 0, channels: '' });
    });

    it('lets each row only go forward', async () => {
      const write = (rows: readonly [seq: number, quantity: number][]) =>
        under.store.snapshot({
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
      const stored = await under.store.load([itemRef(0), itemRef(1), itemRef(2)]);
      const bySeq = stored.map(({ ref, seq, state }) => ({ ref, seq, state })).toSorted(byId);
      expect(bySeq).toEqual([
        { ref: itemRef(0), seq: 5, state: itemState(0, 50) },
        { ref: itemRef(1), seq: 5, state: itemState(1, 50) },
        { ref: itemRef(2), seq: 6, state: itemState(2, 60) },
      ]);
    });

    it('takes the furthest of several rows of one actor', async () => {
      const rows = [itemRow(0, 0, 2), itemRow(0, 0, 7), itemRow(0, 0, 3)];
      expect(await under.store.snapshot({ heads: [head(0, 1, 7)], rows, events: [] })).toBe('written');
      expect(await under.store.load([itemRef(0)])).toEqual([
        { ref: itemRef(0), seq: 7, state: itemState(0, 7) },
      ]);
    });

    it('writes nothing at all where one of its shards has another epoch', async () => {
      await under.store.claim(under.ownerEpoch, [1]);
      const heads = [head(0, 1, 4), head(1, 1, 4)];
      const rows = [itemRow(0, 0, 4), itemRow(1, 1, 4), orderRow('late', 0, 4, someTime)];
      expect(await under.store.snapshot({ heads, rows, events: [] })).toBe('fenced');
      expect(await under.store.load(rows.map((row) => row.ref))).toEqual([]);
      expect(await under.store.due([0, 1], someTime, 10)).toEqual([]);
      expect((await under.claimed()).map(({ snapshotSeq }) => snapshotSeq)).toEqual([0, 0, 0, 0]);
    });
  });

  describe('load', () => {
    it('yields the actors that are stored, of every kind, and no other', async () => {
      const rows = [itemRow(1, 0, 1), orderRow('an order', 1, 2, null)];
      await under.store.snapshot({ heads: [head(0, 1, 1), head(1, 1, 2)], rows, events: [] });
      const refs = [...rows.map((row) => row.ref), itemRef(2), { kind: 'order', id: itemRef(1).id }];
      const stored = (await under.other.load(refs)).toSorted(byId);
      expect(stored).toEqual(rows.map(({ ref, seq, state }) => ({ ref, seq, state })).toSorted(byId));
      expect(await under.store.load([])).toEqual([]);
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
      await under.store.snapshot({ heads: [0, 1, 2].map((shard) => head(shard, 1, 1)), rows, events: [] });
      const due = async (limit: number) =>
        (await under.store.due([0, 1], someTime + 30, limit)).map(({ ref, dueAt }) => [
          ref.id,
          dueAt - someTime,
        ]);
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
        under.store.snapshot({ heads: [head(0, 1, seq)], rows: [orderRow('a', 0, seq, dueAt)], events: [] });
      await write(1, someTime);
      await write(2, someTime + 5);
      expect((await under.store.due([0], someTime + 5, 10)).map(({ dueAt }) => dueAt)).toEqual([
        someTime + 5,
      ]);
      await write(3, null);
      expect(await under.store.due([0], someTime + 5, 10)).toEqual([]);
    });
  });
}

function byId(
  a: { readonly ref: { readonly id: string } },
  b: { readonly ref: { readonly id: string } },
): number {
  return a.ref.id < b.ref.id ? -1 : 1;
}

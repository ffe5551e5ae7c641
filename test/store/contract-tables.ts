// The part of the stores' contract that is about the states of actors.
import { describe, expect, it } from 'vitest';
import type { SnapshotRow } from '../../src/runtime/store.ts';
import type { Samples, UnderTest } from './contract.ts';
import { head, someTime } from './samples.ts';

export function tablesContract(under: UnderTest, samples: Samples): void {
  const refOf = (number: number) => samples.plain(number, 0, 1).ref;

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
      const write = (rows: readonly SnapshotRow[]) =>
        under.store.snapshot({ heads: [head(0, 1, 0)], rows, events: [] });
      const first = [0, 1, 2].map((number) => samples.plain(number, 0, 5, 50));
      await write(first);
      const newer = samples.plain(2, 0, 6, 60);
      await write([samples.plain(0, 0, 4, 40), samples.plain(1, 0, 5, 51), newer]);
      const stored = await under.store.load([refOf(0), refOf(1), refOf(2)]);
      expect(stored.toSorted(byId)).toEqual([...first.slice(0, 2), newer].map(toStored));
    });

    it('takes the furthest of several rows of one actor', async () => {
      const rows = [samples.plain(0, 0, 2), samples.plain(0, 0, 7), samples.plain(0, 0, 3)];
      expect(await under.store.snapshot({ heads: [head(0, 1, 7)], rows, events: [] })).toBe('written');
      expect(await under.store.load([refOf(0)])).toEqual([toStored(samples.plain(0, 0, 7))]);
    });

    it('writes nothing at all where one of its shards has another epoch', async () => {
      await under.store.claim(under.ownerEpoch, [1]);
      const heads = [head(0, 1, 4), head(1, 1, 4)];
      const rows = [samples.plain(0, 0, 4), samples.plain(1, 1, 4), samples.due(2, 0, 4, someTime)];
      expect(await under.store.snapshot({ heads, rows, events: [] })).toBe('fenced');
      expect(await under.store.load(rows.map((row) => row.ref))).toEqual([]);
      expect(await under.store.due([0, 1], someTime, 10)).toEqual([]);
      expect((await under.claimed()).map(({ snapshotSeq }) => snapshotSeq)).toEqual([0, 0, 0, 0]);
    });
  });

  describe('load', () => {
    it('yields the actors that are stored, of every kind, and no other', async () => {
      const rows = [samples.plain(1, 0, 1), samples.due(7, 1, 2, null)];
      await under.store.snapshot({ heads: [head(0, 1, 1), head(1, 1, 2)], rows, events: [] });
      const otherKind = samples.due(0, 0, 1, null).ref.kind;
      const refs = [...rows.map((row) => row.ref), refOf(2), { kind: otherKind, id: refOf(1).id }];
      const stored = (await under.other.load(refs)).toSorted(byId);
      expect(stored).toEqual(rows.map(toStored).toSorted(byId));
      expect(await under.store.load([])).toEqual([]);
    });
  });

  describe('due', () => {
    it('finds actors of these shards by their time, earliest first', async () => {
      const rows = [
        samples.due(1, 0, 1, someTime + 30),
        samples.due(2, 1, 1, someTime + 10),
        samples.due(3, 0, 1, someTime + 20),
        samples.due(4, 0, 1, someTime + 31),
        samples.due(5, 2, 1, someTime),
        samples.due(6, 0, 1, null),
      ];
      await under.store.snapshot({ heads: [0, 1, 2].map((shard) => head(shard, 1, 1)), rows, events: [] });
      const expected = [rows[1], rows[2], rows[0]].map((row) => ({ ref: row?.ref, dueAt: row?.dueAt }));
      const due = (limit: number) => under.store.due([0, 1], someTime + 30, limit);
      expect(await due(10)).toEqual(expected);
      expect(await due(2)).toEqual(expected.slice(0, 2));
    });

    it('follows what the last row said', async () => {
      const write = (seq: number, dueAt: number | null) =>
        under.store.snapshot({
          heads: [head(0, 1, seq)],
          rows: [samples.due(0, 0, seq, dueAt)],
          events: [],
        });
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

function toStored({ ref, seq, state }: SnapshotRow) {
  return { ref, seq, state };
}

function byId(
  a: { readonly ref: { readonly id: string } },
  b: { readonly ref: { readonly id: string } },
): number {
  return a.ref.id < b.ref.id ? -1 : 1;
}

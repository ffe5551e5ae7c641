// The part of the stores' contract that is about the journal: who may append, and what is read back.
import { beforeEach, describe, expect, it } from 'vitest';
import { shards, type UnderTest } from './contract.ts';
import { head, journalRow, someTime } from './samples.ts';

export function journalContract(under: UnderTest): void {
  describe('claim', () => {
    it('raises the epoch of each shard that is asked for, and of no other', async () => {
      const claim = await under.store.claim(under.ownerEpoch, [2, 0]);
      expect(claim).not.toBe('displaced');
      const heads = claim === 'displaced' ? [] : claim.heads;
      expect(heads.map(({ shard, epoch }) => [shard, epoch]).toSorted()).toEqual([
        [0, 2],
        [2, 2],
      ]);
      expect(await under.store.confirm([{ shard: 1, epoch: 1 }])).toBe(true);
    });

    it('gives the whole milliseconds of a clock that does not go back', async () => {
      const first = await under.store.claim(under.ownerEpoch, [0]);
      const second = await under.other.claim(under.ownerEpoch, [1]);
      if (first === 'displaced' || second === 'displaced') throw new Error('the owner was displaced');
      expect(Number.isSafeInteger(first.now)).toBe(true);
      expect(second.now).toBeGreaterThanOrEqual(first.now);
    });

    it('is refused to a process that was displaced, and changes nothing then', async () => {
      const before = await under.claimed();
      const displaced = under.ownerEpoch;
      under.ownerEpoch = await under.own();
      expect(await under.store.claim(displaced, shards)).toBe('displaced');
      expect(await under.store.confirm(before)).toBe(true);
      expect((await under.claimed(under.other)).map(({ epoch }) => epoch)).toEqual(
        before.map(({ epoch }) => epoch + 1),
      );
    });
  });

  describe('append', () => {
    it('keeps every field of a row exactly', async () => {
      const row = journalRow(1, 1, 1, '[{"text":"quote \\" backslash \\\\ brace {} comma , ü \\u0000"}]');
      expect(await under.store.append([row])).toBe('appended');
      expect(await under.other.readTail(new Map([[1, 0]]), 10)).toEqual([row]);
    });

    it('takes rows of several shards in any order', async () => {
      expect(await under.store.append([journalRow(2, 1, 1), journalRow(0, 1, 1)])).toBe('appended');
      expect(await under.journal()).toEqual(['0/1 of epoch 1', '2/1 of epoch 1']);
    });

    it('writes none of its rows where one shard has another epoch', async () => {
      await under.store.claim(under.ownerEpoch, [1]);
      expect(await under.store.append([journalRow(0, 1, 1), journalRow(1, 1, 1)])).toBe('fenced');
      expect(await under.store.append([journalRow(0, 1, 1), journalRow(1, 1, 3)])).toBe('fenced');
      expect(await under.journal()).toEqual([]);
    });

    it('writes none of its rows where one is there already', async () => {
      await under.store.append([journalRow(1, 1, 1, '"first"')]);
      expect(await under.store.append([journalRow(0, 1, 1), journalRow(1, 1, 1, '"second"')])).toBe(
        'conflict',
      );
      expect(await under.store.readTail(new Map(shards.map((shard) => [shard, 0])), 10)).toEqual([
        journalRow(1, 1, 1, '"first"'),
      ]);
    });

    it('refuses a late append of an older epoch', async () => {
      await under.store.append([journalRow(0, 1, 1)]);
      await under.claimed(under.other);
      expect(await under.store.append([journalRow(0, 2, 1)])).toBe('fenced');
      expect(await under.other.append([journalRow(0, 2, 2)])).toBe('appended');
      expect(await under.store.append([journalRow(0, 3, 1)])).toBe('fenced');
      expect(await under.journal()).toEqual(['0/1 of epoch 1', '0/2 of epoch 2']);
    });

    it('shows as a conflict what an older epoch appended after the tail was read', async () => {
      await under.store.append([journalRow(0, 1, 1)]);
      const tail = await under.other.readTail(new Map([[0, 0]]), 10);
      await under.store.append([journalRow(0, 2, 1)]);
      await under.claimed(under.other);
      expect(await under.other.append([journalRow(0, tail.length + 1, 2)])).toBe('conflict');
      expect(await under.other.append([journalRow(0, tail.length + 2, 2)])).toBe('appended');
    });

    it('refuses what lies at or below what was trimmed', async () => {
      await under.store.append([1, 2, 3].map((seq) => journalRow(0, seq, 1)));
      await under.store.snapshot({ heads: [head(0, 1, 3)], rows: [], events: [] });
      const goal = [{ shard: 0, epoch: 1, olderThan: someTime + 3 }];
      await under.store.trim(goal, 10);
      expect(await under.store.trim(goal, 10)).toBe(2);
      expect(await under.store.append([journalRow(0, 2, 1)])).toBe('fenced');
      expect(await under.store.append([journalRow(0, 4, 1)])).toBe('appended');
    });
  });

  describe('confirm', () => {
    it('holds only where every shard has its epoch', async () => {
      await under.store.claim(under.ownerEpoch, [1]);
      expect(await under.store.confirm([])).toBe(true);
      expect(await under.store.confirm([{ shard: 0, epoch: 1 }])).toBe(true);
      const both = [
        { shard: 0, epoch: 1 },
        { shard: 1, epoch: 1 },
      ];
      expect(await under.store.confirm(both)).toBe(false);
      expect(await under.store.confirm([{ shard: 1, epoch: 3 }])).toBe(false);
    });
  });

  describe('readTail', () => {
    it('reads each shard after its own position, and no shard that was not asked for', async () => {
      await under.store.append(shards.flatMap((shard) => [1, 2, 3].map((seq) => journalRow(shard, seq, 1))));
      const rows = await under.store.readTail(
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
      await under.store.append(
        shards.flatMap((shard) => [1, 2, 3, 4, 5].map((seq) => journalRow(shard, seq, 1))),
      );
      const after = new Map(shards.map((shard) => [shard, 0]));
      const seen: string[] = [];
      for (;;) {
        const page = await under.store.readTail(after, 3);
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

  describe('trim', () => {
    const goal = (olderThan: number) => [{ shard: 0, epoch: 1, olderThan }];

    beforeEach(async () => {
      await under.store.append([1, 2, 3, 4, 5, 6].map((seq) => journalRow(0, seq, 1)));
      await under.store.snapshot({ heads: [head(0, 1, 4)], rows: [], events: [] });
    });

    it('bars rows first, and deletes them in a later call', async () => {
      expect(await under.store.trim(goal(someTime + 100), 10)).toBe(0);
      expect(await under.journal()).toHaveLength(6);
      expect(await under.store.trim(goal(someTime + 100), 10)).toBe(4);
      expect(await under.journal()).toEqual(['0/5 of epoch 1', '0/6 of epoch 1']);
      expect((await under.claimed())[0]).toMatchObject({ snapshotSeq: 4, trimmedTo: 4 });
    });

    it('keeps what is young', async () => {
      await under.store.trim(goal(someTime + 3), 10);
      expect(await under.store.trim(goal(someTime + 3), 10)).toBe(2);
      expect((await under.claimed())[0]).toMatchObject({ trimmedTo: 2 });
    });

    it('deletes at most as many as it is told to', async () => {
      await under.store.trim(goal(someTime + 100), 10);
      expect(await under.store.trim(goal(someTime + 100), 3)).toBe(3);
      expect(await under.store.trim(goal(someTime + 100), 3)).toBe(1);
      expect(await under.store.trim(goal(someTime + 100), 3)).toBe(0);
    });

    it('passes over a shard whose epoch has changed', async () => {
      await under.store.trim(goal(someTime + 100), 10);
      await under.claimed(under.other);
      expect(await under.store.trim(goal(someTime + 100), 10)).toBe(0);
      expect(await under.journal()).toHaveLength(6);
    });
  });
}

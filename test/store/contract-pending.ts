// The part of the stores' contract that is about actors that want something done outside: a start has to find all of them.
import { describe, expect, it } from 'vitest';
import type { Ref } from '../../src/actors/behaviour.ts';
import type { SnapshotRow } from '../../src/runtime/store.ts';
import { type PendingSample, shards, type UnderTest } from './contract.ts';
import { head, someTime } from './samples.ts';

/** @param kinds at least one, in order of the kinds' names */
export function pendingContract(under: UnderTest, kinds: readonly PendingSample[]): void {
  const write = (rows: readonly SnapshotRow[], epoch = 1) =>
    under.store.snapshot({
      heads: shards.map((shard) => head(shard, epoch, 0)),
      rows,
      events: [],
    });
  /** Three of each kind that want something, in the shards 0 and 1, among others that do not or are elsewhere. */
  const wanting = kinds.flatMap((sample) => [1, 3, 5].map((number) => sample(number, number % 2, 1, true)));
  const others = kinds.flatMap((sample) => [sample(2, 0, 1, false), sample(4, 2, 1, true)]);
  const expected = wanting.map(({ ref }) => ref);

  describe('pending', () => {
    it('finds the actors of these shards that want something, in order of kind and id', async () => {
      await write([...others, ...wanting].toReversed());
      expect(await under.other.pending([0, 1], null, 100)).toEqual(expected);
      expect(await under.store.pending([0, 1], null, 100)).toEqual(expected);
      expect(await under.store.pending([2], null, 100)).toHaveLength(kinds.length);
      expect(await under.store.pending([3], null, 100)).toEqual([]);
      expect(await under.store.pending([], null, 100)).toEqual([]);
    });

    it.each([1, 2, 100])('goes on after any of them, %i at a time, and misses none', async (limit) => {
      await write([...wanting, ...others]);
      const seen: Ref[] = [];
      for (let pages = 0; pages <= expected.length; pages += 1) {
        const page = await under.store.pending([1, 0], seen.at(-1) ?? null, limit);
        if (page.length === 0) break;
        expect(page.length).toBeLessThanOrEqual(limit);
        seen.push(...page);
      }
      expect(seen).toEqual(expected);
    });

    it('goes on after one that wants nothing any more', async () => {
      await write([...wanting, ...others]);
      for (const [index, sample] of kinds.entries()) {
        const last = sample(1, 1, 1, true).ref;
        await write([sample(1, 1, 2, false)]);
        expect(await under.store.pending([0, 1], last, 100)).toEqual(expected.slice(3 * index + 1));
      }
    });

    it('follows what the last row said', async () => {
      for (const sample of kinds) {
        const { ref } = sample(1, 0, 1, true);
        await write([sample(1, 0, 3, true)]);
        await write([sample(1, 0, 2, false)]);
        expect(await under.store.pending([0], null, 100)).toEqual([ref]);
        await write([sample(1, 0, 4, false)]);
        expect(await under.store.pending([0], null, 100)).toEqual([]);
        await write([sample(1, 0, 5, true)]);
        expect(await under.store.pending([0], null, 100)).toEqual([ref]);
        await write([sample(1, 0, 6, false)]);
      }
    });

    it('knows nothing of a snapshot that was fenced', async () => {
      expect(await write(wanting, 0)).toBe('fenced');
      expect(await under.store.pending(shards, null, 100)).toEqual([]);
    });

    it('has nothing to do with what is due', async () => {
      await write(wanting);
      expect(await under.store.due(shards, someTime + 1e9, 100)).toEqual([]);
    });
  });
}

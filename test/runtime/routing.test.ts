// Where actors live: their shards for the life of a database, the shards' threads for the life of a process.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shardOf, shardsOfThread, threadsOfShards } from '../../src/runtime/routing.ts';

test('an id keeps its shard for ever: databases that exist rely on these', () => {
  const known: readonly (readonly [string, number, number])[] = [
    ['', 11, 11],
    ['a', 3, 179],
    ['order-1', 12, 156],
    ['order-2', 0, 192],
    ['ä', 8, 248],
    ['😀', 6, 38],
  ];
  for (const [id, of16, of256] of known)
    expect([id, shardOf(id, 16), shardOf(id, 256)]).toEqual([id, of16, of256]);
});

/** Any string at all, lone surrogates included. */
const anyId = fc.array(fc.nat(0xffff), { maxLength: 40 }).map((units) => String.fromCharCode(...units));

test('any id has a shard, and ids that differ only at their end spread over all of them', () => {
  fc.assert(
    fc.property(anyId, fc.integer({ min: 1, max: 256 }), (id, shards) => {
      const shard = shardOf(id, shards);
      return Number.isInteger(shard) && shard >= 0 && shard < shards;
    }),
  );
  const counts = Array.from({ length: 16 }, () => 0);
  for (let number = 0; number < 16_000; number++) {
    const shard = shardOf(`order-${number}`, 16);
    counts[shard] = (counts[shard] ?? 0) + 1;
  }
  for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(200);
});

test('every shard has one thread, every thread has shards, and none more than one above another', () => {
  for (const shards of [1, 2, 4, 16, 64, 256]) {
    for (const threads of [1, 2, 3, 5, 8, 10, 16, 23, 64].filter((count) => count <= shards)) {
      const of = threadsOfShards(shards, threads);
      expect(of).toHaveLength(shards);
      const lists = Array.from({ length: threads }, (_, thread) => shardsOfThread(thread, threads, shards));
      for (const [thread, list] of lists.entries()) for (const shard of list) expect(of[shard]).toBe(thread);
      expect(lists.flat()).toHaveLength(shards);
      const sizes = lists.map(({ length }) => length);
      expect(Math.min(...sizes), `${shards} shards on ${threads} threads`).toBe(Math.floor(shards / threads));
      expect(Math.max(...sizes)).toBe(Math.ceil(shards / threads));
    }
  }
});

// Where things live: an actor's shard follows from its id for the life of the database, a shard's thread from the
// number of threads this process was started with.

/** FNV-1a over UTF-16 code units, then murmur3's finalizer so that ids that differ only at the end spread as well. */
function hash(text: string, seed: number): number {
  let h = seed;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Stored in every database: never change it. */
export function shardOf(id: string, shards: number): number {
  return hash(id, 0x811c9dc5) % shards;
}

/** Rendezvous hashing (Thaler & Ravishankar 1996): of two thread counts most shards keep their thread. */
export function threadOf(shard: number, threads: number): number {
  let best = 0;
  let bestWeight = -1;
  for (let thread = 0; thread < threads; thread++) {
    const weight = hash(`${shard}:${thread}`, 0x9747b28c);
    if (weight > bestWeight) {
      best = thread;
      bestWeight = weight;
    }
  }
  return best;
}

export function shardsOfThread(thread: number, threads: number, shards: number): number[] {
  return Array.from({ length: shards }, (_, shard) => shard).filter((s) => threadOf(s, threads) === thread);
}

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

/**
 * The thread of each shard, by rendezvous hashing (Thaler & Ravishankar 1996) with bounded loads: of two numbers of
 * threads many shards keep their thread, and no thread has more than one shard above another. (Without the bound 16
 * shards leave some of 10 threads without any.)
 * @param threads at most as many as there are shards, or some have none
 */
export function threadsOfShards(shards: number, threads: number): readonly number[] {
  const loads = Array.from({ length: threads }, () => 0);
  const least = Math.floor(shards / threads);
  let above = shards % threads;
  return Array.from({ length: shards }, (_, shard) => {
    const thread = heaviest(shard, loads, above > 0 ? least : least - 1);
    const load = (loads[thread] ?? 0) + 1;
    loads[thread] = load;
    if (load > least) above--;
    return thread;
  });
}

/** Of the threads with at most `loadMax` shards. */
function heaviest(shard: number, loads: readonly number[], loadMax: number): number {
  let best = 0;
  let bestWeight = -1;
  for (const [thread, load] of loads.entries()) {
    const weight = load > loadMax ? -1 : hash(`${shard}:${thread}`, 0x9747b28c);
    if (weight > bestWeight) {
      best = thread;
      bestWeight = weight;
    }
  }
  return best;
}

export function shardsOfThread(thread: number, threads: number, shards: number): number[] {
  return [...threadsOfShards(shards, threads).entries()].flatMap(([shard, its]) =>
    its === thread ? [shard] : [],
  );
}

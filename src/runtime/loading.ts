// Brings into memory what a turn will need: all that is missing, in one read.
import type { Memory } from './memory.ts';
import { keyOf } from './residents.ts';
import { shardOf } from './routing.ts';
import type { Store } from './store.ts';
import { Turn } from './turn.ts';
import type { Placed, Work } from './work.ts';

/** Actors that the work needs, or will reach, that live on this thread and are not in memory. Marks the others as in use. */
export function findMissing(memory: Memory, work: readonly Work[], shardCount: number): Map<string, Placed> {
  const missing = new Map<string, Placed>();
  const want = (placed: Placed): void => {
    const resident = memory.residents.get(placed.ref);
    if (resident !== undefined) resident.lastTurn = memory.turn;
    else if (memory.shards.has(placed.shard)) missing.set(keyOf(placed.ref), placed);
  };
  for (const item of work) {
    for (const placed of Turn.needs(memory, item)) want(placed);
    if (item.type !== 'request') continue;
    const { ref, command } = item.caller.request;
    const reached = memory.behaviours.byKind.get(ref.kind)?.touches?.(command) ?? [];
    for (const other of reached) want({ ref: other, shard: shardOf(other.id, shardCount) });
  }
  return missing;
}

/**
 * @param isCurrent whether the memory is still in use when the store has answered: else nothing is installed
 * @throws StoreError
 */
export async function loadMissing(
  store: Store,
  memory: Memory,
  missing: ReadonlyMap<string, Placed>,
  isCurrent: () => boolean,
): Promise<void> {
  const stored = await store.load([...missing.values()].map(({ ref }) => ref));
  if (!isCurrent()) return;
  const byKey = new Map(stored.map((actor) => [keyOf(actor.ref), actor]));
  for (const [key, placed] of missing) memory.install(placed, byKey.get(key));
}

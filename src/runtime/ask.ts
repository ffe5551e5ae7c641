// How an edge reaches actors: what an ingress thread offers to the servers that run in it. The edge knows no thread,
// no shard and no journal; it asks an actor and gets a reply that is durable.
import type { AskedKey, Ref, Reply } from '../actors/behaviour.ts';

export interface AskOptions {
  /** When the caller stops waiting, in milliseconds of `processNow()`. Work not begun by then is dropped. */
  readonly deadline: number;
  readonly receipt: AskedKey | null;
  /**
   * Reads pass while writes are refused because snapshots lag. begin: a write that makes something which goes on by itself;
   * refused also while too much of that kind is waiting to be done.
   */
  readonly kind: 'read' | 'write' | 'begin';
}

export interface Asker {
  /**
   * Never rejects: overload, a restarting shard, a passed deadline and faults of ours come back as failures
   * ('overloaded', 'unavailable', 'deadline-exceeded', 'internal').
   */
  ask(ref: Ref, command: unknown, options: AskOptions): Promise<Reply>;
}

/** Tells which journal positions have become durable, so that whoever follows the journal knows when to read. */
export interface CommitNotices {
  /** @returns a function that ends the subscription */
  subscribe(listener: (shard: number, seq: number) => void): () => void;
}

/** Monotonic milliseconds that all threads of this process share (to within a millisecond). */
export function processNow(): number {
  return performance.timeOrigin + performance.now();
}

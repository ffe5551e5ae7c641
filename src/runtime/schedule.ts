// Due times: one heap for all the actors of a thread. An entry may be stale; whoever pops it looks at the actor.
import type { Ref } from '../actors/behaviour.ts';

export interface DueEntry {
  readonly at: number;
  readonly ref: Ref;
  readonly shard: number;
}

/** A binary heap by time. */
export class Schedule {
  readonly #heap: DueEntry[] = [];

  get size(): number {
    return this.#heap.length;
  }

  /** Milliseconds since 1970 of the earliest entry. */
  get next(): number | undefined {
    return this.#heap[0]?.at;
  }

  push(entry: DueEntry): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(entry);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || above.at <= entry.at) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = entry;
  }

  /** The earliest entry, where it is due by `now`. */
  popDue(now: number): DueEntry | undefined {
    const top = this.#heap[0];
    if (top === undefined || top.at > now) return undefined;
    const last = this.#heap.pop();
    if (last !== undefined && last !== top) this.#sink(last);
    return top;
  }

  #sink(entry: DueEntry): void {
    const heap = this.#heap;
    let index = 0;
    for (;;) {
      const left = index * 2 + 1;
      const smaller = this.#earlier(left, left + 1);
      const below = heap[smaller];
      if (below === undefined || below.at >= entry.at) break;
      heap[index] = below;
      index = smaller;
    }
    heap[index] = entry;
  }

  #earlier(left: number, right: number): number {
    const a = this.#heap[left];
    const b = this.#heap[right];
    return a !== undefined && b !== undefined && b.at < a.at ? right : left;
  }
}

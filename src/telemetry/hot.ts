// Counts what happens most, over the last minute: in buckets of ten seconds, each with a bounded number of names.

const bucketMs = 10_000;
const buckets = 6;
const namesMax = 20_000;

export interface Hot {
  readonly id: string;
  readonly name: string;
  readonly count: number;
}

interface Bucket {
  readonly begunAt: number;
  readonly counts: Map<string, { readonly name: string; count: number }>;
}

export class HotCounter {
  readonly #now: () => number;
  #buckets: readonly Bucket[];
  #newest: Bucket;

  /** @param now milliseconds that never go back */
  constructor(now: () => number) {
    this.#now = now;
    this.#newest = { begunAt: now(), counts: new Map() };
    this.#buckets = [this.#newest];
  }

  /** Beyond the bound new names are not counted: what is hot comes early in every bucket. */
  count(id: string, name: string): void {
    const { counts } = this.#current();
    const known = counts.get(id);
    if (known !== undefined) known.count += 1;
    else if (counts.size < namesMax) counts.set(id, { name, count: 1 });
  }

  /** The most frequent first. */
  top(limit: number): readonly Hot[] {
    this.#current();
    const sums = new Map<string, { readonly name: string; count: number }>();
    for (const { counts } of this.#buckets) {
      for (const [id, { name, count }] of counts) {
        const known = sums.get(id);
        if (known === undefined) sums.set(id, { name, count });
        else known.count += count;
      }
    }
    return Array.from(sums, ([id, { name, count }]) => ({ id, name, count }))
      .sort((a, b) => b.count - a.count)
      .slice(0, limit);
  }

  #current(): Bucket {
    const now = this.#now();
    if (now - this.#newest.begunAt >= bucketMs) {
      this.#newest = { begunAt: now, counts: new Map() };
      const oldest = now - buckets * bucketMs;
      this.#buckets = [...this.#buckets.filter(({ begunAt }) => begunAt > oldest), this.#newest];
    }
    return this.#newest;
  }
}

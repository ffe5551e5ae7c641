// Durations in buckets that grow by 2 %, from 10 µs to 10 minutes: percentiles within 2 % in fixed memory, however
// many calls there are.

const firstMs = 0.01;
const growth = 1.02;
const buckets = Math.ceil(Math.log(600_000 / firstMs) / Math.log(growth)) + 1;

export class Histogram {
  readonly #counts = new Float64Array(buckets);
  #count = 0;
  #maxMs = 0;

  get count(): number {
    return this.#count;
  }

  record(ms: number): void {
    const bucket = Math.ceil(Math.log(Math.max(ms, firstMs) / firstMs) / Math.log(growth));
    const index = Math.min(buckets - 1, Math.max(0, bucket));
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#count += 1;
    this.#maxMs = Math.max(this.#maxMs, ms);
  }

  /** The duration that `share` (0 to 1) of all stayed within, in milliseconds; 0 where there is none. */
  percentileMs(share: number): number {
    const wanted = Math.max(1, Math.ceil(share * this.#count));
    let seen = 0;
    for (const [index, count] of this.#counts.entries()) {
      seen += count;
      if (seen >= wanted) return Math.min(this.#maxMs, firstMs * growth ** index);
    }
    return 0;
  }
}

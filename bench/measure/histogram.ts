// Latencies in buckets that grow by 1 %, from 1 µs to 10 minutes: percentiles within 1 % in fixed memory. It crosses
// between processes as plain data, so that the load of several generators can be put together.

const firstMs = 0.001;
const growth = 1.01;
const buckets = Math.ceil(Math.log(600_000 / firstMs) / Math.log(growth)) + 1;
const scale = 1 / Math.log(growth);

/** Pairs of bucket and count, flat: [bucket, count, bucket, count, …]. */
export type HistogramData = readonly number[];

export class Histogram {
  readonly #counts = new Float64Array(buckets);
  #count = 0;

  static from(data: HistogramData): Histogram {
    const histogram = new Histogram();
    histogram.add(data);
    return histogram;
  }

  get count(): number {
    return this.#count;
  }

  /** @param ms at least 0; beyond 10 minutes it counts as 10 minutes */
  record(ms: number): void {
    this.#addTo(Math.ceil(Math.log(Math.max(ms, firstMs) / firstMs) * scale), 1);
  }

  add(data: HistogramData): void {
    for (let at = 0; at + 1 < data.length; at += 2) this.#addTo(data[at] ?? 0, data[at + 1] ?? 0);
  }

  /** The latency that `share` (0 to 1) of all stayed within, in milliseconds; 0 where nothing was recorded. */
  percentileMs(share: number): number {
    const wanted = Math.max(1, Math.ceil(share * this.#count));
    let seen = 0;
    for (const [bucket, count] of this.#counts.entries()) {
      seen += count;
      if (seen >= wanted) return firstMs * growth ** bucket;
    }
    return 0;
  }

  data(): number[] {
    return [...this.#counts.entries()].filter(([, count]) => count > 0).flat();
  }

  #addTo(bucket: number, count: number): void {
    const index = Math.min(buckets - 1, Math.max(0, bucket));
    this.#counts[index] = (this.#counts[index] ?? 0) + count;
    this.#count += count;
  }
}

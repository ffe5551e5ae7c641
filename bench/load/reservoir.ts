// A sample of a stream of unknown length in which everything has the same chance to be (Vitter's algorithm R), drawn by
// a generator of its own, so that a run can be repeated.

export class Reservoir<T> {
  readonly #kept: T[] = [];
  readonly #size: number;
  #seen = 0;
  #random = 0x2545_f491;

  constructor(size: number) {
    this.#size = size;
  }

  get values(): readonly T[] {
    return this.#kept;
  }

  /** @param make is called only where the value is kept */
  offer(make: () => T): void {
    this.#seen += 1;
    if (this.#kept.length < this.#size) {
      this.#kept.push(make());
      return;
    }
    const place = this.#below(this.#seen);
    if (place < this.#size) this.#kept[place] = make();
  }

  /** xorshift32 (Marsaglia 2003). */
  #below(bound: number): number {
    let x = this.#random;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#random = x;
    return (x >>> 0) % bound;
  }
}

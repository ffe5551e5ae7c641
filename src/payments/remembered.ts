// A map of bounded size that forgets the oldest first. For what may be forgotten: whoever finds nothing begins anew.

export class Remembered<Value> {
  readonly #entries = new Map<string, Value>();
  readonly #entriesMax: number;

  /** @param entriesMax at least 1 */
  constructor(entriesMax: number) {
    this.#entriesMax = entriesMax;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): Value | undefined {
    return this.#entries.get(key);
  }

  /** @returns what was forgotten for it, if anything */
  add(key: string, value: Value): Value | undefined {
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#entriesMax) return undefined;
    const [oldest] = this.#entries;
    if (oldest === undefined) return undefined;
    this.#entries.delete(oldest[0]);
    return oldest[1];
  }

  /** Forgets everything. @returns what it was */
  clear(): Value[] {
    const values = [...this.#entries.values()];
    this.#entries.clear();
    return values;
  }
}

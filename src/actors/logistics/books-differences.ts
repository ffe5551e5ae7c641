// What an audit of Logistics finds: the first differences as text, all of them as a number.

/** Differences that are named; the others are counted. */
const namedMax = 1_000;

export class Differences {
  readonly #named: string[] = [];
  #count = 0;

  get named(): readonly string[] {
    return this.#named;
  }

  get count(): number {
    return this.#count;
  }

  /** @param difference begins with the number of the invariant that is broken */
  add(difference: string): void {
    this.#count += 1;
    if (this.#named.length < namedMax) this.#named.push(difference);
  }

  addAll(differences: Iterable<string>): void {
    for (const difference of differences) this.add(difference);
  }
}

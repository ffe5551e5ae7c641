// What the checkers have found, and how often they have looked.

export interface Violation {
  /** As docs/RELIABILITY.md numbers them. */
  readonly invariant: string;
  readonly message: string;
  /** Simulated milliseconds since the run began. */
  readonly at: number;
  readonly facts: Readonly<Record<string, unknown>>;
}

export type Facts = () => Readonly<Record<string, unknown>>;

const noFacts: Facts = () => ({});

export class Verdict {
  readonly violations: Violation[] = [];
  readonly checks = new Map<string, number>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  check(invariant: string, holds: boolean, message: () => string, facts: Facts = noFacts): void {
    this.checks.set(invariant, (this.checks.get(invariant) ?? 0) + 1);
    if (!holds) this.violated(invariant, message(), facts());
  }

  violated(invariant: string, message: string, facts: Readonly<Record<string, unknown>> = {}): void {
    this.violations.push({ invariant, message, at: this.#now(), facts });
  }
}

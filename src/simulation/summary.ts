// What many runs add up to, as text.
import type { RunResult } from './run.ts';

export class Summary {
  readonly #faults = new Map<string, number>();
  readonly #checks = new Map<string, number>();
  readonly #operations = { ok: 0, refused: 0, unknown: 0 };
  runs = 0;
  failed = 0;
  broken = 0;
  #crashes = 0;
  #simulatedMs = 0;
  #thinnest = Number.POSITIVE_INFINITY;

  add(result: RunResult): void {
    this.runs++;
    if (result.violations.length > 0) this.failed++;
    this.#operations.ok += result.operations.ok;
    this.#operations.refused += result.operations.refused;
    this.#operations.unknown += result.operations.unknown;
    this.#crashes += result.crashes;
    this.#simulatedMs += result.simulatedMs;
    addAll(this.#faults, result.faults);
    addAll(this.#checks, result.checks);
    this.#thinnest = Math.min(this.#thinnest, sum(result.faults));
  }

  text(seconds: number): string {
    const { ok, refused, unknown } = this.#operations;
    return [
      `runs          ${this.runs} (${this.failed} with a violation, ${this.broken} broken off), ${(this.runs / seconds).toFixed(1)} a second`,
      `operations    ${ok} ok, ${refused} refused, ${unknown} unknown`,
      `simulated     ${(this.#simulatedMs / 1_000).toFixed(0)} s, ${this.#crashes} crashes, ${sum(this.#faults)} faults, at least ${this.runs === 0 ? 0 : this.#thinnest} a run`,
      'faults',
      ...table(this.#faults),
      'checks',
      ...table(this.#checks),
    ].join('\n');
  }
}

function addAll(total: Map<string, number>, more: ReadonlyMap<string, number>): void {
  for (const [name, count] of more) total.set(name, (total.get(name) ?? 0) + count);
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((total, count) => total + count, 0);
}

function table(counts: ReadonlyMap<string, number>): string[] {
  return [...counts]
    .sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
    .map(([name, count]) => `  ${name.padEnd(34)} ${String(count).padStart(12)}`);
}

/** A failed run, as someone needs it who has to find out why. */
export function failureText({ seed, violations, story }: RunResult): string {
  const [first, ...others] = violations;
  if (first === undefined) return `seed ${seed}: no violation`;
  return [
    ...story,
    '',
    `seed ${seed} breaks ${first.invariant} at ${first.at.toFixed(3)} ms: ${first.message}`,
    JSON.stringify(first.facts, null, 1),
    ...others.map((other) => `also ${other.invariant}: ${other.message}`),
    `again: npm run sim -- --seed ${seed}`,
  ].join('\n');
}

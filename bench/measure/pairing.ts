// What several rounds say together: medians with their spread, and ratios of two variants taken round by round, so that
// a slow minute of the machine, which slows both, does not look like a difference between them.

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** The middle value; of an even number the mean of the two in the middle. NaN where there is none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const low = sorted[Math.ceil(middle) - 1] ?? Number.NaN;
  const high = sorted[Math.floor(middle)] ?? Number.NaN;
  return (low + high) / 2;
}

export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) return { median: Number.NaN, min: Number.NaN, max: Number.NaN };
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/** A figure of a variant in one round. */
export interface Paired {
  readonly round: number;
  readonly value: number;
}

/** values[r] / base[r] for each round r that both have; rounds in which the base is 0 are left out. */
export function pairedRatios(values: readonly Paired[], base: readonly Paired[]): number[] {
  const bases = new Map(base.map(({ round, value }) => [round, value]));
  return values.flatMap(({ round, value }) => {
    const divisor = bases.get(round);
    return divisor === undefined || divisor === 0 ? [] : [value / divisor];
  });
}

/** Each round begins with another variant, so that none always follows the same one. */
export function rotated<T>(values: readonly T[], round: number): T[] {
  const by = values.length === 0 ? 0 : round % values.length;
  return [...values.slice(by), ...values.slice(0, by)];
}

// Seeds that once found a fault. What a seed does changes with the simulator, so they say what they found as well;
// they stay as runs that have been interesting before.

export interface Regression {
  readonly seed: number;
  readonly found: string;
}

export const regressions: readonly Regression[] = [
  { seed: 1, found: "a thread's clock ran ahead of the database's by what its claim took" },
  { seed: 32, found: 'a displaced thread took a row of its successor for a broken invariant' },
  {
    seed: 33,
    found: 'due times beyond the first page, or after a failed read, were read half a minute later',
  },
];

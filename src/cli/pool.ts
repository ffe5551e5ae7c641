// At most `limit` tasks at a time, started in the order in which they are given. The first failure is kept and
// thrown at the next call, so that a loop over it stops.

export class Pool {
  readonly #limit: number;
  readonly #running = new Set<Promise<void>>();
  /** Called whenever a task ends; at most one caller waits in `start`. */
  #freed: () => void = () => {};
  #failure: { readonly error: unknown } | undefined;

  /** @param limit tasks at a time, at least 1 */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Resolves once the task has started; waits for a free place before. One call at a time. */
  async start(task: () => Promise<void>): Promise<void> {
    while (this.#running.size >= this.#limit) {
      await new Promise<void>((resolve) => {
        this.#freed = resolve;
      });
    }
    this.#throwFailure();
    const run: Promise<void> = task()
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => {
        this.#running.delete(run);
        this.#freed();
      });
    this.#running.add(run);
  }

  /** Resolves when all have ended; throws the first failure. */
  async drain(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
    this.#throwFailure();
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}

/** Runs `task` for each value, at most `limit` at a time. */
export async function forEachBounded<T>(
  values: Iterable<T>,
  limit: number,
  task: (value: T) => Promise<void>,
): Promise<void> {
  const pool = new Pool(limit);
  for (const value of values) await pool.start(() => task(value));
  await pool.drain();
}

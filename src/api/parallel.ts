// Asking many things at a time, but not all at once.

/** Runs `task` for each input, at most `inFlightMax` at a time. Results in the order of the inputs; never rejects. */
export async function allSettledInOrder<In, Out>(
  inputs: readonly In[],
  inFlightMax: number,
  task: (input: In) => Promise<Out>,
): Promise<readonly PromiseSettledResult<Out>[]> {
  const results: PromiseSettledResult<Out>[] = [];
  const waiting = inputs.entries();
  const work = async () => {
    for (const [index, input] of waiting) {
      try {
        results[index] = { status: 'fulfilled', value: await task(input) };
      } catch (reason) {
        results[index] = { status: 'rejected', reason };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(inFlightMax, inputs.length) }, work));
  return results;
}

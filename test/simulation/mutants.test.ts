// Every mutant fits the source as it is, and the simulator catches those that it catches soonest. All of them, with up
// to 500 seeds each, are npm run sim:mutants: that takes minutes, and CI runs it beside the tests.
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { runMutant } from './mutant-runner.ts';
import { mutants } from './mutants.ts';

const soonSeeds = 100;
const timeoutMs = 120_000;

describe('mutants', () => {
  it.each(mutants)('"$name" fits the source', async ({ patches }) => {
    for (const { file, search } of patches) {
      const text = await readFile(new URL(`../../${file}`, import.meta.url), 'utf8');
      expect(text.split(search).length - 1, `${file}: ${search}`).toBe(1);
    }
  });

  it.each(mutants.filter((mutant) => mutant.isCaughtSoon))(
    '"$name" is caught by an invariant',
    { timeout: timeoutMs },
    async (mutant) => {
      const { seeds, output } = await runMutant(mutant, 1, soonSeeds);
      expect(seeds, output).not.toBeNull();
    },
  );
});

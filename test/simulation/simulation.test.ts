// The simulator on seeds of its own, on those that once found something, and on the same seed twice.
import { describe, expect, it } from 'vitest';
import { runSimulation } from '../../src/simulation/run.ts';
import { failureText } from '../../src/simulation/summary.ts';
import { regressions } from './regressions.ts';

const cleanSeeds = 100;
const timeoutMs = 240_000;

describe('the simulator', () => {
  it(`finds nothing in ${cleanSeeds} runs, each with work, faults and a crash`, {
    timeout: timeoutMs,
  }, async () => {
    for (let seed = 1; seed <= cleanSeeds; seed++) {
      const result = await runSimulation(seed);
      expect(result.violations, failureText(result)).toEqual([]);
      const { ok, refused, unknown } = result.operations;
      expect(ok + refused + unknown).toBeGreaterThanOrEqual(200);
      expect([...result.faults.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(5);
      expect(result.crashes).toBeGreaterThanOrEqual(1);
    }
  });

  it.each(regressions)('finds nothing more in seed $seed: $found', { timeout: 30_000 }, async ({ seed }) => {
    const result = await runSimulation(seed);
    expect(result.violations, failureText(result)).toEqual([]);
  });

  it('does the same for the same seed, and something else for another', { timeout: 60_000 }, async () => {
    const first = await runSimulation(7);
    const again = await runSimulation(7);
    const other = await runSimulation(8);
    expect({ hash: again.hash, events: again.events, simulatedMs: again.simulatedMs }).toEqual({
      hash: first.hash,
      events: first.events,
      simulatedMs: first.simulatedMs,
    });
    expect(other.hash).not.toBe(first.hash);
  });
});

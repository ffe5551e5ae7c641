// The order of the runs: round by round, scenario by scenario, its variants one after the other, each round beginning
// with another one. A run during which the machine was taken away from us is repeated a few times.
import type { Databases } from './databases.ts';
import { benchLimits as limits } from './limits.ts';
import { rotated } from './measure/pairing.ts';
import type { BenchOptions } from './options.ts';
import { type RunResult, runOnce } from './run.ts';
import { type Scenario, type Variant, variantsOf } from './scenarios/scenarios.ts';

export interface Run extends RunResult {
  readonly scenario: string;
  readonly variant: string;
  /** From 0. */
  readonly round: number;
  /** How often it was run again because of steal. */
  readonly repeats: number;
}

/** @param say is told of each run as it ends */
export async function runRounds(
  databases: Databases,
  options: BenchOptions,
  say: (line: string) => void,
): Promise<{ readonly runs: readonly Run[]; readonly problems: readonly string[] }> {
  const runs: Run[] = [];
  const problems: string[] = [];
  for (let round = 0; round < options.rounds; round++) {
    for (const scenario of options.only) {
      for (const variant of rotated(variantsOf(scenario), round)) {
        const run = await runQuietly(databases, scenario, variant, options, round);
        runs.push(run);
        problems.push(...run.problems.map((what) => `round ${round + 1}, ${titleOf(run)}: ${what}`));
        say(lineOf(run, options));
      }
    }
  }
  return { runs, problems };
}

/** The first run with little steal; where there is none, the one with the least. A wrong one is kept whatever it had. */
async function runQuietly(
  databases: Databases,
  scenario: Scenario,
  variant: Variant,
  options: BenchOptions,
  round: number,
): Promise<Run> {
  let best: Run | undefined;
  for (let repeats = 0; repeats <= limits.stealRepeatsMax; repeats++) {
    const prefix = `${scenario.name}-${round}-${repeats}`;
    const result = await runOnce(databases, scenario, variant, options, prefix);
    const run = { ...result, scenario: scenario.name, variant: variant.name, round, repeats };
    if (run.problems.length > 0 || stolen(run) <= limits.stealShareMax) return run;
    best = best === undefined || stolen(run) < stolen(best) ? run : { ...best, repeats };
  }
  if (best === undefined) throw new RangeError('stealRepeatsMax is below 0');
  return best;
}

function stolen(run: Run): number {
  return run.stealShare ?? 0;
}

function titleOf({ scenario, variant }: Run): string {
  return `${scenario}, ${variant}`;
}

function lineOf(run: Run, { rounds }: BenchOptions): string {
  const { opsPerSecond, problems, repeats, round, stealShare } = run;
  const wrong = problems.length > 0 ? `, WRONG: ${problems[0]}` : '';
  const steal = stealShare === null ? '' : `, steal ${(stealShare * 100).toFixed(1)} %`;
  const again = repeats > 0 ? `, repeated because of steal: ${repeats}` : '';
  return `round ${round + 1}/${rounds}  ${titleOf(run)}: ${Math.round(opsPerSecond)}/s${steal}${again}${wrong}`;
}

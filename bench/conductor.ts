// The order of the runs: round by round, scenario by scenario, its variants one after the other, each round beginning
// with another one. A run during which the machine was taken away from us is repeated a few times.
import type { Databases } from './databases.ts';
import { rotated } from './measure/pairing.ts';
import { disturbance, runQuietly } from './measure/quiet.ts';
import type { BenchOptions } from './options.ts';
import { type RunResult, runOnce } from './run.ts';
import { variantsOf } from './scenarios/scenarios.ts';

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
        const result = await runQuietly((repeats) =>
          runOnce(databases, scenario, variant, options, `${scenario.name}-${round}-${repeats}`),
        );
        const run = { ...result, scenario: scenario.name, variant: variant.name, round };
        runs.push(run);
        problems.push(...run.problems.map((what) => `round ${round + 1}, ${titleOf(run)}: ${what}`));
        say(lineOf(run, options));
      }
    }
  }
  return { runs, problems };
}

function titleOf({ scenario, variant }: Run): string {
  return `${scenario}, ${variant}`;
}

function lineOf(run: Run, { rounds }: BenchOptions): string {
  const { opsPerSecond, problems, round } = run;
  const wrong = problems.length > 0 ? `, WRONG: ${problems[0]}` : '';
  return `round ${round + 1}/${rounds}  ${titleOf(run)}: ${Math.round(opsPerSecond)}/s${disturbance(run)}${wrong}`;
}

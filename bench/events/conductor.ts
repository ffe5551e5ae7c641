// The order of the runs: scenario by scenario, round by round, its variants one after the other, each round beginning with
// another one. A run during which the machine was taken away from us is repeated a few times.
import { rotated } from '../measure/pairing.ts';
import { disturbance, runQuietly } from '../measure/quiet.ts';
import type { Context, EventRun, EventScenario, Runner } from './scenario.ts';

export interface DoneRun extends EventRun {
  readonly scenario: string;
  readonly variant: string;
  /** From 0. */
  readonly round: number;
  /** How often it was run again because of steal. */
  readonly repeats: number;
}

/** @param context is told of each run as it ends */
export async function runEvents(
  context: Context,
  scenarios: readonly EventScenario[],
): Promise<readonly DoneRun[]> {
  const runs: DoneRun[] = [];
  for (const scenario of scenarios) {
    const runner = await scenario.open(context);
    try {
      for await (const run of runsOf(scenario, runner, context.options.rounds ?? scenario.rounds)) {
        runs.push(run);
        context.say(lineOf(scenario, run));
      }
    } finally {
      await runner.close();
    }
  }
  return runs;
}

async function* runsOf(scenario: EventScenario, runner: Runner, rounds: number): AsyncGenerator<DoneRun> {
  for (let round = 0; round < rounds; round++) {
    for (const variant of rotated(scenario.variants, round)) {
      const run = await runQuietly((repeats) => runner.run(variant, `${scenario.name}-${round}-${repeats}`));
      yield { ...run, scenario: scenario.name, variant, round };
    }
  }
}

export function problemsOf(runs: readonly DoneRun[]): string[] {
  return runs.flatMap(({ problems, round, scenario, variant }) =>
    problems.map((what) => `round ${round + 1}, ${scenario}, ${variant}: ${what}`),
  );
}

function lineOf({ columns }: EventScenario, run: DoneRun): string {
  const figures = columns.flatMap(({ key, show, title }) => {
    const value = run.figures[key];
    return typeof value === 'number' ? [`${title} ${show(value)}`] : [];
  });
  const wrong = run.problems.length > 0 ? `, WRONG: ${run.problems[0]}` : '';
  return `round ${run.round + 1}  ${run.scenario}, ${run.variant}: ${figures.join(', ')}${disturbance(run)}${wrong}`;
}

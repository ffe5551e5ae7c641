// What the rounds of each variant come to: medians with their spread, ratios taken round by round, and whether that is what was
// required. Pure.
import { benchLimits } from '../limits.ts';
import { pairedRatios, type Spread, spreadOf } from '../measure/pairing.ts';
import { percent } from '../report/summary.ts';
import type { DoneRun } from './conductor.ts';
import { type EventScenario, ratioKey } from './scenario.ts';

export interface EventSummary {
  readonly scenario: EventScenario;
  readonly variants: readonly VariantSpreads[];
  readonly verdicts: readonly Verdict[];
}

export interface VariantSpreads {
  readonly variant: string;
  /** By the names of the columns; null where the system does not tell. */
  readonly figures: Readonly<Record<string, Spread | null>>;
  readonly stealShare: Spread | null;
}

export interface Verdict {
  readonly variant: string;
  readonly text: string;
  readonly median: number;
  readonly isMet: boolean;
}

export function summarizeEvents(
  scenarios: readonly EventScenario[],
  runs: readonly DoneRun[],
): EventSummary[] {
  return scenarios.map((scenario) => {
    const all = runs.filter((run) => run.scenario === scenario.name);
    const variants = scenario.variants.map((variant) => spreadsOf(scenario, variant, all));
    return { scenario, variants, verdicts: verdictsOf(scenario, variants) };
  });
}

function spreadsOf(
  { base, columns }: EventScenario,
  variant: string,
  all: readonly DoneRun[],
): VariantSpreads {
  const its = all.filter((run) => run.variant === variant);
  const [first] = columns;
  const steal = its.flatMap(({ stealShare }) => stealShare ?? []);
  const figures: Record<string, Spread | null> = {};
  for (const { key } of columns) figures[key] = known(its.flatMap((run) => run.figures[key] ?? []));
  if (base !== undefined && first !== undefined) {
    const ofRounds = (of: readonly DoneRun[]) =>
      of.map(({ figures: its, round }) => ({ round, value: its[first.key] ?? 0 }));
    figures[ratioKey] = known(
      pairedRatios(ofRounds(its), ofRounds(all.filter((run) => run.variant === base))),
    );
  }
  return { variant, figures, stealShare: known(steal) };
}

function known(values: readonly number[]): Spread | null {
  return values.length === 0 ? null : spreadOf(values);
}

function verdictsOf({ requirements }: EventScenario, variants: readonly VariantSpreads[]): Verdict[] {
  return requirements.flatMap(({ figure, isMet, text, variant }) => {
    const found = variants.find((each) => each.variant === variant)?.figures[figure];
    return found == null ? [] : [{ variant, text, median: found.median, isMet: isMet(found.median) }];
  });
}

/** What a reader has to know before trusting the figures. */
export function noisyRuns(runs: readonly DoneRun[]): string[] {
  return runs
    .filter(({ stealShare }) => (stealShare ?? 0) > benchLimits.stealShareMax)
    .map(
      ({ round, scenario, stealShare, variant }) =>
        `round ${round + 1} of ${scenario}, ${variant}: ${percent(stealShare ?? 0)} of the CPU was stolen, ` +
        `even after ${benchLimits.stealRepeatsMax} repeats`,
    );
}

// What the rounds of each variant come to: medians with their spread, and ratios to the best FOR UPDATE, taken round by
// round. Pure.
import type { Run } from '../conductor.ts';
import { benchLimits as limits } from '../limits.ts';
import { median, pairedRatios, type Spread, spreadOf } from '../measure/pairing.ts';
import { type Scenario, type Variant, variantsOf } from '../scenarios/scenarios.ts';

export interface VariantSummary {
  readonly variant: Variant;
  readonly opsPerSecond: Spread;
  /** Of each round's ops/s to those of the best FOR UPDATE in the same round. */
  readonly ratio: Spread;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly serviceUsPerOp: number;
  readonly postgresUsPerOp: number | null;
  readonly generatorUsPerOp: number;
  readonly generatorIdleShare: number;
  readonly stealShare: Spread | null;
  readonly overloaded: number;
}

export interface ScenarioSummary {
  readonly scenario: Scenario;
  /** The pools with which FOR UPDATE was quickest, by its median; the others are compared with it. */
  readonly bestRival: string;
  readonly variants: readonly VariantSummary[];
}

export function summarize(scenarios: readonly Scenario[], runs: readonly Run[]): ScenarioSummary[] {
  return scenarios.map((scenario) => {
    const ofScenario = runs.filter((run) => run.scenario === scenario.name);
    const bestRival = bestRivalOf(scenario, ofScenario);
    const base = ofScenario.filter((run) => run.variant === bestRival);
    return {
      scenario,
      bestRival,
      variants: variantsOf(scenario).map((variant) =>
        summarizeVariant(
          variant,
          ofScenario.filter((run) => run.variant === variant.name),
          base,
        ),
      ),
    };
  });
}

function bestRivalOf(scenario: Scenario, runs: readonly Run[]): string {
  const rivals = variantsOf(scenario)
    .filter(({ engine }) => engine === 'for-update')
    .map(({ name }) => ({
      name,
      ops: median(runs.filter(({ variant }) => variant === name).map(({ opsPerSecond }) => opsPerSecond)),
    }));
  return rivals.toSorted((a, b) => b.ops - a.ops)[0]?.name ?? '';
}

function summarizeVariant(variant: Variant, runs: readonly Run[], base: readonly Run[]): VariantSummary {
  const opsByRound = (of: readonly Run[]) =>
    of.map(({ round, opsPerSecond }) => ({ round, value: opsPerSecond }));
  const medianOf = (of: (run: Run) => number): number => median(runs.map(of));
  const postgres = runs.flatMap(({ cpuUsPerOp }) => cpuUsPerOp.postgres ?? []);
  const steal = runs.flatMap(({ stealShare }) => stealShare ?? []);
  return {
    variant,
    opsPerSecond: spreadOf(runs.map(({ opsPerSecond }) => opsPerSecond)),
    ratio: spreadOf(pairedRatios(opsByRound(runs), opsByRound(base))),
    p50Ms: medianOf(({ p50Ms }) => p50Ms),
    p99Ms: medianOf(({ p99Ms }) => p99Ms),
    serviceUsPerOp: medianOf(({ cpuUsPerOp }) => cpuUsPerOp.service),
    postgresUsPerOp: postgres.length === 0 ? null : median(postgres),
    generatorUsPerOp: medianOf(({ cpuUsPerOp }) => cpuUsPerOp.generator),
    generatorIdleShare: medianOf(({ generatorIdleShare }) => generatorIdleShare),
    stealShare: steal.length === 0 ? null : spreadOf(steal),
    overloaded: runs.reduce((sum, { overloaded }) => sum + overloaded, 0),
  };
}

/** What a reader has to know before trusting the figures. */
export function warnings(summaries: readonly ScenarioSummary[], runs: readonly Run[]): string[] {
  const noisy = runs.filter(({ stealShare }) => (stealShare ?? 0) > limits.stealShareMax);
  return [
    ...noisy.map(
      ({ round, scenario, stealShare, variant }) =>
        `round ${round + 1} of ${scenario}, ${variant}: ${percent(stealShare ?? 0)} of the CPU was stolen, ` +
        `even after ${limits.stealRepeatsMax} repeats`,
    ),
    ...summaries.flatMap(({ scenario, variants: all }) =>
      all.flatMap((summary) => [...busy(scenario, summary), ...overloaded(scenario, summary)]),
    ),
  ];
}

function busy(scenario: Scenario, { variant, generatorIdleShare }: VariantSummary): string[] {
  // The empty engine is there to keep the generator busy.
  if (variant.engine === 'empty' || generatorIdleShare >= limits.generatorIdleShareMin) return [];
  return [
    `${scenario.name}, ${variant.name}: the load generator was idle for only ${percent(generatorIdleShare)}; ` +
      'the engine may be able to do more',
  ];
}

function overloaded(scenario: Scenario, { variant, overloaded: count }: VariantSummary): string[] {
  return count === 0
    ? []
    : [
        `${scenario.name}, ${variant.name}: ${count} requests were refused for overload and asked again later`,
      ];
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}

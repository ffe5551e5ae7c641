// The summary as a table for people. Pure.
import type { Spread } from '../measure/pairing.ts';
import { percent, type ScenarioSummary, type VariantSummary } from './summary.ts';

const columns = [
  'variant',
  'ops/s median [min–max]',
  '× FOR UPDATE [min–max]',
  'p50 ms',
  'p99 ms',
  'service µs',
  'postgres µs',
  'load µs',
  'load idle',
  'steal',
] as const;

export function tableLines(summaries: readonly ScenarioSummary[]): string[] {
  return summaries.flatMap(({ scenario, bestRival, variants }) => {
    const rows = [columns, ...variants.map((variant) => cellsOf(variant, bestRival))];
    const widths = columns.map((_, at) => Math.max(...rows.map((row) => (row[at] ?? '').length)));
    const lines = rows.map((row) =>
      row
        .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
        .join('  ')
        .trimEnd(),
    );
    return [`${scenario.title} (--only ${scenario.name})`, ...lines, ''];
  });
}

function cellsOf(summary: VariantSummary, bestRival: string): string[] {
  const { variant } = summary;
  return [
    variant.name === bestRival ? `${variant.name} *` : variant.name,
    spread(summary.opsPerSecond, whole),
    spread(summary.ratio, (value) => value.toFixed(2)),
    summary.p50Ms.toFixed(2),
    summary.p99Ms.toFixed(2),
    whole(summary.serviceUsPerOp),
    summary.postgresUsPerOp === null ? 'unknown' : whole(summary.postgresUsPerOp),
    whole(summary.generatorUsPerOp),
    percent(summary.generatorIdleShare),
    summary.stealShare === null ? 'unknown' : percent(summary.stealShare.max),
  ];
}

function spread({ median, min, max }: Spread, show: (value: number) => string): string {
  return `${show(median)} [${show(min)}–${show(max)}]`;
}

export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-GB');
}

export const legend = [
  '* the pools with which FOR UPDATE was quickest; ratios are to it, round by round. µs: CPU time for each operation,',
  'of the service (all of its threads), of PostgreSQL (all of its processes) and of what makes the load. load idle: how',
  'much of the time the load had nothing to do. steal: the most that any round lost to other machines. empty: the',
  'ceiling of everything around the engine.',
];

// The summaries as tables for people: a line for each variant; of a benchmark that has only one, a line for each figure. Pure.
import type { Spread } from '../measure/pairing.ts';
import { percent } from '../report/summary.ts';
import { type Column, ratioKey } from './scenario.ts';
import type { EventSummary, VariantSpreads } from './summary.ts';

export function eventTable({ scenario, variants, verdicts }: EventSummary): string[] {
  const columns = columnsOf(scenario.columns, scenario.base);
  const head = ['variant', ...columns.map(({ title }) => title), 'steal'];
  const rows = [head, ...variants.map((variant) => cellsOf(variant, columns))];
  return [
    `${scenario.title} (--only ${scenario.name}), median [min–max]`,
    ...aligned(variants.length === 1 ? turned(rows).slice(1) : rows),
    ...verdicts.map(
      ({ isMet, median, text, variant }) =>
        `required of ${variant}: ${text}: ${isMet ? 'met' : 'NOT MET'} (${median.toFixed(2)})`,
    ),
    '',
  ];
}

function columnsOf(columns: readonly Column[], base: string | undefined): readonly Column[] {
  const [first, ...rest] = columns;
  if (base === undefined || first === undefined) return columns;
  return [first, { key: ratioKey, title: `× ${base}`, show: (value) => value.toFixed(2) }, ...rest];
}

function cellsOf({ figures, stealShare, variant }: VariantSpreads, columns: readonly Column[]): string[] {
  return [
    variant,
    ...columns.map(({ key, show }) => spread(figures[key] ?? null, show)),
    stealShare === null ? 'unknown' : percent(stealShare.max),
  ];
}

function spread(found: Spread | null, show: (value: number) => string): string {
  if (found === null) return 'unknown';
  const { max, median, min } = found;
  return min === max ? show(median) : `${show(median)} [${show(min)}–${show(max)}]`;
}

function turned(rows: readonly (readonly string[])[]): string[][] {
  return (rows[0] ?? []).map((_, at) => rows.map((row) => row[at] ?? ''));
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => (row[at] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

export const eventLegend = [
  'µs: CPU time for each event (of events-overhead: each reservation), of the process that publishes or serves, of PostgreSQL',
  '(all of its processes) and of what makes the load. ×: round by round. steal: the most that any round lost to other machines.',
  'delay: from when the record of the event was cut, just before it became durable, until it was consumed: an upper bound.',
];

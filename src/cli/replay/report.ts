// The report of a replay as lines of text, and whether it counts as a success. No I/O.
import { count, plural } from '../io.ts';
import { examplesMax } from '../limits.ts';
import type { BooksResult } from './books.ts';
import type { Loaded } from './load.ts';
import { moneyText } from './money.ts';
import { doneRecords, ordersOf, steps, type Tally } from './tally.ts';

/** What the service's own audit found. */
export interface AuditFindings {
  readonly differences: readonly { readonly what: string }[];
}

export interface ReplayResult {
  readonly records: number;
  readonly loaded: Loaded;
  readonly openedUnits: number;
  readonly tally: Tally;
  readonly elapsedMs: number;
  readonly retries: number;
  readonly books: BooksResult;
  /** Undefined where no audit could be run from here. */
  readonly audit: AuditFindings | undefined;
}

/** Nothing oversold, the books balance on both sides, and no record is left whose end nobody knows. */
export function succeeded(result: ReplayResult): boolean {
  return (
    result.books.oversoldUnits === 0n &&
    balanced(result) &&
    result.tally.unanswered === 0 &&
    doneRecords(result.tally) === result.records
  );
}

function balanced(result: ReplayResult): boolean {
  return result.books.differences.length === 0 && (result.audit?.differences.length ?? 0) === 0;
}

export function reportLines(result: ReplayResult): string[] {
  return [
    ...outcomeLines(result),
    '',
    ...latencyLines(result.tally),
    '',
    ...differenceLines(result),
    `oversold: ${result.books.oversoldUnits}`,
    `books balanced: ${balanced(result) ? 'yes' : 'no'}`,
  ];
}

function outcomeLines(result: ReplayResult): string[] {
  const { tally, loaded } = result;
  const { orders, cancels } = tally;
  const perSecond = (value: number): string => count((value * 1_000) / Math.max(1, result.elapsedMs));
  const lines = [
    `catalogue    ${plural(loaded.items, 'item')}, ${plural(result.openedUnits, 'unit')} in ` +
      `${plural(loaded.warehouseIds.length, 'warehouse')}, loaded in ${seconds(loaded.elapsedMs)}`,
    `customers    ${count(tally.customers)} created, ${plural(tally.guests, 'order')} of guests`,
    `orders       ${count(ordersOf(tally))}: ${count(orders.delivered)} delivered, ` +
      `${count(orders.backOrdered)} back-ordered, ${count(orders.cancelled)} cancelled, ${count(orders.failed)} failed`,
    `cancels      ${count(cancels.returned + cancels.failed)}: ${count(cancels.returned)} returned, ` +
      `${count(cancels.failed)} failed`,
    `returns      ${goods(tally.returns)} of orders that were delivered`,
    `adjustments  ${goods(tally.adjustments)} that match no purchase`,
    `money        ${moneyText(tally.captured)} captured, ${moneyText(tally.refunded)} refunded` +
      (tally.refunded === tally.refundsDue ? '' : ` (${moneyText(tally.refundsDue)} came back)`),
    `throughput   ${perSecond(ordersOf(tally))} orders/s, ${perSecond(tally.lines)} lines/s ` +
      `(${plural(tally.lines, 'line')}, ${plural(tally.units, 'unit')} delivered, ${seconds(result.elapsedMs)})`,
    `repeats      ${plural(result.retries, 'call')} repeated after UNAVAILABLE, overload or a deadline`,
  ];
  const badLines = tally.badLines + loaded.badLines;
  if (badLines > 0) lines.push(`bad lines    ${count(badLines)}, left out`);
  if (tally.unanswered > 0)
    lines.push(`unanswered   ${count(tally.unanswered)} of the failed: outcome unknown`);
  const missing = result.records - doneRecords(tally);
  if (missing > 0) lines.push(`not started  ${plural(missing, 'record')}`);
  return lines;
}

function goods({ lines, units }: { readonly lines: number; readonly units: number }): string {
  return `${plural(lines, 'line')}, ${plural(units, 'unit')}`;
}

function latencyLines(tally: Tally): string[] {
  const row = (cells: readonly string[]): string =>
    cells.map((cell, index) => (index === 0 ? cell.padEnd(9) : cell.padStart(10))).join('');
  return [
    row(['call', 'calls', 'p50 ms', 'p99 ms']),
    ...steps
      .filter((step) => tally.latency[step].count > 0)
      .map((step) => {
        const latency = tally.latency[step];
        return row([
          step,
          count(latency.count),
          latency.percentileMs(0.5).toFixed(1),
          latency.percentileMs(0.99).toFixed(1),
        ]);
      }),
  ];
}

function differenceLines(result: ReplayResult): string[] {
  const { audit, books } = result;
  return [
    ...examples('books', books.differences),
    audit === undefined
      ? 'audit of the databases: not from here (run synkro audit where they are)'
      : `audit of the databases: ${plural(audit.differences.length, 'difference')}`,
    ...examples(
      'audit',
      (audit?.differences ?? []).map((difference) => difference.what),
    ),
  ];
}

function examples(label: string, all: readonly string[]): string[] {
  const shown = all.slice(0, examplesMax).map((text) => `${label}: ${text}`);
  if (all.length > shown.length) shown.push(`${label}: and ${count(all.length - shown.length)} more`);
  return shown;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

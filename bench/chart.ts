// The summary as an SVG: a panel for each scenario with a scale of its own, a bar for each variant at its median, and a
// whisker from its slowest to its quickest round. Pure; no dependency.
import { type Machine, machineLine } from './report/machine.ts';
import type { ScenarioSummary, VariantSummary } from './report/summary.ts';
import { whole } from './report/table.ts';
import type { Engine } from './scenarios/scenarios.ts';

const width = 860;
const left = 190;
const right = 190;
const barHeight = 16;
const rowHeight = 24;
const titleHeight = 34;
const panelGap = 14;
const headHeight = 58;
const footHeight = 30;

export function chart(summaries: readonly ScenarioSummary[], machine: Machine, rounds: number): string {
  const heights = summaries.map(({ variants }) => titleHeight + variants.length * rowHeight + panelGap);
  const height = headHeight + heights.reduce((sum, each) => sum + each, 0) + footHeight;
  let top = headHeight;
  const panels = summaries.map((summary, at) => {
    const drawn = panel(summary, top);
    top += heights[at] ?? 0;
    return drawn;
  });
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="Durable reservations and orders a second">`,
    style,
    `<rect class="paper" width="${width}" height="${height}"/>`,
    text(16, 28, 'title', 'Durable reservations and orders a second'),
    text(16, 47, 'note', `Medians of ${rounds} interleaved rounds; whiskers: slowest to quickest round.`),
    ...panels,
    text(16, height - 12, 'note', machineLine(machine)),
    '</svg>',
  ].join('\n')}\n`;
}

function panel({ scenario, bestRival, variants }: ScenarioSummary, top: number): string {
  const most = Math.max(1, ...variants.map(({ opsPerSecond }) => finite(opsPerSecond.max)));
  const scale = (width - left - right) / most;
  const rows = variants.map((variant, at) =>
    row(variant, variant.variant.name === bestRival, top + titleHeight + at * rowHeight, scale),
  );
  return [text(16, top + 22, 'panel', scenario.title), ...rows].join('\n');
}

function row(summary: VariantSummary, isBase: boolean, top: number, scale: number): string {
  const { opsPerSecond, ratio, variant } = summary;
  const middle = top + barHeight / 2;
  const end = left + finite(opsPerSecond.median) * scale;
  const [low, high] = [opsPerSecond.min, opsPerSecond.max].map((ops) => place(left + finite(ops) * scale));
  const figure = `${whole(opsPerSecond.median)}/s`;
  const times = isBase || variant.engine === 'empty' ? '' : `  (× ${ratio.median.toFixed(2)})`;
  return [
    text(left - 8, middle + 4, 'name', variant.name),
    `<rect class="${bars[variant.engine]}" x="${left}" y="${top}" width="${place(end - left)}" height="${barHeight}" rx="2"/>`,
    `<path class="whisker" d="M${low} ${middle}H${high}M${low} ${middle - 4}v8M${high} ${middle - 4}v8"/>`,
    text(place(left + finite(opsPerSecond.max) * scale) + 8, middle + 4, 'figure', `${figure}${times}`),
  ].join('\n');
}

const bars: Readonly<Record<Engine, string>> = {
  synkro: 'ours',
  'for-update': 'rival',
  empty: 'ceiling',
};

const style = `<style>
text { font: 13px system-ui, sans-serif; fill: #24292f; }
.paper { fill: #ffffff; }
.title { font-size: 18px; font-weight: 600; }
.panel { font-size: 14px; font-weight: 600; }
.note { font-size: 11px; fill: #57606a; }
.name { text-anchor: end; }
.ours { fill: #1f6feb; }
.rival { fill: #bc4c00; }
.ceiling { fill: #afb8c1; }
.whisker { stroke: #24292f; stroke-width: 1; fill: none; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .paper { fill: #0d1117; }
  .note { fill: #8b949e; }
  .ceiling { fill: #484f58; }
  .whisker { stroke: #e6edf3; }
}
</style>`;

function text(x: number, y: number, kind: string, content: string): string {
  return `<text class="${kind}" x="${x}" y="${y}">${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function place(value: number): number {
  return Math.round(value * 10) / 10;
}

/** A variant that was never run is a bar of no length. */
function finite(value: number): number {
  return Number.isFinite(value) ? value : 0;
}

// A run of events-broker-away as an SVG: reservations a second, their p99, how far events lag, and the memory of the service,
// over time; the time without a broker is shaded. Pure; no dependency.
import { type Machine, machineLine } from '../report/machine.ts';
import { whole } from '../report/table.ts';
import type { Timeline } from './scenario.ts';

const width = 860;
const left = 80;
const right = 30;
const panelHeight = 120;
const panelGap = 52;
const headHeight = 84;
const footHeight = 44;

interface Point {
  readonly atMs: number;
  readonly value: number;
}

interface Panel {
  readonly title: string;
  readonly kind: string;
  readonly points: readonly Point[];
}

export function timelineChart(timeline: Timeline, offeredPerSecond: number, machine: Machine): string {
  const panels = panelsOf(timeline);
  const endMs = Math.max(1, ...panels.flatMap(({ points }) => points.map(({ atMs }) => atMs)));
  const across = (atMs: number): number => place(left + (atMs / endMs) * (width - left - right));
  const height = headHeight + panels.length * (panelHeight + panelGap) + footHeight;
  const seconds = (timeline.backAtMs - timeline.cutAtMs) / 1_000;
  const title = 'Reservations while the broker is away';
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">`,
    style,
    `<rect class="paper" width="${width}" height="${height}"/>`,
    text(16, 28, 'title', title),
    text(
      16,
      47,
      'note',
      `${whole(offeredPerSecond)} reservations a second are offered; shaded: no broker, for ${seconds.toFixed(0)} s.`,
    ),
    ...panels.map((panel, at) => drawn(panel, headHeight + at * (panelHeight + panelGap), across, timeline)),
    ...ticks(endMs, across, height - footHeight),
    text(16, height - 12, 'note', machineLine(machine)),
    '</svg>',
  ].join('\n')}\n`;
}

function panelsOf({ samples, windowMs, windows }: Timeline): readonly Panel[] {
  const ofWindows = (of: (window: Timeline['windows'][number]) => number | null): readonly Point[] =>
    windows.flatMap((window, at) => {
      const value = of(window);
      return value === null ? [] : [{ atMs: (at + 1) * windowMs, value }];
    });
  return [
    {
      title: 'reservations a second',
      kind: 'goodput',
      points: ofWindows(({ grantedPerSecond }) => grantedPerSecond),
    },
    { title: 'their p99, ms', kind: 'p99', points: ofWindows(({ p99Ms }) => p99Ms) },
    {
      title: 'events that wait in the journal, rows',
      kind: 'lag',
      points: samples.map(({ atMs, lagRows }) => ({ atMs, value: lagRows })),
    },
    {
      title: 'memory of the service, MiB',
      kind: 'memory',
      points: samples.map(({ atMs, rssMiB }) => ({ atMs, value: rssMiB })),
    },
  ];
}

function drawn(
  { kind, points, title }: Panel,
  top: number,
  across: (atMs: number) => number,
  { backAtMs, cutAtMs }: Timeline,
): string {
  const most = Math.max(1, ...points.map(({ value }) => value));
  const down = (value: number): number => place(top + panelHeight * (1 - value / most));
  const line = points.map(({ atMs, value }) => `${across(atMs)} ${down(value)}`).join('L');
  const shadeWidth = place(across(backAtMs) - across(cutAtMs));
  return [
    text(left, top - 10, 'panel', title),
    `<rect class="away" x="${across(cutAtMs)}" y="${top}" width="${shadeWidth}" height="${panelHeight}"/>`,
    `<path class="axis" d="M${left} ${top}V${top + panelHeight}H${width - right}"/>`,
    text(left - 8, top + 5, 'scale', whole(most)),
    text(left - 8, top + panelHeight + 4, 'scale', '0'),
    ...(points.length === 0 ? [] : [`<path class="line ${kind}" d="M${line}"/>`]),
  ].join('\n');
}

/** Seconds below the last panel. */
function ticks(endMs: number, across: (atMs: number) => number, top: number): string[] {
  const stepMs = Math.max(1_000, Math.ceil(endMs / 10 / 5_000) * 5_000);
  const count = Math.floor(endMs / stepMs) + 1;
  return Array.from({ length: count }, (_, at) =>
    text(across(at * stepMs), top - panelGap + 16, 'tick', `${(at * stepMs) / 1_000} s`),
  );
}

const style = `<style>
text { font: 13px system-ui, sans-serif; fill: #24292f; }
.paper { fill: #ffffff; }
.title { font-size: 18px; font-weight: 600; }
.panel { font-size: 13px; font-weight: 600; }
.note { font-size: 11px; fill: #57606a; }
.scale { font-size: 11px; text-anchor: end; }
.tick { font-size: 11px; text-anchor: middle; }
.axis { stroke: #8c959f; stroke-width: 1; fill: none; }
.away { fill: #ffebe9; }
.line { stroke-width: 1.5; fill: none; }
.goodput { stroke: #1f6feb; }
.p99 { stroke: #bc4c00; }
.lag { stroke: #8250df; }
.memory { stroke: #1a7f37; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .paper { fill: #0d1117; }
  .note { fill: #8b949e; }
  .away { fill: #3c1618; }
}
</style>`;

function text(x: number, y: number, kind: string, content: string): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<text class="${kind}" x="${x}" y="${y}">${escaped}</text>`;
}

function place(value: number): number {
  return Math.round(value * 10) / 10;
}

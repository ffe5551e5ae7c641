import { expect, test } from 'vitest';
import { chart } from '../../bench/chart.ts';
import { compareCount, toldBy, unexpected } from '../../bench/check/told.ts';
import type { Run } from '../../bench/conductor.ts';
import { benchOptions } from '../../bench/options.ts';
import { summarize, warnings } from '../../bench/report/summary.ts';
import { tableLines } from '../../bench/report/table.ts';
import { scenarios, variantsOf } from '../../bench/scenarios/scenarios.ts';
import { UsageError } from '../../src/cli/options.ts';

const scenario = scenarios.filter(({ name }) => name === 'hot-grpc');
const variants = variantsOf({ job: 'reserve' });

function run(variant: string, round: number, opsPerSecond: number, more: Partial<Run> = {}): Run {
  return {
    scenario: 'hot-grpc',
    variant,
    round,
    repeats: 0,
    opsPerSecond,
    p50Ms: 1,
    p99Ms: 10,
    cpuUsPerOp: { service: 20, postgres: 30, generator: 40 },
    generatorIdleShare: 0.5,
    stealShare: 0.01,
    granted: 10,
    overloaded: 0,
    problems: [],
    ...more,
  };
}

/** The second round is half as fast for everybody. */
const runs = [1, 0.5, 2].flatMap((speed, round) => [
  run('synkro', round, 9_000 * speed),
  run('FOR UPDATE, pool of 1', round, 3_000 * speed),
  run('FOR UPDATE, pool of 16', round, 1_000 * speed),
  run('FOR UPDATE, pool of 64', round, 500 * speed),
  run('empty', round, 12_000 * speed),
]);

test('everything is compared with FOR UPDATE at its best pool size, round by round', () => {
  const [summary] = summarize(scenario, runs);
  expect(summary?.bestRival).toBe('FOR UPDATE, pool of 1');
  const synkro = summary?.variants.find(({ variant }) => variant.engine === 'synkro');
  expect(synkro?.opsPerSecond).toEqual({ median: 9_000, min: 4_500, max: 18_000 });
  expect(synkro?.ratio).toEqual({ median: 3, min: 3, max: 3 });
  expect(summary?.variants.map(({ variant }) => variant)).toEqual(variants);
});

test('orders are compared with whichever form of the rival was quickest', () => {
  const orders = scenarios.filter(({ name }) => name === 'orders-hot-rest');
  const all = variantsOf({ job: 'order' }).map(({ name }, at) => ({
    ...run(name, 0, 100 + at),
    scenario: 'orders-hot-rest',
  }));
  const [summary] = summarize(orders, all);
  expect(summary?.bestRival).toBe('FOR UPDATE, 4 and 1');
  expect(summary?.variants.map(({ opsPerSecond }) => opsPerSecond.median)).toEqual([
    100, 101, 102, 103, 104, 105,
  ]);
});

test('the table has a line for each variant, and marks what the ratios are to', () => {
  const lines = tableLines(summarize(scenario, runs));
  expect(lines).toHaveLength(variants.length + 3);
  const line = lines.find((each) => each.startsWith('synkro')) ?? '';
  for (const part of ['9,000 [4,500–18,000]', '3.00 [3.00–3.00]', '1.00', '10.00', '20', '30', '40'])
    expect(line).toContain(part);
  expect(lines.find((each) => each.includes('*'))).toContain('pool of 1 ');
});

test('a noisy round, a busy generator and overload are said', () => {
  const doubtful = runs.map((each) =>
    each.variant === 'synkro' ? { ...each, stealShare: 0.3, generatorIdleShare: 0.01, overloaded: 2 } : each,
  );
  const said = warnings(summarize(scenario, doubtful), doubtful).join('\n');
  expect(said).toContain('30 % of the CPU was stolen');
  expect(said).toContain('idle for only 1.0 %');
  expect(said).toContain('6 requests were refused for overload');
  expect(warnings(summarize(scenario, runs), runs)).toEqual([]);
});

test('the chart has a bar for each variant and stands alone', () => {
  const machine = { cpu: 'A & B <C>', cores: 2, memoryGiB: 8, system: 'Linux', node: '24', postgres: '18' };
  const svg = chart(summarize(scenario, runs), machine, 3);
  expect(svg.match(/<rect class="(ours|rival|ceiling)"/g)).toHaveLength(variants.length);
  expect(svg).toContain('A &amp; B &lt;C&gt;');
  expect(svg).toContain('9,000/s  (× 3.00)');
  expect(svg).not.toContain('NaN');
  // Without a round there is nothing to draw, but still a chart.
  expect(chart(summarize(scenario, []), machine, 0)).not.toContain('"NaN"');
});

const load = {
  seconds: 1,
  measured: 5,
  latencies: [],
  granted: 10,
  refused: 0,
  failed: {},
  cpuUsPerSecond: 0,
  idleShare: 0,
  samples: [],
};

test('whoever was refused for overload had no effect; every other failure may have had one, and is wrong', () => {
  const failed = { 'grpc-status 8': 3, overloaded: 4, 'grpc-status 14': 2 };
  expect(toldBy([load, { ...load, failed }], [])).toMatchObject({ granted: 20, refused: 0, unknown: 2 });
  expect(unexpected([load, { ...load, failed }])).toEqual(['2 requests failed with grpc-status 14']);
  expect(unexpected([{ ...load, refused: 1 }])).toHaveLength(1);
});

test('a lost or an invented reservation is found by counting', () => {
  const told = toldBy([load], []);
  expect(compareCount('reservations', 10, told)).toEqual([]);
  expect(compareCount('reservations', 9, told)).toHaveLength(1);
  expect(compareCount('reservations', 11, told)).toHaveLength(1);
  expect(compareCount('reservations', 11, { ...told, unknown: 1 })).toEqual([]);
});

test('options are read, and a bad one is named', () => {
  expect(benchOptions([])).toMatchObject({ rounds: 5, outstanding: 64, baskets: 4_000, json: null });
  expect(benchOptions([]).only).toHaveLength(scenarios.length);
  expect(benchOptions(['--quick', '--only', 'hot', '--rounds', '2'])).toMatchObject({
    rounds: 2,
    measureMs: 1_000,
  });
  expect(benchOptions(['--only', 'orders-hot']).only.map(({ name }) => name)).toEqual([
    'orders-hot-grpc',
    'orders-hot-rest',
  ]);
  // A name as a whole is that scenario alone, though other names hold it.
  expect(benchOptions(['--only', 'hot-grpc']).only.map(({ name }) => name)).toEqual(['hot-grpc']);
  expect(() => benchOptions(['--only', 'nothing'])).toThrow(UsageError);
  expect(() => benchOptions(['--rounds', '0'])).toThrow('--rounds');
  expect(() => benchOptions(['--fast'])).toThrow('--fast');
  expect(benchOptions([]).flushMs).toBe(0);
  expect(benchOptions(['--flush-ms', '2']).flushMs).toBe(2);
  expect(() => benchOptions(['--flush-ms', '101'])).toThrow('--flush-ms');
});

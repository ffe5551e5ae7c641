// The parts of the benchmarks of events that need neither a broker nor a database.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { expect, test } from 'vitest';
import type { DoneRun } from '../../bench/events/conductor.ts';
import { eventOptions } from '../../bench/events/options.ts';
import { copiesOf, copyPrefix } from '../../bench/events/publish/copies.ts';
import { Meter } from '../../bench/events/publish/meter.ts';
import { eventScenarios } from '../../bench/events/scenarios.ts';
import { noisyRuns, summarizeEvents } from '../../bench/events/summary.ts';
import { eventTable } from '../../bench/events/table.ts';
import { Wire } from '../../bench/events/wire.ts';
import { runQuietly } from '../../bench/measure/quiet.ts';
import { UsageError } from '../../src/cli/options.ts';

test('each copy of a recording is of other orders, and continues the journal of its shard', () => {
  const row = (shard: number, seq: number) => ({
    shard,
    seq,
    epoch: 1,
    at: 1,
    events: `{"id":"${copyPrefix(0)}0-7"}`,
  });
  const [first, second] = [...copiesOf([row(3, 41), row(1, 8), row(3, 42)], 2)];
  expect(first?.map(({ shard, seq }) => [shard, seq])).toEqual([
    [3, 1],
    [1, 1],
    [3, 2],
  ]);
  expect(second?.map(({ seq }) => seq)).toEqual([3, 2, 4]);
  expect(first?.[0]?.events).toBe('{"id":"copy000000-0-7"}');
  expect(second?.[0]?.events).toBe('{"id":"copy000001-0-7"}');
});

test('a meter measures from the end of the warm-up to the last one', async () => {
  let begun = 0;
  const meter = new Meter(100, () => begun++);
  for (let n = 0; n < 19; n++) meter.confirmed();
  expect(begun).toBe(0);
  for (let n = 19; n < 100; n++) meter.confirmed();
  expect(begun).toBe(1);
  expect((await meter.done).measured).toBe(80);
});

test('a wire that is cut refuses, and is mended at the same place', async () => {
  const server = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : address;
  const wire = await Wire.open(`amqp://guest:guest@127.0.0.1:${port}/x`);
  const through = Number(new URL(wire.url).port);
  expect(new URL(wire.url).pathname).toBe('/x');
  const echo = async () => {
    const socket = connect(through, '127.0.0.1');
    socket.write('a');
    const [answer] = await once(socket, 'data');
    return { socket, answer: String(answer) };
  };
  const { answer, socket } = await echo();
  expect(answer).toBe('a');
  const closed = once(socket, 'close');
  await wire.cut();
  await closed;
  await expect(echo()).rejects.toThrow('ECONNREFUSED');
  await wire.mend();
  expect((await echo()).answer).toBe('a');
  await wire.cut();
  server.close();
});

test('a stolen run is repeated, the least stolen one counts, and a wrong one is not repeated', async () => {
  const steals = [0.5, 0.2, 0.3, 0.4];
  const least = await runQuietly(async (repeats) => ({
    stealShare: steals[repeats] ?? 1,
    problems: [],
    name: repeats,
  }));
  expect(least).toMatchObject({ repeats: 3, name: 1 });
  const quiet = await runQuietly(async (repeats) => ({ stealShare: repeats === 1 ? 0 : 1, problems: [] }));
  expect(quiet.repeats).toBe(1);
  expect((await runQuietly(async () => ({ stealShare: 1, problems: ['wrong'] }))).repeats).toBe(0);
});

const { 'events-publish': publish, 'events-delay': delay } = eventScenarios;

/** The second round is half as fast for everybody. */
const runs: readonly DoneRun[] = [1, 0.5].flatMap((speed, round) =>
  [8_000, 6_000, 10_000].map((perSecond, at) => ({
    scenario: publish.name,
    variant: publish.variants[at] ?? '',
    round,
    repeats: 0,
    figures: { eventsPerSecond: perSecond * speed, publisherUs: 50, postgresUs: null },
    stealShare: round === 0 ? 0.01 : 0.2,
    problems: [],
  })),
);

test('the product is compared with the bare publisher round by round, and held to what is required', () => {
  const [summary] = summarizeEvents([publish], runs);
  const [backlog, fed] = summary?.variants ?? [];
  expect(backlog?.figures['eventsPerSecond']).toEqual({ median: 6_000, min: 4_000, max: 8_000 });
  expect(backlog?.figures['ratio']).toEqual({ median: 0.8, min: 0.8, max: 0.8 });
  expect(fed?.figures['ratio']?.median).toBe(0.6);
  expect(fed?.figures['postgresUs']).toBeNull();
  expect(summary?.verdicts.map(({ isMet }) => isMet)).toEqual([true, false]);
  expect(noisyRuns(runs)).toHaveLength(3);
});

test('the table has a line for each variant, or for each figure where there is one variant', () => {
  const text = summarizeEvents([publish], runs).flatMap(eventTable).join('\n');
  expect(text).toContain('6,000 [4,000–8,000]');
  expect(text).toContain('NOT MET (0.60)');
  expect(text).toContain('unknown');
  const figures = { eventsPerSecond: 700, p50Ms: 4, p99Ms: 99, maxMs: 120 };
  const run = { scenario: delay.name, variant: 'synkro', round: 0, repeats: 0, figures, stealShare: null };
  const lines = summarizeEvents([delay], [{ ...run, problems: [] }]).flatMap(eventTable);
  expect(lines.find((line) => line.startsWith('p99 ms'))).toMatch(/ 99\.0$/);
  expect(lines.join('\n')).toContain('within 100 ms: met');
});

test('options are read, and a bad one is named', () => {
  expect(eventOptions([])).toMatchObject({ rounds: null, measureMs: null, events: 100_000, workload: 'hot' });
  expect(eventOptions(['--quick', '--only', 'delay', '--rate', '50'])).toMatchObject({
    only: ['events-delay'],
    rounds: 1,
    measureMs: 1_000,
    ratePerSecond: 50,
  });
  expect(() => eventOptions(['--only', 'nothing'])).toThrow(UsageError);
  expect(() => eventOptions(['--workload', 'cold'])).toThrow('--workload');
  expect(() => eventOptions(['--rate', '0'])).toThrow('--rate');
});

import { expect, test } from 'vitest';
import { benchLimits } from '../../bench/limits.ts';
import { LoadLoop, type Send } from '../../bench/load/loop.ts';
import { Reservoir } from '../../bench/load/reservoir.ts';

const plan = {
  job: 'reserve',
  way: 'grpc',
  workload: 'hot',
  basketsMax: 1,
  orderPrefix: 'run',
  outstanding: 8,
  warmUpMs: 20,
  measureMs: 100,
} as const;

async function load(send: Send, phases: string[] = []) {
  return await new LoadLoop({
    plan,
    basketCount: 3,
    send,
    onPhase: (phase) => phases.push(phase),
    cpuUs: () => 0,
    overloadCodes: new Set(['overloaded']),
  }).run();
}

test('so many requests are under way at any time, each for a new order, and all are waited for', async () => {
  const orders = new Set<string>();
  const phases: string[] = [];
  let open = 0;
  let most = 0;
  let sent = 0;
  const result = await load((orderId, basket, tell) => {
    expect(basket).toBe(sent % 3);
    sent += 1;
    orders.add(orderId);
    most = Math.max(most, ++open);
    setTimeout(() => {
      open -= 1;
      tell('granted', () => new Uint8Array([1]));
    }, 1);
  }, phases);
  expect(most).toBe(plan.outstanding);
  expect(open).toBe(0);
  expect(orders.size).toBe(sent);
  expect(result.granted).toBe(sent);
  expect(phases).toEqual(['measuring', 'measured']);
  expect(result.measured).toBeGreaterThan(0);
  expect(result.measured).toBeLessThan(result.granted);
  expect(result.seconds).toBeGreaterThan(0.09);
  expect(result.samples).toHaveLength(Math.min(sent, benchLimits.samplesMax));
  for (const { orderId, basket, answer } of result.samples) {
    expect(orderId).toMatch(/^run-\d+$/);
    expect(basket).toBe(Number(orderId.slice('run-'.length)) % 3);
    expect(answer).toEqual(new Uint8Array([1]));
  }
});

test('only what was granted counts as done; every other outcome is told apart', async () => {
  let n = 0;
  const result = await load((_, __, tell) => {
    const outcome = ['granted', 'refused', 'grpc-status 13'][n++ % 3] ?? '';
    setTimeout(() => tell(outcome, () => new Uint8Array()), 1);
  });
  expect(result.granted + result.refused + (result.failed['grpc-status 13'] ?? 0)).toBe(n);
  expect(result.refused).toBeGreaterThan(0);
  expect(result.measured).toBeLessThanOrEqual(result.granted);
});

test('an overloaded service is given a pause', async () => {
  let sent = 0;
  const result = await load((_, __, tell) => {
    sent += 1;
    setImmediate(() => tell('overloaded', () => new Uint8Array()));
  });
  expect(result.failed['overloaded']).toBe(sent);
  // 320 ms of load with a pause of 100 ms each: without the pause there would be thousands.
  expect(sent).toBeLessThanOrEqual(plan.outstanding * 5);
});

test('a reservoir keeps its size, and what comes late has its chance', () => {
  const reservoir = new Reservoir<number>(100);
  let made = 0;
  for (let n = 0; n < 10_000; n++) {
    reservoir.offer(() => {
      made += 1;
      return n;
    });
  }
  expect(reservoir.values).toHaveLength(100);
  const late = reservoir.values.filter((n) => n >= 5_000).length;
  expect(late).toBeGreaterThan(25);
  expect(late).toBeLessThan(75);
  expect(made).toBeLessThan(1_000);
});

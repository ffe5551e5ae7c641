import { expect, test } from 'vitest';
import { eventLimits } from '../../bench/events/limits.ts';
import { OpenLoop } from '../../bench/events/open-loop.ts';
import type { Send } from '../../bench/load/loop.ts';
import { Histogram } from '../../bench/measure/histogram.ts';

const plan = {
  workload: 'hot',
  basketsMax: 1,
  orderPrefix: 'run',
  ratePerSecond: 200,
  warmUpMs: 50,
  durationMs: 200,
  windowMs: 50,
} as const;

function offer(send: Send, more: Partial<typeof plan> | { readonly ratePerSecond: number } = {}) {
  return new OpenLoop({ plan: { ...plan, ...more }, basketCount: 1, send, cpuUs: () => 0 }).run();
}

const none = () => new Uint8Array();

test('what is due is sent, whatever became of what was sent before', async () => {
  const orders = new Set<string>();
  const { load, windows } = await offer((orderId, _, tell) => {
    orders.add(orderId);
    // Later than the whole load: a closed one would send nothing more.
    setTimeout(() => tell('granted', none), 300);
  });
  // 250 ms at 200 a second, however late its timers are.
  expect(orders.size).toBeGreaterThanOrEqual(49);
  expect(orders.size).toBeLessThanOrEqual(51);
  expect(load.granted).toBe(orders.size);
  expect(windows).toHaveLength(4);
  // All were answered after its end, so no window has them.
  expect(load.measured).toBe(0);
});

test('a latency counts from when its request was due, so a stall shows in all that it held up', async () => {
  let isFirst = true;
  const { load } = await offer((_, __, tell) => {
    if (isFirst) {
      isFirst = false;
      const end = performance.now() + 100;
      while (performance.now() < end);
    }
    setImmediate(() => tell('granted', none));
  });
  const latencies = Histogram.from(load.latencies);
  // Those that were due in the first 100 of 250 ms waited for it, on average half of it.
  expect(latencies.percentileMs(0.9)).toBeGreaterThan(50);
  expect(latencies.count).toBe(load.granted);
});

test('refusals and failures are counted in their windows, and are no goodput', async () => {
  let n = 0;
  const { load, windows } = await offer((_, __, tell) => {
    const outcome = n++ % 2 === 0 ? 'grpc-status 8' : 'granted';
    setImmediate(() => tell(outcome, none));
  });
  const failed = windows.reduce((sum, window) => sum + (window.failed['grpc-status 8'] ?? 0), 0);
  expect(failed).toBeGreaterThan(0);
  expect(load.failed['grpc-status 8']).toBeGreaterThanOrEqual(failed);
  expect(load.granted + (load.failed['grpc-status 8'] ?? 0)).toBe(n);
});

test('beyond what may be under way nothing is sent, and that is a failure', async () => {
  const waiting: (() => void)[] = [];
  const ended = setTimeout(() => {
    for (const answer of waiting) answer();
  }, 400);
  const { load } = await offer((_, __, tell) => waiting.push(() => tell('granted', none)), {
    ratePerSecond: 200_000,
  });
  clearTimeout(ended);
  expect(waiting).toHaveLength(eventLimits.openMax);
  expect(load.granted).toBe(eventLimits.openMax);
  expect(load.failed['not sent']).toBeGreaterThan(0);
});

// An open load: requests are sent when they are due, whatever has become of those before, and a latency counts from when its
// request was due. So a service that stalls is seen to stall, and what piled up meanwhile is seen as well.
import { setTimeout as pause } from 'node:timers/promises';
import { benchLimits } from '../limits.ts';
import type { Send } from '../load/loop.ts';
import type { LoadResult, Sample } from '../load/plan.ts';
import { Reservoir } from '../load/reservoir.ts';
import { type CpuSample, cpuUsPerSecond } from '../measure/cpu.ts';
import { Histogram } from '../measure/histogram.ts';
import { eventLimits as limits } from './limits.ts';
import type { OpenPlan, OpenResult, Window } from './open-plan.ts';

export interface OpenLoopOptions {
  readonly plan: OpenPlan;
  readonly basketCount: number;
  readonly send: Send;
  /** CPU time of whatever this runs in, in microseconds. */
  readonly cpuUs: () => number;
}

/** Why a request that was due was not sent: too many are under way. */
const notSent = 'not sent';

export class OpenLoop {
  readonly #options: OpenLoopOptions;
  readonly #windows: readonly WindowCount[];
  readonly #all = new WindowCount();
  readonly #samples = new Reservoir<Sample>(benchLimits.samplesMax);
  #beganAt = 0;
  #due = 0;
  #open = 0;
  #refused = 0;

  constructor(options: OpenLoopOptions) {
    this.#options = options;
    const { durationMs, windowMs } = options.plan;
    this.#windows = Array.from({ length: Math.ceil(durationMs / windowMs) }, () => new WindowCount());
  }

  /** @throws Error where requests are never answered */
  async run(): Promise<OpenResult> {
    const { durationMs, warmUpMs } = this.#options.plan;
    const before = this.#cpu();
    this.#beganAt = before.atMs;
    const idle = performance.eventLoopUtilization();
    const end = this.#beganAt + warmUpMs + durationMs;
    while (performance.now() < end) {
      this.#sendDue();
      await pause(limits.tickMs);
    }
    const { utilization } = performance.eventLoopUtilization(idle);
    const after = this.#cpu();
    await this.#drained();
    return {
      load: this.#load(before, after, 1 - utilization),
      windows: this.#windows.map((window) => window.told()),
    };
  }

  #load(before: CpuSample, after: CpuSample, idleShare: number): LoadResult {
    const { granted, failed, latencies } = this.#all.told();
    return {
      seconds: (after.atMs - before.atMs) / 1_000,
      measured: this.#windows.reduce((sum, window) => sum + window.granted, 0),
      latencies,
      granted,
      refused: this.#refused,
      failed,
      cpuUsPerSecond: cpuUsPerSecond(before, after),
      idleShare,
      samples: this.#samples.values,
    };
  }

  #cpu(): CpuSample {
    return { atMs: performance.now(), cpuUs: this.#options.cpuUs() };
  }

  #sendDue(): void {
    const msOfRequest = 1_000 / this.#options.plan.ratePerSecond;
    for (
      let dueAt = this.#beganAt + this.#due * msOfRequest;
      dueAt <= performance.now();
      dueAt += msOfRequest
    )
      this.#one(this.#due++, dueAt);
  }

  #one(n: number, dueAt: number): void {
    if (this.#open >= limits.openMax) {
      this.#count((window) => window.fail(notSent));
      return;
    }
    const { basketCount, plan, send } = this.#options;
    const basket = n % basketCount;
    const orderId = `${plan.orderPrefix}-${n}`;
    this.#open += 1;
    send(orderId, basket, (outcome, bytes) => {
      this.#open -= 1;
      if (outcome === 'granted') {
        const ms = performance.now() - dueAt;
        this.#count((window) => window.grant(ms));
        this.#samples.offer(() => ({ orderId, basket, answer: bytes() }));
      } else if (outcome === 'refused') this.#refused += 1;
      else this.#count((window) => window.fail(outcome));
    });
  }

  /** In the window of now, and in the whole. */
  #count(add: (window: WindowCount) => void): void {
    const { warmUpMs, windowMs } = this.#options.plan;
    const window = this.#windows[Math.floor((performance.now() - this.#beganAt - warmUpMs) / windowMs)];
    if (window !== undefined) add(window);
    add(this.#all);
  }

  async #drained(): Promise<void> {
    const deadline = performance.now() + benchLimits.drainMsMax;
    while (this.#open > 0) {
      if (performance.now() > deadline) throw new Error(`${this.#open} requests were never answered`);
      await pause(limits.tickMs);
    }
  }
}

class WindowCount {
  readonly #latencies = new Histogram();
  readonly #failed = new Map<string, number>();
  granted = 0;

  grant(ms: number): void {
    this.granted += 1;
    this.#latencies.record(ms);
  }

  fail(code: string): void {
    this.#failed.set(code, (this.#failed.get(code) ?? 0) + 1);
  }

  told(): Window {
    return {
      granted: this.granted,
      failed: Object.fromEntries(this.#failed),
      latencies: this.#latencies.data(),
    };
  }
}

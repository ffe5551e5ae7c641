// A closed loop: so many requests are under way at any time, and each answer makes room for the next request. It warms
// up, measures, goes on for a tail (so that others can take their last samples under load), and waits for the rest.
//
// It knows neither gRPC nor threads: how a request is sent is a parameter. An overloaded service is given a pause, or
// its quick refusals would be all that is measured; only what was granted counts.
import { performance } from 'node:perf_hooks';
import { benchLimits as limits } from '../limits.ts';
import { type CpuSample, cpuUsPerSecond } from '../measure/cpu.ts';
import { Histogram } from '../measure/histogram.ts';
import type { LoadPlan, LoadResult, Phase, Sample } from './plan.ts';
import { Reservoir } from './reservoir.ts';

/** @param outcome 'granted', 'refused', or a code of failure; @param bytes gives the answer, while it is being told */
export type Tell = (outcome: string, bytes: () => Uint8Array) => void;

/** Sends the request for a basket, and tells its answer exactly once. */
export type Send = (orderId: string, basket: number, tell: Tell) => void;

export interface LoopOptions {
  readonly plan: LoadPlan;
  readonly basketCount: number;
  readonly send: Send;
  readonly onPhase: (phase: Phase['phase']) => void;
  /** CPU time of whatever this loop runs in, in microseconds. */
  readonly cpuUs: () => number;
  /** Codes after which the loop pauses. */
  readonly overloadCodes: ReadonlySet<string>;
}

export class LoadLoop {
  readonly #options: LoopOptions;
  readonly #latencies = new Histogram();
  readonly #samples = new Reservoir<Sample>(limits.samplesMax);
  readonly #failed = new Map<string, number>();
  #state: 'warming' | 'measuring' | 'tail' | 'draining' = 'warming';
  #sent = 0;
  #open = 0;
  #granted = 0;
  #refused = 0;
  #measured = 0;
  #onDrained: () => void = () => {};

  constructor(options: LoopOptions) {
    this.#options = options;
  }

  /** @throws Error where requests are never answered */
  async run(): Promise<LoadResult> {
    const { plan, onPhase } = this.#options;
    for (let n = 0; n < plan.outstanding; n++) this.#next();
    await passed(plan.warmUpMs);
    const before = this.#sample();
    const loopBefore = performance.eventLoopUtilization();
    this.#state = 'measuring';
    onPhase('measuring');
    await passed(plan.measureMs);
    this.#state = 'tail';
    const after = this.#sample();
    const idleShare = 1 - performance.eventLoopUtilization(loopBefore).utilization;
    onPhase('measured');
    await passed(limits.tailMs);
    this.#state = 'draining';
    await this.#drained();
    return {
      seconds: (after.atMs - before.atMs) / 1_000,
      measured: this.#measured,
      latencies: this.#latencies.data(),
      granted: this.#granted,
      refused: this.#refused,
      failed: Object.fromEntries(this.#failed),
      cpuUsPerSecond: cpuUsPerSecond(before, after),
      idleShare,
      samples: this.#samples.values,
    };
  }

  #sample(): CpuSample {
    return { atMs: performance.now(), cpuUs: this.#options.cpuUs() };
  }

  #next(): void {
    if (this.#state === 'draining') return;
    const { plan, basketCount, send } = this.#options;
    const n = this.#sent++;
    const basket = n % basketCount;
    const orderId = `${plan.orderPrefix}-${n}`;
    this.#open += 1;
    const sentAt = performance.now();
    send(orderId, basket, (outcome, bytes) => {
      this.#open -= 1;
      if (outcome === 'granted') {
        this.#granted += 1;
        if (this.#state === 'measuring') {
          this.#measured += 1;
          this.#latencies.record(performance.now() - sentAt);
        }
        this.#samples.offer(() => ({ orderId, basket, answer: bytes() }));
      } else if (outcome === 'refused') this.#refused += 1;
      else this.#failed.set(outcome, (this.#failed.get(outcome) ?? 0) + 1);
      if (this.#options.overloadCodes.has(outcome)) setTimeout(() => this.#next(), limits.overloadDelayMs);
      else this.#next();
      if (this.#open === 0) this.#onDrained();
    });
  }

  async #drained(): Promise<void> {
    if (this.#open === 0) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${this.#open} requests were never answered`)),
        limits.drainMsMax,
      );
      this.#onDrained = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function passed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

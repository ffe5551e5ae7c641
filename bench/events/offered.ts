// A load at a given rate, as its benchmark sees it.
import { Child } from '../child.ts';
import { benchLimits } from '../limits.ts';
import { Histogram } from '../measure/histogram.ts';
import { isStarted } from '../processes.ts';
import {
  isBegun,
  isOffered,
  type OpenOrder,
  type OpenPlan,
  type OpenResult,
  type Window,
} from './open-plan.ts';

export class OfferedLoad {
  readonly #child: Child;
  readonly #plan: OpenPlan;

  private constructor(child: Child, plan: OpenPlan) {
    this.#child = child;
    this.#plan = plan;
  }

  /** Resolves when it has begun. */
  static async start(port: number, plan: OpenPlan): Promise<OfferedLoad> {
    const child = new Child('offered load', new URL('open-generator.ts', import.meta.url));
    try {
      await child.wait('ready', isStarted, benchLimits.hostReadyMsMax);
      const order: OpenOrder = { type: 'offer', port, plan };
      child.send(order);
      await child.wait('its beginning', isBegun, benchLimits.hostReadyMsMax);
      return new OfferedLoad(child, plan);
    } catch (error) {
      child.kill();
      throw error;
    }
  }

  async result(): Promise<OpenResult> {
    const msMax = this.#plan.warmUpMs + this.#plan.durationMs + 2 * benchLimits.drainMsMax;
    try {
      return (await this.#child.wait('the result', isOffered, msMax)).result;
    } finally {
      this.#child.kill();
    }
  }
}

export function latenciesOf(windows: readonly Window[]): Histogram {
  const all = new Histogram();
  for (const { latencies } of windows) all.add(latencies);
  return all;
}

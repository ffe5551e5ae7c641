/** Faults one after another, at moments that a seed decides. */
import { setTimeout as pause } from 'node:timers/promises';
import { Random } from '../../../src/simulation/engine/random.ts';

export type Fault = () => Promise<void>;

export interface NemesisOptions {
  readonly seed: number;
  /** Between the end of one fault and the next. */
  readonly pauseMsMin: number;
  readonly pauseMsMax: number;
}

/** Strikes with each of the faults once, in an order of its own. @throws what a fault throws */
export async function strike(faults: readonly Fault[], options: NemesisOptions): Promise<void> {
  const random = new Random(options.seed);
  const left = [...faults];
  while (left.length > 0) {
    // The moment is the fault's, not something that is waited for.
    await pause(random.between(options.pauseMsMin, options.pauseMsMax));
    const [fault] = left.splice(random.int(0, left.length - 1), 1);
    await fault?.();
  }
}

export function times(count: number, fault: (index: number) => Promise<void>): readonly Fault[] {
  return Array.from({ length: count }, (_, index) => () => fault(index));
}

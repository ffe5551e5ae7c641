// What the clients of a run were told, which the books have to bear out afterwards.
import { type LoadResult, overloadCodes, type Sample } from '../load/plan.ts';
import type { Line } from '../scenarios/scenarios.ts';

export interface Told {
  readonly granted: number;
  readonly refused: number;
  /** Answers that leave open what became of the request. */
  readonly unknown: number;
  readonly samples: readonly Sample[];
  readonly baskets: readonly (readonly Line[])[];
}

export function toldBy(results: readonly LoadResult[], baskets: readonly (readonly Line[])[]): Told {
  const sum = (of: (result: LoadResult) => number): number =>
    results.reduce((total, result) => total + of(result), 0);
  return {
    granted: sum(({ granted }) => granted),
    refused: sum(({ refused }) => refused),
    unknown: sum(({ failed }) =>
      Object.entries(failed).reduce(
        (total, [code, count]) => total + (overloadCodes.has(code) ? 0 : count),
        0,
      ),
    ),
    samples: results.flatMap(({ samples }) => samples),
    baskets,
  };
}

/** The stock is plenty, and nothing is broken: anything but granted or overloaded is wrong. */
export function unexpected(results: readonly LoadResult[]): string[] {
  return results.flatMap(({ refused, failed }) => [
    ...(refused > 0 ? [`${refused} baskets were refused for want of stock, of which there is plenty`] : []),
    ...Object.entries(failed)
      .filter(([code]) => !overloadCodes.has(code))
      .map(([code, count]) => `${count} requests failed with ${code}`),
  ]);
}

/** @returns what is wrong, if anything */
export function compareCount(what: string, found: number, told: Told): string[] {
  const most = told.granted + told.unknown;
  if (found >= told.granted && found <= most) return [];
  const wanted = most === told.granted ? `${most}` : `${told.granted} to ${most}`;
  return [`I8, I9: ${found} ${what}, where clients were told of ${wanted}`];
}

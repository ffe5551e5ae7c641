// From which warehouses a quantity is taken. Pure arithmetic on what each of them has available.
import { compareText } from '../../compare.ts';
import type { DrawStrategy } from './model.ts';

/** A warehouse that may be drawn from. */
export interface Source {
  readonly warehouseId: string;
  readonly available: number;
  /** Lower is drawn from first. */
  readonly priority: number;
}

export interface Draw {
  readonly warehouseId: string;
  readonly quantity: number;
}

/** The most that a strategy can take from these sources: for `single`, what the fullest one has. */
export function drawable(strategy: DrawStrategy, sources: readonly Source[]): number {
  const amounts = sources.map((source) => source.available);
  if (strategy === 'single') return Math.max(0, ...amounts);
  return amounts.reduce((sum, amount) => sum + amount, 0);
}

/** Null where it is too little. The sum of what is returned is exactly `quantity`. */
export function chooseDraws(
  strategy: DrawStrategy,
  sources: readonly Source[],
  quantity: number,
): readonly Draw[] | null {
  if (drawable(strategy, sources) < quantity) return null;
  const preferred = sources.toSorted(byPriority);
  if (strategy === 'priority') return takeInOrder(preferred, quantity);
  const alone = preferred.find((source) => source.available >= quantity);
  if (alone !== undefined) return [{ warehouseId: alone.warehouseId, quantity }];
  // The largest first needs the fewest; the sort is stable, so that equals stay in order of priority.
  return takeInOrder(
    preferred.toSorted((a, b) => b.available - a.available),
    quantity,
  );
}

function byPriority(a: Source, b: Source): number {
  return a.priority - b.priority || compareText(a.warehouseId, b.warehouseId);
}

function takeInOrder(sources: readonly Source[], quantity: number): readonly Draw[] {
  const draws: Draw[] = [];
  let rest = quantity;
  for (const { warehouseId, available } of sources) {
    const taken = Math.min(rest, available);
    if (taken > 0) draws.push({ warehouseId, quantity: taken });
    rest -= taken;
  }
  return draws;
}

// Arithmetic of one stock level: how a change becomes an event, and what a level looks like from outside. Whether a
// change is allowed is decided elsewhere; that none breaks the books is asserted in evolve.ts.
import { withAlert } from './alerts.ts';
import type { Level, LevelCause, LevelChanged, LevelView } from './model.ts';

export const emptyLevel: Level = {
  quantity: 0,
  held: 0,
  allocated: 0,
  version: 0,
  updatedAt: 0,
  policy: null,
  isLow: false,
};

/** What a change adds to a level's numbers. */
export interface LevelChange {
  readonly cause: LevelCause;
  readonly delta?: number;
  readonly held?: number;
  readonly allocated?: number;
  readonly reason?: string;
  readonly reference: string;
}

export function levelOf(levels: Readonly<Record<string, Level>>, warehouseId: string): Level {
  return levels[warehouseId] ?? emptyLevel;
}

export function availableOf(level: Pick<Level, 'quantity' | 'held' | 'allocated'>): number {
  return level.quantity - level.held - level.allocated;
}

/** With the alert that follows from it; where the level has no policy nothing is looked at. */
export function levelChanged(
  level: Level,
  where: { readonly sku: string; readonly warehouseId: string },
  change: LevelChange,
  at: number,
): LevelChanged {
  const delta = change.delta ?? 0;
  const event: LevelChanged = {
    type: 'level',
    cause: change.cause,
    sku: where.sku,
    warehouseId: where.warehouseId,
    delta,
    quantity: level.quantity + delta,
    held: level.held + (change.held ?? 0),
    allocated: level.allocated + (change.allocated ?? 0),
    version: level.version + 1,
    at,
    reason: change.reason ?? '',
    reference: change.reference,
  };
  return level.policy === null ? event : withAlert(event, availableOf(event), level.isLow, level.policy);
}

/** The level as the event leaves it. */
export function viewAfter(itemId: string, event: LevelChanged): LevelView {
  return {
    itemId,
    sku: event.sku,
    warehouseId: event.warehouseId,
    quantity: event.quantity,
    held: event.held,
    allocated: event.allocated,
    version: event.version,
    updatedAt: event.at,
  };
}

export function levelView(itemId: string, sku: string, warehouseId: string, level: Level): LevelView {
  return {
    itemId,
    sku,
    warehouseId,
    quantity: level.quantity,
    held: level.held,
    allocated: level.allocated,
    version: level.version,
    updatedAt: level.updatedAt,
  };
}

// When a level is low, and when it is back. Between the two thresholds a level stays what it was, so that alerts
// alternate: low first, then back, however often what is available goes up and down in between. What was said last is
// a part of the level (isLow); that no event says anything else is asserted here, where evolve.ts asks for it.
import { InvariantViolation } from '../../behaviour.ts';
import type {
  Alert,
  Level,
  LevelChanged,
  PolicyAlert,
  PolicySet,
  RecordedPolicy,
  StockPolicy,
} from './model.ts';

/**
 * What there is to say of a level with this much available; null: nothing that was not said before. It asks how the
 * level stands, not whether a threshold was crossed just now: one that was passed over in silence (by a release without
 * alerts) is told with the next change.
 */
export function alertOf(isLow: boolean, policy: StockPolicy, available: number): Alert | null {
  if (policy.lowStockThreshold === 0) return null;
  if (isLow) return available >= policy.backInStockThreshold ? 'back' : null;
  return available < policy.lowStockThreshold ? 'low' : null;
}

export function thresholdOf(policy: StockPolicy, alert: Alert): number {
  return alert === 'low' ? policy.lowStockThreshold : policy.backInStockThreshold;
}

/** With the alert that follows, if any. An item that is deleted is not low on stock: it is gone. */
export function withAlert(
  event: LevelChanged,
  available: number,
  isLow: boolean,
  policy: StockPolicy,
): LevelChanged {
  if (event.cause === 'deleted') return event;
  const alert = alertOf(isLow, policy, available);
  return alert === null ? event : { ...event, alert, threshold: thresholdOf(policy, alert) };
}

/** What setting the policy says of the level, if anything. */
export function policyAlert(
  level: Level,
  available: number,
  sku: string,
  policy: StockPolicy,
): PolicyAlert | null {
  const alert = alertOf(level.isLow, policy, available);
  if (alert === null) return null;
  return { alert, threshold: thresholdOf(policy, alert), sku, available, quantity: level.quantity };
}

export function policyOf(recorded: RecordedPolicy): StockPolicy {
  return { ...recorded, backInStockThreshold: recorded.backInStockThreshold ?? recorded.lowStockThreshold };
}

/** @throws InvariantViolation I3 where the event's alert is not what the level says */
export function isLowAfterChange(level: Level, event: LevelChanged, available: number): boolean {
  const { alert } = event;
  if (alert === undefined) return level.isLow;
  const { policy } = level;
  const follows =
    policy !== null &&
    event.cause !== 'deleted' &&
    alertOf(level.isLow, policy, available) === alert &&
    thresholdOf(policy, alert) === event.threshold;
  if (!follows) throw doesNotFollow(event, level, available);
  return alert === 'low';
}

/** Without alerts nothing is low. @throws InvariantViolation I3, likewise */
export function isLowAfterPolicy(
  level: Level,
  event: PolicySet,
  available: number,
  policy: StockPolicy,
): boolean {
  const { alert } = event;
  if (alert === undefined) return level.isLow && policy.lowStockThreshold > 0;
  const follows =
    alertOf(level.isLow, policy, available) === alert &&
    thresholdOf(policy, alert) === event.threshold &&
    event.available === available &&
    event.quantity === level.quantity;
  if (!follows) throw doesNotFollow(event, level, available);
  return alert === 'low';
}

function doesNotFollow(
  event: LevelChanged | PolicySet,
  { isLow, version }: Level,
  available: number,
): InvariantViolation {
  const { alert, sku, threshold, warehouseId } = event;
  return new InvariantViolation(
    'I3',
    `alert ${alert} at ${threshold} does not follow from ${sku} in ${warehouseId}, version ${version}, low: ${isLow}, available: ${available}`,
  );
}

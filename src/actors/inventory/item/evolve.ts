// How events change an item. This is also where its books are guarded: a level that breaks I1 (0 <= reserved <=
// quantity) or does not follow from the one before (I2), or an alert that does not follow from the level (I3), never comes
// to be.
import { InvariantViolation } from '../../behaviour.ts';
import { isLowAfterChange, isLowAfterPolicy, policyOf } from './alerts.ts';
import { availableOf, levelOf } from './levels.ts';
import type { ItemEvent, ItemState, Level, LevelChanged, PolicySet } from './model.ts';

export function evolve(state: ItemState, event: ItemEvent): ItemState {
  switch (event.type) {
    case 'created':
      return { details: event.details, deletedAt: null, levels: state.levels };
    case 'updated':
      return { ...state, details: event.details };
    case 'deleted':
      return { ...state, deletedAt: event.at, levels: withoutPolicies(state.levels) };
    case 'policySet':
      return withLevel(
        state,
        event.warehouseId,
        levelWithPolicy(levelOf(state.levels, event.warehouseId), event),
      );
    case 'level':
      return withLevel(state, event.warehouseId, levelAfter(levelOf(state.levels, event.warehouseId), event));
  }
}

function withLevel(state: ItemState, warehouseId: string, level: Level): ItemState {
  return { ...state, levels: { ...state.levels, [warehouseId]: level } };
}

function withoutPolicies(levels: ItemState['levels']): ItemState['levels'] {
  return Object.fromEntries(
    Object.entries(levels).map(([warehouseId, level]) => [
      warehouseId,
      { ...level, policy: null, isLow: false },
    ]),
  );
}

function levelWithPolicy(level: Level, event: PolicySet): Level {
  const policy = policyOf(event.policy);
  return { ...level, policy, isLow: isLowAfterPolicy(level, event, availableOf(level), policy) };
}

function levelAfter(level: Level, event: LevelChanged): Level {
  const { quantity, held, allocated, version } = event;
  if (version !== level.version + 1 || quantity !== level.quantity + event.delta) {
    throw new InvariantViolation(
      'I2',
      `${describe(event)} does not follow from version ${level.version} with quantity ${level.quantity}`,
    );
  }
  if (!isCount(quantity) || !isCount(held) || !isCount(allocated) || held + allocated > quantity) {
    throw new InvariantViolation('I1', describe(event));
  }
  const isLow = isLowAfterChange(level, event, availableOf(event));
  return { quantity, held, allocated, version, updatedAt: event.at, policy: level.policy, isLow };
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function describe(event: LevelChanged): string {
  const { sku, warehouseId, cause, version, quantity, held, allocated } = event;
  return `${sku} in ${warehouseId}, version ${version} (${cause}): quantity ${quantity}, held ${held}, allocated ${allocated}`;
}

/**
 * The behaviours of both services, which end their process with SIGKILL at the point that a file of this name in the folder
 * FAULT_DIR orders (see `orderCrash`), once. See crashing-service.ts. Points, of any kind of actor:
 *
 * - `decide:EVENT`: the decision that makes this event has been made, and nothing of it is durable
 * - `want:EFFECT`: the state that wants this effect is durable, and nothing has been done
 * - `done:EFFECT`: the effect has been performed, and nothing of its result is recorded
 *
 * - `command:TYPE`: somebody asks for this
 *
 * Of Inventory's orders also `answered:KIND`: the cells have done it, and the order has not recorded it.
 */
import { unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AnyBehaviour, Behaviours, Decision } from '../../src/actors/behaviour.ts';
import { inventoryBehaviours as inventory } from '../../src/actors/inventory/behaviours.ts';
import { logisticsBehaviours as logistics } from '../../src/actors/logistics/behaviours.ts';
import { isObject } from '../../src/actors/shape.ts';

function fileOf(folder: string, point: string): string {
  return join(folder, encodeURIComponent(point));
}

/** The next process that reaches the point dies there. */
export function orderCrash(folder: string, point: string): void {
  writeFileSync(fileOf(folder, point), '');
}

function reached(point: string): void {
  try {
    unlinkSync(fileOf(process.env['FAULT_DIR'] ?? '', point));
  } catch {
    return;
  }
  process.kill(process.pid, 'SIGKILL');
  // The signal takes a moment, in which nothing more may happen here.
  for (;;) Math.random();
}

function typeOf(value: unknown): string {
  return isObject(value) && typeof value['type'] === 'string' ? value['type'] : '';
}

function decided(decision: Decision<unknown>): Decision<unknown> {
  for (const event of decision.events ?? []) reached(`decide:${typeOf(event)}`);
  return decision;
}

function crashing(behaviour: AnyBehaviour): AnyBehaviour {
  return {
    ...behaviour,
    decide: (state, command, context) => {
      reached(`command:${typeOf(command)}`);
      return decided(behaviour.decide(state, command, context));
    },
    answered: (state, tag, answer, context) => {
      const operation = isObject(state) ? state['operation'] : null;
      if (isObject(operation)) reached(`answered:${String(operation['kind'])}`);
      return decided(behaviour.answered?.(state, tag, answer, context) ?? {});
    },
    effects: (state) => {
      const effects = behaviour.effects?.(state) ?? [];
      for (const { kind } of effects) reached(`want:${kind}`);
      return effects;
    },
    resulted: (state, key, result, context) => {
      const effect = behaviour.effects?.(state).find((each) => each.key === key);
      reached(`done:${effect?.kind}`);
      return decided(behaviour.resulted?.(state, key, result, context) ?? {});
    },
  };
}

function withCrashes(sound: Behaviours): Behaviours {
  const byKind = [...sound.byKind].map(([kind, behaviour]) => [kind, crashing(behaviour)] as const);
  return { ...sound, byKind: new Map(byKind) };
}

export const inventoryBehaviours = withCrashes(inventory);
export const logisticsBehaviours = withCrashes(logistics);

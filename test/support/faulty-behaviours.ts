/**
 * The Inventory's behaviours, with faults that a test can order: an order whose id is `fault:KIND:NAME` meets that
 * fault, by default once for each NAME in the life of the folder FAULT_DIR, so that a thread that is started again
 * finds it gone. See faulty-service.ts.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AnyBehaviour, type Behaviours, InvariantViolation } from '../../src/actors/behaviour.ts';
import { inventoryBehaviours as sound } from '../../src/actors/inventory/behaviours.ts';

type Fault = 'error' | 'invariant' | 'crash' | 'exit' | 'spin';

const faults: Readonly<Record<Fault, () => void>> = {
  /** A bug in a behaviour: its command fails, and nothing else does. */
  error: () => {
    throw new Error('a bug that the test ordered: secret of the inside');
  },
  /** A broken invariant: the thread stops, and is started again. */
  invariant: () => {
    throw new InvariantViolation('I1', 'an order of the test');
  },
  /** An exception that nobody catches. */
  crash: () => {
    setImmediate(() => {
      throw new Error('an exception that the test ordered');
    });
  },
  exit: () => process.exit(7),
  spin: () => {
    for (;;) Math.random();
  },
};

function misbehave(orderId: string): void {
  const [, kind, name] = /^fault:([a-z]+):(.+)$/.exec(orderId) ?? [];
  const fault = Object.entries(faults).find(([each]) => each === kind)?.[1];
  if (fault === undefined || name === undefined || !isFirst(name)) return;
  fault();
}

/** Whether this name has not met its fault; those that begin with `always` meet it every time. */
function isFirst(name: string): boolean {
  if (name.startsWith('always')) return true;
  try {
    writeFileSync(join(process.env['FAULT_DIR'] ?? '', encodeURIComponent(name)), '', { flag: 'wx' });
    return true;
  } catch {
    return false;
  }
}

function faulty(behaviour: AnyBehaviour): AnyBehaviour {
  return {
    ...behaviour,
    decide(state, command, context) {
      misbehave(context.self.id);
      return behaviour.decide(state, command, context);
    },
  };
}

export const inventoryBehaviours: Behaviours = {
  ...sound,
  byKind: new Map(
    [...sound.byKind].map(([kind, behaviour]) => [kind, kind === 'order' ? faulty(behaviour) : behaviour]),
  ),
};

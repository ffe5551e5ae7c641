// States that are stored whole, as JSON text: what comes back is looked at before it is believed.
import type { Shape } from '../../actors/shape.ts';
import { StoreError } from '../../runtime/store.ts';

/** @throws StoreError where it is none that was stored */
export function stateOf<T>(kind: string, shape: Shape<T>, value: unknown): T {
  if (!shape(value)) throw new StoreError('broken', `the state of a ${kind} is not one`);
  return value;
}

/** @throws StoreError where it is no JSON, or none that was stored */
export function parseState<T>(kind: string, shape: Shape<T>, text: string): T {
  return stateOf(kind, shape, parsed(kind, text));
}

function parsed(kind: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new StoreError('broken', `the state of a ${kind} is no JSON`, { cause });
  }
}

// States that are stored whole, as JSON text: what comes back is looked at before it is believed.
import type { Shape } from '../../actors/shape.ts';
import { StoreError } from '../../runtime/store.ts';

/** @throws StoreError where it is none that was stored */
export function stateOf<T>(kind: string, shape: Shape<T>, value: unknown): T {
  if (!shape(value)) throw new StoreError('broken', `the state of a ${kind} is not one`);
  return value;
}

/** @throws StoreError */
export function parseState<T>(kind: string, shape: Shape<T>, text: string): T {
  const value: unknown = JSON.parse(text);
  return stateOf(kind, shape, value);
}

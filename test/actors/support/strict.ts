// What the tests demand of every value that a behaviour makes: plain JSON, never changed in place.
import { isDeepStrictEqual } from 'node:util';

/** Frozen all the way down: who changes it in place throws. */
export function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const each of Object.values(value)) frozen(each);
  }
  return value;
}

/** Frozen. @throws where JSON would make something else of it */
export function surviving<T>(value: T): T {
  if (Object.isFrozen(value)) return value;
  const copy: unknown = JSON.parse(JSON.stringify(value));
  if (!isDeepStrictEqual(copy, value)) throw new Error(`does not survive JSON: ${JSON.stringify(value)}`);
  return frozen(value);
}

/** As storage gives it back. */
export function stored(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

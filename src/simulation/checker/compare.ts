// Whether two JSON values are the same, whatever the order of their properties.
import { isObject } from '../../actors/shape.ts';

export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((each, index) => sameValue(each, b[index]));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const names = namesOf(a);
  return names.length === namesOf(b).length && names.every((name) => sameValue(a[name], b[name]));
}

/** A property that is undefined is not there: JSON has none. */
function namesOf(value: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(value).filter((name) => value[name] !== undefined);
}

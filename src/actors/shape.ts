// Type guards for plain JSON values, put together from small ones. For what comes from outside a behaviour as
// `unknown`: the answers to messages, shared state, stored states. Fields that a shape does not name are let pass.

export type Shape<T> = (value: unknown) => value is T;

/** One shape for each property; those that may be missing take an `optional` one. */
export type Fields<T> = {
  readonly [K in keyof T]-?: Record<never, never> extends Pick<T, K> ? Shape<T[K] | undefined> : Shape<T[K]>;
};

export const isText: Shape<string> = (value) => typeof value === 'string';
export const isFlag: Shape<boolean> = (value) => typeof value === 'boolean';
/** An integer that is exact. */
export const isInteger: Shape<number> = (value): value is number => Number.isSafeInteger(value);

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function oneOf<const T extends readonly string[]>(names: T): Shape<T[number]> {
  const known = new Set<unknown>(names);
  return (value): value is T[number] => known.has(value);
}

export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  return (value): value is T | null => value === null || shape(value);
}

export function optional<T>(shape: Shape<T>): Shape<T | undefined> {
  return (value): value is T | undefined => value === undefined || shape(value);
}

export function listOf<T>(shape: Shape<T>): Shape<readonly T[]> {
  return (value): value is readonly T[] => Array.isArray(value) && value.every((each) => shape(each));
}

export function recordOf<T>(shape: Shape<T>): Shape<Readonly<Record<string, T>>> {
  return (value): value is Readonly<Record<string, T>> =>
    isObject(value) && Object.values(value).every((each) => shape(each));
}

export function objectOf<T>(fields: Fields<T>): Shape<T> {
  const shapes = Object.entries<Shape<unknown>>(fields);
  return (value): value is T => isObject(value) && shapes.every(([name, shape]) => shape(value[name]));
}

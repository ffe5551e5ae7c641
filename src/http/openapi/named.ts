// Schemas that have a name in the documentation. Routes use them as they are, in place, which keeps their types; in the
// document each stands once, under components, and is referred to.
import type { TSchema } from 'typebox';
import { isObject } from '../../actors/shape.ts';
import { marks, nameMark } from './marks.ts';

export function named<S extends TSchema>(name: string, schema: S): S {
  return Object.assign(schema, { [nameMark]: name });
}

/**
 * The same with references in the place of named schemas.
 * @param components takes the named schemas
 */
export function hoistNamed(value: unknown, components: Map<string, unknown>): unknown {
  if (Array.isArray(value)) return value.map((each) => hoistNamed(each, components));
  if (!isObject(value)) return value;
  const name = value[nameMark];
  const hoisted = Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !marks.includes(key))
      .map(([key, each]) => [key, hoistNamed(each, components)]),
  );
  if (typeof name !== 'string') return hoisted;
  const known = components.get(name);
  if (known !== undefined && JSON.stringify(known) !== JSON.stringify(hoisted)) {
    throw new TypeError(`two schemas are called ${name}`);
  }
  components.set(name, hoisted);
  return { $ref: `#/components/schemas/${name}` };
}

// Everything that can be wrong with a request, made of its schema: for each field each way to spoil it, and the name that
// the problem has to give the field.
import { isObject } from '../../../src/actors/shape.ts';
import { objectAt, propertiesOf, type Schema } from './operations.ts';

export interface Mutation {
  readonly what: string;
  readonly value: unknown;
  /** As the problem has to spell it. */
  readonly field: string;
}

const long = (length: number) => 'x'.repeat(length);
const nested = (depth: number): unknown => (depth === 0 ? {} : { a: nested(depth - 1) });

/** What is wrong in the place of a value. A schema that leaves it open has fewer. */
function wrongValues(schema: Schema): (readonly [string, unknown])[] {
  const { type, format, maxLength, minLength, minimum, maximum } = schema;
  const wrong: (readonly [string, unknown])[] = [['null', null]];
  if (type === 'string') {
    wrong.push(['a number', 7], ['a flag', true], ['a list', ['x']], ['an object', {}]);
    wrong.push(['NUL', 'a\0b'], ['a control character', 'a\u0007'], ['half of a pair', 'a\ud800b']);
    wrong.push(['huge', long(1_000_000)]);
    if (typeof maxLength === 'number') wrong.push(['too long', long(maxLength + 1)]);
    if (minLength === 1) wrong.push(['empty', '']);
    if (format !== undefined) wrong.push(['of another form', 'x'], ['empty', '']);
    if (format === 'date-time') {
      wrong.push(['a day', '2026-01-31'], ['before 1970', '1969-12-31T23:59:59Z']);
      wrong.push(['no such day', '2026-02-30T00:00:00Z'], ['without a zone', '2026-01-31T12:00:00']);
    }
  } else if (type === 'integer') {
    wrong.push(['text', '1'], ['a flag', true], ['a list', [1]], ['an object', {}], ['a fraction', 1.5]);
    wrong.push(['beyond what is exact', 2 ** 53], ['far beyond', 1e300], ['far below', -1e300]);
    if (typeof minimum === 'number') wrong.push(['too little', minimum - 1]);
    if (typeof maximum === 'number' && maximum < 2 ** 53 - 1) wrong.push(['too much', maximum + 1]);
  } else if (type === 'boolean') {
    wrong.push(['text', 'true'], ['a number', 1], ['an object', {}]);
  } else if (type === 'array') {
    wrong.push(['text', 'x'], ['an object', {}]);
    const { minItems, maxItems } = schema;
    if (minItems === 1) wrong.push(['empty', []]);
    if (typeof maxItems === 'number') wrong.push(['too many', Array(maxItems + 1).fill({})]);
  } else if (type === 'object') {
    wrong.push(['text', 'x'], ['a number', 7], ['a list', []]);
    // Free objects are attributes.
    if (schema['properties'] === undefined) {
      wrong.push(
        ['too deep', nested(9)],
        ['too large', { a: long(20_000) }],
        ['a control character', { a: '\0' }],
      );
      wrong.push(['a control character in a name', { 'a\u0001': 1 }]);
    }
  } else if (Array.isArray(schema['enum'])) {
    wrong.push(
      ['a number', 7],
      ['an unknown word', 'nothing'],
      ['in capitals', String(schema['enum'][0]).toUpperCase()],
    );
  } else {
    throw new Error(`a field without a type: ${JSON.stringify(schema)}`);
  }
  return wrong;
}

/** @param good a body that is taken, with everything in it */
export function mutationsOf(schema: Schema, good: unknown): Mutation[] {
  const found: Mutation[] = [
    ['null', null],
    ['text', 'x'],
    ['a number', 7],
    ['a list', []],
  ].map(([what, value]) => ({ what: `the body is ${String(what)}`, value, field: '' }));
  return [...found, ...within(schema, good, '', (value) => value)];
}

/** An item is given by one of the two. */
const namesItem: ReadonlySet<string> = new Set(['itemId', 'productId']);

/** @param put makes the whole body of a value in this place */
function within(schema: Schema, good: unknown, path: string, put: (value: unknown) => unknown): Mutation[] {
  if (schema['type'] === 'array' && Array.isArray(good)) {
    return atPlace(objectAt(schema, 'items'), good[0], `${path}[0]`, (value) => put([value]));
  }
  if (!isObject(good) || schema['properties'] === undefined) return [];
  const named = (name: string) => (path === '' ? name : `${path}.${name}`);
  const found = [
    { what: `${named('nobody')} is unknown`, value: put({ ...good, nobody: 1 }), field: named('nobody') },
  ];
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  for (const [name, property] of Object.entries(propertiesOf(schema))) {
    const others = Object.fromEntries(
      Object.entries(good).filter(([each]) => each !== name && !(namesItem.has(name) && each === 'sku')),
    );
    if (required.includes(name)) {
      found.push({ what: `${named(name)} is missing`, value: put(others), field: named(name) });
    }
    found.push(...atPlace(property, good[name], named(name), (value) => put({ ...others, [name]: value })));
  }
  return found;
}

function atPlace(schema: Schema, good: unknown, path: string, put: (value: unknown) => unknown): Mutation[] {
  const wrong = wrongValues(schema).map(([what, value]) => ({
    what: `${path} is ${what}`,
    value: put(value),
    field: path,
  }));
  return [...wrong, ...within(schema, good, path, put)];
}

// Query strings: text, which a route's schema makes numbers, flags and lists of, strictly: `pageSize=abc`, `=1e3` and `=`
// are refused, not read as something.
import { isObject } from '../../actors/shape.ts';
import { invalidField, Refused } from '../../api/errors.ts';
import { httpLimits as limits } from '../limits.ts';
import { clip } from '../problems/problem.ts';

/** Stands for a value that is not percent-encoded UTF-8. */
const undecodable = null;

type Raw = string | typeof undecodable;

/** Names that are given several times have a list. Never throws: Fastify calls it before there is a request. */
export function parseQuery(text: string): Record<string, unknown> {
  const query: Record<string, Raw | Raw[]> = Object.create(null);
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    const at = pair.indexOf('=');
    const name = decoded(at === -1 ? pair : pair.slice(0, at)) ?? '\u{fffd}';
    const value = at === -1 ? '' : decoded(pair.slice(at + 1));
    const earlier = query[name];
    if (earlier === undefined) query[name] = value;
    else if (Array.isArray(earlier)) earlier.push(value);
    else query[name] = [earlier, value];
  }
  return query;
}

function decoded(text: string): Raw {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undecodable;
  }
}

type Read = (name: string, value: unknown) => unknown;

/**
 * @param schema of the route's query string
 * @returns what makes the values that the schema speaks of; names that it does not know stay for the schema to refuse
 */
export function queryReader(schema: unknown): (query: unknown) => Record<string, unknown> {
  const reads = new Map<string, Read>();
  const properties = isObject(schema) ? schema['properties'] : undefined;
  for (const [name, property] of Object.entries(isObject(properties) ? properties : {})) {
    reads.set(name, readOf(isObject(property) ? property['type'] : undefined));
  }
  return (query) => {
    const read: Record<string, unknown> = Object.create(null);
    for (const [name, value] of Object.entries(isObject(query) ? query : {})) {
      read[name] = (reads.get(name) ?? readText)(name, value);
    }
    return read;
  };
}

function readOf(type: unknown): Read {
  if (type === 'array') return readList;
  if (type === 'integer') return readInteger;
  if (type === 'boolean') return readFlag;
  return readText;
}

const readList: Read = (name, value) =>
  Array.isArray(value)
    ? value.map((each, index) => readText(`${name}[${index}]`, each))
    : [readText(`${name}[0]`, value)];

const readInteger: Read = (name, value) => {
  const text = readText(name, value);
  if (!/^-?\d{1,20}$/.test(text)) throw refused(name, 'must be a whole number');
  return Number(text);
};

const readFlag: Read = (name, value) => {
  const text = readText(name, value);
  if (text !== 'true' && text !== 'false') throw refused(name, 'must be true or false');
  return text === 'true';
};

function readText(name: string, value: unknown): string {
  if (Array.isArray(value)) throw refused(name, 'is given more than once');
  if (typeof value !== 'string') throw refused(name, 'is not percent-encoded UTF-8');
  return value;
}

function refused(name: string, description: string): Refused {
  return new Refused(invalidField(clip(name, limits.repeatedCharactersMax), description));
}

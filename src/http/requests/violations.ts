// From what ajv finds wrong to what a client is told: the field as the client wrote it, and a description in the words
// of the API's own rules.
import { isObject, isText, listOf, objectOf } from '../../actors/shape.ts';
import type { Violation } from '../../api/errors.ts';
import { amountPattern, currencyPattern } from '../fields.ts';
import { httpLimits as limits } from '../limits.ts';
import { clip } from '../problems/problem.ts';

interface SchemaError {
  readonly keyword: string;
  /** A JSON pointer. */
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
}

export const isSchemaErrors = listOf(
  objectOf<SchemaError>({ keyword: isText, instancePath: isText, params: isObject }),
);

/** @param part of the request: body, params, querystring or headers */
export function violationOf(error: SchemaError, part: string): Violation {
  const path = [...segmentsOf(error.instancePath), ...missingOrUnknown(error)];
  const field = part === 'headers' ? path.map(headerCase).join('.') : pathText(path);
  if (field === '' && part === 'body') return { field, description: 'the body has to be a JSON object' };
  return { field: clip(field, limits.repeatedCharactersMax), description: descriptionOf(error) };
}

function segmentsOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function missingOrUnknown({ params }: SchemaError): string[] {
  const name = params['missingProperty'] ?? params['additionalProperty'];
  return typeof name === 'string' ? [name] : [];
}

/** Such as `items[3].quantity`. */
function pathText(segments: readonly string[]): string {
  return segments
    .map((segment, index) => (/^\d+$/.test(segment) && index > 0 ? `[${segment}]` : `.${segment}`))
    .join('')
    .replace(/^\./, '');
}

function headerCase(name: string): string {
  return name.replace(/(?<=^|-)[a-z]/g, (letter) => letter.toUpperCase()).replace(/-Id$/, '-ID');
}

const kinds: Readonly<Record<string, string>> = {
  string: 'a string',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
};

const formats: Readonly<Record<string, string>> = {
  uuid: 'is not a UUID',
  'date-time': 'is not an ISO 8601 time with its zone, such as 2026-01-31T12:00:00Z',
};

const patterns: Readonly<Record<string, string>> = {
  [amountPattern]: 'is not an amount: up to 16 digits and 9 decimals, without sign, such as 12.50',
  [currencyPattern]: 'is not a currency of three capital letters, such as GBP',
};

function descriptionOf({ keyword, params }: SchemaError): string {
  const bound = String(params['limit']);
  switch (keyword) {
    case 'required':
      return 'is required';
    case 'additionalProperties':
      return 'is not known here';
    case 'type':
      return `must be ${kinds[String(params['type'])] ?? String(params['type'])}`;
    case 'minLength':
      return 'may not be empty';
    case 'maxLength':
      return `may have at most ${bound} characters`;
    case 'minimum':
      return `must be at least ${bound}`;
    case 'maximum':
      return `may be at most ${bound}`;
    case 'minItems':
      return `at least ${bound} must be given`;
    case 'maxItems':
      return `at most ${bound} are allowed`;
    case 'minProperties':
      return 'has to say something';
    case 'enum':
      return `must be one of ${listText(params['allowedValues'])}`;
    case 'format':
      return formats[String(params['format'])] ?? 'is not of the right form';
    case 'pattern':
      return patterns[String(params['pattern'])] ?? 'is not of the right form';
    default:
      return 'is not of the right form';
  }
}

function listText(values: unknown): string {
  return Array.isArray(values) ? values.join(', ') : '';
}

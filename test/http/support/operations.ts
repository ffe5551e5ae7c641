// The operations of the document, and requests for them that are as full as their schemas allow.
import { isObject } from '../../../src/actors/shape.ts';

export type Schema = Readonly<Record<string, unknown>>;

export interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly schema: Schema;
}

export interface Operation {
  readonly id: string;
  readonly method: string;
  /** With parameters in braces. */
  readonly path: string;
  readonly parameters: readonly Parameter[];
  /** Null: it has no body. */
  readonly body: Schema | null;
}

export function operationsOf(document: Schema): Operation[] {
  return Object.entries(objectAt(document, 'paths')).flatMap(([path, item]) =>
    Object.entries(Object(item)).map(([method, operation]) => {
      const given: unknown = Object(operation).parameters;
      const body = objectAt(operation, 'requestBody', 'content', 'application/json', 'schema');
      return {
        id: String(Object(operation).operationId),
        method: method.toUpperCase(),
        path,
        parameters: (Array.isArray(given) ? given : []).map((each) => parameterOf(each, document)),
        body: Object.keys(body).length === 0 ? null : resolved(body, document),
      };
    }),
  );
}

function parameterOf(given: unknown, document: Schema): Parameter {
  const { name, in: where, required, schema, example } = Object(given);
  return {
    name: String(name),
    in: String(where),
    required: required === true,
    schema: {
      ...resolved(Object(schema), document),
      ...(example === undefined ? {} : { examples: [example] }),
    },
  };
}

export function objectAt(value: unknown, ...path: readonly string[]): Schema {
  const found = path.reduce<unknown>((each, name) => (isObject(each) ? each[name] : undefined), value);
  return isObject(found) ? found : {};
}

/** References within, all of them, replaced by what they refer to. */
function resolved(schema: Schema, document: Schema): Schema {
  const { $ref } = schema;
  if (typeof $ref === 'string') {
    return resolved(objectAt(document, ...$ref.split('/').slice(1)), document);
  }
  return Object.fromEntries(
    Object.entries(schema).map(([key, each]) => [key, isObject(each) ? resolved(each, document) : each]),
  );
}

export function propertiesOf(schema: Schema): Readonly<Record<string, Schema>> {
  return Object.fromEntries(
    Object.entries(objectAt(schema, 'properties')).map(([name, each]) => [name, Object(each)]),
  );
}

/** A value with everything that the schema speaks of; items are given by SKU. */
export function sampleOf(schema: Schema, name = ''): unknown {
  const { type, examples } = schema;
  const values = schema['enum'];
  if (Array.isArray(values)) return values[0];
  if (type === 'object') {
    const samples = Object.entries(propertiesOf(schema)).map(([each, inner]) => [
      each,
      sampleOf(inner, each),
    ]);
    const { itemId: _, productId: __, ...sample } = Object.fromEntries(samples);
    return 'sku' in sample ? sample : Object.fromEntries(samples);
  }
  if (type === 'array') {
    return Array.isArray(examples) ? examples[0] : [sampleOf(objectAt(schema, 'items'), name)];
  }
  if (type === 'boolean') return true;
  if (type === 'integer') return 1;
  if (name === 'toWarehouseId') return '22222222-2222-4222-8222-222222222222';
  // A token that was not given for this list is refused.
  if (/token|lastEventId/i.test(name)) return '';
  return Array.isArray(examples) ? examples[0] : 'text';
}

export interface Sample {
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string | readonly string[]>>;
  readonly body: unknown;
}

/** @returns a request that the operation takes */
export function sampleRequest({ parameters, body }: Operation): Sample {
  const of = (where: string) => parameters.filter((each) => each.in === where);
  const query = of('query').filter(({ name }) => name !== 'itemId' && name !== 'format');
  return {
    path: Object.fromEntries(of('path').map(({ name, schema }) => [name, textOf(sampleOf(schema, name))])),
    query: Object.fromEntries(query.map(({ name, schema }) => [name, queryValue(sampleOf(schema, name))])),
    body: body === null ? undefined : sampleOf(body),
  };
}

function queryValue(value: unknown): string | readonly string[] {
  return Array.isArray(value) ? value.map(textOf) : textOf(value);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The request's path and query string. */
export function urlOf({ path }: Operation, sample: Pick<Sample, 'path' | 'query'>): string {
  const filled = path.replaceAll(/\{([^}]+)\}/g, (_, name: string) =>
    encodeURIComponent(sample.path[name] ?? ''),
  );
  const pairs = Object.entries(sample.query).flatMap(([name, values]) =>
    [values].flat().map((value) => `${name}=${encodeURIComponent(value)}`),
  );
  return pairs.length === 0 ? filled : `${filled}?${pairs.join('&')}`;
}

// Keywords of our own in schemas, for routes to read.

/** The name of a schema in the documentation. */
export const nameMark = 'x-synkro-name';
const optionalMark = 'x-synkro-optional';

/** To be ignored by validators, and left out of the document. */
export const marks: readonly string[] = [nameMark, optionalMark];

/** To be spread into the options of a body's schema: the body may be left out, and is {} then. */
export const optionalBody = { [optionalMark]: true } as const;

export function isOptionalBody(schema: unknown): boolean {
  return typeof schema === 'object' && schema !== null && Reflect.get(schema, optionalMark) === true;
}

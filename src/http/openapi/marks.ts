// Keywords of our own in schemas. Routes read them, and validators are told to ignore them.

/** The name of a schema in the documentation. */
export const nameMark = 'x-synkro-name';
const optionalMark = 'x-synkro-optional';

/** What the text of an event stream has in its `data:` lines; the one that stays in the document. */
export const eventDataKeyword = 'x-event-data';

/** To be left out of the document. */
export const marks: readonly string[] = [nameMark, optionalMark];

/** To be ignored by validators. */
export const schemaKeywords: readonly string[] = [...marks, eventDataKeyword];

/** To be spread into the options of a body's schema: the body may be left out, and is {} then. */
export const optionalBody = { [optionalMark]: true } as const;

export function isOptionalBody(schema: unknown): boolean {
  return typeof schema === 'object' && schema !== null && Reflect.get(schema, optionalMark) === true;
}

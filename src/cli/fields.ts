// Type guards for records read from files: each names the field and says what is wrong with it.

/** One record of a file is not what it should be; the others are not concerned. */
export class RecordError extends Error {
  override readonly name = 'RecordError';
}

export interface Fields {
  readonly [field: string]: unknown;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function fieldsOf(value: unknown, what: string): Fields {
  if (!isFields(value)) throw new RecordError(`${what} must be a JSON object`);
  return value;
}

/** 1 to `max` characters. */
export function textField(fields: Fields, field: string, max: number, what = field): string {
  const value = fields[field];
  if (value === undefined || value === null) throw new RecordError(`${what} is missing`);
  if (typeof value !== 'string') throw new RecordError(`${what} must be a string`);
  if (value.length === 0) throw new RecordError(`${what} must not be empty`);
  if ([...value].length > max) throw new RecordError(`${what} must not be longer than ${max} characters`);
  return value;
}

/** A string, which may be empty, or undefined where it is missing. */
export function optionalTextField(fields: Fields, field: string): string | undefined {
  const value = fields[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw new RecordError(`${field} must be a string`);
  return value;
}

/** A whole number from `min` to 2^53 - 1. */
export function integerField(fields: Fields, field: string, min: number, what = field): number {
  const value = fields[field];
  if (value === undefined || value === null) throw new RecordError(`${what} is missing`);
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min) {
    throw new RecordError(`${what} must be a whole number from ${min} to ${Number.MAX_SAFE_INTEGER}`);
  }
  return value;
}

/** An array of at least `min` and at most `max` values. */
export function arrayField(fields: Fields, field: string, min: number, max: number): readonly unknown[] {
  const value = fields[field];
  if (value === undefined || value === null) throw new RecordError(`${field} is missing`);
  if (!Array.isArray(value)) throw new RecordError(`${field} must be an array`);
  if (value.length < min || value.length > max) {
    throw new RecordError(`${field} must have ${min} to ${max} entries, not ${value.length}`);
  }
  return value;
}

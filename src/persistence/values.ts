// Values on their way into statements and back: times, arrays, JSON text.
import { StoreError } from '../runtime/store.ts';

/** The first millisecond of the year 1 and the last of the year 9999: what both sides write with four digits. */
const instantMin = -62_135_596_800_000;
const instantMax = 253_402_300_799_999;

/**
 * A time as text that PostgreSQL reads exactly. Through `to_timestamp` and a double some milliseconds would be lost.
 * @param at whole milliseconds since 1970
 */
export function toInstant(at: number): string {
  if (!Number.isSafeInteger(at) || at < instantMin || at > instantMax) {
    throw new StoreError('broken', `${at} is no time that can be stored`);
  }
  return new Date(at).toISOString();
}

export function toInstantOrNull(at: number | null): string | null {
  return at === null ? null : toInstant(at);
}

/** Milliseconds since 1970. */
export function fromInstant(text: string): number {
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw new StoreError('broken', `${text} is no time`);
  return at;
}

export function fromInstantOrNull(text: string | null): number | null {
  return text === null ? null : fromInstant(text);
}

/**
 * A one-dimensional array as PostgreSQL writes it, to be cast where it is used: `${arrayText(x)}::int[]`. The client
 * could do it, but only after it has asked each new connection for the types, in a query whose failure nobody can catch.
 * Not by way of `::text`: the planner would not see an array but a conversion, and compare 1,000 ids with each row one
 * by one (88 ms where 2 do).
 */
export function arrayText(values: readonly (number | string)[]): string {
  return `{${values.map((value) => (typeof value === 'number' ? value : quote(value))).join(',')}}`;
}

function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** bigint as a number. @throws RangeError where it would be rounded */
export function toSafeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} is not exact as a number`);
  return value;
}

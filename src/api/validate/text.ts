// Rules for strings. No control character and no half of a surrogate pair gets in anywhere; only long texts may have
// line breaks and tabs. Lengths are in characters (code points), not in bytes or UTF-16 units.
import { requestLimits as limits } from '../limits.ts';
import type { Rule } from './check.ts';

const controlCharacters = /[\p{Cc}\p{Cs}]/u;
const controlCharactersBesidesBreaks = /(?![\t\n\r])[\p{Cc}\p{Cs}]/u;
/** Also none that has no shape of its own: format characters, line and paragraph separators. */
const unprintableCharacters = /[\p{Cc}\p{Cs}\p{Cf}\p{Zl}\p{Zp}]/u;

interface TextBounds {
  readonly min: 0 | 1;
  readonly max: number;
  readonly refused: RegExp;
}

function text({ min, max, refused }: TextBounds): Rule<string, string> {
  return (value, refuse) => {
    if (value.length < min) refuse('is required');
    else if (longerThan(value, max)) refuse(`may have at most ${max} characters`);
    else if (refused.test(value)) refuse('may not contain control characters or lone surrogates');
    return value;
  };
}

export function longerThan(value: string, max: number): boolean {
  if (value.length <= max) return false;
  if (value.length > 2 * max) return true;
  let count = 0;
  for (const _ of value) count += 1;
  return count > max;
}

export function hasControlCharacters(value: string): boolean {
  return controlCharactersBesidesBreaks.test(value);
}

export const line = (min: 0 | 1, max: number) => text({ min, max, refused: controlCharacters });
export const lines = (max: number) => text({ min: 0, max, refused: controlCharactersBesidesBreaks });

const nameLine = line(1, limits.nameCharactersMax);
export const sku = line(1, limits.skuCharactersMax);
export const skuPrefix = line(0, limits.skuCharactersMax);
export const name = line(0, limits.nameCharactersMax);
/** Not only of spaces. */
export const nameRequired: Rule<string, string> = (value, refuse) => {
  if (value.length > 0 && value.trim() === '') refuse('may not be blank');
  return nameLine(value, refuse);
};
export const description = lines(limits.descriptionCharactersMax);
export const category = line(0, limits.categoryCharactersMax);
export const location = line(0, limits.locationCharactersMax);
export const customerId = line(0, limits.customerIdCharactersMax);
export const reason = line(0, limits.reasonCharactersMax);
export const reference = line(0, limits.referenceCharactersMax);
export const idempotencyKey = line(0, limits.idempotencyKeyCharactersMax);
export const requestId = line(0, limits.requestIdCharactersMax);
export const orderId = text({
  min: 1,
  max: limits.orderIdCharactersMax,
  refused: unprintableCharacters,
});

const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether it is a UUID as the tables spell it. */
export function isUuid(value: string): boolean {
  return uuidForm.test(value);
}

/** In lower case, so that one id has one spelling. */
export const uuid: Rule<string, string> = (value, refuse) => {
  if (value === '') refuse('is required');
  else if (!uuidForm.test(value)) refuse('is not a UUID');
  return value.toLowerCase();
};

/** Null where it is empty. */
export const uuidOptional: Rule<string, string | null> = (value, refuse) =>
  value === '' ? null : uuid(value, refuse);

/** The rule where the field is set. */
export function optional<In, Out>(rule: Rule<In, Out>): Rule<In | undefined, Out | undefined> {
  return (value, refuse) => (value === undefined ? undefined : rule(value, refuse));
}

// The rule for an item's attributes: a JSON object of bounded size and depth, whose strings are as clean as any.
import { requestLimits as limits } from '../limits.ts';
import type { Rule } from './check.ts';
import { hasControlCharacters } from './text.ts';

export type Attributes = Readonly<Record<string, unknown>>;

/** Null where they are not set. */
export const attributes: Rule<Attributes | undefined, Attributes | null> = (value, refuse) => {
  if (value === undefined) return null;
  const problem = problemOf(value, 1) ?? sizeProblemOf(value);
  if (problem !== null) refuse(problem);
  return value;
};

function problemOf(value: unknown, depth: number): string | null {
  switch (typeof value) {
    case 'boolean':
      return null;
    case 'number':
      return Number.isFinite(value) ? null : 'may not contain numbers that JSON has no form for';
    case 'string':
      return hasControlCharacters(value) ? 'may not contain control characters or lone surrogates' : null;
    case 'object':
      return value === null ? null : containerProblemOf(value, depth);
    default:
      return 'may not contain values of no kind';
  }
}

function containerProblemOf(value: object, depth: number): string | null {
  if (depth > limits.attributesDepthMax) return `may be nested at most ${limits.attributesDepthMax} deep`;
  for (const [key, element] of Object.entries(value)) {
    if (hasControlCharacters(key)) return 'may not contain control characters or lone surrogates';
    const problem = problemOf(element, depth + 1);
    if (problem !== null) return problem;
  }
  return null;
}

function sizeProblemOf(value: Attributes): string | null {
  const bytes = Buffer.byteLength(JSON.stringify(value));
  return bytes <= limits.attributesBytesMax
    ? null
    : `may have at most ${limits.attributesBytesMax} bytes of JSON, and they have ${bytes}`;
}

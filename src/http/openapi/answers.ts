// How routes declare what they answer: one shape for each status, and the codes of the problems that may come instead.
import Type, { type TSchema } from 'typebox';
import { type FailureCode, failures } from '../../actors/failure.ts';
import { problemOf, problemType } from '../problems/problem.ts';
import { Problem } from './problem-schema.ts';

interface Header {
  readonly type: 'string' | 'integer';
  readonly description: string;
}

export interface AnswerOptions {
  readonly example?: unknown;
  readonly headers?: Readonly<Record<string, Header>>;
}

export function json<S extends TSchema>(description: string, schema: S, options: AnswerOptions = {}) {
  const { example, headers } = options;
  const media = example === undefined ? { schema } : { schema, example };
  return {
    description,
    ...(headers === undefined ? {} : { headers }),
    content: { 'application/json': media },
  };
}

export function noContent(description: string) {
  return Type.Null({ description });
}

export const asOfHeader = {
  'x-synkro-as-of': {
    type: 'integer',
    description:
      'How old the list is at most, in milliseconds since 1970: everything that was durable by then is in it.',
  },
} as const satisfies AnswerOptions['headers'];

export const locationHeader = {
  location: { type: 'string', description: 'Path of what was made.' },
} as const satisfies AnswerOptions['headers'];

/** What any route of the API may answer. */
const always: readonly FailureCode[] = [
  'overloaded',
  'rate-limited',
  'internal',
  'unavailable',
  'deadline-exceeded',
];

const ofBodies: readonly FailureCode[] = ['request-too-large', 'unsupported-media-type'];

/**
 * The problems of a route, by their statuses. The type is empty: handlers do not answer these, they throw.
 * @param codes besides those that every route has
 */
export function problems(...codes: readonly FailureCode[]): Record<never, never> {
  return byStatus(['invalid-argument', 'not-acceptable', ...codes, ...always]);
}

/** Exactly these. */
export function onlyProblems(...codes: readonly FailureCode[]): Record<never, never> {
  return byStatus(codes);
}

/** Those of a route that reads a body. */
export function problemsWithBody(...codes: readonly FailureCode[]): Record<never, never> {
  return problems(...codes, ...ofBodies);
}

function byStatus(codes: readonly FailureCode[]): Record<string, unknown> {
  const statuses = Map.groupBy(new Set(codes), (code) => failures[code].http);
  return Object.fromEntries(Array.from(statuses, ([status, same]) => [String(status), problemAnswer(same)]));
}

function problemAnswer(codes: readonly FailureCode[]) {
  const examples = codes.map((code) => [code, { value: exampleOf(code) }] as const);
  return {
    description: codes.map((code) => `\`${code}\`: ${failures[code].meaning}`).join('\n\n'),
    content: { [problemType]: { schema: Problem, examples: Object.fromEntries(examples) } },
  };
}

function exampleOf(code: FailureCode) {
  return problemOf({ code, message: failures[code].meaning });
}

// Many requests in one: each entry is the single request that it is, with its own key, answer and problem.
import { createHash } from 'node:crypto';
import Type, { type TSchema } from 'typebox';
import type { EdgeDeps } from '../api/call.ts';
import { failureOf } from '../api/errors.ts';
import { callLimits, requestLimits } from '../api/limits.ts';
import { allSettledInOrder } from '../api/parallel.ts';
import { type Answerable, ask } from './answer.ts';
import { type Exchange, sourceOf } from './exchange.ts';
import { requiredText } from './fields.ts';
import { inRestWords, type Names } from './names.ts';
import { Problem } from './openapi/problem-schema.ts';
import { problemOf } from './problems/problem.ts';

export interface BulkRoute<Entry, Request, Response, Deps extends EdgeDeps> {
  readonly method: Answerable<Request, Response, Deps>;
  readonly deps: Deps;
  /** The property of the body that has the entries. */
  readonly list: string;
  /** @param key of this entry; '' where there is none */
  readonly requestOf: (entry: Entry, key: string) => Request;
  readonly names?: Names;
}

export type BulkResult<Response> =
  | { readonly response: Response }
  | { readonly error: ReturnType<typeof problemOf> };

interface Keyed {
  readonly idempotencyKey?: string;
}

/** One result for each entry, in their order. Never rejects for what is wrong with an entry. */
export async function answerEach<Entry extends Keyed, Request, Response, Deps extends EdgeDeps>(
  route: BulkRoute<Entry, Request, Response, Deps>,
  entries: readonly Entry[],
  exchange: Exchange,
): Promise<BulkResult<Response>[]> {
  const { method, deps, list, requestOf } = route;
  const { deadline, idempotencyKey } = sourceOf(exchange);
  const source = { deadline, idempotencyKey: '', sendAsOf: () => {} };
  const numbered = entries.map((entry, index) => ({ entry, index }));
  const results = await allSettledInOrder(numbered, callLimits.bulkInFlightMax, ({ entry, index }) =>
    // Names are told below, with the entry's place.
    ask(
      method,
      requestOf(entry, entry.idempotencyKey ?? keyOfEntry(idempotencyKey, index)),
      deps,
      source,
      null,
    ),
  );
  const names = { ...route.names, idempotency_key: 'idempotencyKey' };
  return results.map((result, index) => {
    if (result.status === 'fulfilled') return { response: result.value };
    const failure = failureOf(result.reason, { ...deps, method: method.name });
    return { error: problemOf(inRestWords(failure, names, `${list}[${index}].`)) };
  });
}

/** So that the whole may be repeated under one key, and two entries that say the same are still two. */
function keyOfEntry(key: string, index: number): string {
  if (key === '') return '';
  return `${createHash('sha256').update(key).digest('base64url')}-${index}`;
}

export const entryKey = {
  idempotencyKey: Type.Optional(
    requiredText(
      requestLimits.idempotencyKeyCharactersMax,
      'Of this entry. Where it is absent it follows from the header and the place in the list.',
    ),
  ),
};

export const listOfEntries = <S extends TSchema>(entry: S, description: string) =>
  Type.Array(entry, { minItems: 1, maxItems: requestLimits.bulkItemsMax, description });

/** @param made what stands for an entry that worked */
export const bulkResults = <S extends TSchema>(made: S) =>
  Type.Object({
    results: Type.Array(Type.Union([made, Type.Object({ error: Problem })]), {
      description: 'One for each entry, in their order: what was made, or why not.',
    }),
  });

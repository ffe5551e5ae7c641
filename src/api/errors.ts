// From whatever ended a call to what its caller is told: a failure, or a google.rpc.Status where the contract has one.
// Nothing of the inside passes here: an internal failure leaves an id, and what it was goes to the log under that id.
import type { Logger } from 'pino';
import { type Failure, type FailureCode, failures, grpcCodes } from '../actors/failure.ts';
import type { Any } from '../generated/google/protobuf/any.ts';
import { BadRequest, ErrorInfo, RetryInfo } from '../generated/google/rpc/error_details.ts';
import type { Status } from '../generated/google/rpc/status.ts';
import { StoreError } from '../runtime/store.ts';
import { errorLimits, retryLimits } from './limits.ts';

export interface Violation {
  /** As the contract spells it, such as `items[3].quantity`; '' where the request cannot be read at all. */
  readonly field: string;
  readonly description: string;
}

/** A failure as the edge makes it: an invalid request may have several things wrong with it. */
export interface EdgeFailure extends Failure {
  readonly violations?: readonly Violation[];
}

/** Ends the handling of a request with a failure. An operating error: no stack is of interest. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly failure: EdgeFailure;

  constructor(failure: EdgeFailure) {
    super(failure.message);
    this.failure = failure;
  }
}

export function invalid(violations: readonly Violation[]): EdgeFailure {
  const [first] = violations;
  const message =
    first === undefined
      ? 'invalid'
      : first.field === ''
        ? first.description
        : `${first.field}: ${first.description}`;
  const base = { code: 'invalid-argument', message, violations } as const;
  return first === undefined || first.field === '' ? base : { ...base, field: first.field };
}

export function invalidField(field: string, description: string): EdgeFailure {
  return invalid([{ field, description }]);
}

/**
 * What ended a call, as a failure without an inside. A database that does not answer is an operating error; whatever is
 * none is logged under a new id.
 */
export function failureOf(
  thrown: unknown,
  about: { readonly log: Logger; readonly newId: () => string; readonly method: string },
): EdgeFailure {
  const failure = thrown instanceof Refused ? thrown.failure : null;
  if (failure !== null && failure.code !== 'internal') return failure;
  if (thrown instanceof StoreError && thrown.kind !== 'broken') {
    about.log.warn({ err: thrown, method: about.method }, 'the database could not be read for a call');
    return { code: 'unavailable', message: 'the tables cannot be read at the moment' };
  }
  const id = about.newId();
  about.log.error(
    { errorId: id, method: about.method, ...(failure === null ? { err: thrown } : { failure }) },
    'a call failed by a fault of ours',
  );
  return { code: 'internal', message: `internal error ${id}`, details: { id } };
}

export function rpcStatusOf(failure: EdgeFailure): Status {
  const details = [anyOf('ErrorInfo', ErrorInfo.encode(errorInfoOf(failure)).finish())];
  const violations = violationsOf(failure);
  if (violations.length > 0) {
    details.unshift(anyOf('BadRequest', BadRequest.encode({ fieldViolations: violations.slice() }).finish()));
  }
  const delayMs = retryDelayMs(failure);
  if (delayMs !== null) {
    const retryDelay = {
      seconds: BigInt(Math.trunc(delayMs / 1_000)),
      nanos: Math.trunc(delayMs % 1_000) * 1_000_000,
    };
    details.push(anyOf('RetryInfo', RetryInfo.encode({ retryDelay }).finish()));
  }
  return {
    code: grpcCodes[failures[failure.code].grpc],
    message: clip(failure.message, errorLimits.messageCharactersMax),
    details,
  };
}

/** How long the caller is told to wait before the same request; null: repeating does not help. */
export function retryDelayMs(failure: Failure): number | null {
  if (!failures[failure.code].repeatable) return null;
  const said = Number(failure.details?.['retryAfterMs']);
  if (Number.isFinite(said) && said >= 0) return Math.min(said, 60_000);
  return defaultDelaysMs[failure.code] ?? retryLimits.unavailableDelayMs;
}

const defaultDelaysMs: Partial<Record<FailureCode, number>> = {
  overloaded: retryLimits.overloadedDelayMs,
  unavailable: retryLimits.unavailableDelayMs,
  'deadline-exceeded': retryLimits.deadlineDelayMs,
};

function violationsOf(failure: EdgeFailure): readonly Violation[] {
  if (failure.code !== 'invalid-argument') return [];
  const all = failure.violations ?? [{ field: failure.field ?? '', description: failure.message }];
  return all.slice(0, errorLimits.violationsMax).map(({ field, description }) => ({
    field,
    description: clip(description, errorLimits.violationCharactersMax),
  }));
}

function errorInfoOf(failure: EdgeFailure): ErrorInfo {
  const metadata: Record<string, string> = {};
  if (failure.field !== undefined) metadata['field'] = failure.field;
  for (const [key, value] of Object.entries(failure.details ?? {}).slice(0, errorLimits.detailsMax)) {
    metadata[key] = clip(value, errorLimits.detailCharactersMax);
  }
  return { reason: failure.code, domain: 'synkro', metadata };
}

function anyOf(name: string, value: Uint8Array): Any {
  return { typeUrl: `type.googleapis.com/google.rpc.${name}`, value: Buffer.from(value) };
}

/** Cut to size, and without halves of surrogate pairs, which grpc-js cannot send. */
function clip(text: string, charactersMax: number): string {
  return (text.length <= charactersMax ? text : `${text.slice(0, charactersMax - 1)}…`).toWellFormed();
}

// Failures as the wire tells them: read back from a google.rpc.Status. Refusals within the process go the same way, so
// that what callers see (what is cut, which field is named where) does not depend on where Inventory runs.
import { type FailureCode, failures } from '../../actors/failure.ts';
import { type EdgeFailure, rpcStatusOf, type Violation } from '../../api/errors.ts';
import { BadRequest, ErrorInfo } from '../../generated/google/rpc/error_details.ts';
import type { Status } from '../../generated/google/rpc/status.ts';

/** Null where it is no failure of ours, such as one that a proxy made. @throws where its details cannot be decoded */
export function failureOfStatus(status: Status): EdgeFailure | null {
  const packed = detailOf(status, 'ErrorInfo');
  if (packed === undefined) return null;
  const { reason, domain, metadata } = ErrorInfo.decode(packed);
  if (domain !== 'synkro' || !isFailureCode(reason)) return null;
  const { field, ...details } = metadata;
  const violations = violationsOf(status);
  return {
    code: reason,
    message: status.message,
    ...(field === undefined ? {} : { field }),
    ...(Object.keys(details).length === 0 ? {} : { details }),
    ...(violations.length === 0 ? {} : { violations }),
  };
}

/** The failure as it would arrive. */
export function asTold(failure: EdgeFailure): EdgeFailure {
  return failureOfStatus(rpcStatusOf(failure)) ?? failure;
}

function violationsOf(status: Status): Violation[] {
  const packed = detailOf(status, 'BadRequest');
  if (packed === undefined) return [];
  const { fieldViolations } = BadRequest.decode(packed);
  return fieldViolations.map(({ field, description }) => ({ field, description }));
}

function detailOf(status: Status, name: string): Uint8Array | undefined {
  return status.details.find(({ typeUrl }) => typeUrl === `type.googleapis.com/google.rpc.${name}`)?.value;
}

function isFailureCode(reason: string): reason is FailureCode {
  return Object.hasOwn(failures, reason);
}

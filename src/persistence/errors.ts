// What an error of the database client means for whoever sent the statement: had it an effect, and may it be sent again?
import postgres from 'postgres';
import { StoreError, type StoreErrorKind } from '../runtime/store.ts';

/** Codes of the client's own that say that the statement was never sent, and never will be. */
const refusedByClient = new Set(['UNDEFINED_VALUE', 'MAX_PARAMETERS_EXCEEDED', 'NOT_TAGGED_CALL']);

/**
 * 40001 serialization, 40P01 deadlock, 55P03 lock not available, 57014 cancelled (by `statement_timeout`, which the
 * server switches off before it commits), class 53 out of something: the statement surely had no effect.
 */
function isRejection(sqlState: string): boolean {
  return ['40001', '40P01', '55P03', '57014'].includes(sqlState) || sqlState.startsWith('53');
}

/**
 * Class 08 and 57P0x come with the end of a connection. 25006 (read-only) had no effect either, but tells of a server
 * that is no longer the primary: everything in memory is to be recovered, from whichever server answers then.
 */
function isLoss({ severity, code }: postgres.PostgresError): boolean {
  return severity !== 'ERROR' || code.startsWith('08') || code.startsWith('57P') || code === '25006';
}

export function storeErrorKind(error: unknown): StoreErrorKind {
  if (error instanceof StoreError) return error.kind;
  if (error instanceof postgres.PostgresError) {
    if (isLoss(error)) return 'unknown';
    return isRejection(error.code) ? 'rejected' : 'broken';
  }
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code === 'string' && refusedByClient.has(code)) return 'broken';
  // A fault of ours while the statement was being made or its rows were read. Errors of sockets carry a code.
  if (code === undefined && (error instanceof TypeError || error instanceof RangeError)) return 'broken';
  return 'unknown';
}

/** @param what the statement, in a word or two, for the log */
export function toStoreError(error: unknown, what: string): StoreError {
  if (error instanceof StoreError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new StoreError(storeErrorKind(error), `${what}: ${message}`, { cause: error });
}

/** The error that PostgreSQL itself reported, where it did. */
export function reportedBy(error: unknown): postgres.PostgresError | undefined {
  if (error instanceof postgres.PostgresError) return error;
  return error instanceof StoreError && error.cause instanceof postgres.PostgresError
    ? error.cause
    : undefined;
}

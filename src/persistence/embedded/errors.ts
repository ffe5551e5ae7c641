/**
 * The errors of the embedded PostgreSQL: each has a stable code, says what happened and what to do.
 * They are for the operator at start, never for a client of the service.
 */

export type EmbeddedErrorCode =
  | 'EMBEDDED_UNSUPPORTED_PLATFORM'
  | 'EMBEDDED_NOT_EXECUTABLE'
  | 'EMBEDDED_NO_ACCOUNT'
  | 'EMBEDDED_DATA_FOLDER'
  | 'EMBEDDED_VERSION_MISMATCH'
  | 'EMBEDDED_INIT_FAILED'
  | 'EMBEDDED_START_FAILED'
  | 'EMBEDDED_START_TIMEOUT'
  | 'EMBEDDED_STOP_TIMEOUT'
  | 'EMBEDDED_LOCK_TIMEOUT'
  | 'EMBEDDED_STOPPED'
  | 'EMBEDDED_BAD_SETTING';

/** What to do where the embedded server is no choice; ends several messages. */
export const USE_OWN_SERVER =
  'set INVENTORY_DATABASE_URL to a PostgreSQL server of your own to do without the embedded one';

export class EmbeddedError extends Error {
  readonly code: EmbeddedErrorCode;

  constructor(code: EmbeddedErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EmbeddedError';
    this.code = code;
  }
}

/** The `code` of a Node or PostgreSQL error, or undefined where it has none. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What can be wrong with a migration; each with a stable code. For the operator at start, never for a client. */

export type MigrationErrorCode =
  | 'MIGRATION_FILE_NAME'
  | 'MIGRATION_DATABASE_NEWER'
  | 'MIGRATION_HISTORY_DIFFERS'
  | 'MIGRATION_CHANGED'
  | 'MIGRATION_FAILED'
  | 'MIGRATION_LOCK_TIMEOUT';

export class MigrationError extends Error {
  readonly code: MigrationErrorCode;

  constructor(code: MigrationErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'MigrationError';
    this.code = code;
  }
}

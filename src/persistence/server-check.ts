/**
 * Refuses a PostgreSQL server on which "durable" would not mean durable, or that cannot take our writes. The promise
 * that nothing answered OK is ever lost stands on these settings.
 */
import postgres from 'postgres';
import { codeOf } from './embedded/errors.ts';

const CONNECT_TIMEOUT_S_MAX = 10;
const CLOSE_TIMEOUT_S_MAX = 5;
const MAJOR_VERSION_MIN = 14;

export type ServerCheckErrorCode =
  | 'POSTGRES_UNSAFE_SETTING'
  | 'POSTGRES_TOO_OLD'
  | 'POSTGRES_READ_ONLY'
  | 'POSTGRES_ENCODING'
  | 'POSTGRES_UNREACHABLE';

export class ServerCheckError extends Error {
  readonly code: ServerCheckErrorCode;

  constructor(code: ServerCheckErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ServerCheckError';
    this.code = code;
  }
}

export interface ServerCheckOptions {
  /** From ALLOW_UNSAFE_POSTGRES. */
  readonly allowUnsafe: boolean;
}

export interface ServerCheckResult {
  /** As the server says it, for example "18.4". */
  readonly version: string;
  /** The unsafe settings that were let pass, for a loud line in the log. */
  readonly unsafeSettings: string[];
}

interface ServerRow {
  readonly version: string;
  readonly version_number: number;
  readonly encoding: string;
  readonly read_only: boolean;
  readonly fsync: string;
  readonly full_page_writes: string;
  readonly synchronous_commit: string;
}

/**
 * Looks at the server behind `url`. The settings are those that a session on this database gets, so one that was set
 * for the database or the role counts too. Throws ServerCheckError.
 */
export async function checkServer(url: string, options: ServerCheckOptions): Promise<ServerCheckResult> {
  const server = await readServer(url);
  if (server.version_number < MAJOR_VERSION_MIN * 10_000) {
    throw new ServerCheckError(
      'POSTGRES_TOO_OLD',
      `PostgreSQL ${server.version} is too old: version ${MAJOR_VERSION_MIN} or later is needed`,
    );
  }
  if (server.encoding !== 'UTF8') {
    throw new ServerCheckError(
      'POSTGRES_ENCODING',
      `the database has encoding ${server.encoding}: UTF8 is needed`,
    );
  }
  if (server.read_only) {
    throw new ServerCheckError(
      'POSTGRES_READ_ONLY',
      'the server is a read-only standby: name the primary instead',
    );
  }
  const unsafeSettings = unsafeIn(server);
  if (unsafeSettings.length > 0 && !options.allowUnsafe) {
    throw new ServerCheckError(
      'POSTGRES_UNSAFE_SETTING',
      `PostgreSQL runs with ${unsafeSettings.join(', ')}: a crash could lose what was answered; turn it on, or set ALLOW_UNSAFE_POSTGRES=true where the data may be lost`,
    );
  }
  return { version: server.version, unsafeSettings };
}

/** Throws ServerCheckError where the server cannot be asked anything, and looks at nothing else. */
export async function checkReachable(url: string): Promise<void> {
  await readServer(url);
}

function unsafeIn(server: ServerRow): string[] {
  return [
    ...(server.fsync === 'off' ? ['fsync = off'] : []),
    ...(server.full_page_writes === 'off' ? ['full_page_writes = off'] : []),
    ...(server.synchronous_commit === 'off' ? ['synchronous_commit = off'] : []),
  ];
}

async function readServer(url: string): Promise<ServerRow> {
  const sql = postgres(url, { max: 1, connect_timeout: CONNECT_TIMEOUT_S_MAX, onnotice: () => undefined });
  try {
    const [row] = await sql<ServerRow[]>`
      select current_setting('server_version') as version,
             current_setting('server_version_num')::int as version_number,
             current_setting('server_encoding') as encoding,
             pg_is_in_recovery() as read_only,
             current_setting('fsync') as fsync,
             current_setting('full_page_writes') as full_page_writes,
             current_setting('synchronous_commit') as synchronous_commit`;
    if (row === undefined) throw new Error('a select without from gave no row');
    return row;
  } catch (error) {
    throw unreachable(url, error);
  } finally {
    await sql.end({ timeout: CLOSE_TIMEOUT_S_MAX });
  }
}

/** Says where it was looked for, and not by which password. */
function unreachable(url: string, error: unknown): unknown {
  const code = codeOf(error);
  if (code === undefined) return error;
  // What the server itself says helps (no such database, a wrong password); what the socket says repeats the address.
  const why = error instanceof postgres.PostgresError ? `${code}: ${error.message}` : code;
  const { hostname = '', port = '' } = URL.parse(url) ?? {};
  return new ServerCheckError(
    'POSTGRES_UNREACHABLE',
    `cannot connect to ${hostname || 'localhost'}:${port || '5432'} (${why})`,
    { cause: error },
  );
}

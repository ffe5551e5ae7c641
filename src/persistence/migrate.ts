/**
 * Plain SQL migrations: the files `NNNN_name.sql` of a folder, applied in order, each in a transaction of its own
 * together with its row in `schema_migrations`. Processes that migrate at the same time take turns. There is no way
 * down: a mistake is mended by the next file.
 *
 * A file must not begin or end transactions (so no `create index concurrently`), which is checked.
 */
import postgres from 'postgres';
import { MigrationError } from './migration-errors.ts';
import type { MigrationFile } from './migration-files.ts';
import { readMigrationFiles } from './migration-files.ts';

/** Waiting for another process that migrates, and for tables in use. */
const LOCK_TIMEOUT_MS_MAX = 60_000;
const CONNECT_TIMEOUT_S_MAX = 10;
const CLOSE_TIMEOUT_S_MAX = 5;
/** Any number, so long as nobody else locks on it: "synkro" in ASCII. */
const MIGRATION_LOCK = '126943972912751';

export interface MigrateResult {
  /** The file names that this call applied, in order. */
  readonly applied: string[];
}

interface AppliedRow {
  readonly version: number;
  readonly name: string;
  readonly checksum: string;
}

/**
 * Brings the database to the state that the files of `folder` describe; does nothing where it is there already. A
 * missing or empty folder is a state without tables. Throws MigrationError; what was applied before it stays.
 */
export async function migrate(url: string, folder: string): Promise<MigrateResult> {
  const files = readMigrationFiles(folder);
  const sql = postgres(url, {
    max: 1,
    connect_timeout: CONNECT_TIMEOUT_S_MAX,
    connection: { application_name: 'synkro migrate' },
    onnotice: () => undefined,
  });
  const applied: string[] = [];
  try {
    for (;;) {
      const done = await applyNext(sql, files);
      if (done === undefined) return { applied };
      applied.push(done);
    }
  } finally {
    await sql.end({ timeout: CLOSE_TIMEOUT_S_MAX });
  }
}

/** Applies the first file that is missing; gives its name, or undefined where none is. */
async function applyNext(sql: postgres.Sql, files: readonly MigrationFile[]): Promise<string | undefined> {
  return await sql.begin(async (transaction) => {
    await takeTurn(transaction);
    const rows = await transaction<
      AppliedRow[]
    >`select version, name, checksum from schema_migrations order by version`;
    const next = nextFile(files, rows);
    if (next === undefined) return undefined;
    await run(transaction, next);
    await transaction`
      insert into schema_migrations (version, name, checksum)
      values (${next.version}, ${next.name}, ${next.checksum})`;
    return next.name;
  });
}

/** The lock ends with the transaction, so it needs no session, and a killed process holds up nobody. */
async function takeTurn(transaction: postgres.TransactionSql): Promise<void> {
  await transaction.unsafe(`set local lock_timeout = ${LOCK_TIMEOUT_MS_MAX}`);
  try {
    await transaction`select pg_advisory_xact_lock(${MIGRATION_LOCK}::bigint)`;
  } catch (error) {
    if (!(error instanceof postgres.PostgresError) || error.code !== '55P03') throw error;
    throw new MigrationError(
      'MIGRATION_LOCK_TIMEOUT',
      `another process has been migrating this database for more than ${LOCK_TIMEOUT_MS_MAX / 1000} s`,
      { cause: error },
    );
  }
  await transaction`
    create table if not exists schema_migrations (
      version int primary key,
      name text not null,
      checksum text not null,
      applied_at timestamptz not null default now()
    )`;
}

/** The first file that is not applied; throws where what is applied does not agree with the files. */
function nextFile(files: readonly MigrationFile[], rows: readonly AppliedRow[]): MigrationFile | undefined {
  for (const [position, row] of rows.entries()) {
    const file = files[position];
    if (file === undefined) {
      throw new MigrationError(
        'MIGRATION_DATABASE_NEWER',
        `the database is at ${row.name}, which this version of the program does not know: start the newer version`,
      );
    }
    if (file.version !== row.version) {
      throw new MigrationError(
        'MIGRATION_HISTORY_DIFFERS',
        `the database has ${row.name} applied where the files have ${file.name}: a migration was inserted or removed`,
      );
    }
    if (file.checksum !== row.checksum) {
      throw new MigrationError(
        'MIGRATION_CHANGED',
        `${file.name} was changed after it had been applied (as ${row.name}): put it back and add a new file instead`,
      );
    }
  }
  return files[rows.length];
}

async function run(transaction: postgres.TransactionSql, file: MigrationFile): Promise<void> {
  const before = await transactionId(transaction);
  try {
    await transaction.unsafe(file.text).simple();
  } catch (error) {
    if (!(error instanceof postgres.PostgresError)) throw error;
    const line = file.text.slice(0, Number(error.position ?? 1)).split('\n').length;
    throw new MigrationError(
      'MIGRATION_FAILED',
      `${file.name}, line ${line}: ${error.message} (${error.code}); nothing of this file was applied`,
      { cause: error },
    );
  }
  if ((await transactionId(transaction)) !== before) {
    throw new MigrationError(
      'MIGRATION_FAILED',
      `${file.name} ends its transaction; a migration must not do that`,
    );
  }
}

async function transactionId(transaction: postgres.TransactionSql): Promise<string | undefined> {
  const rows = await transaction<{ id: string }[]>`select pg_current_xact_id()::text as id`;
  return rows[0]?.id;
}

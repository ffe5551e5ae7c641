/** The few statements that the embedded server itself needs: is it ours and answering, and make a database. */
import postgres from 'postgres';
import { CLUSTER_ROLE } from './cluster.ts';
import { codeOf, EmbeddedError, messageOf } from './errors.ts';
import { embeddedLimits } from './limits.ts';

/** The address of a database, with the password in it: not for logs. */
export function databaseUrl(port: number, password: string, database: string): string {
  return `postgres://${CLUSTER_ROLE}:${password}@127.0.0.1:${port}/${encodeURIComponent(database)}`;
}

/** Fails unless our server answers there: scram proves to either side that the other knows the cluster's password. */
export async function proveOurs(port: number, password: string): Promise<void> {
  try {
    await withClient(databaseUrl(port, password, 'postgres'), (sql) => sql`select 1`);
  } catch (error) {
    throw new EmbeddedError(
      'EMBEDDED_START_FAILED',
      `the embedded PostgreSQL on port ${port} does not let us in: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

/** Creates a database where it is missing; two processes may be at it. */
export async function createIfMissing(adminUrl: string, name: string): Promise<void> {
  await withClient(adminUrl, async (sql) => {
    const found = await sql`select 1 from pg_database where datname = ${name}`;
    if (found.length > 0) return;
    try {
      await sql`create database ${sql(name)}`;
    } catch (error) {
      // Another process was quicker: duplicate_database, or its unique index where both were at it.
      if (codeOf(error) !== '42P04' && codeOf(error) !== '23505') throw error;
    }
  });
}

async function withClient(url: string, work: (sql: postgres.Sql) => PromiseLike<unknown>): Promise<void> {
  const seconds = embeddedLimits.connectMsMax / 1000;
  const sql = postgres(url, { max: 1, connect_timeout: seconds, onnotice: () => undefined });
  try {
    await work(sql);
  } finally {
    await sql.end({ timeout: seconds });
  }
}

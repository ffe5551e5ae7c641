/** Migrations: order, once, all or nothing, several processes at once, and refusals; and the check of the server. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { migrate } from '../../src/persistence/migrate.ts';
import { checkServer } from '../../src/persistence/server-check.ts';
import type { TestDatabase } from '../support/database.ts';
import { createEmptyDatabase } from '../support/database.ts';

let database: TestDatabase;
let folder: string;
let sql: postgres.Sql;

beforeEach(async () => {
  database = await createEmptyDatabase();
  folder = mkdtempSync(join(tmpdir(), 'synkro-migrate-'));
  sql = postgres(database.url, { max: 1, onnotice: () => undefined });
});

afterEach(async () => {
  await sql.end({ timeout: 5 });
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

async function appliedNames(): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`select name from schema_migrations order by version`;
  return rows.map((row) => row.name);
}

describe('migrate', () => {
  test('applies the files in order, once', async () => {
    write('0002_second.sql', 'alter table a add column y int; insert into a (x, y) values (1, 2);');
    write('0001_first.sql', 'create table a (x int);');
    expect(await migrate(database.url, folder)).toEqual({ applied: ['0001_first.sql', '0002_second.sql'] });
    expect(await migrate(database.url, folder)).toEqual({ applied: [] });
    write('0003_third.sql', 'insert into a (x, y) values (3, 4);');
    expect(await migrate(database.url, folder)).toEqual({ applied: ['0003_third.sql'] });
    expect(await sql`select x, y from a order by x`).toEqual([
      { x: 1, y: 2 },
      { x: 3, y: 4 },
    ]);
    expect(await appliedNames()).toEqual(['0001_first.sql', '0002_second.sql', '0003_third.sql']);
  });

  test('takes a missing or empty folder for nothing to do', async () => {
    expect(await migrate(database.url, folder)).toEqual({ applied: [] });
    expect(await migrate(database.url, join(folder, 'missing'))).toEqual({ applied: [] });
  });

  test('several at once apply each file once', async () => {
    write('0001_first.sql', 'create table a (x int);');
    write('0002_second.sql', 'insert into a values (1);');
    const results = await Promise.all([1, 2, 3, 4].map(() => migrate(database.url, folder)));
    expect(results.flatMap((result) => result.applied).sort()).toEqual(['0001_first.sql', '0002_second.sql']);
    expect(await sql`select count(*)::int as n from a`).toEqual([{ n: 1 }]);
  });

  test('a file that fails leaves nothing of itself, and names its line', async () => {
    write('0001_first.sql', 'create table a (x int);');
    write('0002_broken.sql', 'create table b (x int);\n\nselect nonsense;\n');
    await expect(migrate(database.url, folder)).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
      message: expect.stringContaining('0002_broken.sql, line 3'),
    });
    expect(await appliedNames()).toEqual(['0001_first.sql']);
    expect(await sql`select to_regclass('b') as b`).toEqual([{ b: null }]);
  });

  test('refuses a file that was changed after it had been applied, but not for its line ends', async () => {
    write('0001_first.sql', 'create table a\n(x int);\n');
    await migrate(database.url, folder);
    write('0001_first.sql', 'create table a\r\n(x int);\r\n');
    expect(await migrate(database.url, folder)).toEqual({ applied: [] });
    write('0001_first.sql', 'create table a (x bigint);');
    write('0002_second.sql', 'create table b (x int);');
    await expect(migrate(database.url, folder)).rejects.toMatchObject({
      code: 'MIGRATION_CHANGED',
      message: expect.stringContaining('0001_first.sql'),
    });
    expect(await appliedNames()).toEqual(['0001_first.sql']);
  });

  test('refuses a database that is newer than the files', async () => {
    write('0001_first.sql', 'create table a (x int);');
    write('0002_second.sql', 'create table b (x int);');
    await migrate(database.url, folder);
    rmSync(join(folder, '0002_second.sql'));
    await expect(migrate(database.url, folder)).rejects.toMatchObject({
      code: 'MIGRATION_DATABASE_NEWER',
      message: expect.stringContaining('0002_second.sql'),
    });
  });

  test('refuses a file that was slipped in before one that is applied', async () => {
    write('0002_second.sql', 'create table b (x int);');
    await migrate(database.url, folder);
    write('0001_first.sql', 'create table a (x int);');
    await expect(migrate(database.url, folder)).rejects.toMatchObject({ code: 'MIGRATION_HISTORY_DIFFERS' });
  });

  test('refuses a file that ends its transaction', async () => {
    write('0001_first.sql', 'create table a (x int); commit; create table b (x int);');
    await expect(migrate(database.url, folder)).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
      message: expect.stringContaining('ends its transaction'),
    });
  });

  test.each([['first.sql'], ['1_first.sql'], ['0001-first.sql']])(
    'refuses the file name %s',
    async (name) => {
      write(name, 'select 1;');
      await expect(migrate(database.url, folder)).rejects.toMatchObject({
        code: 'MIGRATION_FILE_NAME',
        message: expect.stringContaining(name),
      });
    },
  );

  test('refuses two files with one version', async () => {
    write('0001_a.sql', 'select 1;');
    write('0001_b.sql', 'select 1;');
    await expect(migrate(database.url, folder)).rejects.toMatchObject({ code: 'MIGRATION_FILE_NAME' });
  });
});

describe('checkServer', () => {
  test('passes the embedded server as it is', async () => {
    const checked = await checkServer(database.url, { allowUnsafe: false });
    expect(checked.version).toMatch(/^18\./);
    expect(checked.unsafeSettings).toEqual([]);
  });

  test('refuses synchronous_commit off, unless told', async () => {
    await sql`alter database ${sql(database.name)} set synchronous_commit = off`;
    await expect(checkServer(database.url, { allowUnsafe: false })).rejects.toMatchObject({
      code: 'POSTGRES_UNSAFE_SETTING',
      message: expect.stringMatching(/synchronous_commit = off.*ALLOW_UNSAFE_POSTGRES=true/),
    });
    const allowed = await checkServer(database.url, { allowUnsafe: true });
    expect(allowed.unsafeSettings).toEqual(['synchronous_commit = off']);
  });

  test('refuses a database that is not UTF8', async () => {
    const name = `${database.name}_ascii`;
    await sql`create database ${sql(name)} template template0 encoding 'SQL_ASCII'`;
    const url = new URL(database.url);
    url.pathname = `/${name}`;
    try {
      await expect(checkServer(url.href, { allowUnsafe: true })).rejects.toMatchObject({
        code: 'POSTGRES_ENCODING',
      });
    } finally {
      await sql`drop database ${sql(name)} with (force)`;
    }
  });
});

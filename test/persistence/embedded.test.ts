/** The embedded PostgreSQL in one process: starts, keeps its data, comes back when it dies, says why it cannot start. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { processIdentity } from '../../src/persistence/embedded/processes.ts';
import type { EmbeddedOptions, EmbeddedServer } from '../../src/persistence/embedded/server.ts';
import { startEmbedded } from '../../src/persistence/embedded/server.ts';
import { checkServer } from '../../src/persistence/server-check.ts';
import { expectGone } from '../support/embedded-process.ts';

/** A stopped cluster to copy, since initdb takes longer than most of these tests. */
let seed: string;
let dataDir: string;
let servers: EmbeddedServer[];
let lines: string[];

beforeAll(async () => {
  seed = mkdtempSync(join(tmpdir(), 'synkro-embedded-seed-'));
  await (await startEmbedded({ dataDir: seed, log: () => undefined })).stop('fast');
});

afterAll(() => rmSync(seed, { recursive: true, force: true }));

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'synkro-embedded-'));
  // Node's own copy does not keep owners.
  execFileSync('cp', ['-a', join(seed, 'postgres'), dataDir]);
  servers = [];
  lines = [];
});

afterEach(async () => {
  for (const server of servers) await server.stop('immediate');
  rmSync(dataDir, { recursive: true, force: true });
});

async function start(options: Partial<EmbeddedOptions> = {}): Promise<EmbeddedServer> {
  const server = await startEmbedded({ dataDir, log: (line) => lines.push(line), ...options });
  servers.push(server);
  return server;
}

async function query<Row extends object>(url: string, text: string): Promise<Row[]> {
  const sql = postgres(url, { max: 1, connect_timeout: 5, onnotice: () => undefined });
  try {
    return [...(await sql.unsafe<Row[]>(text))];
  } finally {
    await sql.end({ timeout: 5 });
  }
}

function home(...path: string[]): string {
  return join(dataDir, 'postgres', ...path);
}

test('starts with settings that keep what they commit, and ends', async () => {
  const server = await start();
  expect(server.adopted).toBe(false);
  await expect(checkServer(server.url('postgres'), { allowUnsafe: false })).resolves.toMatchObject({
    unsafeSettings: [],
  });
  const names = [
    'listen_addresses',
    'unix_socket_directories',
    'wal_level',
    'max_wal_size',
    'TimeZone',
    'lc_collate',
  ];
  const rows = await query<{ name: string; value: string }>(
    server.url('postgres'),
    `select name, current_setting(name, true) as value from unnest('{${names.join(',')}}'::text[]) as name`,
  );
  expect(Object.fromEntries(rows.map((row) => [row.name, row.value]))).toMatchObject({
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    wal_level: 'replica',
    max_wal_size: '2GB',
    TimeZone: 'UTC',
  });
  await server.stop('fast');
  expect(processIdentity(server.pid)).toBeUndefined();
  expect(readFileSync(home('server.log'), 'utf8')).toContain('database system is shut down');
});

test('lets nobody in without the password', async () => {
  const server = await start();
  const url = new URL(server.url('postgres'));
  url.password = 'wrong';
  await expect(query(url.href, 'select 1')).rejects.toMatchObject({ code: '28P01' });
  expect(statSync(home('cluster', 'password')).mode & 0o077).toBe(0);
});

test('keeps data and port from one start to the next', async () => {
  const first = await start();
  await first.ensureDatabase('shop');
  await first.ensureDatabase('shop');
  await query(first.url('shop'), 'create table t as select 42 as x');
  await first.stop('fast');
  const second = await start();
  expect(second.port).toBe(first.port);
  expect(await query(second.url('shop'), 'select x from t')).toEqual([{ x: 42 }]);
});

test('takes another port where its old one is taken', async () => {
  const other = await startEmbedded({ dataDir: join(dataDir, 'other'), log: () => undefined });
  servers.push(other);
  writeFileSync(home('port'), `${other.port}\n`);
  const second = await start();
  expect(second.port).not.toBe(other.port);
  expect(await query(second.url('postgres'), 'select 1 as x')).toEqual([{ x: 1 }]);
});

test('starts a server that died again, at the same address', async () => {
  const server = await start();
  await query(server.url('postgres'), 'create table t as select 1 as x');
  const before = server.pid;
  process.kill(before, 'SIGKILL');
  await vi.waitFor(() => expect(server.pid, lines.join('\n')).not.toBe(before), 20_000);
  expect(await query(server.url('postgres'), 'select x from t')).toEqual([{ x: 1 }]);
});

test('restarts on request, and recovers what was committed', async () => {
  const server = await start();
  await query(server.url('postgres'), 'create table t as select 1 as x');
  const { pid, port } = server;
  await server.restart('immediate');
  expect(server.pid).not.toBe(pid);
  expect(server.port).toBe(port);
  expect(await query(server.url('postgres'), 'select x from t')).toEqual([{ x: 1 }]);
  expect(readFileSync(home('server.log'), 'utf8')).toContain('automatic recovery in progress');
});

test('does not make an empty database in place of one that vanished', async () => {
  const server = await start();
  rmSync(home('cluster'), { recursive: true, force: true });
  process.kill(server.pid, 'SIGKILL');
  await expectGone(server.pid);
  await expect(server.ensureRunning()).rejects.toMatchObject({ code: 'EMBEDDED_DATA_FOLDER' });
  expect(readdirSync(home())).not.toContain('cluster');
});

test('clears what an initdb that was cut short left', async () => {
  rmSync(home(), { recursive: true });
  mkdirSync(home('cluster.new-abc', 'data', 'base'), { recursive: true });
  writeFileSync(home('cluster.new-abc', 'data', 'PG_VERSION'), '18\n');
  const server = await start();
  expect(await query(server.url('postgres'), 'select 1 as x')).toEqual([{ x: 1 }]);
  expect(readdirSync(home()).filter((name) => name.startsWith('cluster'))).toEqual(['cluster']);
});

test('is not held up by a postmaster.pid that names another program', async () => {
  const data = home('cluster', 'data');
  const { uid, gid } = statSync(data);
  // Of the server's own account: PostgreSQL itself refuses to start where such a process lives.
  const stranger = spawn('sleep', ['60'], { cwd: '/', ...(process.getuid?.() === 0 ? { uid, gid } : {}) });
  try {
    const text = [stranger.pid, data, 1, 1, '', '127.0.0.1', '1 1', 'ready'].join('\n');
    writeFileSync(join(data, 'postmaster.pid'), `${text}\n`);
    const second = await start();
    expect(second.adopted).toBe(false);
    expect(second.pid).not.toBe(stranger.pid);
  } finally {
    stranger.kill('SIGKILL');
  }
});

test('is not held up by a lock whose holder is dead', async () => {
  const dead = spawn('true');
  await new Promise((resolve) => dead.once('close', resolve));
  mkdirSync(home(), { recursive: true });
  writeFileSync(home('start.lock'), `${dead.pid} ${dead.pid}@1 abc`);
  await start();
  expect(readdirSync(home()).filter((name) => name.startsWith('start.lock'))).toEqual([]);
});

test('says why it does not start, and where its log is', async () => {
  const failed = start({ settings: { shared_buffers: 'plenty' } });
  await expect(failed).rejects.toMatchObject({
    code: 'EMBEDDED_START_FAILED',
    message: expect.stringMatching(/server\.log ends with:\n.*shared_buffers/s),
  });
  expect(readdirSync(home('users'))).toEqual([]);
  await expect(start({ settings: { 'x; y': '1' } })).rejects.toMatchObject({ code: 'EMBEDDED_BAD_SETTING' });
});

test('refuses a data folder that cannot be made', async () => {
  writeFileSync(join(dataDir, 'file'), '');
  await expect(start({ dataDir: join(dataDir, 'file') })).rejects.toMatchObject({
    code: 'EMBEDDED_DATA_FOLDER',
    message: expect.stringContaining('DATA_DIR'),
  });
});

test('refuses data of another major version', async () => {
  writeFileSync(home('cluster', 'data', 'PG_VERSION'), '17\n');
  await expect(start()).rejects.toMatchObject({
    code: 'EMBEDDED_VERSION_MISMATCH',
    message: expect.stringContaining('PostgreSQL 17'),
  });
});

test('a stopped server refuses further use', async () => {
  const server = await start();
  await server.stop('fast');
  await server.stop('fast');
  await expect(server.ensureRunning()).rejects.toMatchObject({ code: 'EMBEDDED_STOPPED' });
});

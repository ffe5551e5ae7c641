/** One data folder, several processes: adoption after a kill, two starters at once, the last one to leave. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { processIdentity } from '../../src/persistence/embedded/processes.ts';
import type { EmbeddedServer } from '../../src/persistence/embedded/server.ts';
import { startEmbedded } from '../../src/persistence/embedded/server.ts';
import type { ChildOptions, EmbeddedChild } from '../support/embedded-process.ts';
import { expectGone, spawnEmbedded } from '../support/embedded-process.ts';

let dataDir: string;
let children: EmbeddedChild[];

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'synkro-sharing-'));
  children = [];
});

afterEach(async () => {
  for (const child of children) await child.kill();
  // Adopts whatever a failed test left, and ends it.
  if (existsSync(join(dataDir, 'postgres', 'cluster'))) await (await adopt()).stop('immediate');
  rmSync(dataDir, { recursive: true, force: true });
});

function child(options: Partial<ChildOptions> = {}): EmbeddedChild {
  const started = spawnEmbedded({ dataDir, ...options });
  children.push(started);
  return started;
}

function adopt(): Promise<EmbeddedServer> {
  return startEmbedded({ dataDir, log: () => undefined });
}

test('a server outlives kill -9 of its process and is adopted, data and all', async () => {
  const first = child();
  const seen = await first.ready;
  const sql = postgres(seen.url, { max: 1 });
  await sql`create table t as select 7 as x`;
  await sql.end({ timeout: 5 });
  await first.kill();

  const server = await adopt();
  expect(server).toMatchObject({ adopted: true, pid: seen.pid, port: seen.port });
  const again = postgres(server.url('postgres'), { max: 1 });
  expect(await again`select x from t`).toEqual([{ x: 7 }]);
  await again.end({ timeout: 5 });
  // The killed one does not count as a user.
  await server.stop('fast');
  await expectGone(seen.pid);
});

test('a process killed in the middle of initdb is started over from', async () => {
  const first = child();
  const home = join(dataDir, 'postgres');
  await vi.waitFor(
    () => {
      const draft = readdirSync(home).find((name) => name.startsWith('cluster.new-')) ?? 'none yet';
      expect(existsSync(join(home, draft, 'data', 'base')), `${draft} is under way`).toBe(true);
    },
    { timeout: 10_000, interval: 2 },
  );
  await first.kill();
  expect(existsSync(join(home, 'cluster'))).toBe(false);
  const server = await adopt();
  expect(server.adopted).toBe(false);
  await server.stop('fast');
});

test('several that start at once use one server, and the last to leave ends it', async () => {
  const three = [child(), child(), child()];
  const seen = await Promise.all(three.map((one) => one.ready));
  expect(new Set(seen.map((one) => one.pid)).size).toBe(1);
  expect(seen.filter((one) => !one.adopted)).toHaveLength(1);
  const pid = seen[0]?.pid ?? 0;
  for (const [position, one] of three.entries()) {
    expect(processIdentity(pid), `before leaver ${position}`).toBeDefined();
    expect(await one.leave('stop')).toBe(0);
  }
  await expectGone(pid);
});

test('comes back for all its users when it dies, on one address', async () => {
  const other = child();
  const seen = await other.ready;
  const server = await adopt();
  process.kill(seen.pid, 'SIGKILL');
  await vi.waitFor(() => expect(server.pid).not.toBe(seen.pid), 20_000);
  expect(server.port).toBe(seen.port);
  await server.stop('fast');
  expect(processIdentity(server.pid), 'the other process still uses it').toBeDefined();
  expect(await other.leave('stop')).toBe(0);
  await expectGone(server.pid);
});

test('leaves at exit where it was asked to', async () => {
  const leaving = child({ stopOnExit: true });
  const { pid } = await leaving.ready;
  await leaving.leave('exit');
  await expectGone(pid);
});

test('does not leave at exit unless asked to', async () => {
  const leaving = child();
  const { pid } = await leaving.ready;
  await leaving.leave('exit');
  expect(processIdentity(pid)).toBeDefined();
});

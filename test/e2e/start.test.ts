// A start that cannot be: one line that names the setting, exit code 1, soon, and nothing is left running.
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { type ServiceOptions, TestService } from '../support/service.ts';
import { until } from '../support/until.ts';

/** On an idle machine a fraction of a second. */
const failMsMax = 10_000;

let database: TestDatabase;
let taken: Server;
let port: number;
let services: TestService[];

beforeAll(async () => {
  database = await createDatabase();
  taken = createServer();
  port = await listen(taken);
});

afterAll(async () => {
  taken.close();
  await database.drop();
});

beforeEach(() => {
  services = [];
});

afterEach(async () => {
  for (const service of services) await service.kill();
});

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen({ host: '127.0.0.1', port: 0 }, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

function spawn(options: ServiceOptions): TestService {
  const service = TestService.spawn(options);
  services.push(service);
  return service;
}

/** @returns all that it said */
async function failedStart(options: ServiceOptions): Promise<string[]> {
  const spawnedAt = performance.now();
  const service = spawn(options);
  expect(await service.ended(), service.logTail()).toBe('exit code 1');
  expect(performance.now() - spawnedAt).toBeLessThan(failMsMax);
  return service.lines.map(({ msg }) => String(msg));
}

test.each(['GRPC_PORT', 'HTTP_PORT'])(
  '%s that is in use is named, before a database is made',
  async (name) => {
    const folder = mkdtempSync(join(tmpdir(), 'synkro-start-'));
    const said = await failedStart({ data: { folder: join(folder, 'data') }, env: { [name]: String(port) } });
    expect(said).toEqual([expect.stringContaining(`synkro serve: ${name} ${port} on 127.0.0.1 is in use`)]);
    expect(existsSync(join(folder, 'data'))).toBe(false);
    rmSync(folder, { recursive: true });
  },
);

test('both ports the same', async () => {
  const said = await failedStart({ data: database, env: { GRPC_PORT: '1234', HTTP_PORT: '1234' } });
  expect(said).toEqual([expect.stringContaining('synkro serve: GRPC_PORT 1234 is also HTTP_PORT')]);
});

test('a HOST that is none of this machine', async () => {
  const said = await failedStart({ data: database, env: { HOST: '192.0.2.1' } });
  expect(said).toEqual([expect.stringContaining('synkro serve: HOST "192.0.2.1" is no address')]);
});

test.each(['serve', 'migrate', 'audit'])('%s names the database that does not answer', async (command) => {
  const free = createServer();
  const url = `postgres://someone:secret@127.0.0.1:${await listen(free)}/shop`;
  await new Promise((resolve) => free.close(resolve));
  const said = await failedStart({ data: { url }, command });
  const at = new URL(url).host;
  expect(said).toEqual([`synkro ${command}: INVENTORY_DATABASE_URL: cannot connect to ${at} (ECONNREFUSED)`]);
});

test('a database that is not there', async () => {
  const url = new URL(database.url);
  url.pathname = '/no_such_shop';
  const said = await failedStart({ data: { url: url.href } });
  expect(said).toEqual([
    `synkro serve: INVENTORY_DATABASE_URL: cannot connect to ${url.host} (3D000: database "no_such_shop" does not exist)`,
  ]);
});

test('SIGTERM half-way through the start is a clean stop, of the embedded server too', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'synkro-start-'));
  const home = join(folder, 'postgres');
  const service = spawn({ data: { folder } });
  await until('the start to have begun', () => existsSync(join(home, 'users')));
  service.signal('SIGTERM');
  expect(await service.ended(), service.logTail()).toBe('exit code 0');
  expect(service.count(({ event }) => event === 'ready')).toBe(0);
  expect(readdirSync(join(home, 'users'))).toEqual([]);
  expect(existsSync(join(home, 'cluster', 'data', 'postmaster.pid'))).toBe(false);
  rmSync(folder, { recursive: true });
});

test('after a kill -9 the next says whose lease it waits for, and until when', async () => {
  const leaseMs = 60_000;
  const options = { data: database, env: { OWNER_LEASE_MS: String(leaseMs) } };
  const killed = spawn(options);
  await killed.ready();
  await killed.kill();
  const killedAt = Date.now();
  const line = await spawn(options).says('that it stands by', ({ event }) => event === 'standby');
  expect(line).toMatchObject({ owner: { host: hostname(), pid: killed.pid } });
  const leaseEndsAt = String(line['leaseEndsAt']);
  expect(Date.parse(leaseEndsAt)).toBeGreaterThan(killedAt);
  expect(Date.parse(leaseEndsAt)).toBeLessThan(killedAt + leaseMs + 1_000);
  expect(line['msg']).toContain(`process ${killed.pid} on ${hostname()} owns the database`);
  expect(line['msg']).toContain(leaseEndsAt);
});

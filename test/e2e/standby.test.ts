// Two processes on one database: one serves, the other stands by and takes over; who has lost it answers nothing.
import postgres from 'postgres';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ReservationStatus } from '../../src/generated/synkro/inventory/v1/inventory.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { health } from '../support/health.ts';
import { basket, Inventory, rpc } from '../support/inventory.ts';
import { expectCleanAudit, type LogLine, portsOf, readiness, TestService } from '../support/service.ts';
import { until } from '../support/until.ts';

const takeOverMsMax = 5_000;
const standsBy = ({ event }: LogLine): boolean => event === 'standby';

let database: TestDatabase;
let services: TestService[];
let clients: Inventory[];

beforeEach(async () => {
  database = await createDatabase();
  services = [];
  clients = [];
});

afterEach(async () => {
  for (const client of clients) client.close();
  for (const service of services) {
    service.signal('SIGCONT');
    await service.kill();
  }
  await database.drop();
});

async function startOwner(env: Record<string, string> = {}) {
  const service = TestService.spawn({ data: database, env });
  services.push(service);
  const ports = await service.ready();
  return { service, ports, inventory: clientOf(ports.grpc) };
}

async function startStandby(env: Record<string, string> = {}) {
  const service = TestService.spawn({ data: database, env });
  services.push(service);
  const ports = portsOf(await service.says('that it stands by', standsBy));
  return { service, ports, inventory: clientOf(ports.grpc) };
}

function clientOf(port: number): Inventory {
  const client = new Inventory(port);
  clients.push(client);
  return client;
}

test('a second process stands by: not ready, not serving, UNAVAILABLE', async () => {
  const owner = await startOwner();
  const standby = await startStandby();
  expect(await readiness(standby.ports.http)).toEqual({ status: 503, why: 'standby' });
  expect(await readiness(owner.ports.http)).toMatchObject({ status: 200 });
  expect(await health(standby.ports.grpc)).toBe('NOT_SERVING');
  expect(await health(owner.ports.grpc)).toBe('SERVING');
  const problem = await standby.inventory.refused(rpc.getItem, { sku: 'any' });
  expect(problem).toMatchObject({ code: 'UNAVAILABLE', reason: 'unavailable' });
  expect(problem.retryDelayMs).toBeGreaterThan(0);
  expect(await owner.inventory.refused(rpc.getItem, { sku: 'any' })).toMatchObject({ code: 'NOT_FOUND' });
});

test('it takes over within 5 s of a kill -9 of the first, with all that was answered', async () => {
  const owner = await startOwner();
  const warehouseId = await owner.inventory.warehouse();
  await owner.inventory.item('taken', { [warehouseId]: 10 });
  const standby = await startStandby();
  const request = basket('taken-1', { taken: 3 });
  const answer = await owner.inventory.call(rpc.reserve, request);
  const killedAt = performance.now();
  await owner.service.kill();
  expect(await standby.inventory.settle(rpc.reserve, request)).toEqual(answer);
  expect(performance.now() - killedAt).toBeLessThan(takeOverMsMax * standby.service.slowness);
  expect(await standby.inventory.level('taken')).toMatchObject({ held: 3n });
  expect(await readiness(standby.ports.http)).toMatchObject({ status: 200 });
  expect(await health(standby.ports.grpc)).toBe('SERVING');
  await expectCleanAudit(database.url);
});

test('a clean stop hands over without waiting for the lease', async () => {
  const leaseMs = 30_000;
  const env = { OWNER_LEASE_MS: String(leaseMs) };
  const owner = await startOwner(env);
  const warehouseId = await owner.inventory.warehouse();
  await owner.inventory.item('handed', { [warehouseId]: 10 });
  const standby = await startStandby(env);
  await owner.service.stop();
  const stoppedAt = performance.now();
  await standby.service.ready();
  expect(performance.now() - stoppedAt).toBeLessThan(leaseMs / 2);
  expect(await standby.inventory.level('handed')).toMatchObject({ quantity: 10n });
});

test('a standby stops cleanly, and the owner goes on', async () => {
  const owner = await startOwner();
  const standby = await startStandby();
  await standby.service.stop();
  expect(await readiness(owner.ports.http)).toMatchObject({ status: 200 });
});

/** Nobody can say who owns the database, nor learn it, until the returned function is called. */
async function lockOwner(): Promise<() => Promise<void>> {
  const sql = postgres(database.url, { max: 1 });
  const locked = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  const transaction = sql.begin(async (tx) => {
    await tx`lock table owner in access exclusive mode`;
    locked.resolve();
    await over.promise;
  });
  await Promise.race([locked.promise, transaction]);
  return async () => {
    over.resolve();
    await transaction;
    await sql.end();
  };
}

test('an owner that was stopped for longer than its lease answers nothing from old memory and stands by', async () => {
  const env = { OWNER_LEASE_MS: '1500' };
  const first = await startOwner(env);
  const warehouseId = await first.inventory.warehouse();
  await first.inventory.item('frozen', { [warehouseId]: 10 });
  await first.inventory.call(rpc.reserve, basket('frozen-1', { frozen: 4 }));
  const second = await startStandby(env);
  first.service.signal('SIGSTOP');
  await second.service.ready();
  await second.inventory.settle(rpc.release, { orderId: 'frozen-1' });
  await second.inventory.settle(rpc.reserve, basket('frozen-2', { frozen: 9 }));

  // Its heartbeat cannot tell it that it was displaced: only what guards the answers themselves can.
  const unlock = await lockOwner();
  // These lie in its socket. All of them it could answer from memory, which still has frozen-1, and without an append,
  // which would be fenced.
  const asked = [
    first.inventory.refused(rpc.getReservation, { orderId: 'frozen-1' }),
    first.inventory.refused(rpc.levels, { skus: ['frozen'] }),
    first.inventory.refused(rpc.reserve, basket('frozen-1', { frozen: 4 })),
  ];
  // A round trip later they have all been written.
  await second.inventory.level('frozen');
  first.service.signal('SIGCONT');
  const problems = await Promise.all(asked);
  problems.push(await first.inventory.refused(rpc.release, { orderId: 'frozen-1' }));
  await unlock();
  for (const problem of problems) expect(problem).toMatchObject({ code: 'UNAVAILABLE' });
  await first.service.says('that it stands by', standsBy);
  await until('not to be ready', async () => (await readiness(first.ports.http)).why === 'standby');
  expect(await health(first.ports.grpc)).toBe('NOT_SERVING');
  // It does not fight back.
  expect(await second.inventory.level('frozen')).toMatchObject({ held: 9n });
  await expectCleanAudit(database.url);

  await second.service.kill();
  await first.service.ready(1);
  expect(await first.inventory.settle(rpc.getReservation, { orderId: 'frozen-1' })).toMatchObject({
    reservation: { status: ReservationStatus.RELEASED },
  });
  expect(await first.inventory.level('frozen')).toMatchObject({ held: 9n });
});

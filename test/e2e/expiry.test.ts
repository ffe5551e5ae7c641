// Holds end by themselves: soon after their time, never before it, and never once they are committed.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ReservationStatus } from '../../src/generated/synkro/inventory/v1/inventory.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { basket, Inventory, present, rpc } from '../support/inventory.ts';
import { expectCleanAudit, type ServiceOptions, TestService } from '../support/service.ts';
import { until } from '../support/until.ts';

const lateMsMax = 1_000;
const lateAfterStartMsMax = 2_000;

let database: TestDatabase;
let options: ServiceOptions;
let service: TestService;
let inventory: Inventory;
let warehouseId: string;

beforeAll(async () => {
  database = await createDatabase();
  options = { data: database, env: { SHARD_THREADS: '2', OWNER_LEASE_MS: '500' } };
  service = await TestService.start(options);
  inventory = new Inventory((await service.ready()).grpc);
  warehouseId = await inventory.warehouse();
});

afterAll(async () => {
  inventory.close();
  await service.stop();
  await database.drop();
});

async function hold(
  orderId: string,
  quantities: Record<string, number>,
  ttlSeconds: number,
): Promise<number> {
  const held = await inventory.call(rpc.reserve, basket(orderId, quantities, { ttlSeconds }));
  expect(held).toMatchObject({ success: true, status: ReservationStatus.HELD });
  return present(held.expiresAt).getTime();
}

async function statusOf(orderId: string): Promise<ReservationStatus> {
  return present((await inventory.settle(rpc.getReservation, { orderId })).reservation).status;
}

/** Looks again and again, and says when it had expired, and when it was last seen held. */
async function watchExpiry(orderId: string): Promise<{ expiredAt: number; lastHeldAt: number }> {
  let lastHeldAt = 0;
  await until(`${orderId} to expire`, async () => {
    const askedAt = Date.now();
    if ((await statusOf(orderId)) === ReservationStatus.EXPIRED) return true;
    lastHeldAt = askedAt;
    return false;
  });
  return { expiredAt: Date.now(), lastHeldAt };
}

test('a hold expires within 1 s of its time and never before; its stock is free, and its key is used up', async () => {
  await inventory.item('brief', { [warehouseId]: 20 });
  const orders = Array.from({ length: 10 }, (_, index) => `brief-${index}`);
  await Promise.all(
    orders.map(async (orderId, index) => {
      const expiresAt = await hold(orderId, { brief: 2 }, 1 + (index % 2));
      const { expiredAt, lastHeldAt } = await watchExpiry(orderId);
      expect(expiredAt).toBeGreaterThanOrEqual(expiresAt);
      expect(lastHeldAt).toBeLessThan(expiresAt + lateMsMax * service.slowness);
    }),
  );
  expect(await inventory.level('brief')).toMatchObject({ held: 0n, available: 20n });
  expect(
    await inventory.refused(rpc.reserve, basket('brief-0', { brief: 2 }, { ttlSeconds: 1 })),
  ).toMatchObject({
    code: 'FAILED_PRECONDITION',
    reason: 'reservation-state',
    details: { state: 'expired' },
  });
  for (const method of [rpc.commit, rpc.release] as const) {
    expect(await inventory.refused(method, { orderId: 'brief-0' })).toMatchObject({
      code: 'FAILED_PRECONDITION',
      details: { state: 'expired' },
    });
  }
  const next = basket('brief-0', { brief: 20 }, { idempotencyKey: 'a second attempt' });
  expect(await inventory.call(rpc.reserve, next)).toMatchObject({ success: true, attempt: 2 });
  await inventory.call(rpc.release, { orderId: 'brief-0' });
});

test('neither what is committed nor what is extended expires at the old time', async () => {
  await inventory.item('kept', { [warehouseId]: 20 });
  await hold('kept-committed', { kept: 2 }, 1);
  await hold('kept-extended', { kept: 3 }, 1);
  await inventory.call(rpc.commit, { orderId: 'kept-committed' });
  await inventory.call(rpc.extend, { orderId: 'kept-extended', ttlSeconds: 600 });
  // On every shard timers have passed the old time when these, which are later, have expired.
  const later = Array.from({ length: 64 }, (_, index) => `kept-later-${index}`);
  await inventory.item('later', { [warehouseId]: 64 });
  await Promise.all(later.map((orderId) => hold(orderId, { later: 1 }, 1)));
  await until('all later holds to expire', async () => (await inventory.level('later')).held === 0n);
  expect(await statusOf('kept-committed')).toBe(ReservationStatus.COMMITTED);
  expect(await statusOf('kept-extended')).toBe(ReservationStatus.HELD);
  expect(await inventory.level('kept')).toMatchObject({ held: 3n, allocated: 2n });
});

// After a clean stop the tables alone know of the holds, after a kill the journal may be all that does.
test.each(['stop', 'kill'] as const)(
  'holds whose time came while the service was down expire within 2 s of readiness (%s)',
  async (how) => {
    await inventory.item(how, { [warehouseId]: 100 });
    const orders = Array.from({ length: 20 }, (_, index) => `${how}-${index}`);
    const times = await Promise.all(orders.map((orderId) => hold(orderId, { [how]: 2 }, 1)));
    await hold(`${how}-on`, { [how]: 5 }, 600);
    await service[how]();
    await until('the holds to be overdue', () => Date.now() > Math.max(...times));
    service = await TestService.start(options);
    const readyAt = Date.now();
    inventory.moveTo((await service.ready()).grpc);
    await until('all of them to expire', async () => (await inventory.level(how)).held === 5n);
    expect(Date.now() - readyAt).toBeLessThan(lateAfterStartMsMax * service.slowness);
    for (const orderId of orders) expect(await statusOf(orderId)).toBe(ReservationStatus.EXPIRED);
    expect(await statusOf(`${how}-on`)).toBe(ReservationStatus.HELD);
    await expectCleanAudit(database.url);
  },
);

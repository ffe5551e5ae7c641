// The life of a reservation, and of allocations, over the whole service; every step may be repeated.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ReservationStatus as Status } from '../../src/generated/synkro/inventory/v1/inventory.ts';
import { basket, type Inventory, present, rpc, together } from '../support/inventory.ts';
import { type Running, startRunning } from '../support/running.ts';

let running: Running;
let inventory: Inventory;
let north: string;
let south: string;

beforeAll(async () => {
  running = await startRunning();
  ({ inventory } = running);
  north = await inventory.warehouse('North', { priority: 1 });
  south = await inventory.warehouse('South', { priority: 2 });
});

afterAll(() => running.close());

test('reserve, extend, commit, fulfil in part, then the rest', async () => {
  const orderId = 'whole-life';
  await inventory.item('life', { [north]: 3, [south]: 5 });
  const held = await inventory.call(rpc.reserve, basket(orderId, { life: 6 }));
  expect(held).toMatchObject({
    success: true,
    status: Status.HELD,
    attempt: 1,
    items: [
      {
        requested: 6n,
        draws: [
          { warehouseId: north, quantity: 3n },
          { warehouseId: south, quantity: 3n },
        ],
      },
    ],
  });
  const { reservationId } = held;

  const extended = await inventory.call(rpc.extend, { reservationId, ttlSeconds: 3_600 });
  expect(present(extended.reservation?.expiresAt).getTime()).toBeGreaterThan(
    present(held.expiresAt).getTime(),
  );

  const committed = await inventory.call(rpc.commit, { orderId });
  expect(committed).toMatchObject({ success: true, reservation: { status: Status.COMMITTED } });
  expect(await inventory.call(rpc.commit, { reservationId })).toMatchObject({
    reservation: { status: Status.COMMITTED },
  });
  expect(await inventory.levels('life')).toMatchObject(
    sorted([
      { warehouseId: north, quantity: 3n, held: 0n, allocated: 3n },
      { warehouseId: south, quantity: 5n, held: 0n, allocated: 3n },
    ]),
  );

  const part = {
    orderId,
    lines: [{ sku: 'life', warehouseId: south, quantity: 2n }],
    idempotencyKey: 'box 1',
  };
  const shipped = await inventory.call(rpc.fulfill, part);
  expect(shipped).toMatchObject({
    success: true,
    inventoryLevels: [{ warehouseId: south, quantity: 3n, allocated: 1n }],
  });
  expect(await inventory.call(rpc.fulfill, part)).toEqual(shipped);
  expect(await inventory.call(rpc.getReservation, { orderId })).toMatchObject({
    reservation: { status: Status.COMMITTED },
  });

  await inventory.call(rpc.fulfill, { orderId });
  const { reservation } = await inventory.call(rpc.getReservation, { reservationId });
  expect(reservation).toMatchObject({
    status: Status.FULFILLED,
    lines: sorted([
      { warehouseId: north, held: 0n, allocated: 0n, fulfilled: 3n, givenBack: 0n },
      { warehouseId: south, held: 0n, allocated: 0n, fulfilled: 3n, givenBack: 0n },
    ]),
  });
  expect(await inventory.levels('life')).toMatchObject(
    sorted([
      { warehouseId: north, quantity: 0n, reserved: 0n },
      { warehouseId: south, quantity: 2n, reserved: 0n },
    ]),
  );
});

/** Levels and lines come in order of warehouse. */
function sorted<T extends { readonly warehouseId: string }>(rows: readonly T[]): T[] {
  return rows.toSorted((a, b) => (a.warehouseId < b.warehouseId ? -1 : 1));
}

test('release gives the stock back at once, and may be repeated', async () => {
  await inventory.item('back', { [north]: 4 });
  await inventory.call(rpc.reserve, basket('back-1', { back: 4 }));
  const released = await inventory.call(rpc.release, { orderId: 'back-1', reason: 'changed their mind' });
  expect(released).toMatchObject({ success: true, reservation: { status: Status.RELEASED } });
  expect(await inventory.call(rpc.release, { orderId: 'back-1' })).toEqual(released);
  expect(await inventory.call(rpc.reserve, basket('back-2', { back: 4 }))).toMatchObject({ success: true });
});

test('a committed reservation of which nothing left is RELEASED when all is given back', async () => {
  const orderId = 'given-back';
  await inventory.item('given', { [north]: 4 });
  await inventory.call(rpc.reserve, basket(orderId, { given: 4 }));
  await inventory.call(rpc.commit, { orderId });
  const part = { orderId, sku: 'given', warehouseId: north, quantity: 1n, idempotencyKey: 'one of four' };
  const one = await inventory.call(rpc.giveBack, part);
  expect(one).toMatchObject({ success: true, inventoryLevels: [{ allocated: 3n, available: 1n }] });
  expect(await inventory.call(rpc.giveBack, part)).toEqual(one);
  await inventory.call(rpc.giveBack, { orderId });
  expect(await inventory.call(rpc.getReservation, { orderId })).toMatchObject({
    reservation: { status: Status.RELEASED, lines: [{ allocated: 0n, fulfilled: 0n, givenBack: 4n }] },
  });
  expect(await inventory.level('given')).toMatchObject({ quantity: 4n, reserved: 0n });
});

test('allocations without a reservation: allocated, given back in part, shipped', async () => {
  const orderId = 'direct';
  await inventory.item('direct', { [south]: 10 });
  const allocate = {
    sku: 'direct',
    warehouseId: south,
    quantity: 6n,
    orderId,
    idempotencyKey: 'once',
  };
  const allocated = await inventory.call(rpc.allocate, allocate);
  expect(allocated).toMatchObject({
    success: true,
    inventoryLevel: { allocated: 6n, held: 0n, available: 4n },
  });
  expect(await inventory.call(rpc.allocate, allocate)).toEqual(allocated);
  await inventory.call(rpc.giveBack, { orderId, sku: 'direct', warehouseId: south, quantity: 2n });
  expect(await inventory.call(rpc.fulfill, { orderId })).toMatchObject({
    inventoryLevels: [{ quantity: 6n, allocated: 0n, available: 6n }],
  });
});

test('the same call a hundred times at once has one effect and one answer', async () => {
  await inventory.item('echo', { [north]: 100 });
  const answers = new Set<string>();
  await together(100, 100, async () => {
    const { reservationId, success, attempt } = await inventory.call(
      rpc.reserve,
      basket('echo', { echo: 2 }),
    );
    answers.add(JSON.stringify([reservationId, success, attempt]));
  });
  await together(50, 50, async () => {
    const adjust = { sku: 'echo', warehouseId: north, delta: 7n, idempotencyKey: 'echo' };
    answers.add(String((await inventory.call(rpc.adjust, adjust)).inventoryLevel?.quantity));
  });
  await together(50, 50, async () => {
    await inventory.call(rpc.commit, { orderId: 'echo' });
  });
  expect(answers.size).toBe(2);
  expect(await inventory.level('echo')).toMatchObject({ quantity: 107n, held: 0n, allocated: 2n });
});

test('a basket of 2,000 lines over all shards is held, committed and shipped whole', async () => {
  const skus = Array.from({ length: 2_000 }, (_, index) => `wide-${index}`);
  for (let start = 0; start < skus.length; start += 1_000) {
    const { results } = await inventory.call(rpc.bulkCreateItems, {
      items: skus.slice(start, start + 1_000).map((sku) => ({
        sku,
        name: sku,
        initialLevels: [{ warehouseId: north, quantity: 2n }],
      })),
    });
    expect(results.filter(({ error }) => error !== undefined)).toEqual([]);
  }
  const items = skus.map((sku) => ({ sku, quantity: 2n }));
  const short = items.map((line, index) => (index === 1_999 ? { ...line, quantity: 3n } : line));
  const refused = await inventory.call(rpc.reserve, { orderId: 'too-wide', items: short });
  expect(refused.success).toBe(false);
  expect(refused.items.filter(({ inStock }) => !inStock)).toMatchObject([{ sku: 'wide-1999' }]);

  const held = await inventory.settle(rpc.reserve, { orderId: 'wide', items });
  expect(held.success).toBe(true);
  expect(held.items).toHaveLength(2_000);
  await inventory.call(rpc.commit, { orderId: 'wide' });
  const { inventoryLevels } = await inventory.call(rpc.fulfill, { orderId: 'wide' });
  expect(inventoryLevels).toHaveLength(2_000);
  expect(new Set(inventoryLevels.map(({ quantity, reserved }) => `${quantity}/${reserved}`))).toEqual(
    new Set(['0/0']),
  );
});

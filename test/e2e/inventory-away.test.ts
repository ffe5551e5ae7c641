// Inventory is away for a while: orders wait, or fail cleanly, and none is stuck. AWAY_SECONDS says how long (the issue's
// figure is 30).
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { OrderStatus as Status } from '../../src/generated/synkro/logistics/v1/logistics.ts';
import { CallFailed, present } from '../support/inventory.ts';
import { orderOf, orders, Shop } from '../support/shop.ts';

const awaySeconds = Number(process.env['AWAY_SECONDS'] ?? 4);
const ordersInAll = 60;

vi.setConfig({ testTimeout: 120_000 + awaySeconds * 2_000 });

let shop: Shop;
let north: string;

beforeAll(async () => {
  shop = await Shop.open({ roles: 'apart' });
  north = await shop.inventory.warehouse('North');
  await shop.inventory.item('away', { [north]: 1_000 });
  // So that its name is known where orders are made.
  await shop.logistics.call(orders.create, orderOf({ away: 1 }));
});

afterAll(() => shop.close());

test(`for ${awaySeconds} s`, async () => {
  await shop.service('inventory').kill();
  const begunAt = performance.now();
  const ids: string[] = [];
  const failed: string[] = [];
  const place = async (sku: string): Promise<void> => {
    const orderId = randomUUID();
    try {
      const { order } = await shop.logistics.call(orders.create, orderOf({ [sku]: 1 }, { orderId }), {
        deadlineMs: 1_500,
      });
      ids.push(present(order).id);
      expect([Status.PROCESSING, Status.RESERVING_STOCK]).toContain(order?.status);
    } catch (error) {
      if (!(error instanceof CallFailed)) throw error;
      expect(['UNAVAILABLE', 'DEADLINE_EXCEEDED']).toContain(error.code);
      failed.push(sku);
    }
  };
  const placing = Array.from({ length: ordersInAll }, async (_, index) => {
    // Spread over the time, and some of them for an item that nobody could look up.
    await pause((index / ordersInAll) * awaySeconds * 1_000);
    await place(index % 10 === 9 ? `unseen-${index}` : 'away');
  });
  await Promise.all(placing);
  await pause(Math.max(0, awaySeconds * 1_000 - (performance.now() - begunAt)));
  // Only where an item could not be looked up.
  expect(failed.every((sku) => sku.startsWith('unseen'))).toBe(true);
  expect(failed).toHaveLength(ordersInAll / 10);
  expect(ids).toHaveLength(ordersInAll - failed.length);

  await shop.start('inventory');
  for (const id of ids) {
    await shop.until(id, Status.CONFIRMED);
    await expect.poll(async () => (await shop.order(id)).payments).toMatchObject([{ status: 'captured' }]);
  }
  expect(await shop.inventory.level('away')).toMatchObject({ allocated: BigInt(1 + ids.length), held: 0n });
});

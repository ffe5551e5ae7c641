// GetInventoryLevels tells the policy of a level, what Logistics estimates a wait by, and whether it is low.
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as inventory from '../../src/generated/synkro/inventory/v1/inventory.ts';
import { callMessage, type Harness, serve } from '../grpc/support/client.ts';
import { item, level } from '../grpc/support/fakes.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await serve();
});
afterAll(() => harness.stop());

test('where one is set', async () => {
  const [first, second] = item.levels;
  const policies = {
    [first?.warehouseId ?? '']: {
      lowStockThreshold: 5,
      backInStockThreshold: 20,
      incomingQuantity: 100,
      incomingAt: 1_800_000_000_000,
    },
  };
  harness.fakes.asker.answer = () => ({ ok: { ...item, policies, low: [first?.warehouseId] } });
  const request = { itemIds: [level.itemId] };
  const { response } = await callMessage(
    harness,
    'getInventoryLevels',
    inventory.GetInventoryLevelsRequest,
    request,
  );
  const policy = {
    lowStockThreshold: 5n,
    backInStockThreshold: 20n,
    incomingQuantity: 100n,
    incomingAt: new Date(1_800_000_000_000),
  };
  expect(response).toMatchObject({
    levels: [
      { warehouseId: first?.warehouseId, policy, isLow: true },
      { warehouseId: second?.warehouseId, policy: undefined, isLow: false },
    ],
  });
});

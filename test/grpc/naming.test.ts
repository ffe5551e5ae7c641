// A refusal that is about an item calls it as the caller did, and says where in the request it stands.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Failure } from '../../src/actors/failure.ts';
import { itemIdOfSku } from '../../src/actors/ids.ts';
import * as pb from '../../src/generated/synkro/inventory/v1/inventory.ts';
import {
  callMessage,
  type Harness,
  type MethodName,
  problemOf,
  problemOfStatus,
  serve,
} from './support/client.ts';
import { level } from './support/fakes.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await serve();
});
afterAll(() => harness.stop());

const { warehouseId } = level;
const ghost = itemIdOfSku('GHOST $& 1');
const unknown: Failure = { code: 'item-not-found', message: `no item ${ghost}`, details: { itemId: ghost } };
const allocation: Failure = {
  code: 'allocation-not-found',
  message: `the order has nothing allocated of item ${ghost} in warehouse ${warehouseId}`,
};
let refusal = unknown;
beforeEach(() => {
  refusal = unknown;
  harness.fakes.asker.answer = () => ({ error: refusal });
});

async function problem<T>(
  method: MethodName,
  type: pb.MessageFns<T>,
  request: Parameters<pb.MessageFns<T>['create']>[0],
) {
  return problemOf((await callMessage(harness, method, type, request)).error);
}

const sku = 'GHOST $& 1';
const inSku = { code: 'NOT_FOUND', message: `no item ${sku}`, details: { itemId: ghost, sku, field: 'sku' } };
const basket = [
  { sku: 'A', quantity: 1n },
  { sku, quantity: 1n },
];

test('a line of a basket', async () => {
  expect(
    await problem('checkAndReserveStock', pb.StockReservationRequest, { orderId: 'o', items: basket }),
  ).toMatchObject({ ...inSku, reason: 'item-not-found', details: { sku, field: 'items[1]' } });
});

test('a line that gives the id keeps it, and is named all the same', async () => {
  const items = [{ itemId: ghost.toUpperCase(), quantity: 1n }];
  const found = await problem('checkAndReserveStock', pb.StockReservationRequest, { orderId: 'o', items });
  expect(found.message).toBe(`no item ${ghost}`);
  expect(found.details).toEqual({ itemId: ghost, field: 'items[0]' });
});

test('a line of a basket on a stream', async () => {
  const stream = harness.client.reserveStream();
  const answer = new Promise<pb.ReserveStreamResponse>((resolve) => stream.once('data', resolve));
  stream.write(pb.StockReservationRequest.create({ orderId: 'o', items: basket }));
  const { result } = await answer;
  stream.end();
  if (result?.$case !== 'error') throw new Error('it was not refused');
  expect(problemOfStatus(result.value)).toMatchObject({
    message: `no item ${sku}`,
    details: { sku, field: 'items[1]' },
  });
});

test('the one item of a request', async () => {
  const stock = { sku, warehouseId, quantity: 1n };
  const order = { ...stock, orderId: 'o' };
  expect(await problem('getItem', pb.GetItemRequest, { sku })).toMatchObject(inSku);
  expect(await problem('adjustInventory', pb.AdjustInventoryRequest, { ...stock, delta: 1n })).toMatchObject(
    inSku,
  );
  const policy = pb.StockPolicy.create({});
  expect(await problem('setStockPolicy', pb.SetStockPolicyRequest, { ...stock, policy })).toMatchObject(
    inSku,
  );
  const places = { fromWarehouseId: warehouseId, toWarehouseId: ghost };
  const transfer = { ...stock, ...places };
  expect(await problem('transferInventory', pb.TransferInventoryRequest, transfer)).toMatchObject(inSku);
  expect(await problem('allocateInventory', pb.AllocateInventoryRequest, order)).toMatchObject(inSku);
  expect(await problem('releaseInventory', pb.ReleaseInventoryRequest, order)).toMatchObject(inSku);
});

test('a line to fulfil of which nothing is allocated; the warehouse stays', async () => {
  refusal = allocation;
  const lines = [{ sku: 'A' }, { sku, warehouseId }];
  expect(
    await problem('fulfillInventory', pb.FulfillInventoryRequest, { orderId: 'o', lines }),
  ).toMatchObject({
    reason: 'allocation-not-found',
    message: `the order has nothing allocated of item ${sku} in warehouse ${warehouseId}`,
    details: { sku, field: 'lines[1]' },
  });
});

test('a refusal about something else stays as it is', async () => {
  refusal = { code: 'warehouse-not-found', message: `no warehouse ${warehouseId}`, details: { warehouseId } };
  const found = await problem('checkAndReserveStock', pb.StockReservationRequest, {
    orderId: 'o',
    items: basket,
  });
  expect(found).toMatchObject({ message: refusal.message, details: { warehouseId } });
  expect(found.details).not.toHaveProperty('field');
});

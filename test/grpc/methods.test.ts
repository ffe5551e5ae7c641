// What each method asks of which actor, under which key, and what becomes of the answer: items, warehouses, stock.
import { Metadata } from '@grpc/grpc-js';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as pb from '../../src/generated/synkro/inventory/v1/inventory.ts';
import {
  callBytes,
  callMessage,
  type Harness,
  type MethodName,
  problemOf,
  problemOfStatus,
  serve,
} from './support/client.ts';
import { level, usualAnswer, wireLevel } from './support/fakes.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await serve();
});
afterAll(() => harness.stop());
beforeEach(() => {
  harness.fakes.asker.asked.length = 0;
  harness.fakes.asker.answer = (asked) => ({ ok: usualAnswer(asked) });
  harness.fakes.queries.asked.length = 0;
});

const { itemId, warehouseId } = level;
const otherWarehouse = '22222222-2222-4222-8222-222222222222';
const idOfA = '5d4ebb09-2e77-5c4c-a06c-7c70a4f0bd6a';

const call = <T>(
  method: MethodName,
  type: pb.MessageFns<T>,
  request: Parameters<pb.MessageFns<T>['create']>[0],
  metadata?: Metadata,
) => callMessage(harness, method, type, request, metadata);

function withKey(key: string): Metadata {
  const metadata = new Metadata();
  metadata.set('idempotency-key', key);
  return metadata;
}

describe('items', () => {
  test('CreateItem addresses the item of the SKU and keys its receipt by it', async () => {
    const request = {
      sku: '85123A',
      name: 'Heart',
      attributes: { a: [1, null, { b: 'c\n' }] },
      initialLevels: [{ warehouseId: warehouseId.toUpperCase(), quantity: 3n }],
      idempotencyKey: 'k',
    };
    const { asked, response, error } = await call('createItem', pb.CreateItemRequest, request);
    expect(error).toBeNull();
    expect(asked).toMatchObject({
      ref: { kind: 'item', id: itemId },
      command: {
        type: 'create',
        sku: '85123A',
        attributes: { a: [1, null, { b: 'c\n' }] },
        initialLevels: [{ warehouseId, quantity: 3 }],
      },
      options: { kind: 'write', receipt: { key: `CreateItem|${itemId}|k` } },
    });
    expect(asked?.options.receipt?.fingerprint).toMatch(/^[\w-]{43}$/);
    expect(response).toMatchObject({
      item: {
        id: itemId,
        sku: '85123A',
        attributes: { colour: 'white' },
        createdAt: new Date(1_600_000_000_000),
      },
    });
  });

  test('the same content has the same fingerprint, whatever the key; other content has another', async () => {
    const fingerprint = async (request: Parameters<typeof pb.CreateItemRequest.create>[0]) =>
      (await call('createItem', pb.CreateItemRequest, request)).asked?.options.receipt?.fingerprint;
    const first = await fingerprint({ sku: 'A', attributes: { a: 1, b: 2 }, idempotencyKey: 'k1' });
    expect(await fingerprint({ sku: 'A', attributes: { b: 2, a: 1 }, idempotencyKey: 'k2' })).toBe(first);
    expect(await fingerprint({ sku: 'A', attributes: { a: 1, b: 3 }, idempotencyKey: 'k1' })).not.toBe(first);
    expect(await fingerprint({ sku: 'A', idempotencyKey: 'k1' })).not.toBe(first);
  });

  test('UpdateItem says only what is set', async () => {
    const { asked } = await call('updateItem', pb.UpdateItemRequest, {
      id: itemId,
      name: '',
      attributes: {},
    });
    expect(asked?.command).toEqual({ type: 'update', name: '', attributes: {} });
    expect(asked?.options.receipt).toBeNull();
  });

  test('GetItem by SKU is a read of the SKU’s actor', async () => {
    const { asked } = await call('getItem', pb.GetItemRequest, { sku: '85123A' });
    expect(asked).toMatchObject({
      ref: { kind: 'item', id: itemId },
      command: { type: 'get' },
      options: { kind: 'read' },
    });
  });

  test('DeleteItem', async () => {
    const { asked, response } = await call('deleteItem', pb.DeleteItemRequest, { id: itemId.toUpperCase() });
    expect(asked).toMatchObject({
      ref: { kind: 'item', id: itemId },
      command: { type: 'delete' },
      options: { receipt: null },
    });
    expect(response).toEqual({ success: true });
  });

  test('an entry of a bulk request fails by itself', async () => {
    harness.fakes.asker.answer = (asked) =>
      asked.ref.id === itemId
        ? { error: { code: 'sku-exists', message: 'exists' } }
        : { ok: usualAnswer(asked) };
    const { response, error } = await call('bulkCreateItems', pb.BulkCreateItemsRequest, {
      items: [{ sku: 'A', idempotencyKey: 'k' }, { sku: '' }, { sku: '85123A' }, { sku: 'B' }],
    });
    expect(error).toBeNull();
    const { results } = pb.BulkItemsResponse.fromPartial(Object(response));
    expect(results.map((result) => result.item?.id)).toEqual([
      harness.fakes.asker.asked[0]?.ref.id,
      undefined,
      undefined,
      harness.fakes.asker.asked[2]?.ref.id,
    ]);
    const problems = results.flatMap((result) =>
      result.error === undefined ? [] : [problemOfStatus(result.error)],
    );
    expect(problems).toMatchObject([
      { code: 'INVALID_ARGUMENT', fields: ['items[1].sku'] },
      { code: 'ALREADY_EXISTS', reason: 'sku-exists' },
    ]);
    expect(harness.fakes.asker.asked[0]?.options.receipt?.key).toMatch(/^CreateItem\|[0-9a-f-]{36}\|k$/);
  });
});

describe('the idempotency key', () => {
  const adjust = { sku: '85123A', warehouseId, delta: -2n };

  test('may stand in the metadata', async () => {
    const { asked } = await call('adjustInventory', pb.AdjustInventoryRequest, adjust, withKey('m'));
    expect(asked?.options.receipt?.key).toBe(`AdjustInventory|${itemId}|m`);
  });

  test('may stand in both, the same', async () => {
    const request = { ...adjust, idempotencyKey: 'm' };
    const { asked } = await call('adjustInventory', pb.AdjustInventoryRequest, request, withKey('m'));
    expect(asked?.options.receipt?.key).toBe(`AdjustInventory|${itemId}|m`);
  });

  test('is refused where the two differ', async () => {
    const request = { ...adjust, idempotencyKey: 'f' };
    const { error } = await call('adjustInventory', pb.AdjustInventoryRequest, request, withKey('m'));
    expect(problemOf(error).fields).toEqual(['idempotency_key']);
  });

  test('makes the id of a warehouse; without one the id is random', async () => {
    const keyed = await call('createWarehouse', pb.CreateWarehouseRequest, {
      name: 'N',
      idempotencyKey: 'k',
    });
    const again = await call('createWarehouse', pb.CreateWarehouseRequest, { name: 'N' }, withKey('k'));
    expect(again.asked?.ref).toEqual(keyed.asked?.ref);
    expect(keyed.asked?.options.receipt?.key).toBe(`CreateWarehouse|${keyed.asked?.ref.id}|k`);
    const random = await call('createWarehouse', pb.CreateWarehouseRequest, { name: 'N' });
    expect(random.asked?.ref.id).toBe('99999999-9999-4999-8999-999999999999');
    expect(random.asked?.options.receipt).toBeNull();
  });

  test.each([
    [
      'allocateInventory',
      'AllocateInventory',
      pb.AllocateInventoryRequest,
      { sku: 'A', warehouseId, quantity: 1n },
    ],
    ['releaseInventory', 'ReleaseInventory', pb.ReleaseInventoryRequest, {}],
    ['fulfillInventory', 'FulfillInventory', pb.FulfillInventoryRequest, {}],
  ] as const)('of %s counts for the order', async (method, name, type, request) => {
    const bytes = type.encode(
      Object.assign(Object(type.create()), request, { orderId: 'o 1', idempotencyKey: 'k' }),
    );
    await callBytes(harness, method, bytes.finish());
    expect(harness.fakes.asker.asked[0]).toMatchObject({
      ref: { kind: 'order', id: 'o 1' },
      options: { kind: 'write', receipt: { key: `${name}|o 1|k` } },
    });
  });
});

describe('stock', () => {
  test('AdjustInventory', async () => {
    const { asked, response } = await call('adjustInventory', pb.AdjustInventoryRequest, {
      itemId,
      sku: '85123A',
      warehouseId,
      delta: -(2n ** 53n - 1n),
      reference: 'po 7',
      expectedQuantity: 0n,
    });
    expect(asked?.command).toEqual({
      type: 'adjust',
      warehouseId,
      delta: -Number.MAX_SAFE_INTEGER,
      reason: 'correction',
      reference: 'po 7',
      expectedQuantity: 0,
    });
    expect(response).toEqual({ inventoryLevel: wireLevel });
  });

  test('TransferInventory answers both levels', async () => {
    const { asked, response } = await call('transferInventory', pb.TransferInventoryRequest, {
      itemId,
      fromWarehouseId: warehouseId,
      toWarehouseId: otherWarehouse,
      quantity: 4n,
    });
    expect(asked?.command).toMatchObject({
      type: 'transfer',
      fromWarehouseId: warehouseId,
      toWarehouseId: otherWarehouse,
      quantity: 4,
    });
    expect(response).toMatchObject({
      inventoryLevels: [wireLevel, { warehouseId: otherWarehouse, available: 10n }],
    });
  });

  test('SetStockPolicy answers with the policy', async () => {
    const policy = {
      lowStockThreshold: 5n,
      backInStockThreshold: 8n,
      incomingQuantity: 7n,
      incomingAt: new Date(1_800_000_000_000),
    };
    const { asked, response } = await call('setStockPolicy', pb.SetStockPolicyRequest, {
      itemId,
      warehouseId,
      policy,
    });
    expect(asked?.command).toEqual({
      type: 'setPolicy',
      warehouseId,
      policy: {
        lowStockThreshold: 5,
        backInStockThreshold: 8,
        incomingQuantity: 7,
        incomingAt: 1_800_000_000_000,
      },
    });
    expect(response).toEqual({ policy });
  });

  test('GetInventoryLevels asks each item once, and shows the warehouses that are wanted', async () => {
    const { response } = await call('getInventoryLevels', pb.GetInventoryLevelsRequest, {
      itemIds: [itemId, itemId],
      skus: ['85123A'],
      warehouseIds: [warehouseId],
    });
    expect(harness.fakes.asker.asked.map(({ ref, options }) => [ref.kind, options.kind])).toEqual([
      ['warehouse', 'read'],
      ['item', 'read'],
    ]);
    expect(response).toEqual({ levels: [wireLevel] });
  });

  test('a filter by a warehouse that does not exist is refused, and names it', async () => {
    harness.fakes.asker.answer = (asked) =>
      asked.ref.id === idOfA
        ? { error: { code: 'warehouse-not-found', message: 'no' } }
        : { ok: usualAnswer(asked) };
    const unknown = (field: string) => ({
      code: 'NOT_FOUND',
      reason: 'warehouse-not-found',
      message: `no such warehouse: ${idOfA}`,
      details: { field, warehouses: JSON.stringify([idOfA]), count: '1' },
    });
    const levels = await call('getInventoryLevels', pb.GetInventoryLevelsRequest, {
      skus: ['85123A'],
      warehouseIds: [warehouseId, idOfA],
    });
    expect(problemOf(levels.error)).toMatchObject(unknown('warehouse_ids'));
    const report = await call('getInventoryReport', pb.GetInventoryReportRequest, { warehouseId: idOfA });
    expect(problemOf(report.error)).toMatchObject(unknown('warehouse_id'));
  });

  test('GetInventoryLevels names the items that are unknown, as they were asked for', async () => {
    harness.fakes.asker.answer = (asked) =>
      asked.ref.id === itemId
        ? { ok: usualAnswer(asked) }
        : { error: { code: 'item-not-found', message: 'no' } };
    const { error } = await call('getInventoryLevels', pb.GetInventoryLevelsRequest, {
      itemIds: [itemId, idOfA],
      skus: ['85123A', 'nothing'],
    });
    expect(problemOf(error)).toMatchObject({
      code: 'NOT_FOUND',
      reason: 'item-not-found',
      details: { items: JSON.stringify([idOfA, 'nothing']), count: '2' },
    });
  });
});

// What each method asks of which actor, under which key, and what becomes of the answer.
import { Metadata } from '@grpc/grpc-js';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as pb from '../../src/generated/synkro/inventory/v1/inventory.ts';
import { StoreError } from '../../src/runtime/store.ts';
import {
  callBytes,
  type Harness,
  type MethodName,
  problemOf,
  problemOfStatus,
  serve,
} from './support/client.ts';
import {
  asOf,
  FakeQueries,
  item,
  itemRow,
  level,
  reservation,
  reserved,
  usualAnswer,
} from './support/fakes.ts';

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

async function call<T>(
  method: MethodName,
  type: pb.MessageFns<T>,
  request: Parameters<pb.MessageFns<T>['create']>[0],
  metadata = new Metadata(),
) {
  const answered = await callBytes(harness, method, type.encode(type.create(request)).finish(), metadata);
  return { ...answered, asked: harness.fakes.asker.asked.at(-1) };
}

function withKey(key: string): Metadata {
  const metadata = new Metadata();
  metadata.set('idempotency-key', key);
  return metadata;
}

const wireLevel = {
  itemId,
  sku: '85123A',
  warehouseId,
  quantity: 10n,
  reserved: 5n,
  available: 5n,
  held: 3n,
  allocated: 2n,
  version: 7n,
  lastUpdated: new Date(level.updatedAt),
};

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
    const policy = { lowStockThreshold: 5n, incomingQuantity: 7n, incomingAt: new Date(1_800_000_000_000) };
    const { asked, response } = await call('setStockPolicy', pb.SetStockPolicyRequest, {
      itemId,
      warehouseId,
      policy,
    });
    expect(asked?.command).toEqual({
      type: 'setPolicy',
      warehouseId,
      policy: { lowStockThreshold: 5, incomingQuantity: 7, incomingAt: 1_800_000_000_000 },
    });
    expect(response).toEqual({ policy });
  });

  test('GetInventoryLevels asks each item once, and shows the warehouses that are wanted', async () => {
    const { response } = await call('getInventoryLevels', pb.GetInventoryLevelsRequest, {
      itemIds: [itemId, itemId],
      skus: ['85123A'],
      warehouseIds: [warehouseId],
    });
    expect(harness.fakes.asker.asked).toHaveLength(1);
    expect(response).toEqual({ levels: [wireLevel] });
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

describe('reservations', () => {
  test('a basket: lines of one item are summed, in the order of first mention', async () => {
    const { asked, response } = await call('checkAndReserveStock', pb.StockReservationRequest, {
      orderId: 'order-1',
      items: [
        { sku: 'B', quantity: 1n },
        { sku: '85123A', quantity: 2n },
        { itemId, quantity: 3n },
      ],
      drawStrategy: pb.DrawStrategy.SINGLE_WAREHOUSE,
      requestId: 'r',
    });
    const command = Object(asked?.command);
    expect(asked).toMatchObject({
      ref: { kind: 'order', id: 'order-1' },
      options: { kind: 'write', receipt: null },
    });
    expect(command).toMatchObject({
      type: 'reserve',
      key: 'order-1',
      request: { warehouseId: null, strategy: 'single', ttlSeconds: 900, customerId: '' },
    });
    expect(command.request.items).toMatchObject([{ quantity: 1 }, { itemId, quantity: 5 }]);
    expect(response).toEqual({
      success: true,
      reservationId: reserved.reservationId,
      orderId: 'order-1',
      items: [
        {
          itemId,
          sku: '85123A',
          inStock: true,
          requested: 2n,
          availableQuantity: 5n,
          draws: [{ warehouseId, quantity: 2n, levelVersion: 8n }],
        },
      ],
      message: '',
      expiresAt: new Date(1_700_000_900_000),
      status: pb.ReservationStatus.HELD,
      attempt: 1,
    });
  });

  test('the key is not part of the fingerprint, and neither is the request id', async () => {
    const ask = async (over: object) =>
      Object(
        (
          await call('checkAndReserveStock', pb.StockReservationRequest, {
            orderId: 'o',
            items: [{ sku: 'A', quantity: 1n }],
            ...over,
          })
        ).asked?.command,
      );
    const plain = await ask({});
    expect(await ask({ idempotencyKey: 'k', requestId: 'r' })).toMatchObject({
      key: 'k',
      fingerprint: plain.fingerprint,
    });
    expect((await ask({ ttlSeconds: 900 })).fingerprint).toBe(plain.fingerprint);
    expect((await ask({ ttlSeconds: 901 })).fingerprint).not.toBe(plain.fingerprint);
  });

  test('too little stock is an answer, and observed as refused', async () => {
    harness.fakes.asker.answer = () => ({
      ok: {
        ...reserved,
        success: false,
        status: 'refused',
        expiresAt: null,
        items: reserved.items.map((each) => ({ ...each, inStock: false, draws: [] })),
      },
    });
    harness.fakes.observed.length = 0;
    const { response } = await call('checkAndReserveStock', pb.StockReservationRequest, {
      orderId: 'o',
      items: [{ sku: '85123A', quantity: 6n }],
    });
    expect(response).toMatchObject({
      success: false,
      status: pb.ReservationStatus.REFUSED,
      message: 'too little stock of 1 of 1 items',
      expiresAt: undefined,
    });
    expect(harness.fakes.observed).toMatchObject([{ method: 'CheckAndReserveStock', outcome: 'refused' }]);
  });

  test.each([
    ['getReservation', pb.GetReservationRequest, { type: 'get' }, 'read'],
    ['extendReservation', pb.ExtendReservationRequest, { type: 'extend', ttlSeconds: 900 }, 'write'],
    ['releaseReservedStock', pb.ReleaseStockRequest, { type: 'release', reason: '' }, 'write'],
    ['commitReservation', pb.CommitReservationRequest, { type: 'commit' }, 'write'],
  ] as const)(
    '%s leads from the reservation’s id, or the order’s, to the order',
    async (method, type, command, kind) => {
      const { reservationId, orderId } = reservation;
      for (const [address, attempt] of [
        [{ reservationId }, 1],
        [{ orderId }, null],
        [{ reservationId, orderId }, 1],
      ] as const) {
        const bytes = type.encode(Object.assign(Object(type.create()), address)).finish();
        const { response } = await callBytes(harness, method, bytes);
        expect(harness.fakes.asker.asked.at(-1)).toMatchObject({
          ref: { kind: 'order', id: 'order-1' },
          command: { ...command, attempt },
          options: { kind, receipt: null },
        });
        expect(response).toMatchObject({
          reservation: { id: reservationId, orderId, status: pb.ReservationStatus.HELD },
        });
      }
    },
  );

  test.each([
    'x',
    'rsv-0-b3JkZXItMQ',
    'rsv-1-',
    'rsv-1-b3JkZXItMQ=',
    'rsv-1-AA',
    `rsv-1-${'A'.repeat(2_000)}`,
  ])('an id that we never gave is NOT_FOUND: %s', async (reservationId) => {
    const { error } = await call('getReservation', pb.GetReservationRequest, { reservationId });
    expect(problemOf(error)).toMatchObject({ code: 'NOT_FOUND', reason: 'reservation-not-found' });
    expect(harness.fakes.asker.asked).toEqual([]);
  });
});

describe('allocations', () => {
  test('AllocateInventory: too little is success = false', async () => {
    harness.fakes.asker.answer = () => ({ ok: { success: false, levels: [level] } });
    const { response } = await call('allocateInventory', pb.AllocateInventoryRequest, {
      orderId: 'o',
      itemId,
      warehouseId,
      quantity: 99n,
    });
    expect(response).toEqual({ success: false, inventoryLevel: wireLevel });
  });

  test('ReleaseInventory of everything', async () => {
    const { asked, response } = await call('releaseInventory', pb.ReleaseInventoryRequest, { orderId: 'o' });
    expect(asked?.command).toEqual({ type: 'giveBack', itemId: null, warehouseId: null, quantity: null });
    expect(response).toEqual({ success: true, inventoryLevels: [wireLevel] });
  });

  test('FulfillInventory sums lines of one place', async () => {
    const { asked } = await call('fulfillInventory', pb.FulfillInventoryRequest, {
      orderId: 'o',
      lines: [
        { itemId, warehouseId, quantity: 1n },
        { sku: '85123A', quantity: 0n },
        { sku: '85123A', warehouseId, quantity: 2n },
      ],
    });
    expect(asked?.command).toEqual({
      type: 'fulfill',
      lines: [
        { itemId, warehouseId, quantity: 3 },
        { itemId, warehouseId: null, quantity: null },
      ],
    });
  });
});

describe('lists', () => {
  const seven = Array.from({ length: 7 }, (_, i) => ({ ...itemRow, sku: `s${i}`, id: `id${i}` }));

  async function pages(
    ask: (pageToken: string) => Promise<{ response: unknown; header: Metadata }>,
    read: (response: unknown) => { readonly keys: readonly string[]; readonly next: string },
  ) {
    const seen: (readonly string[])[] = [];
    for (let token = ''; seen.length < 10; ) {
      const { response, header } = await ask(token);
      expect(header.get('x-synkro-as-of')).toEqual([String(asOf)]);
      const { keys, next } = read(response);
      seen.push(keys);
      token = next;
      if (token === '') return seen;
    }
    throw new Error('the list does not end');
  }

  test.each([3, 7, 8])('ListItems in pages of %d', async (pageSize) => {
    harness.fakes.queries.items = seven;
    const seen = await pages(
      (pageToken) =>
        call('listItems', pb.ListItemsRequest, { pageSize, pageToken, category: 'c', skuPrefix: 's' }),
      (response) => {
        const { items, nextPageToken } = pb.ListItemsResponse.fromPartial(Object(response));
        return { keys: items.map(({ sku }) => sku), next: nextPageToken };
      },
    );
    expect(seen.flat()).toEqual(seven.map(({ sku }) => sku));
    expect(seen).toHaveLength(Math.ceil(7 / pageSize));
    expect(harness.fakes.queries.asked[0]).toEqual({
      category: 'c',
      skuPrefix: 's',
      afterSku: null,
      limit: pageSize + 1,
    });
  });

  test('a token is good only for the list that it was given for', async () => {
    harness.fakes.queries.items = seven;
    const { response } = await call('listItems', pb.ListItemsRequest, { pageSize: 2 });
    const pageToken = pb.ListItemsResponse.fromPartial(Object(response)).nextPageToken;
    const other = await call('listItems', pb.ListItemsRequest, { pageSize: 2, pageToken, category: 'other' });
    expect(problemOf(other.error).fields).toEqual(['page_token']);
    const report = await call('getInventoryReport', pb.GetInventoryReportRequest, { pageToken });
    expect(problemOf(report.error).fields).toEqual(['page_token']);
  });

  test('tables that cannot be read: UNAVAILABLE', async () => {
    const { listItems } = harness.fakes.queries;
    harness.fakes.queries.listItems = () => Promise.reject(new StoreError('unknown', 'secret'));
    const { error } = await call('listItems', pb.ListItemsRequest, {});
    harness.fakes.queries.listItems = listItems;
    expect(problemOf(error)).toMatchObject({
      code: 'UNAVAILABLE',
      message: 'the tables cannot be read at the moment',
    });
  });

  test('ListWarehouses', async () => {
    const { response } = await call('listWarehouses', pb.ListWarehousesRequest, {});
    expect(response).toEqual({
      warehouses: [
        { id: warehouseId, name: 'North', location: 'Hull', isActive: true, customerId: '', priority: 1 },
      ],
      nextPageToken: '',
    });
    expect(harness.fakes.queries.asked).toEqual([{ afterId: null, limit: 51 }]);
  });

  test('GetInventoryReport', async () => {
    harness.fakes.queries.items = new FakeQueries().items;
    const { response } = await call('getInventoryReport', pb.GetInventoryReportRequest, {
      lowStockOnly: true,
      threshold: 9n,
    });
    expect(harness.fakes.queries.asked).toEqual([
      { warehouseId: null, category: null, lowStockOnly: true, threshold: 9, afterSku: null, limit: 51 },
    ]);
    expect(response).toMatchObject({
      lines: [
        { item: { sku: item.details.sku }, levels: [wireLevel, {}], totalAvailable: 15n, lowStock: true },
      ],
      totalItems: 3n,
      totalQuantity: 20n,
      totalReserved: 5n,
      lowStockCount: 1n,
      reportTime: new Date(asOf),
      nextPageToken: '',
    });
  });
});

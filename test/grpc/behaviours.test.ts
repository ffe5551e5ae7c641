// The edge before the real behaviours (in a synchronous world without runtime or storage): what one sends the other
// takes, what the other answers the one understands, and the contract's statuses come out.
import { Metadata } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import * as pb from '../../src/generated/synkro/inventory/v1/inventory.ts';
import { World } from '../actors/support/world.ts';
import { callBytes, type Harness, type MethodName, problemOf, serve } from './support/client.ts';

let harness: Harness;
let world: World;
let north = '';
let south = '';

beforeEach(async () => {
  harness = await serve();
  world = new World();
  harness.fakes.asker.answer = ({ ref, command, options }) =>
    world.settle(ref.kind, ref.id, command, options.receipt);
  north = (await makeWarehouse('north')).id;
  south = (await makeWarehouse('south')).id;
  await good('createItem', pb.CreateItemRequest, pb.ItemResponse, {
    sku: 'A',
    name: 'Heart',
    attributes: { colour: 'white' },
    initialLevels: [
      { warehouseId: north, quantity: 5n },
      { warehouseId: south, quantity: 5n },
    ],
  });
});
afterEach(() => harness.stop());

type Partial<T> = Parameters<pb.MessageFns<T>['create']>[0];

async function send<T>(method: MethodName, type: pb.MessageFns<T>, request: Partial<T>) {
  return await callBytes(harness, method, type.encode(type.create(request)).finish(), new Metadata());
}

/** The answer, which there has to be. */
async function good<T, R>(
  method: MethodName,
  type: pb.MessageFns<T>,
  answer: pb.MessageFns<R>,
  request: Partial<T>,
): Promise<R> {
  const { error, response } = await send(method, type, request);
  if (error !== null) throw error;
  return answer.fromPartial(Object(response));
}

async function bad<T>(method: MethodName, type: pb.MessageFns<T>, request: Partial<T>) {
  const { code, reason } = problemOf((await send(method, type, request)).error);
  return `${code} ${reason}`;
}

async function makeWarehouse(name: string) {
  const request = { name, idempotencyKey: name };
  const { warehouse } = await good(
    'createWarehouse',
    pb.CreateWarehouseRequest,
    pb.WarehouseResponse,
    request,
  );
  if (warehouse === undefined) throw new Error('no warehouse');
  return warehouse;
}

const reserve = (orderId: string, quantity: bigint, over: Partial<pb.StockReservationRequest> = {}) =>
  good('checkAndReserveStock', pb.StockReservationRequest, pb.StockReservationResponse, {
    orderId,
    items: [{ sku: 'A', quantity }],
    ...over,
  });

async function levels() {
  const answer = await good(
    'getInventoryLevels',
    pb.GetInventoryLevelsRequest,
    pb.GetInventoryLevelsResponse,
    {
      skus: ['A'],
    },
  );
  const by = new Map(answer.levels.map((level) => [level.warehouseId, level]));
  return [north, south].map((id) => {
    const { quantity, held, allocated, available } = by.get(id) ?? pb.InventoryLevel.create({});
    return [quantity, held, allocated, available].map(Number);
  });
}

describe('a reservation', () => {
  test('is held, extended, committed and fulfilled, and read by either id', async () => {
    const held = await reserve('o', 7n);
    expect(held).toMatchObject({ success: true, status: pb.ReservationStatus.HELD, attempt: 1 });
    expect(held.items[0]?.draws.map(({ quantity }) => Number(quantity)).toSorted()).toEqual([2, 5]);
    const { reservationId } = held;
    const extended = await good('extendReservation', pb.ExtendReservationRequest, pb.ReservationResponse, {
      reservationId,
      ttlSeconds: 2_000,
    });
    expect(extended.reservation?.expiresAt).toEqual(new Date(world.now + 2_000_000));
    const committed = await good(
      'commitReservation',
      pb.CommitReservationRequest,
      pb.CommitReservationResponse,
      {
        orderId: 'o',
      },
    );
    expect(committed).toMatchObject({
      success: true,
      reservation: { status: pb.ReservationStatus.COMMITTED },
    });
    expect((await levels()).flatMap(([, h, a]) => [h, a])).toEqual(expect.arrayContaining([0, 5, 0, 2]));
    const fulfilled = await good(
      'fulfillInventory',
      pb.FulfillInventoryRequest,
      pb.FulfillInventoryResponse,
      {
        orderId: 'o',
      },
    );
    expect(fulfilled.inventoryLevels).toHaveLength(2);
    for (const address of [{ reservationId }, { orderId: 'o' }]) {
      const got = await good('getReservation', pb.GetReservationRequest, pb.ReservationResponse, address);
      expect(got.reservation).toMatchObject({ id: reservationId, status: pb.ReservationStatus.FULFILLED });
    }
    expect((await levels()).reduce((sum, [quantity]) => sum + (quantity ?? 0), 0)).toBe(3);
  });

  test('of too much is refused by an answer, and a new key is a new attempt', async () => {
    const refused = await reserve('o', 11n);
    expect(refused).toMatchObject({
      success: false,
      status: pb.ReservationStatus.REFUSED,
      items: [{ sku: 'A', inStock: false, requested: 11n, availableQuantity: 10n }],
    });
    expect(await reserve('o', 11n)).toEqual(refused);
    expect(await reserve('o', 10n, { idempotencyKey: 'again' })).toMatchObject({ success: true, attempt: 2 });
  });

  test('repeats and clashes', async () => {
    const first = await reserve('o', 1n);
    expect(await reserve('o', 1n, { requestId: 'r' })).toEqual(first);
    const request = { orderId: 'o', items: [{ sku: 'A', quantity: 2n }] };
    const ask = (over: object) =>
      bad('checkAndReserveStock', pb.StockReservationRequest, { ...request, ...over });
    expect(await ask({})).toBe('ALREADY_EXISTS idempotency-key-reused');
    expect(await ask({ idempotencyKey: 'k' })).toBe('ALREADY_EXISTS reservation-exists');
    expect(await ask({ orderId: 'p', items: [{ sku: 'none', quantity: 1n }] })).toBe(
      'NOT_FOUND item-not-found',
    );
    const released = await good('releaseReservedStock', pb.ReleaseStockRequest, pb.ReleaseStockResponse, {
      orderId: 'o',
    });
    expect(released).toMatchObject({ success: true, reservation: { status: pb.ReservationStatus.RELEASED } });
    expect(await bad('commitReservation', pb.CommitReservationRequest, { orderId: 'o' })).toBe(
      'FAILED_PRECONDITION reservation-state',
    );
    expect(await bad('getReservation', pb.GetReservationRequest, { orderId: 'nobody' })).toBe(
      'NOT_FOUND reservation-not-found',
    );
    expect(await levels()).toEqual([
      [5, 0, 0, 5],
      [5, 0, 0, 5],
    ]);
  });

  test('the same item on two lines counts as the sum', async () => {
    const items = [
      { sku: 'A', quantity: 6n },
      { sku: 'A', quantity: 5n },
    ];
    expect(await reserve('o', 0n, { items })).toMatchObject({ success: false, items: [{ requested: 11n }] });
  });
});

describe('allocations', () => {
  const allocate = (quantity: bigint) =>
    good('allocateInventory', pb.AllocateInventoryRequest, pb.AllocateInventoryResponse, {
      orderId: 'o',
      sku: 'A',
      warehouseId: north,
      quantity,
      idempotencyKey: String(quantity),
    });

  test('are made once a key, given back in part, and fulfilled', async () => {
    expect(await allocate(4n)).toMatchObject({ success: true, inventoryLevel: { allocated: 4n } });
    expect(await allocate(4n)).toMatchObject({ success: true, inventoryLevel: { allocated: 4n } });
    expect(await allocate(9n)).toMatchObject({ success: false });
    const back = await good('releaseInventory', pb.ReleaseInventoryRequest, pb.ReleaseInventoryResponse, {
      orderId: 'o',
      sku: 'A',
      quantity: 1n,
    });
    expect(back).toMatchObject({ success: true, inventoryLevels: [{ warehouseId: north, allocated: 3n }] });
    await good('fulfillInventory', pb.FulfillInventoryRequest, pb.FulfillInventoryResponse, {
      orderId: 'o',
      lines: [{ sku: 'A', warehouseId: north, quantity: 2n }],
    });
    expect((await levels())[0]).toEqual([3, 0, 1, 2]);
  });

  test('that are not there', async () => {
    expect(await bad('releaseInventory', pb.ReleaseInventoryRequest, { orderId: 'o' })).toBe(
      'NOT_FOUND allocation-not-found',
    );
    expect(await bad('fulfillInventory', pb.FulfillInventoryRequest, { orderId: 'o' })).toBe(
      'NOT_FOUND allocation-not-found',
    );
  });
});

describe('stock and items', () => {
  const adjust = (over: object) => ({ sku: 'A', warehouseId: north, delta: -1n, ...over });

  test('the contract’s statuses', async () => {
    const fails = (over: object) => bad('adjustInventory', pb.AdjustInventoryRequest, adjust(over));
    await reserve('o', 8n, { drawStrategy: pb.DrawStrategy.PRIORITY });
    expect(await fails({ delta: -5n })).toBe('FAILED_PRECONDITION below-reserved');
    expect(await fails({ expectedQuantity: 4n })).toBe('ABORTED quantity-differs');
    expect(await fails({ sku: 'none' })).toBe('NOT_FOUND item-not-found');
    expect(await fails({ warehouseId: '33333333-3333-4333-8333-333333333333' })).toBe(
      'NOT_FOUND warehouse-not-found',
    );
    expect(await bad('createItem', pb.CreateItemRequest, { sku: 'A' })).toBe('ALREADY_EXISTS sku-exists');
    const { item } = await good('getItem', pb.GetItemRequest, pb.ItemResponse, { sku: 'A' });
    expect(await bad('deleteItem', pb.DeleteItemRequest, { id: item?.id ?? '' })).toBe(
      'FAILED_PRECONDITION item-reserved',
    );
  });

  test('changed, moved, and gone', async () => {
    const adjusted = await good(
      'adjustInventory',
      pb.AdjustInventoryRequest,
      pb.AdjustInventoryResponse,
      adjust({}),
    );
    expect(adjusted.inventoryLevel).toMatchObject({ quantity: 4n, version: 2n });
    const moved = await good('transferInventory', pb.TransferInventoryRequest, pb.TransferInventoryResponse, {
      sku: 'A',
      fromWarehouseId: north,
      toWarehouseId: south,
      quantity: 4n,
    });
    expect(moved.inventoryLevels.map(({ quantity }) => quantity)).toEqual([0n, 9n]);
    const policy = {
      lowStockThreshold: 3n,
      backInStockThreshold: 4n,
      incomingQuantity: 10n,
      incomingAt: new Date(2_000_000),
    };
    const set = await good('setStockPolicy', pb.SetStockPolicyRequest, pb.SetStockPolicyResponse, {
      sku: 'A',
      warehouseId: south,
      policy,
    });
    expect(set.policy).toEqual(policy);
    const { item } = await good('getItem', pb.GetItemRequest, pb.ItemResponse, { sku: 'A' });
    const id = item?.id ?? '';
    const updated = await good('updateItem', pb.UpdateItemRequest, pb.ItemResponse, { id, name: 'Star' });
    expect(updated.item).toMatchObject({ name: 'Star', attributes: { colour: 'white' } });
    expect(await good('deleteItem', pb.DeleteItemRequest, pb.DeleteItemResponse, { id })).toEqual({
      success: true,
    });
    expect(await bad('getItem', pb.GetItemRequest, { id })).toBe('NOT_FOUND item-not-found');
  });

  test('in bulk', async () => {
    const { results } = await good('bulkCreateItems', pb.BulkCreateItemsRequest, pb.BulkItemsResponse, {
      items: [{ sku: 'B' }, { sku: 'A' }, { sku: '' }],
    });
    expect(results.map(({ item, error }) => item?.sku ?? error?.code)).toEqual(['B', 6, 3]);
    const bulk = await good('bulkUpdateItems', pb.BulkUpdateItemsRequest, pb.BulkItemsResponse, {
      items: [{ id: results[0]?.item?.id ?? '', name: 'new' }],
    });
    expect(bulk.results).toMatchObject([{ item: { sku: 'B', name: 'new' }, error: undefined }]);
  });
});

test('a warehouse is made once a key, changed, and then takes no more', async () => {
  expect(await makeWarehouse('north')).toMatchObject({ id: north, name: 'north', isActive: true });
  const changed = await good('updateWarehouse', pb.UpdateWarehouseRequest, pb.WarehouseResponse, {
    id: north,
    isActive: false,
    priority: 7,
  });
  expect(changed.warehouse).toMatchObject({ isActive: false, priority: 7, name: 'north' });
  expect(await good('getWarehouse', pb.GetWarehouseRequest, pb.WarehouseResponse, { id: north })).toEqual(
    changed,
  );
  expect(await reserve('o', 6n)).toMatchObject({ success: false, items: [{ availableQuantity: 5n }] });
  expect(
    await bad('getWarehouse', pb.GetWarehouseRequest, { id: '33333333-3333-4333-8333-333333333333' }),
  ).toBe('NOT_FOUND warehouse-not-found');
});

// Bad input: every field of every request, refused before any actor is asked, and named as the contract spells it.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as pb from '../../src/generated/synkro/inventory/v1/inventory.ts';
import { callBytes, type Harness, type MethodName, problemOf, serve } from './support/client.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await serve();
});
afterAll(() => harness.stop());
beforeEach(() => {
  harness.fakes.asker.asked.length = 0;
});

const id = '0b02b3d2-eebd-5d07-828b-e553dd160151';
const wh = '11111111-1111-4111-8111-111111111111';
const otherWh = '22222222-2222-4222-8222-222222222222';
const tooBig = 2n ** 53n;
const long = (n: number) => 'x'.repeat(n);
const nested = (depth: number): Record<string, unknown> => (depth === 0 ? {} : { a: nested(depth - 1) });

type Row = readonly [what: string, request: Record<string, unknown>, fields: readonly string[]];

/** `good` is taken as it is; each row changes it. */
function cases<T>(
  method: MethodName,
  type: pb.MessageFns<T>,
  good: Record<string, unknown>,
  rows: readonly Row[],
) {
  const encode = (request: Record<string, unknown>) => {
    const empty = type.create();
    return type.encode(Object.assign(Object(empty), request)).finish();
  };
  return {
    method,
    good: encode(good),
    rows: rows.map(([what, r, f]) => [what, encode({ ...good, ...r }), f] as const),
  };
}

const line = (over: Record<string, unknown> = {}) => ({ itemId: '', sku: 'A', quantity: 1n, ...over });
const fulfillLine = (over: Record<string, unknown> = {}) => ({
  itemId: '',
  sku: 'A',
  warehouseId: '',
  quantity: 1n,
  ...over,
});

const itemRows: readonly Row[] = [
  ['neither id nor SKU', { sku: '', itemId: '' }, ['item_id']],
  ['an id that is no UUID', { sku: '', itemId: 'x' }, ['item_id']],
  ['an id that is not the SKU’s', { sku: 'A', itemId: id }, ['item_id']],
  ['a long SKU', { sku: long(129) }, ['sku']],
  ['a SKU with NUL', { sku: 'a\0' }, ['sku']],
];
const keyRows: readonly Row[] = [
  ['a long key', { idempotencyKey: long(256) }, ['idempotency_key']],
  ['a key with a line break', { idempotencyKey: 'a\n' }, ['idempotency_key']],
];
const orderRows: readonly Row[] = [
  ['no order', { orderId: '' }, ['order_id']],
  ['a long order id', { orderId: long(129) }, ['order_id']],
  ['an order id with a tab', { orderId: 'a\tb' }, ['order_id']],
  ['an order id with a zero-width character', { orderId: 'a\u200bb' }, ['order_id']],
];
const warehouseRows: readonly Row[] = [
  ['no warehouse', { warehouseId: '' }, ['warehouse_id']],
  ['a warehouse that is no UUID', { warehouseId: 'x' }, ['warehouse_id']],
];
const quantityRows: readonly Row[] = [
  ['nothing', { quantity: 0n }, ['quantity']],
  ['less than nothing', { quantity: -1n }, ['quantity']],
  ['more than is exact', { quantity: tooBig }, ['quantity']],
];
const pageRows: readonly Row[] = [
  ['a negative page', { pageSize: -1 }, ['page_size']],
  ['a page of 1,001', { pageSize: 1_001 }, ['page_size']],
  ['no token', { pageToken: '!' }, ['page_token']],
  ['a made-up token', { pageToken: Buffer.from('[1,"x","y"]').toString('base64url') }, ['page_token']],
  ['a token with NUL', { pageToken: Buffer.from('[1,"x","\\u0000"]').toString('base64url') }, ['page_token']],
  ['a token of another shape', { pageToken: Buffer.from('{}').toString('base64url') }, ['page_token']],
];
const reservationRows: readonly Row[] = [
  ['neither reservation nor order', { reservationId: '', orderId: '' }, ['reservation_id']],
  [
    'an order that is not the reservation’s',
    { reservationId: 'rsv-1-b3JkZXItMQ', orderId: 'order-2' },
    ['reservation_id'],
  ],
  ['a bad order id', { reservationId: '', orderId: '\u0001' }, ['order_id']],
];
const itemTextRows: readonly Row[] = [
  ['a long name', { name: long(513) }, ['name']],
  ['a name with a control character', { name: 'a\u0007' }, ['name']],
  ['a long description', { description: long(8_193) }, ['description']],
  ['a description with NUL', { description: '\0' }, ['description']],
  ['a long category', { category: long(257) }, ['category']],
  ['a category with DEL', { category: '\u007f' }, ['category']],
  ['attributes too large', { attributes: { a: long(16_384) } }, ['attributes']],
  ['attributes too deep', { attributes: nested(9) }, ['attributes']],
  ['a control character in a nested value', { attributes: { a: [{ b: '\u0000' }] } }, ['attributes']],
  ['a control character in a nested key', { attributes: { a: { 'b\u0001': 1 } } }, ['attributes']],
  ['a number that is none', { attributes: { a: Number.NaN } }, ['attributes']],
];

const table = [
  cases('createItem', pb.CreateItemRequest, { sku: 'A' }, [
    ['no SKU', { sku: '' }, ['sku']],
    ['a SKU of 129 characters', { sku: long(129) }, ['sku']],
    ['a SKU with a control character', { sku: 'a\r' }, ['sku']],
    ...itemTextRows,
    ...keyRows,
    [
      'a level without a warehouse',
      { initialLevels: [{ warehouseId: '', quantity: 1n }] },
      ['initial_levels[0].warehouse_id'],
    ],
    [
      'a negative level',
      { initialLevels: [{ warehouseId: wh, quantity: -1n }] },
      ['initial_levels[0].quantity'],
    ],
    [
      'a huge level',
      { initialLevels: [{ warehouseId: wh, quantity: tooBig }] },
      ['initial_levels[0].quantity'],
    ],
    [
      'a warehouse twice',
      {
        initialLevels: [
          { warehouseId: wh, quantity: 1n },
          { warehouseId: wh, quantity: 1n },
        ],
      },
      ['initial_levels[1].warehouse_id'],
    ],
    [
      'too many levels',
      { initialLevels: Array(1_001).fill({ warehouseId: wh, quantity: 1n }) },
      ['initial_levels'],
    ],
    ['several things at once', { sku: '', name: '\0', category: long(300) }, ['sku', 'name', 'category']],
  ]),
  cases('getItem', pb.GetItemRequest, { id }, [
    ['nothing', { id: '' }, ['id']],
    ['no UUID', { id: 'x' }, ['id']],
    ['an id that is not the SKU’s', { sku: 'A' }, ['id']],
    ['a long SKU', { id: '', sku: long(129) }, ['sku']],
  ]),
  cases('updateItem', pb.UpdateItemRequest, { id }, [
    ['no id', { id: '' }, ['id']],
    ['no UUID', { id: 'x' }, ['id']],
    ...itemTextRows,
    ...keyRows,
  ]),
  cases('deleteItem', pb.DeleteItemRequest, { id }, [
    ['no id', { id: '' }, ['id']],
    ['no UUID', { id: `${id}0` }, ['id']],
  ]),
  cases('listItems', pb.ListItemsRequest, {}, [
    ...pageRows,
    ['a long category', { category: long(257) }, ['category']],
    ['a prefix with NUL', { skuPrefix: '\0' }, ['sku_prefix']],
    ['a long prefix', { skuPrefix: long(129) }, ['sku_prefix']],
  ]),
  cases(
    'bulkCreateItems',
    pb.BulkCreateItemsRequest,
    { items: [pb.CreateItemRequest.create({ sku: 'A' })] },
    [
      ['none', { items: [] }, ['items']],
      ['1,001', { items: Array(1_001).fill(pb.CreateItemRequest.create({ sku: 'A' })) }, ['items']],
    ],
  ),
  cases('bulkUpdateItems', pb.BulkUpdateItemsRequest, { items: [pb.UpdateItemRequest.create({ id })] }, [
    ['none', { items: [] }, ['items']],
    ['1,001', { items: Array(1_001).fill(pb.UpdateItemRequest.create({ id })) }, ['items']],
  ]),
  cases('createWarehouse', pb.CreateWarehouseRequest, { name: 'North' }, [
    ['no name', { name: '' }, ['name']],
    ['a long name', { name: long(513) }, ['name']],
    ['a location with NUL', { location: '\0' }, ['location']],
    ['a long location', { location: long(513) }, ['location']],
    ['a long customer', { customerId: long(129) }, ['customer_id']],
    ...keyRows,
  ]),
  cases('updateWarehouse', pb.UpdateWarehouseRequest, { id: wh }, [
    ['no id', { id: '' }, ['id']],
    ['no UUID', { id: 'x' }, ['id']],
    ['an empty name', { name: '' }, ['name']],
    ['a long location', { location: long(513) }, ['location']],
    ...keyRows,
  ]),
  cases('getWarehouse', pb.GetWarehouseRequest, { id: wh }, [
    ['no id', { id: '' }, ['id']],
    ['no UUID', { id: 'x' }, ['id']],
  ]),
  cases('listWarehouses', pb.ListWarehousesRequest, {}, pageRows),
  cases('getInventoryLevels', pb.GetInventoryLevelsRequest, { itemIds: [id] }, [
    ['nothing', { itemIds: [] }, ['item_ids']],
    ['no UUID', { itemIds: [id, 'x'] }, ['item_ids[1]']],
    ['an empty SKU', { skus: [''] }, ['skus[0]']],
    ['1,001 ids', { itemIds: Array(1_001).fill(id) }, ['item_ids']],
    ['1,001 in all', { itemIds: Array(500).fill(id), skus: Array(501).fill('A') }, ['skus']],
    ['a warehouse that is no UUID', { warehouseIds: ['x'] }, ['warehouse_ids[0]']],
    ['1,001 warehouses', { warehouseIds: Array(1_001).fill(wh) }, ['warehouse_ids']],
  ]),
  cases('adjustInventory', pb.AdjustInventoryRequest, { sku: 'A', warehouseId: wh, delta: 1n }, [
    ...itemRows,
    ...warehouseRows,
    ['nothing', { delta: 0n }, ['delta']],
    ['too much', { delta: tooBig }, ['delta']],
    ['too little', { delta: -tooBig }, ['delta']],
    ['the least there is', { delta: -(2n ** 63n) }, ['delta']],
    ['a long reason', { reason: long(129) }, ['reason']],
    ['a reference with NUL', { reference: '\0' }, ['reference']],
    ['a negative expectation', { expectedQuantity: -1n }, ['expected_quantity']],
    ['a huge expectation', { expectedQuantity: tooBig }, ['expected_quantity']],
    ...keyRows,
  ]),
  cases(
    'transferInventory',
    pb.TransferInventoryRequest,
    { sku: 'A', fromWarehouseId: wh, toWarehouseId: otherWh, quantity: 1n },
    [
      ...itemRows,
      ...quantityRows,
      ['no source', { fromWarehouseId: '' }, ['from_warehouse_id']],
      ['no target', { toWarehouseId: 'x' }, ['to_warehouse_id']],
      ['source and target the same', { toWarehouseId: wh }, ['to_warehouse_id']],
      ['a long reference', { reference: long(257) }, ['reference']],
      ...keyRows,
    ],
  ),
  cases(
    'setStockPolicy',
    pb.SetStockPolicyRequest,
    { sku: 'A', warehouseId: wh, policy: pb.StockPolicy.create({}) },
    [
      ...itemRows,
      ...warehouseRows,
      ['no policy', { policy: undefined }, ['policy']],
      [
        'a negative threshold',
        { policy: pb.StockPolicy.create({ lowStockThreshold: -1n }) },
        ['policy.low_stock_threshold'],
      ],
      [
        'back in stock below low stock',
        { policy: pb.StockPolicy.create({ lowStockThreshold: 5n, backInStockThreshold: 4n }) },
        ['policy.back_in_stock_threshold'],
      ],
      [
        'a negative threshold for back in stock',
        { policy: pb.StockPolicy.create({ backInStockThreshold: -1n }) },
        ['policy.back_in_stock_threshold'],
      ],
      [
        'a huge threshold for back in stock',
        { policy: pb.StockPolicy.create({ lowStockThreshold: 1n, backInStockThreshold: tooBig }) },
        ['policy.back_in_stock_threshold'],
      ],
      [
        'a huge quantity',
        { policy: pb.StockPolicy.create({ incomingQuantity: tooBig }) },
        ['policy.incoming_quantity'],
      ],
      [
        'a time before 1970',
        { policy: pb.StockPolicy.create({ incomingAt: new Date(-1_000) }) },
        ['policy.incoming_at'],
      ],
      [
        'a time after 9999',
        { policy: pb.StockPolicy.create({ incomingAt: new Date(8.64e15) }) },
        ['policy.incoming_at'],
      ],
    ],
  ),
  cases('getInventoryReport', pb.GetInventoryReportRequest, {}, [
    ...pageRows,
    ['no UUID', { warehouseId: 'x' }, ['warehouse_id']],
    ['a long category', { category: long(257) }, ['category']],
    ['a negative threshold', { threshold: -1n }, ['threshold']],
    ['a huge threshold', { threshold: tooBig }, ['threshold']],
  ]),
  cases('checkAndReserveStock', pb.StockReservationRequest, { orderId: 'o', items: [line()] }, [
    ...orderRows,
    ...keyRows,
    ['no lines', { items: [] }, ['items']],
    ['2,001 lines', { items: Array(2_001).fill(line()) }, ['items']],
    ['a line of nothing', { items: [line(), line({ sku: '' })] }, ['items[1].item_id']],
    ['a line with a wrong id', { items: [line({ itemId: id })] }, ['items[0].item_id']],
    ['a line of none', { items: [line(), line(), line(), line({ quantity: 0n })] }, ['items[3].quantity']],
    ['a negative line', { items: [line({ quantity: -5n })] }, ['items[0].quantity']],
    ['a huge line', { items: [line({ quantity: tooBig })] }, ['items[0].quantity']],
    [
      'a huge sum',
      { items: [line(), line({ sku: 'B' }), line({ quantity: tooBig - 1n })] },
      ['items[2].quantity'],
    ],
    ['a warehouse that is no UUID', { warehouseId: 'x' }, ['warehouse_id']],
    ['a negative time', { ttlSeconds: -1 }, ['ttl_seconds']],
    ['a long time', { ttlSeconds: 604_801 }, ['ttl_seconds']],
    ['a long customer', { customerId: long(129) }, ['customer_id']],
    ['a long request id', { requestId: long(129) }, ['request_id']],
    ['an unknown strategy', { drawStrategy: 4 }, ['draw_strategy']],
    ['a negative strategy', { drawStrategy: -1 }, ['draw_strategy']],
  ]),
  cases('getReservation', pb.GetReservationRequest, { orderId: 'order-1' }, reservationRows),
  cases('extendReservation', pb.ExtendReservationRequest, { orderId: 'order-1' }, [
    ...reservationRows,
    ['a negative time', { ttlSeconds: -1 }, ['ttl_seconds']],
    ['a long time', { ttlSeconds: 604_801 }, ['ttl_seconds']],
  ]),
  cases('releaseReservedStock', pb.ReleaseStockRequest, { orderId: 'order-1' }, [
    ...reservationRows,
    ['a long reason', { reason: long(129) }, ['reason']],
  ]),
  cases('commitReservation', pb.CommitReservationRequest, { orderId: 'order-1' }, reservationRows),
  cases(
    'allocateInventory',
    pb.AllocateInventoryRequest,
    { orderId: 'o', sku: 'A', warehouseId: wh, quantity: 1n },
    [...orderRows, ...itemRows, ...warehouseRows, ...quantityRows, ...keyRows],
  ),
  cases('releaseInventory', pb.ReleaseInventoryRequest, { orderId: 'o' }, [
    ...orderRows,
    ...keyRows,
    ['an id that is no UUID', { itemId: 'x' }, ['item_id']],
    ['an id that is not the SKU’s', { itemId: id, sku: 'A' }, ['item_id']],
    ['a warehouse that is no UUID', { warehouseId: 'x' }, ['warehouse_id']],
    ['a negative quantity', { sku: 'A', quantity: -1n }, ['quantity']],
    ['a huge quantity', { sku: 'A', quantity: tooBig }, ['quantity']],
    ['a quantity of everything', { quantity: 1n }, ['item_id']],
  ]),
  cases('fulfillInventory', pb.FulfillInventoryRequest, { orderId: 'o' }, [
    ...orderRows,
    ...keyRows,
    ['2,001 lines', { lines: Array(2_001).fill(fulfillLine()) }, ['lines']],
    ['a line of nothing', { lines: [fulfillLine({ sku: '' })] }, ['lines[0].item_id']],
    [
      'a warehouse that is no UUID',
      { lines: [fulfillLine({ warehouseId: 'x' })] },
      ['lines[0].warehouse_id'],
    ],
    ['a negative quantity', { lines: [fulfillLine({ quantity: -1n })] }, ['lines[0].quantity']],
    ['a huge sum', { lines: [fulfillLine(), fulfillLine({ quantity: tooBig - 1n })] }, ['lines[1].quantity']],
    ['all and some', { lines: [fulfillLine(), fulfillLine({ quantity: 0n })] }, ['lines[1].quantity']],
  ]),
];

describe.each(table)('$method', ({ method, good, rows }) => {
  test('takes the request that the others change', async () => {
    expect((await callBytes(harness, method, good)).error).toBeNull();
  });

  test.each(rows)('refuses %s', async (_what, bytes, fields) => {
    const problem = problemOf((await callBytes(harness, method, bytes)).error);
    expect(problem).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'invalid-argument', fields });
    expect(problem.message.startsWith(`${fields[0]}: `)).toBe(true);
    expect(problem.details['field']).toBe(fields[0]);
    expect(harness.fakes.asker.asked).toEqual([]);
  });
});

test('every unary method is in the table', () => {
  const unary = Object.entries(pb.InventoryServiceService).filter(
    ([, m]) => !m.requestStream && !m.responseStream,
  );
  expect(table.map(({ method }) => method).sort()).toEqual(unary.map(([name]) => name).sort());
});

describe('lengths count characters, not UTF-16 units', () => {
  test.each([
    [128, null],
    [129, 'INVALID_ARGUMENT'],
  ])('an order id of %d emoji', async (count, code) => {
    const request = pb.StockReservationRequest.create({ orderId: '🧦'.repeat(count), items: [line()] });
    const { error } = await callBytes(
      harness,
      'checkAndReserveStock',
      pb.StockReservationRequest.encode(request).finish(),
    );
    expect(error === null ? null : problemOf(error).code).toBe(code);
  });
});

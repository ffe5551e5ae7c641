// Bad input: every field of every request spoiled in every way that its kind suggests. Refused before any actor is asked to
// do anything, and named as the contract spells it.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { itemIdOfSku } from '../../src/actors/ids.ts';
import * as pb from '../../src/generated/synkro/logistics/v1/logistics.ts';
import { problemOf } from '../grpc/support/client.ts';
import { address, customerId, orderId, shipmentId } from '../http/support/logistics-fakes.ts';
import { callBytes, type Harness, type MethodName, reset, serve } from './support/client.ts';
import { item, newCustomer, newOrder } from './support/requests.ts';
import * as spoiled from './support/spoiled.ts';
import { at, type Spoiled, second, within } from './support/spoiled.ts';
import { gbp } from './support/wire.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await serve();
});
afterAll(() => harness.stop());
beforeEach(() => reset(harness));

/** `good` is taken as it is; each row changes it. */
function cases<T>(method: MethodName, type: pb.MessageFns<T>, good: object, rows: readonly Spoiled[]) {
  const encode = (request: object) => type.encode(Object.assign(Object(type.create()), request)).finish();
  return {
    method,
    good: encode(good),
    rows: rows.map(([what, over, fields]) => [what, encode({ ...good, ...over }), fields] as const),
  };
}

const order: readonly Spoiled[] = spoiled.uuid(at('orderId'), { required: true });
const onlyOrder = { orderId };
const created: readonly Spoiled[] = [
  ...spoiled.time(at('createdAfter')),
  ...spoiled.time(at('createdBefore')),
];

const line = pb.OrderItem.create({ lineId: '1', quantity: 1n });
const otherLine = pb.OrderItem.create({ lineId: '2', quantity: 1n });
const shipment = pb.Shipment.create({ items: [line] });
const spoiledLine = (property: string) => ({
  name: `items[1].${property.replace('Id', '_id')}`,
  put: (value: unknown) => ({ items: [line, { ...otherLine, [property]: value }] }),
});
const lines: readonly Spoiled[] = [
  ...spoiled.text(spoiledLine('lineId'), 16, { required: true }),
  ...spoiled.quantity(spoiledLine('quantity')),
  ['items[1].line_id: given twice', { items: [line, line] }, ['items[1].line_id']],
];
const inShipment = (rows: readonly Spoiled[]): Spoiled[] =>
  rows.map(([what, over, fields]) => [
    `shipment.${what}`,
    { shipment: { ...shipment, ...over } },
    fields.map((field) => `shipment.${field}`),
  ]);
const { SHIPPED, DELIVERED, CANCELLED } = pb.OrderStatus;

const inItems = (over: Partial<pb.OrderItem>) => ({ items: [item, { ...item, ...over }] });
const dear = gbp(10n ** 13n);
const newOrderRows: readonly Spoiled[] = [
  ...spoiled.uuid(at('orderId')),
  ...spoiled.uuid(at('customerId')),
  ...spoiled.list(at('items'), item, { required: true }),
  ...spoiled.text(second('items', item, 'sku'), 128),
  ...spoiled.uuid(second('items', { ...item, sku: '' }, 'productId')).map(bothSpoiled),
  ['neither id nor SKU', inItems({ sku: '' }), ['items[1].product_id']],
  ['an id that is not the SKU’s', inItems({ productId: itemIdOfSku('B') }), ['items[1].product_id']],
  ...spoiled.quantity(second('items', item, 'quantity')),
  ...spoiled.price('items', item, 'unitPrice'),
  ['a line that comes to too much', inItems({ unitPrice: dear, quantity: 2n }), ['items[1].unit_price']],
  [
    'lines that come to too much',
    { items: [{ ...item, quantity: 1n, unitPrice: dear }, item] },
    ['items[1].unit_price'],
  ],
  [
    'lines that count too much',
    {
      items: [
        { ...item, unitPrice: gbp(0n), quantity: 1_000_000_000n },
        { ...item, unitPrice: gbp(0n), quantity: 1n },
      ],
    },
    ['items[1].quantity'],
  ],
  ...spoiled.address('shippingAddress', address),
  ...spoiled.text(at('paymentMethod'), 256, { required: true }),
  ...spoiled.text(at('notes'), 4_096, { breaks: true }),
  ...spoiled.key,
];

/** Of two lines that are named by id both are spoiled, for the good element has neither. */
function bothSpoiled([what, over]: Spoiled): Spoiled {
  return [what, over, ['items[0].product_id', 'items[1].product_id']];
}

const customerRows: readonly Spoiled[] = [
  ...spoiled.text(at('name'), 512, { required: true }),
  ...spoiled.text(at('email'), 320),
  ['email: no @', { email: 'ada' }, ['email']],
  ['email: two @', { email: 'a@b@c' }, ['email']],
  ['email: nothing before it', { email: '@example.org' }, ['email']],
  ['email: nothing behind it', { email: 'ada@' }, ['email']],
  ['email: a space', { email: 'a da@example.org' }, ['email']],
  ['email: too long', { email: `${spoiled.long(320)}@example.org` }, ['email']],
  ...spoiled.text(at('phone'), 64),
  ...spoiled.address('defaultAddress', address),
  ...spoiled.key,
];

const table = [
  cases('createOrder', pb.CreateOrderRequest, newOrder, newOrderRows),
  cases('getOrder', pb.GetOrderRequest, onlyOrder, order),
  cases('getOrderHistory', pb.GetOrderHistoryRequest, onlyOrder, order),
  cases('updateOrderStatus', pb.UpdateOrderStatusRequest, { orderId, newStatus: SHIPPED }, [
    ...order,
    ...spoiled.choice(at('newStatus'), [SHIPPED, DELIVERED, CANCELLED]),
    ...spoiled.text(at('statusNotes'), 128),
    ...spoiled.text(within('shipment', shipment, 'carrier'), 128),
    ...spoiled.text(within('shipment', shipment, 'trackingNumber'), 128),
    ...spoiled.uuid(within('shipment', shipment, 'warehouseId')),
    ...inShipment([...spoiled.list(at('items'), line), ...lines]),
    ...spoiled.key,
  ]),
  cases('cancelOrder', pb.CancelOrderRequest, onlyOrder, [
    ...order,
    ...spoiled.text(at('reason'), 128),
    ...spoiled.key,
  ]),
  cases('retryRefunds', pb.RetryRefundsRequest, onlyOrder, [...order, ...spoiled.key]),
  cases('returnItems', pb.ReturnItemsRequest, { orderId, items: [line] }, [
    ...order,
    ...spoiled.list(at('items'), line, { required: true }),
    ...lines,
    ...spoiled.text(at('reason'), 128),
    ...spoiled.key,
  ]),
  cases('deliverShipment', pb.DeliverShipmentRequest, { orderId, shipmentId }, [
    ...order,
    ...spoiled.uuid(at('shipmentId'), { required: true }),
    ...spoiled.key,
  ]),
  cases('listOrders', pb.ListOrdersRequest, {}, [
    ...spoiled.uuid(at('customerId')),
    ...spoiled.choice(at('status'), [0, 1, 2, 3, 4, 5, 6, 7, 8]),
    ...created,
    ...spoiled.page,
  ]),
  cases('getOrdersReport', pb.GetOrdersReportRequest, {}, created),
  cases('createCustomer', pb.CreateCustomerRequest, newCustomer, [
    ...spoiled.uuid(at('id')),
    ...customerRows,
  ]),
  cases('getCustomer', pb.GetCustomerRequest, { id: customerId }, spoiled.uuid(at('id'), { required: true })),
  cases('updateCustomer', pb.UpdateCustomerRequest, { id: customerId }, [
    ...spoiled.uuid(at('id'), { required: true }),
    ...customerRows,
  ]),
  cases(
    'deleteCustomer',
    pb.DeleteCustomerRequest,
    { id: customerId },
    spoiled.uuid(at('id'), { required: true }),
  ),
  cases('listCustomers', pb.ListCustomersRequest, {}, [
    ...spoiled.text(at('query'), 512),
    ['query: no word', { query: '?!' }, ['query']],
    ...spoiled.page,
  ]),
];

describe.each(table)('$method', ({ method, good, rows }) => {
  test('takes the request that the others change', async () => {
    expect((await callBytes(harness, method, good)).error).toBeNull();
  });

  test.each(rows)('refuses %s', async (_what, bytes, fields) => {
    const { error, asked } = await callBytes(harness, method, bytes);
    const problem = problemOf(error);
    expect(problem).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'invalid-argument' });
    // A list of 2,001 elements, all of them good, has no other problem; a spoiled field has at least this one.
    expect([...new Set(problem.fields)]).toEqual(fields);
    expect(problem.message.startsWith(`${fields[0]}: `)).toBe(true);
    expect(problem.details['field']).toBe(fields[0]);
    expect(asked).toEqual([]);
  });

  test('refuses what is no message, and text that is not UTF-8', async () => {
    const { error, asked } = await callBytes(harness, method, Buffer.from([0x0a, 0x05, 0xff]));
    expect(problemOf(error).code).toBe('INVALID_ARGUMENT');
    expect(asked).toEqual([]);
  });
});

test('every unary method is in the table', () => {
  const unary = Object.entries(pb.LogisticsServiceService).filter(
    ([, m]) => !m.requestStream && !m.responseStream,
  );
  expect(table.map(({ method }) => method).sort()).toEqual(unary.map(([name]) => name).sort());
});

/** Seconds 1, and nanoseconds that no timestamp has. */
const impossible = Buffer.from([0x08, 0x01, 0x10, 0x80, 0x94, 0xeb, 0xdc, 0x03]);

test.each([
  ['listOrders', 5, 'created_after'],
  ['listOrders', 6, 'created_before'],
  ['getOrdersReport', 1, 'created_after'],
  ['getOrdersReport', 2, 'created_before'],
] as const)(
  '%s refuses field %d, a time whose nanoseconds are out of range',
  async (method, number, field) => {
    const bytes = Buffer.concat([Buffer.from([(number << 3) | 2, impossible.length]), impossible]);
    const { error } = await callBytes(harness, method, bytes);
    expect(problemOf(error)).toMatchObject({ code: 'INVALID_ARGUMENT', fields: [field] });
  },
);

test('all problems of a request are told at once', async () => {
  const request = pb.CreateOrderRequest.create({
    customerId: 'x',
    items: [{ ...item, quantity: 0n, unitPrice: undefined }],
    notes: '\0',
  });
  const { error } = await callBytes(harness, 'createOrder', pb.CreateOrderRequest.encode(request).finish());
  expect(problemOf(error).fields).toEqual([
    'customer_id',
    'items[0].quantity',
    'items[0].unit_price',
    'notes',
  ]);
});

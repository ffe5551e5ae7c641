// CreateOrder: which order is made, of what, and that nothing is made where something is wrong. (How long it waits is in
// create-order-waiting.test.ts, what a request may say in validation.test.ts.)
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { fail } from '../../src/actors/failure.ts';
import { itemIdOfSku, uuidv5 } from '../../src/actors/ids.ts';
import type { NewOrder } from '../../src/actors/logistics/order/model.ts';
import { isObject } from '../../src/actors/shape.ts';
import { Refused } from '../../src/api/errors.ts';
import * as pb from '../../src/generated/synkro/logistics/v1/logistics.ts';
import { problemOf } from '../grpc/support/client.ts';
import type { Asked } from '../grpc/support/fakes.ts';
import { errorId } from '../grpc/support/fakes.ts';
import { address, customerId, orderId } from '../http/support/logistics-fakes.ts';
import { type Answered, callMessage, type Harness, reset, serve, withKey } from './support/client.ts';
import { item, newOrder } from './support/requests.ts';
import { gbp, wireOrder } from './support/wire.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await serve();
});
afterAll(() => harness.stop());
beforeEach(() => reset(harness));

const create = (over: Partial<pb.CreateOrderRequest> = {}, options = {}) =>
  callMessage(harness, 'createOrder', pb.CreateOrderRequest, { ...newOrder, ...over }, options);

interface CreateCommand {
  readonly type: 'create';
  readonly order: NewOrder;
  readonly isIdOfKey: boolean;
}

const isCreate = (command: unknown): command is CreateCommand =>
  isObject(command) && command['type'] === 'create';

/** The one creation that was asked for. */
function madeBy({ asked }: Pick<Answered, 'asked'>): CreateCommand & Pick<Asked, 'ref' | 'options'> {
  const made = asked.flatMap(({ ref, command, options }) =>
    isCreate(command) ? [{ ...command, ref, options }] : [],
  );
  const [first] = made;
  if (first === undefined || made.length > 1) throw new Error(`${made.length} orders were made`);
  return first;
}

const nothingMade = ({ asked }: Pick<Answered, 'asked'>) =>
  expect(asked.filter(({ options }) => options.kind === 'write')).toEqual([]);

test('the order is made with what was asked, lines numbered, the total reckoned, the address sealed', async () => {
  const answered = await create();
  expect(answered.error).toBeNull();
  expect(answered.response).toEqual({ order: { ...wireOrder, id: errorId }, atRest: true });
  const { ref, order, options } = madeBy(answered);
  expect(ref).toEqual({ kind: 'order', id: errorId });
  expect(options).toMatchObject({ kind: 'begin', receipt: null });
  expect(order).toMatchObject({
    customerId,
    lines: [
      { lineId: '1', itemId: itemIdOfSku('85123A'), quantity: 2, unitMinor: '255' },
      { lineId: '2', itemId: itemIdOfSku('71053'), quantity: 1, unitMinor: '5' },
    ],
    total: { currency: 'GBP', minor: '515' },
    method: 'tok_approve',
    patience: harness.fakes.patience,
  });
  const opened = await harness.fakes.vault.open([{ owner: customerId, text: order.sealed }]);
  expect(opened).toEqual([{ address, notes: 'at the back' }]);
});

test('total_price is never read', async () => {
  const items = [{ ...item, totalPrice: gbp(1_000n) }];
  expect(madeBy(await create({ items })).order.total).toEqual({ currency: 'GBP', minor: '510' });
});

test('a total of zero needs no payment method', async () => {
  const answered = await create({ items: [{ ...item, unitPrice: gbp(0n) }], paymentMethod: '' });
  expect(answered.error).toBeNull();
  expect(madeBy(answered).order).toMatchObject({ method: '', total: { currency: 'GBP', minor: '0' } });
});

test.each([
  ['JPY', 1_200n, 0, '1200'],
  ['KWD', 1n, 234_000_000, '1234'],
  ['CLF', 1n, 234_500_000, '12345'],
])('decimals are those of the currency: %s', async (currencyCode, units, nanos, unitMinor) => {
  const items = [{ ...item, unitPrice: { currencyCode, units, nanos } }];
  const { order } = madeBy(await create({ items }));
  expect(order.lines[0]?.unitMinor).toBe(unitMinor);
  expect(order.total.currency).toBe(currencyCode);
});

describe('the id', () => {
  test.each([
    ['the caller’s own, in lower case', { orderId: orderId.toUpperCase() }, orderId, false],
    ['his own also beside a key', { orderId, idempotencyKey: 'k' }, orderId, false],
    ['that of the key', { idempotencyKey: 'k' }, uuidv5('CreateOrder|k'), true],
    ['a random one', {}, errorId, false],
  ])('is %s', async (_what, over, id, isIdOfKey) => {
    expect(madeBy(await create(over))).toMatchObject({ ref: { kind: 'order', id }, isIdOfKey });
  });

  test('is that of the key in the metadata', async () => {
    expect(madeBy(await create({}, withKey('k'))).ref.id).toBe(uuidv5('CreateOrder|k'));
  });
});

describe('the fingerprint', () => {
  const fingerprint = async (over: Partial<pb.CreateOrderRequest> = {}) =>
    madeBy(await create({ orderId, ...over })).order.fingerprint;

  test('is the same for the same, however the item is named', async () => {
    const first = await fingerprint();
    expect(await fingerprint()).toBe(first);
    const [, second = item] = newOrder.items;
    const byId = { ...item, sku: '', productId: itemIdOfSku('85123A').toUpperCase() };
    expect(await fingerprint({ items: [byId, second] })).toBe(first);
  });

  test.each<[string, Partial<pb.CreateOrderRequest>]>([
    ['a guest', { customerId: '' }],
    ['one line less', { items: [item] }],
    ['another item', { items: [item, { ...item, sku: 'B', quantity: 1n }] }],
    ['another quantity', { items: [{ ...item, quantity: 3n }, ...newOrder.items.slice(1)] }],
    ['another price', { items: [{ ...item, unitPrice: gbp(3n) }, ...newOrder.items.slice(1)] }],
    ['another token', { paymentMethod: 'tok_other' }],
    ['another address', { shippingAddress: { ...address, city: 'Leeds' } }],
    ['no address', { shippingAddress: undefined }],
    ['other notes', { notes: 'in front' }],
  ])('is another for %s', async (_what, over) => {
    expect(await fingerprint(over)).not.toBe(await fingerprint());
  });
});

describe('a guest’s order', () => {
  test('is sealed under a key of its own', async () => {
    const { order, ref } = madeBy(await create({ customerId: '', idempotencyKey: 'guest' }));
    expect(order.customerId).toBe('');
    const opened = await harness.fakes.vault.open([{ owner: `order/${ref.id}`, text: order.sealed }]);
    expect(opened).toEqual([{ address, notes: 'at the back' }]);
  });

  test('asks for no customer', async () => {
    const { asked } = await create({ customerId: '' });
    expect(asked.map(({ ref }) => ref.kind)).toEqual(['order']);
  });
});

describe('nothing is made', () => {
  test('for a customer that there is not', async () => {
    harness.fakes.asker.answer = ({ ref }) => fail('customer-not-found', `no customer ${ref.id}`);
    const answered = await create();
    expect(problemOf(answered.error)).toMatchObject({ code: 'NOT_FOUND', reason: 'customer-not-found' });
    nothingMade(answered);
  });

  const ghost = 'GHOST 1';
  test('of an unknown SKU, which is named with its line', async () => {
    harness.fakes.unknownItems.add(itemIdOfSku(ghost));
    const answered = await create({ items: [item, { ...item, sku: ghost }] });
    expect(problemOf(answered.error)).toMatchObject({
      code: 'NOT_FOUND',
      reason: 'item-not-found',
      message: `no item ${ghost}`,
      details: { field: 'items[1]', sku: ghost, itemId: itemIdOfSku(ghost) },
    });
    nothingMade(answered);
  });

  test('of an unknown id, which is named as it was given', async () => {
    const productId = itemIdOfSku('GHOST 2');
    harness.fakes.unknownItems.add(productId);
    const answered = await create({ items: [item, { ...item, sku: '', productId }] });
    expect(problemOf(answered.error)).toMatchObject({
      code: 'NOT_FOUND',
      message: `no item ${productId}`,
      details: { field: 'items[1]', itemId: productId },
    });
    nothingMade(answered);
  });

  test('and no key is made for a guest whose item is unknown', async () => {
    harness.fakes.unknownItems.add(itemIdOfSku(ghost));
    harness.fakes.asker.answer = () => fail('order-not-found', 'no order');
    const id = uuidv5('CreateOrder|ghost');
    const answered = await create({
      customerId: '',
      items: [{ ...item, sku: ghost }],
      idempotencyKey: 'ghost',
    });
    expect(answered.error).not.toBeNull();
    expect(await harness.fakes.keys.read([id])).toEqual(new Map());
  });
});

describe('a repeat after an item was deleted', () => {
  const gone = 'GONE 1';
  const request = { orderId, customerId: '', items: [{ ...item, sku: gone }] };

  test('hears of the order that was made, whose fingerprint decides', async () => {
    const first = madeBy(await create(request));
    const other = await serve({ ...harness.fakes, inventory: { ...unknowing, close: async () => {} } });
    try {
      const answered = await callMessage(other, 'createOrder', pb.CreateOrderRequest, {
        ...newOrder,
        ...request,
      });
      expect(answered.error).toBeNull();
      expect(madeBy(answered).order.fingerprint).toBe(first.order.fingerprint);
    } finally {
      await other.stop();
    }
  });

  test('but not of an order that there is not', async () => {
    harness.fakes.unknownItems.add(itemIdOfSku('GONE 2'));
    harness.fakes.asker.answer = () => fail('order-not-found', 'no order');
    const answered = await create({ ...request, items: [{ ...item, sku: 'GONE 2' }] });
    expect(problemOf(answered.error).reason).toBe('item-not-found');
    nothingMade(answered);
  });
});

/** An Inventory from which everything was deleted. */
const unknowing = {
  call(): Promise<never> {
    return Promise.reject(new Refused({ code: 'item-not-found', message: 'no item' }));
  },
};

test.each([
  ['idempotency-key-reused', 'ALREADY_EXISTS'],
  ['order-exists', 'ALREADY_EXISTS'],
  ['overloaded', 'RESOURCE_EXHAUSTED'],
] as const)('a refusal of the order goes to the caller: %s', async (code, grpc) => {
  harness.fakes.asker.answer = async (asked) =>
    isCreate(asked.command) ? fail(code, 'no') : harness.fakes.usual(asked);
  const { error } = await create({ orderId });
  expect(problemOf(error)).toMatchObject({ code: grpc, reason: code });
});

test('items are looked up once for many orders', async () => {
  const sku = 'HOT';
  await create({ items: [{ ...item, sku }] });
  harness.fakes.unknownItems.add(itemIdOfSku(sku));
  const answered = await create({
    items: [
      { ...item, sku },
      { ...item, sku },
    ],
  });
  expect(answered.error).toBeNull();
  expect(madeBy(answered).order.lines).toHaveLength(2);
});

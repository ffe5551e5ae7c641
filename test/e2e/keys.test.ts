// An idempotency key is one order or one customer, whatever id the caller gives besides; and a repeat is answered also when
// what the order was made of is no more.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isObject } from '../../src/actors/shape.ts';
import { type Checked, checkedFetch } from '../http/support/checked.ts';
import { Shop } from '../support/shop.ts';

let shop: Shop;
let call: Checked;

beforeAll(async () => {
  shop = await Shop.open({ roles: 'all' });
  call = await checkedFetch(shop.httpUrl('logistics'));
  const warehouseId = await shop.inventory.warehouse('Main');
  await shop.inventory.item('one', { [warehouseId]: 1_000 });
});
afterAll(() => shop.close());

const basket = {
  items: [{ sku: 'one', quantity: 1, unitPrice: { amount: '1.00', currency: 'GBP' } }],
  paymentMethod: 'tok_approve',
};
const person = { name: 'Ada Lovelace' };

async function post(path: string, json: object, key: string) {
  const { status, body } = await call('POST', path, { json, headers: { 'idempotency-key': key } });
  return { status, body: isObject(body) ? body : {} };
}

describe.each([
  ['/v1/orders', basket, 'orderId'],
  ['/v1/customers', person, 'id'],
] as const)('a key that is used at %s', (path, content, id) => {
  const refused = { status: 409, body: expect.objectContaining({ code: 'idempotency-key-reused' }) };

  test('with an id is bound to it: repeats are answered alike, all else is refused', async () => {
    const key = randomUUID();
    const ownId = randomUUID();
    const own = { ...content, [id]: ownId };
    const first = await post(path, own, key);
    expect(first).toMatchObject({ status: 201, body: { id: ownId } });
    expect((await post(path, own, key)).body).toEqual(first.body);
    expect(await post(path, { ...content, [id]: randomUUID() }, key)).toMatchObject(refused);
    expect(await post(path, content, key)).toMatchObject(refused);
  });

  test('without an id makes its own, and is good for no other', async () => {
    const key = randomUUID();
    const first = await post(path, content, key);
    expect(first.status).toBe(201);
    expect((await post(path, content, key)).body).toEqual(first.body);
    expect((await post(path, { ...content, [id]: first.body['id'] }, key)).body).toEqual(first.body);
    expect(await post(path, { ...content, [id]: randomUUID() }, key)).toMatchObject(refused);
  });

  test('many times at once, with an id of its own each, makes one', async () => {
    const key = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => post(path, { ...content, [id]: randomUUID() }, key)),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(19);
  });

  test('by a request that is refused is free again', async () => {
    const key = randomUUID();
    const unknown = { ...basket, items: [{ ...basket.items[0], sku: 'none' }] };
    const bad = path === '/v1/orders' ? unknown : { name: '' };
    expect((await post(path, { ...bad, [id]: randomUUID() }, key)).status).toBeGreaterThanOrEqual(400);
    expect((await post(path, { ...content, [id]: randomUUID() }, key)).status).toBe(201);
  });
});

test('an order whose customer has been deleted is still the answer to a repeat', async () => {
  const customerId = String((await post('/v1/customers', person, randomUUID())).body['id']);
  const key = randomUUID();
  const made = await post('/v1/orders', { ...basket, customerId }, key);
  expect(made.status).toBe(201);
  expect((await call('DELETE', `/v1/customers/${customerId}`)).status).toBe(204);
  expect(await post('/v1/orders', { ...basket, customerId }, key)).toMatchObject({
    status: 201,
    body: { id: made.body['id'] },
  });
  expect(await post('/v1/orders', { ...basket, customerId }, randomUUID())).toMatchObject({ status: 404 });
});

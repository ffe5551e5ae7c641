// Page tokens are opaque, not signed: whatever somebody makes of one, the list says that it is none, or goes on from there.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isObject } from '../../src/actors/shape.ts';
import { type Checked, checkedFetch } from '../http/support/checked.ts';
import { orderOf, orders, Shop } from '../support/shop.ts';
import { until } from '../support/until.ts';

let shop: Shop;
let call: Checked;

beforeAll(async () => {
  shop = await Shop.open({ roles: 'all' });
  call = await checkedFetch(shop.httpUrl('logistics'));
  for (const name of ['North', 'South']) {
    const warehouseId = await shop.inventory.warehouse(name);
    const itemId = await shop.inventory.item(`from-${name}`, { [warehouseId]: 9 });
    for (const delta of [1, 2])
      await call('POST', `/v1/items/${itemId}/adjustments`, {
        json: { warehouseId, delta, reason: 'received' },
      });
    await shop.logistics.call(orders.create, orderOf({ [`from-${name}`]: 1 }));
    await shop.logistics.call(orders.createCustomer, { name: `Ada of ${name}` });
  }
});
afterAll(() => shop.close());

const lists = [
  '/v1/items?pageSize=1',
  '/v1/warehouses?pageSize=1',
  '/v1/items/sku:from-North/movements?pageSize=1',
  '/v1/reservations?pageSize=1',
  '/v1/reports/stock?pageSize=1',
  '/v1/orders?pageSize=1',
  '/v1/customers?pageSize=1',
];

const forged: readonly unknown[] = [
  '',
  'abc',
  "1'/x",
  '1/x',
  `1/${'-'.repeat(36)}`,
  `${'9'.repeat(15)}/11111111-1111-4111-8111-111111111111`,
  `${'9'.repeat(14)}/11111111-1111-4111-8111-111111111111`,
  '11111111-1111-4111-8111-11111111111g',
  '[]',
  '["a",1e300]',
  '["a",0.5]',
  '["a",-1]',
  '[1,2,3]',
  '["x","y","z"]',
  '[1e300,"11111111-1111-4111-8111-111111111111",1]',
  '\u{10ffff}',
  null,
  7,
  {},
];

function tokenOf(body: unknown): string {
  const token = isObject(body) ? body['nextPageToken'] : undefined;
  return typeof token === 'string' ? token : '';
}

describe.each(lists)('%s', (url) => {
  let token = '';

  beforeAll(async () => {
    await until('two pages', async () => {
      token = tokenOf((await call('GET', url)).body);
      return token !== '';
    });
  });

  test.each(forged)('with a token that says %j', async (key) => {
    const content: unknown = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
    if (!Array.isArray(content)) throw new Error('the token has changed its form: so must this test');
    const made = Buffer.from(JSON.stringify([...content.slice(0, -1), key])).toString('base64url');
    const { status, body } = await call('GET', `${url}&pageToken=${made}`);
    expect([200, 400]).toContain(status);
    if (status === 400) expect(body).toMatchObject({ violations: [{ field: 'pageToken' }] });
  });
});

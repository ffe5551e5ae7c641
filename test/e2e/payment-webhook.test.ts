// A payment that is answered by webhook, over the whole product: the gateway says `pending` whenever it is asked, so that
// only what it tells by itself can bring an order to rest.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeNotice } from '../../src/payments/notice.ts';
import { signatureHeader, signWebhook } from '../../src/payments/webhook.ts';
import { type Checked, checkedFetch } from '../http/support/checked.ts';
import { type GatewayServer, startGatewayServer } from '../payments/gateway-server.ts';
import { present } from '../support/inventory.ts';
import { Shop } from '../support/shop.ts';

let gateway: GatewayServer;
let shop: Shop;
let call: Checked;

const path = '/v1/payments/webhook';
const newSecret = 'the secret that is to come';

beforeAll(async () => {
  gateway = await startGatewayServer();
  gateway.setFault({ kind: 'late', operation: 'authorization', ms: 50 });
  const env = { PAYMENT_GATEWAY_URL: gateway.url, PAYMENT_SECRETS: `${gateway.secret},${newSecret}` };
  shop = await Shop.open({ roles: 'all', env });
  call = await checkedFetch(shop.httpUrl('logistics'));
  gateway.sendWebhooksTo(`${shop.httpUrl('logistics')}${path}`);
  const warehouse = await shop.inventory.warehouse('North');
  await shop.inventory.item('TEA', { [warehouse]: 10 });
});

afterAll(async () => {
  await shop.close();
  await gateway.close();
});

const place = async (paymentMethod: string) => {
  const items = [{ sku: 'TEA', quantity: 2, unitPrice: { amount: '2.50', currency: 'GBP' } }];
  const { status, body } = await call('POST', '/v1/orders', { json: { items, paymentMethod } });
  return { status, order: Object(body) };
};

test('an approval: the order is confirmed and captured once, however often it is told', async () => {
  const { status, order } = await place('tok_approve');
  expect([status, order.status]).toEqual([201, 'confirmed']);
  const delivered = present(gateway.deliveries().find(({ notice }) => notice.orderId === order.id));
  await expect.poll(() => delivered.statuses.at(-1)).toBe(204);
  const body = encodeNotice(delivered.notice);
  for (const secret of [gateway.secret, newSecret]) {
    const headers = { [signatureHeader]: signWebhook({ secret, body, now: Date.now() }) };
    expect((await call('POST', path, { raw: body, headers })).status).toBe(204);
  }
  expect((await call('GET', `/v1/orders/${order.id}`)).body).toEqual(order);
  expect(gateway.doneFor(order.id, 'capture')).toHaveLength(1);
  expect(gateway.problems()).toEqual([]);
});

test('a decline: the order is cancelled, which is an answer and no error', async () => {
  const { status, order } = await place('tok_decline');
  expect([status, order.status]).toEqual([201, 'cancelled']);
  expect(gateway.doneFor(order.id, 'capture')).toEqual([]);
});

test('whoever has no secret tells nothing', async () => {
  const [delivery] = gateway.deliveries();
  const body = encodeNotice(present(delivery).notice);
  const forged = signWebhook({ secret: 'a secret of somebody else', body, now: Date.now() });
  const headers = { [signatureHeader]: forged };
  expect((await call('POST', path, { raw: body, headers })).status).toBe(401);
  expect((await call('POST', path, { raw: body })).status).toBe(401);
});

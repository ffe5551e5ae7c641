// What is asked of orders over HTTP: what reaches the order, under which key, and how it refuses.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { fail, failField } from '../../src/actors/failure.ts';
import type { CallOptions } from './support/checked.ts';
import { askingLogistics, type LogisticsHarness, resetLogistics, serveBoth } from './support/logistics.ts';
import { asSealed, customerId, orderId, shipmentId, warehouseId } from './support/logistics-fakes.ts';
import { customerJson, orderJson } from './support/logistics-json.ts';

let harness: LogisticsHarness;
beforeAll(async () => {
  harness = await serveBoth();
});
afterAll(() => harness.stop());
beforeEach(() => resetLogistics(harness));

const call = (method: string, path: string, options: CallOptions = {}) =>
  askingLogistics(harness, method, path, options);
const lastOptions = () => harness.logistics.asker.asked.at(-1)?.options;
const path = `/v1/orders/${orderId}`;
const ref = { kind: 'order', id: orderId };

describe('what is asked, and answered with the order as it is now', () => {
  const all = { carrier: '', trackingNumber: '', lines: [], warehouseId: null };

  test.each([
    ['cancel', { reason: 'too late' }, { type: 'cancel', by: 'customer', reason: 'too late' }],
    ['cancel', undefined, { type: 'cancel', by: 'customer', reason: '' }],
    ['cancel', {}, { type: 'cancel', by: 'customer', reason: '' }],
    ['shipments', undefined, { type: 'ship', ...all }],
    ['shipments', { lines: [] }, { type: 'ship', ...all }],
    [
      'shipments',
      {
        carrier: 'Royal Mail',
        trackingNumber: 'RM 1',
        lines: [{ lineId: '2', quantity: 1 }],
        warehouseId: warehouseId.toUpperCase(),
      },
      {
        type: 'ship',
        carrier: 'Royal Mail',
        trackingNumber: 'RM 1',
        lines: [{ lineId: '2', quantity: 1 }],
        warehouseId,
      },
    ],
    [`shipments/${shipmentId.toUpperCase()}/deliver`, undefined, { type: 'deliver', shipmentId }],
    [`shipments/${shipmentId}/deliver`, {}, { type: 'deliver', shipmentId }],
    [
      'returns',
      { lines: [{ lineId: '1', quantity: 2 }] },
      { type: 'return', lines: [{ lineId: '1', quantity: 2 }], reason: '', restock: false },
    ],
    [
      'returns',
      { lines: [{ lineId: '1', quantity: 2 }], reason: 'broken', restock: true },
      { type: 'return', lines: [{ lineId: '1', quantity: 2 }], reason: 'broken', restock: true },
    ],
  ])('%s %j', async (what, json, command) => {
    const { status, body, asked } = await call('POST', `${path}/${what}`, { json });
    expect([status, body]).toEqual([200, { ...orderJson, atRest: true }]);
    const heard = asked.filter(({ command: heardOf }) => Object(heardOf).type !== 'get');
    expect(heard).toEqual([{ ref, command: asSealed(command) }]);
  });
});

describe('Idempotency-Key', () => {
  const item = { sku: '85123A', quantity: 1, unitPrice: { amount: '1', currency: 'GBP' } };

  test.each([
    ['POST', `${path}/cancel`, undefined, `CancelOrder|${orderId}`],
    ['POST', `${path}/shipments`, undefined, `UpdateOrderStatus|${orderId}`],
    ['POST', `${path}/shipments/${shipmentId}/deliver`, undefined, `DeliverShipment|${orderId}`],
    ['POST', `${path}/refunds/retry`, undefined, `RetryRefunds|${orderId}`],
    ['POST', `${path}/returns`, { lines: [{ lineId: '1', quantity: 1 }] }, `ReturnItems|${orderId}`],
    ['PATCH', `/v1/customers/${customerId}`, { phone: '1' }, `UpdateCustomer|${customerId}`],
  ])('%s %s', async (method, url, json, scope) => {
    await call(method, url, { json, headers: { 'idempotency-key': 'k 1' } });
    expect(lastOptions()?.receipt?.key).toBe(`${scope}|k 1`);
    await call(method, url, { json });
    expect(lastOptions()?.receipt).toBeNull();
  });

  test.each([
    ['/v1/orders', { items: [item], paymentMethod: 'tok' }],
    ['/v1/customers', { name: 'Ada' }],
  ])('of %s decides the id, so that repeats meet', async (url, json) => {
    const idUnder = async (headers: Record<string, string>) =>
      (await call('POST', url, { json, headers })).headers.get('location');
    const id = await idUnder({ 'idempotency-key': 'again' });
    expect(await idUnder({ 'idempotency-key': 'again' })).toBe(id);
    expect(await idUnder({ 'idempotency-key': 'other' })).not.toBe(id);
    expect(harness.logistics.asker.asked[0]?.command).toMatchObject({ isIdOfKey: true });
  });
});

describe('refusals', () => {
  test.each([
    ['shipments', 'lines[1].lineId'],
    ['returns', 'lines[1].lineId'],
  ])('of %s name the line as the client wrote it', async (what, field) => {
    harness.logistics.asker.answer = () => failField('items[1].line_id', 'the order has no line 9');
    const lines = ['1', '9'].map((lineId) => ({ lineId, quantity: 1 }));
    const { status, body } = await call('POST', `${path}/${what}`, { json: { lines } });
    expect([status, body]).toMatchObject([400, { field, detail: `${field}: the order has no line 9` }]);
  });

  test.each([
    ['shipments', { lines: ['1', '1'].map((lineId) => ({ lineId, quantity: 1 })) }, 'lines[1].lineId'],
    ['returns', { lines: ['1', '1'].map((lineId) => ({ lineId, quantity: 1 })) }, 'lines[1].lineId'],
    ['shipments', { carrier: 'a\nb' }, 'carrier'],
    ['shipments', { trackingNumber: 'a\u0007' }, 'trackingNumber'],
    ['cancel', { reason: 'a\nb' }, 'reason'],
    ['returns', { lines: [] }, 'lines'],
  ])('of %s %j: before the order is asked', async (what, json, field) => {
    const { status, body, asked } = await call('POST', `${path}/${what}`, { json });
    expect([status, Object(body).field, asked]).toEqual([400, field, []]);
  });

  test.each([
    [`${path}/shipments/x/deliver`, 'sid'],
    [`/v1/orders/x/shipments/${shipmentId}/deliver`, 'id'],
    ['/v1/orders/x/cancel', 'id'],
    ['/v1/orders/x/shipments', 'id'],
  ])('%s name what is wrong in the path', async (url, field) => {
    const { status, body } = await call('POST', url);
    expect([status, Object(body).field]).toEqual([400, field]);
  });

  test('tell the state as answers spell it', async () => {
    harness.logistics.asker.answer = () =>
      fail('order-state', 'the order is backOrdered: only a confirmed order is shipped', {
        state: 'backOrdered',
      });
    const { status, body } = await call('POST', `${path}/shipments`);
    expect([status, body]).toMatchObject([409, { code: 'order-state', details: { state: 'back_ordered' } }]);
  });
});

describe('customers', () => {
  const url = `/v1/customers/${customerId}`;

  test('are made', async () => {
    const json = {
      id: customerId.toUpperCase(),
      name: 'Ada Lovelace',
      email: 'ada@example.org',
      defaultAddress: { line1: '12 St James’s Square', countryCode: 'gb' },
    };
    harness.logistics.asker.answer = ({ ref: { id }, command }) => ({
      ok: { id, sealed: Object(command).sealed, createdAt: 0, updatedAt: 0 },
    });
    const { status, headers, body, asked } = await call('POST', '/v1/customers', { json });
    expect([status, headers.get('location')]).toEqual([201, url]);
    expect(body).toMatchObject({
      id: customerId,
      name: 'Ada Lovelace',
      email: 'ada@example.org',
      phone: '',
      defaultAddress: { line1: '12 St James’s Square', city: '', countryCode: 'GB' },
    });
    expect(asked).toMatchObject([{ ref: { kind: 'customer', id: customerId }, command: { type: 'create' } }]);
    expect(JSON.stringify(asked)).not.toMatch(/Lovelace|example|Square/);
  });

  test('are read', async () => {
    const { status, body } = await call('GET', url);
    expect([status, body]).toEqual([200, customerJson]);
  });

  test.each([
    [{ phone: '1' }, { ...customerJson, phone: '1' }],
    [{ email: '' }, { ...customerJson, email: '' }],
    [
      { defaultAddress: { city: 'Hull' } },
      {
        ...customerJson,
        defaultAddress: {
          recipientName: '',
          line1: '',
          line2: '',
          city: 'Hull',
          state: '',
          postalCode: '',
          countryCode: '',
          phone: '',
        },
      },
    ],
    [{}, customerJson],
  ])('are changed by %j, and in nothing else', async (json, expected) => {
    changesStick();
    const { status, body } = await call('PATCH', url, { json });
    expect([status, body]).toEqual([200, expected]);
  });

  test('lose their address by an empty one', async () => {
    changesStick();
    const { body } = await call('PATCH', url, { json: { defaultAddress: {} } });
    const { defaultAddress: _, ...without } = customerJson;
    expect(body).toEqual(without);
  });

  /** The actor answers a change with what it was given. */
  function changesStick(): void {
    harness.logistics.asker.answer = async ({ ref: { id }, command }) => {
      const view = await harness.logistics.customer(id);
      const { sealed } = Object(command);
      return { ok: typeof sealed === 'string' ? { ...view, sealed } : view };
    };
  }

  test('that others change all the time are told so: 412', async () => {
    const read = harness.logistics.asker.answer;
    harness.logistics.asker.answer = (asked) =>
      asked.options.kind === 'read' ? read(asked) : fail('customer-changed', 'changed meanwhile');
    const { status, body, asked } = await call('PATCH', url, { json: { phone: '1' } });
    expect([status, Object(body).code]).toEqual([412, 'customer-changed']);
    expect(asked.length).toBeGreaterThan(2);
  });

  test('are deleted: 204 and nothing more', async () => {
    const { status, body, asked } = await call('DELETE', url);
    expect([status, body]).toEqual([204, '']);
    expect(asked).toEqual([{ ref: { kind: 'customer', id: customerId }, command: { type: 'erase' } }]);
  });

  test('that are deleted there are not: 404, whatever the actor still has', async () => {
    const view = await harness.logistics.customer('77777777-7777-4777-8777-777777777777');
    await harness.logistics.keys.destroy(view.id);
    harness.logistics.asker.answer = () => ({ ok: view });
    const { status, body } = await call('GET', `/v1/customers/${view.id}`);
    expect([status, Object(body).code]).toEqual([404, 'customer-not-found']);
  });

  test.each([
    ['POST', '/v1/customers', { name: 'a', email: 'nobody' }, 'email'],
    [
      'POST',
      '/v1/customers',
      { name: 'a', defaultAddress: { countryCode: 'G1' } },
      'defaultAddress.countryCode',
    ],
    ['PATCH', url, { name: '' }, 'name'],
    ['PATCH', url, { defaultAddress: null }, 'defaultAddress'],
    ['GET', '/v1/customers/x', undefined, 'id'],
    ['DELETE', '/v1/customers/x', undefined, 'id'],
  ])('%s %s %j is refused', async (method, path, json, field) => {
    const { status, body, asked } = await call(method, path, { json });
    expect([status, Object(body).field, asked]).toEqual([400, field, []]);
  });
});

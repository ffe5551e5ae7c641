// The routes of notifications over the service itself and its database, checked against the document.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isObject } from '../../src/actors/shape.ts';
import { notificationRoutes } from '../../src/http/notifications/routes.ts';
import type { Notifications } from '../../src/notifications/notifications.ts';
import { Events } from '../notifications/support/events.ts';
import { Receiver } from '../notifications/support/receiver.ts';
import { Harness as Service } from '../notifications/support/service.ts';
import { type Harness, serve } from './support/server.ts';

let service: Service;
let notifications: Notifications;
let receiver: Receiver;
let harness: Harness;
const events = new Events();
const customerId = randomUUID();
const orders = Array.from({ length: 5 }, () => randomUUID());

beforeAll(async () => {
  [service, receiver] = await Promise.all([Service.create(), Receiver.start()]);
  service.contacts.customers.set(customerId, { customerId, name: 'Ada', email: 'ada@example.org' });
  // One order is refused for good.
  receiver.answer = ({ body }) => (JSON.stringify(body).includes(orders[2] ?? '') ? 410 : 204);
  notifications = await service.start({ webhookUrls: [`${receiver.url}?token=hunter2`] });
  for (const orderId of orders) await notifications.handler.handle(events.confirmed(orderId, customerId));
  await service.settled();
  harness = await serve({ groups: [notificationRoutes(notifications.record)] });
});
afterAll(async () => {
  await harness.stop();
  await service.close();
  await receiver.close();
});

async function list(search: string) {
  const { status, body } = await harness.call('GET', `/v1/notifications${search}`);
  expect(status).toBe(200);
  if (!isObject(body) || !Array.isArray(body['notifications'])) throw new TypeError('not a page');
  return { notifications: body['notifications'], token: String(body['nextPageToken']) };
}

test('what was sent, newest first, page by page', async () => {
  const all = await list('');
  expect(all.token).toBe('');
  expect(all.notifications.map(({ orderId }) => orderId)).toEqual(orders.toReversed());
  const first = await list('?pageSize=3');
  const second = await list(`?pageSize=3&pageToken=${first.token}`);
  expect([...first.notifications, ...second.notifications]).toEqual(all.notifications);
  expect(second.token).toBe('');
});

test('a token in the URL of a webhook is used, and not shown', async () => {
  const targets = (await list('')).notifications.map(({ target }) => target);
  expect(new Set(targets)).toEqual(new Set([`${receiver.url}?…`]));
});

test('by status, order and channel', async () => {
  const failed = await list('?status=failed');
  expect(failed.notifications).toMatchObject([
    { orderId: orders[2], status: 'failed', reason: 'HTTP 410', attempts: 1, channel: 'webhook', customerId },
  ]);
  expect((await list(`?orderId=${orders[1]}`)).notifications).toMatchObject([
    { orderId: orders[1], status: 'sent', sentAt: expect.any(String) },
  ]);
  expect((await list('?channel=mail')).notifications).toEqual([]);
});

test.each([
  ['?status=gone', 'status'],
  ['?orderId=1', 'orderId'],
  ['?pageToken=nonsense', 'pageToken'],
  ['?pageSize=0', 'pageSize'],
  ['?order=1', 'order'],
])('%s is refused, and the field is named', async (search, field) => {
  const { status, body } = await harness.call('GET', `/v1/notifications${search}`);
  expect([status, body]).toMatchObject([400, { code: 'invalid-argument', field }]);
});

test('the token of another list is refused', async () => {
  const { token } = await list('?pageSize=3');
  const { status, body } = await harness.call('GET', `/v1/notifications?status=sent&pageToken=${token}`);
  expect([status, body]).toMatchObject([400, { field: 'pageToken' }]);
});

test('what failed is tried again, once it has failed', async () => {
  const [failed] = (await list('?status=failed')).notifications;
  receiver.answer = () => 204;
  const { status, body } = await harness.call('POST', `/v1/notifications/${failed.id}/retry`);
  expect([status, body]).toMatchObject([200, { id: failed.id, status: 'waiting', attempts: 0 }]);
  await service.settled();
  expect(receiver.ids.at(-1)).toBe(failed.eventId);
  expect((await list('?status=failed')).notifications).toEqual([]);
  const again = await harness.call('POST', `/v1/notifications/${failed.id}/retry`);
  expect([again.status, again.body]).toMatchObject([409, { code: 'notification-state' }]);
});

test('of a target that is gone nothing is tried again', async () => {
  const { id } = (await list('')).notifications[0];
  await service.sql`update notifications set status = 'failed', sent_at = null, target = 'http://gone' where id = ${id}`;
  const { status, body } = await harness.call('POST', `/v1/notifications/${id}/retry`);
  expect([status, body]).toMatchObject([409, { code: 'notification-state' }]);
});

test.each(['0', '-1', 'x', '9999999999999999', '1e3'])('%s is no id', async (id) => {
  const { status, body } = await harness.call('POST', `/v1/notifications/${id}/retry`);
  expect([status, body]).toMatchObject([400, { code: 'invalid-argument', field: 'id' }]);
});

test('one that there is not', async () => {
  const { status, body } = await harness.call('POST', '/v1/notifications/999999999999999/retry');
  expect([status, body]).toMatchObject([404, { code: 'notification-not-found' }]);
});

test('preferences are read, chosen as a whole, and read again', async () => {
  const path = `/v1/customers/${customerId}/notification-preferences`;
  const usual = { channels: ['mail'], kinds: ['orders', 'shipments', 'payments'] };
  expect((await harness.call('GET', path)).body).toEqual(usual);
  const chosen = { channels: [], kinds: ['payments'] };
  expect((await harness.call('PUT', path, { json: chosen })).body).toEqual(chosen);
  expect((await harness.call('GET', path)).body).toEqual(chosen);
});

test.each([
  [{ channels: ['pigeon'], kinds: [] }, 'channels[0]'],
  [{ channels: ['mail', 'mail'], kinds: [] }, 'channels'],
  [{ channels: [], kinds: ['news'] }, 'kinds[0]'],
  [{ channels: [] }, 'kinds'],
  [{ channels: [], kinds: [], more: 1 }, 'more'],
])('%j is refused, and the field is named', async (json, field) => {
  const path = `/v1/customers/${customerId}/notification-preferences`;
  const { status, body } = await harness.call('PUT', path, { json });
  expect([status, body]).toMatchObject([400, { code: 'invalid-argument', field }]);
});

test('preferences of nobody, and while it is not known whose', async () => {
  const nobody = `/v1/customers/${randomUUID()}/notification-preferences`;
  const { status, body } = await harness.call('GET', nobody);
  expect([status, body]).toMatchObject([404, { code: 'customer-not-found' }]);
  service.contacts.isAway = true;
  const away = await harness.call('GET', nobody);
  service.contacts.isAway = false;
  expect([away.status, away.body]).toMatchObject([503, { code: 'unavailable' }]);
});

// What customers choose, and that they can be forgotten: no personal data is in the database at any time.
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { NotificationOptions, Notifications } from '../../src/notifications/notifications.ts';
import { until } from '../support/until.ts';
import { someOrder } from './support/contacts.ts';
import { Events } from './support/events.ts';
import { MailServer } from './support/mail-server.ts';
import { Receiver } from './support/receiver.ts';
import { Harness } from './support/service.ts';

let harness: Harness;
let server: MailServer;
let events: Events;
beforeEach(async () => {
  [harness, server] = await Promise.all([Harness.create(), MailServer.start()]);
  events = new Events();
});
afterEach(async () => {
  await harness.close();
  await server.close();
});

const [orderId, customerId] = [randomUUID(), randomUUID()];
const shipmentId = someOrder.shipments[0]?.id ?? '';
const email = 'ada@example.org';
const ada = { customerId, name: 'Ada Lovelace', email };

async function start(options: Partial<NotificationOptions> = {}): Promise<Notifications> {
  harness.contacts.add(orderId, ada);
  return await harness.start({ smtpUrl: server.url, ...options });
}

const skippedBecause = async () =>
  (await harness.settled()).map(({ template, status, reason }) => [template, status, reason]);

test('who has chosen nothing is told everything', async () => {
  const { record } = await start();
  expect(await record.preferences(customerId)).toEqual({
    channels: ['mail'],
    kinds: ['orders', 'shipments', 'payments'],
  });
});

test('a kind that is not wanted is not sent, also where the event does not name the customer', async () => {
  const { record, handler } = await start();
  const chosen = { channels: ['mail'], kinds: ['orders', 'payments'] } as const;
  expect(await record.setPreferences(customerId, chosen)).toEqual(chosen);
  expect(await record.preferences(customerId)).toEqual(chosen);
  await handler.handle(events.confirmed(orderId, customerId));
  await handler.handle(events.dispatched(orderId, shipmentId));
  await handler.handle(events.paymentFailed(orderId));
  expect(await skippedBecause()).toEqual([
    ['order_confirmed', 'sent', ''],
    ['order_shipped', 'skipped', 'the customer does not want it'],
    ['payment_failed', 'sent', ''],
  ]);
});

test('who wants no mail gets none, and webhooks hear of it all the same', async () => {
  const receiver = await Receiver.start();
  try {
    const { record, handler } = await start({ webhookUrls: [receiver.url] });
    await record.setPreferences(customerId, { channels: [], kinds: ['orders'] });
    await handler.handle(events.confirmed(orderId, customerId));
    await receiver.has(1);
    expect((await harness.settled()).map(({ channel, status }) => [channel, status])).toEqual([
      ['webhook', 'sent'],
      ['mail', 'skipped'],
    ]);
    expect(server.named).toEqual([]);
  } finally {
    await receiver.close();
  }
});

test('a choice holds for what has not been sent yet, and can be taken back', async () => {
  await server.close();
  const { record, handler } = await start();
  await handler.handle(events.confirmed(orderId, customerId));
  await until('an attempt', async () => (await harness.rows()).some(({ attempts }) => attempts > 0));
  await record.setPreferences(customerId, { channels: [], kinds: [] });
  await server.listen();
  expect(await skippedBecause()).toEqual([['order_confirmed', 'skipped', 'the customer does not want it']]);
  await record.setPreferences(customerId, { channels: ['mail'], kinds: ['orders'] });
  await handler.handle(events.cancelled(orderId, customerId));
  await server.has(1);
});

test('nobody chooses who is not known, or while it cannot be found out', async () => {
  const { record } = await start();
  const chosen = { channels: [], kinds: [] };
  expect(await record.preferences(randomUUID())).toBe('no-customer');
  expect(await record.setPreferences(randomUUID(), chosen)).toBe('no-customer');
  harness.contacts.isAway = true;
  expect(await record.setPreferences(customerId, chosen)).toBe('unavailable');
  expect(await harness.sql`select * from preferences`).toEqual([]);
});

test('of an erased customer nothing is left but that something was sent', async () => {
  const { record, handler } = await start();
  await record.setPreferences(customerId, { channels: ['mail'], kinds: ['orders', 'shipments'] });
  await handler.handle(events.confirmed(orderId, customerId));
  await handler.handle(events.dispatched(orderId, shipmentId));
  await server.has(2);
  await harness.settled();
  // What waits when the customer is erased.
  await server.close();
  await handler.handle(events.cancelled(orderId, customerId));
  await handler.handle(events.paymentFailed(orderId));
  harness.contacts.customers.delete(customerId);
  await handler.handle(events.customer('CustomerErased', customerId));
  expect(await skippedBecause()).toEqual([
    ['order_confirmed', 'sent', ''],
    ['order_shipped', 'sent', ''],
    ['order_cancelled', 'skipped', 'the customer was erased'],
    ['payment_failed', 'skipped', 'the customer was erased'],
  ]);
  const left = await harness.sql`select notifications.* from notifications`;
  expect(JSON.stringify(left)).not.toContain(customerId);
  expect(
    left.map(({ order_id, customer_id, subject, event }) => [order_id, customer_id, subject, event]),
  ).toEqual(left.map(() => [null, null, '', '']));
  expect(await harness.sql`select * from preferences`).toEqual([]);
});

test('mail to who was erased meanwhile is skipped, also before the event says so', async () => {
  const { handler } = await start();
  harness.contacts.customers.delete(customerId);
  await handler.handle(events.dispatched(orderId, shipmentId));
  expect(await skippedBecause()).toEqual([['order_shipped', 'skipped', 'the customer was erased']]);
  expect(server.named).toEqual([]);
});

test('a webhook that waits when its customer is erased is sent', async () => {
  const receiver = await Receiver.start();
  try {
    receiver.answer = () => 500;
    const { handler } = await start({ webhookUrls: [receiver.url], smtpUrl: null });
    const event = events.confirmed(orderId, customerId);
    await handler.handle(event);
    await receiver.has(1);
    await handler.handle(events.customer('CustomerErased', customerId));
    receiver.answer = () => 204;
    const [row] = await harness.settled();
    expect(row).toMatchObject({ status: 'sent', order_id: null, customer_id: null, event: '' });
    expect(receiver.received.at(-1)?.body).toMatchObject(event);
  } finally {
    await receiver.close();
  }
});

test('no address and no name is in any table, whatever becomes of the mail', async () => {
  const { handler, record } = await start();
  await record.setPreferences(customerId, { channels: ['mail'], kinds: ['orders', 'shipments', 'payments'] });
  let code: number | null = 450;
  server.refuse.recipient = () => code;
  await handler.handle(events.confirmed(orderId, customerId));
  await until('attempts', async () => (await harness.rows()).some(({ attempts }) => attempts > 1));
  await expectNothingPersonal();
  code = 550;
  await harness.settled();
  await expectNothingPersonal();
  code = null;
  await handler.handle(events.dispatched(orderId, shipmentId));
  await server.has(1);
  await harness.settled();
  await expectNothingPersonal();
  // What is looked for is what was sent.
  expect(server.mails[0]?.text).toMatch(/ada@example\.org/);
});

/** Every row of every table, as text. */
async function expectNothingPersonal(): Promise<void> {
  const tables = await harness.sql<{ name: string }[]>`
    select table_name as name from information_schema.tables where table_schema = 'public'`;
  expect(tables.map(({ name }) => name)).toContain('notifications');
  for (const { name } of tables) {
    const rows = await harness.sql<{ text: string }[]>`
      select each::text as text from ${harness.sql(name)} as each`;
    for (const { text } of rows) expect(text).not.toMatch(/@|Ada|Lovelace/);
  }
  expect(harness.logged.join('')).not.toMatch(/ada@|Lovelace/);
}

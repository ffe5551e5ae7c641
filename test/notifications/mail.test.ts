// Mail over a real SMTP server: what it refuses for good, what for now, and what while it is away.
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { NotificationOptions, Notifications } from '../../src/notifications/notifications.ts';
import { until } from '../support/until.ts';
import { someOrder } from './support/contacts.ts';
import { Events } from './support/events.ts';
import { headerOf, MailServer } from './support/mail-server.ts';
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

const start = (options: Partial<NotificationOptions> = {}): Promise<Notifications> =>
  harness.start({ smtpUrl: server.url, shopMail: 'Stock <stock@shop.example>', ...options });

/** An order of a customer of this address. */
function orderOf(email: string, name = 'Ada Lovelace') {
  const [orderId, customerId] = [randomUUID(), randomUUID()];
  harness.contacts.add(orderId, { customerId, name, email });
  return { orderId, customerId };
}

test('tells the customer by name, with the goods and the amount', async () => {
  const { handler } = await start();
  const { orderId, customerId } = orderOf('ada@example.org');
  await handler.handle(events.confirmed(orderId, customerId));
  await server.has(1);
  const [mail] = server.mails;
  if (mail === undefined) throw new Error('no mail');
  expect(mail.to).toBe('ada@example.org');
  expect(headerOf(mail, 'from')).toBe('The Shop <shop@shop.example>');
  expect(headerOf(mail, 'to')).toBe('Ada Lovelace <ada@example.org>');
  expect(headerOf(mail, 'subject')).toBe(`Order ${orderId} is confirmed`);
  expect(headerOf(mail, 'message-id')).toMatch(/^<[0-9a-f]{32}@shop\.example>$/);
  expect(headerOf(mail, 'auto-submitted')).toBe('auto-generated');
  expect(mail.text).toContain('text/html');
  expect(mail.text).toContain('15.30 GBP');
  expect(await harness.settled()).toMatchObject([{ status: 'sent', target: 'customer' }]);
});

test('tells the shop of stock', async () => {
  const { handler } = await start();
  await handler.handle(events.lowStock('85123A'));
  await handler.handle(events.backInStock('85123A'));
  await server.has(2);
  expect(server.mails.map(({ to }) => to)).toEqual(['stock@shop.example', 'stock@shop.example']);
  expect(harness.contacts.asked).toBe(0);
});

test.each([450, 421])('a %i of a recipient is tried again', async (code) => {
  const { handler } = await start();
  const { orderId, customerId } = orderOf('ada@example.org');
  let refusals = 3;
  server.refuse.recipient = () => {
    refusals -= 1;
    return refusals >= 0 ? code : null;
  };
  await handler.handle(events.confirmed(orderId, customerId));
  await server.has(1);
  expect(await harness.settled()).toMatchObject([{ status: 'sent', attempts: 4 }]);
});

test('sent again after a crash it has the same Message-ID', async () => {
  const { handler } = await start();
  const { orderId, customerId } = orderOf('ada@example.org');
  await handler.handle(events.confirmed(orderId, customerId));
  await server.has(1);
  // As after a crash between sending and writing that down.
  await harness.settled();
  const event = JSON.stringify({
    ...events.confirmed(orderId, customerId),
    id: (await harness.rows())[0]?.event_id,
  });
  await harness.sql`update notifications set status = 'waiting', sent_at = null, event = ${event}`;
  await server.has(2);
  const [first, second] = server.mails.map((mail) => headerOf(mail, 'message-id'));
  expect(second).toBe(first);
});

test('a recipient that is refused for good has failed, and holds up nobody', async () => {
  const { handler } = await start();
  const [bad, good] = [orderOf('gone@example.org'), orderOf('ada@example.org')];
  server.refuse.recipient = (address) => (address === 'gone@example.org' ? 550 : null);
  await handler.handle(events.confirmed(bad.orderId, bad.customerId));
  await handler.handle(events.confirmed(good.orderId, good.customerId));
  const rows = await harness.settled();
  expect(rows.map(({ status, attempts, reason }) => [status, attempts, reason])).toEqual([
    ['failed', 1, 'SMTP 550 at RCPT TO'],
    ['sent', 1, ''],
  ]);
  expect(server.named.filter((address) => address === 'gone@example.org').length).toBe(1);
});

test('a message that is refused for good has failed', async () => {
  const { handler } = await start();
  const { orderId, customerId } = orderOf('ada@example.org');
  server.refuse.message = () => 554;
  await handler.handle(events.confirmed(orderId, customerId));
  expect(await harness.settled()).toMatchObject([{ status: 'failed', reason: 'SMTP 554 at DATA' }]);
});

test('a sender that is refused fails nobody: it is for us to put right', async () => {
  const { handler } = await start();
  const { orderId, customerId } = orderOf('ada@example.org');
  let refusals = 3;
  server.refuse.sender = () => {
    refusals -= 1;
    return refusals >= 0 ? 550 : null;
  };
  await handler.handle(events.confirmed(orderId, customerId));
  await server.has(1);
  expect(await harness.settled()).toMatchObject([{ status: 'sent', attempts: 4 }]);
});

test('while one recipient is put off, others get theirs, and each order its own in order', async () => {
  const { handler } = await start();
  const [slow, quick] = [orderOf('slow@example.org'), orderOf('quick@example.org')];
  let isSlow = true;
  server.refuse.recipient = (address) => (isSlow && address === 'slow@example.org' ? 450 : null);
  const shipmentId = someOrder.shipments[0]?.id ?? '';
  for (const { orderId, customerId } of [slow, quick]) {
    await handler.handle(events.confirmed(orderId, customerId));
    await handler.handle(events.dispatched(orderId, shipmentId));
  }
  await server.has(2);
  expect(server.mails.map(({ to }) => to)).toEqual(['quick@example.org', 'quick@example.org']);
  isSlow = false;
  await server.has(4);
  const subjects = server.mails.slice(2).map((mail) => headerOf(mail, 'subject'));
  expect(subjects).toEqual([
    `Order ${slow.orderId} is confirmed`,
    `A shipment of order ${slow.orderId} is on its way`,
  ]);
});

test('a server that is away is tried until it is back, and everything arrives once', async () => {
  await server.close();
  const { handler } = await start();
  const orders = Array.from({ length: 10 }, (_, index) => orderOf(`customer-${index}@example.org`));
  for (const { orderId, customerId } of orders) await handler.handle(events.confirmed(orderId, customerId));
  await until('attempts', async () => (await harness.rows()).some(({ attempts }) => attempts > 1));
  expect((await harness.rows()).some(({ reason }) => reason.startsWith('no connection'))).toBe(true);
  await server.listen();
  await harness.settled();
  const everybody = orders.map((_, index) => `customer-${index}@example.org`);
  expect(server.mails.map(({ to }) => to).sort()).toEqual(everybody.sort());
});

test('while Logistics is away nothing is sent to customers, and all of it when it is back', async () => {
  const { handler } = await start();
  const { orderId, customerId } = orderOf('ada@example.org');
  harness.contacts.isAway = true;
  await handler.handle(events.confirmed(orderId, customerId));
  await handler.handle(events.lowStock('85123A'));
  await server.has(1);
  await until('attempts', async () => (await harness.rows()).some(({ attempts }) => attempts > 2));
  expect(server.mails.map(({ to }) => to)).toEqual(['stock@shop.example']);
  harness.contacts.isAway = false;
  await harness.settled();
  expect(server.mails.map(({ to }) => to)).toEqual(['stock@shop.example', 'ada@example.org']);
});

test('guests, unknown orders and customers without an address are skipped, with why', async () => {
  const { handler } = await start();
  const guest = randomUUID();
  harness.contacts.orders.set(guest, { order: someOrder, customer: 'guest' });
  const none = orderOf('');
  const several = orderOf('ada@example.org, eve@example.org');
  await handler.handle(events.confirmed(guest, null));
  await handler.handle(events.confirmed(randomUUID(), null));
  await handler.handle(events.confirmed(none.orderId, none.customerId));
  await handler.handle(events.confirmed(several.orderId, several.customerId));
  expect((await harness.settled()).map(({ status, reason }) => [status, reason])).toEqual([
    ['skipped', 'the order is that of a guest'],
    ['skipped', 'there is no such order'],
    ['skipped', 'no address is known'],
    ['skipped', 'no address is known'],
  ]);
  expect(server.named).toEqual([]);
});

test('a name starts no header of its own', async () => {
  const { handler } = await start();
  const { orderId, customerId } = orderOf('ada@example.org', 'Ada\r\nBcc: eve@example.org\r\n\r\n<script>');
  await handler.handle(events.confirmed(orderId, customerId));
  await server.has(1);
  const [mail] = server.mails;
  if (mail === undefined) throw new Error('no mail');
  expect(headerOf(mail, 'bcc')).toBe('');
  expect(server.named).toEqual(['ada@example.org']);
  expect(mail.text).not.toContain('<script>\r\n');
});

test('what a mail server says is in neither the record nor the log', async () => {
  const { handler } = await start();
  const { orderId, customerId } = orderOf('ada@example.org');
  server.refuse.recipient = () => 550;
  await handler.handle(events.confirmed(orderId, customerId));
  await harness.settled();
  expect(JSON.stringify(await harness.rows()) + harness.logged.join('')).not.toMatch(/ada@example|Lovelace/);
});

test('without addresses that are ones nothing starts', () => {
  expect(() => harness.open({ smtpUrl: server.url, mailFrom: 'nobody' })).toThrow(RangeError);
  expect(() => harness.open({ smtpUrl: server.url, shopMail: 'stock' })).toThrow(RangeError);
});

// Taking events in: each leads to its messages once, however often and in whatever company it comes.
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PublishedEvent } from '../../src/events/event.ts';
import { NotNow } from '../../src/events/handler.ts';
import {
  createNotificationStore,
  type NotificationStore,
} from '../../src/persistence/notifications/store.ts';
import { StoreError } from '../../src/runtime/store.ts';
import { Events } from './support/events.ts';
import { Harness } from './support/service.ts';

/** Nobody listens there, and nothing is sent: these services are not started. */
const webhookUrls = ['http://127.0.0.1:9/one', 'http://127.0.0.1:9/two'];

let harness: Harness;
let events: Events;
beforeEach(async () => {
  harness = await Harness.create();
  events = new Events();
});
afterEach(() => harness.close());

test('one row for each event, channel and target', async () => {
  const { handler } = harness.open({
    webhookUrls: [...webhookUrls, ...webhookUrls],
    smtpUrl: 'smtp://127.0.0.1:9',
    shopMail: 'shop@shop.example',
  });
  const [orderId, customerId] = [randomUUID(), randomUUID()];
  await handler.handle(events.confirmed(orderId, customerId));
  await handler.handle(events.lowStock('85123A'));
  const rows = await harness.rows();
  expect(
    rows.map(({ channel, target, template, order_id, customer_id }) => [
      channel,
      target,
      template,
      order_id,
      customer_id,
    ]),
  ).toEqual([
    ['webhook', webhookUrls[0], 'order_confirmed', orderId, customerId],
    ['webhook', webhookUrls[1], 'order_confirmed', orderId, customerId],
    ['mail', 'customer', 'order_confirmed', orderId, customerId],
    ['webhook', webhookUrls[0], 'low_stock', null, null],
    ['webhook', webhookUrls[1], 'low_stock', null, null],
    ['mail', 'shop', 'low_stock', null, null],
  ]);
});

test('repeats do nothing, also after a restart and after what came later', async () => {
  const first = harness.open({ webhookUrls });
  const orderId = randomUUID();
  const [confirmed, shipped] = [events.confirmed(orderId, null), events.dispatched(orderId, randomUUID())];
  for (const event of [confirmed, confirmed, shipped, confirmed]) await first.handler.handle(event);
  const rows = await harness.rows();
  expect(rows.length).toBe(4);
  await first.close();
  const second = harness.open({ webhookUrls });
  for (const event of [confirmed, shipped]) await second.handler.handle(event);
  expect(await harness.rows()).toEqual(rows);
});

test('a repeat is known by its mark when its rows are long gone', async () => {
  const { handler } = harness.open({ webhookUrls });
  const event = events.confirmed(randomUUID(), null);
  await handler.handle(event);
  await harness.sql`delete from notifications`;
  await handler.handle(event);
  expect(await harness.rows()).toEqual([]);
});

test('an event that was put aside is taken in after later ones of its subject', async () => {
  const { handler } = harness.open({ webhookUrls });
  const orderId = randomUUID();
  const [confirmed, shipped] = [events.confirmed(orderId, null), events.dispatched(orderId, randomUUID())];
  await handler.handle(shipped);
  await handler.handle(confirmed);
  expect((await harness.rows()).map(({ template }) => template)).toEqual([
    ...['order_shipped', 'order_shipped', 'order_confirmed', 'order_confirmed'],
  ]);
});

test('sources number the same subject each for themselves', async () => {
  const { handler } = harness.open({ webhookUrls });
  const event = events.confirmed(randomUUID(), null);
  const other: PublishedEvent = { ...event, id: `other.${event.id}` };
  await handler.handle(event);
  await handler.handle(other);
  expect((await harness.rows()).length).toBe(4);
});

test('what comes at the same time goes into few statements, each subject in order', async () => {
  const store = createNotificationStore({ url: harness.database.url, log: { warn: () => {} } });
  const sizes: number[] = [];
  const { handler } = harness.open({
    webhookUrls,
    store: {
      ...store,
      takeIn(given) {
        sizes.push(given.length);
        return store.takeIn(given);
      },
    },
  });
  const orders = Array.from({ length: 150 }, () => randomUUID());
  const confirmed = orders.map((id) => events.confirmed(id, null));
  // A subject twice in one batch, and an event twice.
  const again = orders.slice(0, 50).map((id) => events.dispatched(id, randomUUID()));
  await Promise.all([...confirmed, ...again, ...again].map((event) => handler.handle(event)));
  expect(sizes.length).toBeLessThan(10);
  const rows = await harness.rows();
  expect(new Set(rows.map(({ event_id, target }) => `${event_id} ${target}`)).size).toBe(400);
  expect(rows.length).toBe(400);
  const [subject] = again;
  expect(
    rows
      .filter((row) => row.subject === subject?.subject && row.target === webhookUrls[0])
      .map(({ template }) => template),
  ).toEqual(['order_confirmed', 'order_shipped']);
});

test('a database that is away is told as such, and nothing is lost', async () => {
  const { handler } = harness.open({ webhookUrls });
  const event = events.confirmed(randomUUID(), null);
  await handler.handle(event);
  await harness.sql`alter table notifications rename to away`;
  const lost = events.confirmed(randomUUID(), null);
  // Not away but broken: offering it again would not help.
  await expect(handler.handle(lost)).rejects.toThrow(StoreError);
  await harness.sql`alter table away rename to notifications`;
  const unreachable = harness.open({ webhookUrls, databaseUrl: 'postgres://nobody@127.0.0.1:9/nothing' });
  await expect(unreachable.handler.handle(lost)).rejects.toThrow(NotNow);
  await handler.handle(lost);
  expect((await harness.rows()).length).toBe(4);
});

test('one that cannot be taken in keeps out no other', async () => {
  const store = createNotificationStore({ url: harness.database.url, log: { warn: () => {} } });
  const poison = events.confirmed(randomUUID(), null);
  const takeIn: NotificationStore['takeIn'] = async (given) => {
    if (given.some(({ eventId }) => eventId === poison.id)) throw new StoreError('broken', 'poison');
    return await store.takeIn(given);
  };
  const { handler } = harness.open({ webhookUrls, store: { ...store, takeIn } });
  const others = Array.from({ length: 5 }, () => events.confirmed(randomUUID(), null));
  const told = await Promise.allSettled([poison, ...others].map((event) => handler.handle(event)));
  expect(told.map(({ status }) => status)).toEqual(['rejected', ...others.map(() => 'fulfilled')]);
  expect((await harness.rows()).length).toBe(10);
});

// Between sending and writing that down, and between two owners.
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createNotificationStore } from '../../src/persistence/notifications/store.ts';
import { StoreError } from '../../src/runtime/store.ts';
import { until } from '../support/until.ts';
import { Events } from './support/events.ts';
import { MailServer } from './support/mail-server.ts';
import { Receiver } from './support/receiver.ts';
import { Harness } from './support/service.ts';

let harness: Harness;
let receiver: Receiver;
let events: Events;
beforeEach(async () => {
  [harness, receiver] = await Promise.all([Harness.create(), Receiver.start()]);
  events = new Events();
});
afterEach(async () => {
  await harness.close();
  await receiver.close();
});

/** A store in which nothing can be marked as sent until it is told otherwise. */
function forgetful() {
  const store = createNotificationStore({ url: harness.database.url, log: { warn: () => {} } });
  const state = { isAway: true, refused: 0 };
  return {
    state,
    store: {
      ...store,
      async markSent(id: number) {
        if (state.isAway) {
          state.refused += 1;
          throw new StoreError('unknown', 'no answer');
        }
        await store.markSent(id);
      },
    },
  };
}

test('after a crash between the two it is sent again with the same id and body', async () => {
  const { store, state } = forgetful();
  const first = await harness.start({ webhookUrls: [receiver.url], store });
  const [one, two] = [events.confirmed(randomUUID(), null), events.confirmed(randomUUID(), null)];
  await first.handler.handle(one);
  await first.handler.handle(two);
  await until('the mark to fail', () => state.refused > 2);
  // Nothing goes out while it is not written down what has.
  expect(receiver.ids).toEqual([one.id]);
  await first.close();
  await harness.start({ webhookUrls: [receiver.url] });
  await harness.settled();
  expect(receiver.ids).toEqual([one.id, one.id, two.id]);
  expect(receiver.received[1]?.body).toEqual(receiver.received[0]?.body);
});

test('while the database is away it is sent once, and written down when it is back', async () => {
  const { store, state } = forgetful();
  const { handler } = await harness.start({ webhookUrls: [receiver.url], store });
  const event = events.confirmed(randomUUID(), null);
  await handler.handle(event);
  await until('the mark to fail', () => state.refused > 2);
  state.isAway = false;
  const rows = await harness.settled();
  expect(rows).toMatchObject([{ status: 'sent', attempts: 1 }]);
  expect(receiver.ids).toEqual([event.id]);
});

test('nothing is sent that was sent before a restart', async () => {
  const first = await harness.start({ webhookUrls: [receiver.url] });
  await first.handler.handle(events.confirmed(randomUUID(), null));
  await harness.settled();
  await first.close();
  const second = await harness.start({ webhookUrls: [receiver.url] });
  const event = events.confirmed(randomUUID(), null);
  await second.handler.handle(event);
  await receiver.has(2);
  expect(receiver.ids.length).toBe(2);
  expect(receiver.ids[1]).toBe(event.id);
});

test('who has lost the database sends nothing, and who has it does', async () => {
  const store = createNotificationStore({ url: harness.database.url, log: { warn: () => {} } });
  let looks = 0;
  const nextInOrder: typeof store.nextInOrder = async (question) => {
    const rows = await store.nextInOrder(question);
    looks += 1;
    return rows;
  };
  const displaced = await harness.start({ webhookUrls: [receiver.url], store: { ...store, nextInOrder } });
  const epoch = await harness.own();
  await displaced.handler.handle(events.confirmed(randomUUID(), null));
  const before = looks;
  await until('it to have looked', () => looks > before + 2);
  expect(receiver.received).toEqual([]);
  expect(await harness.statuses()).toEqual(['waiting']);
  const owner = harness.open({ webhookUrls: [receiver.url] });
  owner.start(epoch);
  await receiver.has(1);
});

test('mail that was under way when the database failed goes out once', async () => {
  const server = await MailServer.start();
  try {
    const store = createNotificationStore({ url: harness.database.url, log: { warn: () => {} } });
    let failures = 3;
    const readPreferences: typeof store.readPreferences = async (customerId) => {
      failures -= 1;
      if (failures >= 0) throw new StoreError('unknown', 'no answer');
      return await store.readPreferences(customerId);
    };
    const { handler } = await harness.start({ smtpUrl: server.url, store: { ...store, readPreferences } });
    const addresses = Array.from({ length: 12 }, (_, index) => `customer-${index}@example.org`);
    for (const email of addresses) {
      const [orderId, customerId] = [randomUUID(), randomUUID()];
      harness.contacts.add(orderId, { customerId, name: '', email });
      await handler.handle(events.confirmed(orderId, customerId));
    }
    await harness.settled();
    expect(failures).toBeLessThan(0);
    expect(server.mails.map(({ to }) => to).sort()).toEqual(addresses.sort());
  } finally {
    await server.close();
  }
});

test('a fault of ours fails one notification, and no other', async () => {
  const service = harness.open({ webhookUrls: [receiver.url] });
  await service.handler.handle(events.confirmed(randomUUID(), null));
  await service.handler.handle(events.confirmed(randomUUID(), null));
  await harness.sql`update notifications set event = 'no JSON' where id = (select min(id) from notifications)`;
  service.start(await harness.own());
  expect((await harness.settled()).map(({ status }) => status)).toEqual(['failed', 'sent']);
});

test('can be stopped and started again, and what hangs does not hold up the stop', async () => {
  receiver.answer = () => 'hang';
  const service = await harness.start({ webhookUrls: [receiver.url], limits: { webhookMsMax: 60_000 } });
  const event = events.confirmed(randomUUID(), null);
  await service.handler.handle(event);
  await receiver.has(1);
  await service.stop();
  // It was we who ended the attempt: that is no failure of the target.
  expect(await harness.rows()).toMatchObject([{ status: 'waiting', attempts: 0, reason: '' }]);
  receiver.answer = () => 204;
  service.start(await harness.own());
  await harness.settled();
  expect(receiver.ids).toEqual([event.id, event.id]);
});

// Webhooks: signed, in order, tried again with patience, and none held up by another.
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { Events } from './support/events.ts';
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

test('posts the event with a message, signed with every secret', async () => {
  const { handler } = await harness.start({ webhookUrls: [receiver.url] });
  const event = events.confirmed(randomUUID(), null);
  await handler.handle(event);
  await receiver.has(1);
  const [received] = receiver.received;
  expect(received?.isSigned).toBe(true);
  expect(received?.id).toBe(event.id);
  expect(received?.body).toEqual({
    ...event,
    message: {
      template: 'order_confirmed',
      subject: expect.stringContaining('is confirmed'),
      text: expect.any(String),
    },
  });
  const [row] = await harness.settled();
  expect(row).toMatchObject({ status: 'sent', attempts: 1, reason: '', event: '' });
});

test('notifies of nothing that has no rule', async () => {
  const { handler } = await harness.start({ webhookUrls: [receiver.url] });
  await handler.handle(events.customer('CustomerCreated', randomUUID()));
  expect(await harness.rows()).toEqual([]);
});

test('a target that fails is told in order, everything once, when it is back', async () => {
  const { handler } = await harness.start({ webhookUrls: [receiver.url] });
  let failures = 4;
  receiver.answer = () => {
    failures -= 1;
    if (failures >= 0) return ([500, 'cut', 404, 'hang'] as const)[failures] ?? 500;
    return 204;
  };
  const sent = Array.from({ length: 10 }, () => events.confirmed(randomUUID(), null));
  for (const event of sent) await handler.handle(event);
  const rows = await harness.settled();
  const [first] = sent;
  expect(receiver.ids).toEqual([...Array.from({ length: 4 }, () => first?.id), ...sent.map(({ id }) => id)]);
  expect(receiver.received.every(({ isSigned }) => isSigned)).toBe(true);
  expect(rows.map(({ status, attempts }) => [status, attempts])).toEqual([
    ['sent', 5],
    ...Array.from({ length: 9 }, () => ['sent', 1]),
  ]);
});

test('a target that hangs holds up no other', async () => {
  const other = await Receiver.start();
  try {
    const urls = { webhookUrls: [receiver.url, other.url] };
    const service = await harness.start({ ...urls, limits: { webhookMsMax: 60_000 } });
    receiver.answer = () => 'hang';
    const sent = Array.from({ length: 5 }, () => events.confirmed(randomUUID(), null));
    await Promise.all(sent.map((event) => service.handler.handle(event)));
    await other.has(5);
    expect(receiver.received.length).toBe(1);
    await until('the other to be done', async () => (await service.stats()).webhook.waiting === 5);
    const { webhook } = await service.stats();
    expect(webhook).toMatchObject({ sent: 5, failed: 0, waiting: 5 });
    expect(webhook.oldestWaitingMs).toBeGreaterThan(0);
  } finally {
    await other.close();
  }
});

test('waits as long as Retry-After says, and no longer', async () => {
  const { handler } = await harness.start({
    webhookUrls: [receiver.url],
    limits: { retryMsMin: 10, retryMsMax: 10 },
  });
  receiver.answer = () =>
    receiver.received.length === 1 ? { status: 429, headers: { 'retry-after': '1' } } : 204;
  await handler.handle(events.confirmed(randomUUID(), null));
  await receiver.has(2);
  const [first, second] = receiver.received;
  const waitedMs = (second?.at ?? 0) - (first?.at ?? 0);
  expect(waitedMs).toBeGreaterThan(990);
  expect(waitedMs).toBeLessThan(5_000);
});

test('asks for too long a wait are cut', async () => {
  const { handler } = await harness.start({
    webhookUrls: [receiver.url],
    limits: { retryAfterMsMax: 20 },
  });
  receiver.answer = () =>
    receiver.received.length === 1 ? { status: 503, headers: { 'retry-after': '86400' } } : 204;
  await handler.handle(events.confirmed(randomUUID(), null));
  await receiver.has(2);
});

test('gone is not tried again, and what follows is', async () => {
  const { handler } = await harness.start({ webhookUrls: [receiver.url] });
  receiver.answer = () => (receiver.received.length === 1 ? 410 : 204);
  const [first, second] = [events.confirmed(randomUUID(), null), events.confirmed(randomUUID(), null)];
  await handler.handle(first);
  await handler.handle(second);
  const rows = await harness.settled();
  expect(receiver.ids).toEqual([first.id, second.id]);
  expect(rows.map(({ status, reason }) => [status, reason])).toEqual([
    ['failed', 'HTTP 410'],
    ['sent', ''],
  ]);
});

test('redirects are not followed', async () => {
  const elsewhere = await Receiver.start();
  try {
    const { handler } = await harness.start({ webhookUrls: [receiver.url] });
    receiver.answer = () =>
      receiver.received.length === 1 ? { status: 307, headers: { location: elsewhere.url } } : 204;
    await handler.handle(events.confirmed(randomUUID(), null));
    await receiver.has(2);
    expect(elsewhere.received).toEqual([]);
  } finally {
    await elsewhere.close();
  }
});

test('is given up after its time, and the target goes on with what is newer', async () => {
  const { handler } = await harness.start({
    webhookUrls: [receiver.url],
    limits: { patienceMs: 300 },
  });
  receiver.answer = () => 500;
  const old = Array.from({ length: 3 }, () => events.confirmed(randomUUID(), null));
  for (const event of old) await handler.handle(event);
  await until('all to fail', async () => (await harness.statuses()).every((status) => status === 'failed'));
  receiver.answer = () => 204;
  const fresh = events.confirmed(randomUUID(), null);
  await handler.handle(fresh);
  const rows = await harness.settled();
  expect(rows.map(({ status }) => status)).toEqual(['failed', 'failed', 'failed', 'sent']);
  expect(receiver.ids.at(-1)).toBe(fresh.id);
});

test('nothing of an answer is kept or logged', async () => {
  const { handler } = await harness.start({ webhookUrls: [receiver.url] });
  const secret = 'something that only the receiver says';
  receiver.answer = () =>
    receiver.received.length === 1
      ? { status: 500, headers: { 'x-said': secret }, body: secret.repeat(1_000) }
      : 204;
  await handler.handle(events.confirmed(randomUUID(), null));
  await receiver.has(2);
  await harness.settled();
  const dump = JSON.stringify(await harness.rows()) + harness.logged.join('');
  expect(dump).not.toContain(secret);
});

test('the URL of a webhook may have no credentials', () => {
  expect(() => harness.open({ webhookUrls: ['http://user:secret@127.0.0.1/'] })).toThrow(RangeError);
});

test.each([[[]], [['too short']], [['whsec_not base64 at all']]])('%j are no secrets', (webhookSecrets) => {
  expect(() => harness.open({ webhookUrls: [receiver.url], webhookSecrets })).toThrow(RangeError);
});

test('what waits for a target that the settings no longer name is skipped', async () => {
  const before = harness.open({ webhookUrls: ['http://127.0.0.1:9/former'] });
  await before.handler.handle(events.confirmed(randomUUID(), null));
  await harness.start({ webhookUrls: [receiver.url] });
  const [row] = await harness.settled();
  expect(row).toMatchObject({ status: 'skipped', event: '' });
});

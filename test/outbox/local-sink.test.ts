// Consumers within the process: what they cannot take in is put aside in the database, and is handled again where somebody asks.
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PublishedEvent } from '../../src/events/event.ts';
import { NotNow } from '../../src/events/handler.ts';
import { ClosedError } from '../../src/messaging/closed.ts';
import { LocalSink } from '../../src/outbox/local-sink.ts';
import { StoredDeadLetters } from '../../src/outbox/stored-dead-letters.ts';
import { type Client, openClient } from '../../src/persistence/connect.ts';
import { putDeadLetter } from '../../src/persistence/dead-letters.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { itemEvent } from '../support/event.ts';
import { TcpProxy } from '../support/proxy.ts';
import { RecordedLog } from '../support/rabbit.ts';
import { until } from '../support/until.ts';

const queue = 'order_processing';

/** Handles what it is told to, and remembers all that it was offered. */
class Handler {
  readonly offered: string[] = [];
  refusal: (event: PublishedEvent) => Error | undefined = () => undefined;

  async handle(event: PublishedEvent): Promise<void> {
    this.offered.push(event.id);
    const error = this.refusal(event);
    if (error !== undefined) throw error;
  }
}

let database: TestDatabase;
let proxy: TcpProxy;
let client: Client;
let handler: Handler;
let log: RecordedLog;
let sink: LocalSink;
let letters: StoredDeadLetters;

beforeEach(async () => {
  database = await createDatabase();
  const { hostname, port } = new URL(database.url);
  proxy = await TcpProxy.open({ host: hostname, port: Number(port) });
  log = new RecordedLog();
  client = openClient('work', { url: proxy.url(database.url), log });
  handler = new Handler();
  sink = new LocalSink({ queue, handler, client, log });
  letters = new StoredDeadLetters([client], queue);
});

afterEach(async () => {
  await sink.close();
  await client.close();
  await proxy.close();
  await database.drop();
});

const poison = itemEvent('items/1', 1);

async function died(): Promise<void> {
  handler.refusal = ({ id }) => (id === poison.id ? new Error('no such item') : undefined);
  await sink.take(poison);
}

test('only what its queue would take is handled', async () => {
  const created: PublishedEvent = {
    ...itemEvent('customers/1', 1),
    type: 'CustomerCreated',
    data: { customerId: randomUUID() },
  };
  expect(sink.take(created)).toBeNull();
  await sink.take(itemEvent('items/2', 1));
  expect(handler.offered).toEqual(['test.items/2.1']);
  expect(sink.counts).toMatchObject({ handled: 1, dead: 0 });
});

test('what cannot be handled is put aside with the reason, and its subject goes on', async () => {
  const next = itemEvent('items/1', 2);
  const dying = died();
  await Promise.all([dying, sink.take(next)]);
  expect(handler.offered).toEqual([...Array.from({ length: 5 }, () => poison.id), next.id]);
  expect(sink.counts).toEqual({ handled: 1, retried: 4, dead: 1 });
  expect(await sink.deadLetters()).toBe(1);
  expect(await letters.list({ limit: 10 })).toEqual([
    {
      id: poison.id,
      type: 'ItemDeleted',
      subject: 'items/1',
      reason: 'no such item',
      attempts: 5,
      deadAt: expect.stringMatching(/^20.*Z$/),
      routingKey: 'inventory.item_deleted',
      body: JSON.stringify(poison),
    },
  ]);
  expect(log.has('lies among the dead letters')).toBe(true);
});

test('it is handled again where somebody asks, and is gone', async () => {
  await died();
  handler.refusal = () => undefined;
  expect(await letters.replay({ ids: [poison.id, 'another'] })).toEqual({ count: 1, missing: ['another'] });
  await until('no dead letter', async () => (await letters.list({ limit: 10 })).length === 0);
  expect(handler.offered.length).toBe(6);
});

test('what fails again stays, says why it did the last time, and is not tried on and on', async () => {
  await died();
  handler.refusal = () => new Error('still none');
  await letters.replay('all');
  await until('the new reason', async () => {
    const [letter] = await letters.list({ limit: 10, ids: [poison.id] });
    return letter?.reason === 'still none';
  });
  const other = itemEvent('items/2', 1);
  await sink.take(other);
  expect(await letters.list({ limit: 10 })).toMatchObject([{ id: poison.id }, { id: other.id }]);
  await letters.replay({ ids: [other.id] });
  await until('the other, again', () => handler.offered.filter((id) => id === other.id).length === 10);
  expect(handler.offered.filter((id) => id === poison.id).length).toBe(10);
});

test('a letter that is no event to this version stays with the reason, and holds up no other', async () => {
  const old = { messageId: 'old', message: '{"type":"Gone"}', reason: 'none', attempts: 5 };
  await putDeadLetter(client, queue, old);
  await died();
  handler.refusal = () => undefined;
  await letters.replay('all');
  await until('the other to be handled', async () => (await letters.list({ limit: 10 })).length === 1);
  const [left] = await letters.list({ limit: 10 });
  expect(left).toMatchObject({
    id: 'old',
    reason: expect.stringContaining('no event'),
    type: '',
    routingKey: '',
  });
});

test('what is dropped is gone, and of another queue nothing is touched', async () => {
  await died();
  const foreign = new StoredDeadLetters([client], 'notification_service');
  expect(await foreign.list({ limit: 10 })).toEqual([]);
  expect(await foreign.drop('all')).toEqual({ count: 0, missing: [] });
  expect(await letters.drop({ ids: [poison.id] })).toEqual({ count: 1, missing: [] });
  expect(await letters.list({ limit: 10 })).toEqual([]);
});

test('while the database is away nothing is let go of: the subject waits until the letter is there', async () => {
  proxy.refuse();
  const dying = died();
  await until('five attempts', () => handler.offered.length === 5);
  let isOver = false;
  const next = sink.take(itemEvent('items/1', 2))?.finally(() => {
    isOver = true;
  });
  await sink.take(itemEvent('items/2', 1));
  expect([isOver, handler.offered.length]).toEqual([false, 6]);
  proxy.restore();
  await Promise.all([dying, next]);
  expect(await letters.list({ limit: 10 })).toMatchObject([{ id: poison.id }]);
});

test('what waits when it is closed is told to be for whoever comes next', async () => {
  handler.refusal = () => new NotNow('the shard recovers');
  const waiting = sink.take(poison);
  await until('an attempt', () => handler.offered.length > 0);
  expect(sink.stuckForMs).toBeGreaterThan(0);
  await Promise.all([expect(waiting).rejects.toThrow(ClosedError), sink.close()]);
  expect(await letters.list({ limit: 10 })).toEqual([]);
});

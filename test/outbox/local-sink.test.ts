// Consumers without a broker: what they cannot take in lies in the database, until somebody has it handled again.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PublishedEvent } from '../../src/events/event.ts';
import { LocalSink } from '../../src/outbox/local-sink.ts';
import { StoredDeadLetters } from '../../src/outbox/stored-dead-letters.ts';
import { type Client, openClient } from '../../src/persistence/connect.ts';
import { putDeadLetter } from '../../src/persistence/dead-letters.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { itemEvent } from '../support/event.ts';
import { until } from '../support/until.ts';
import { silent } from './support.ts';

const queue = 'order_processing';

describe('a consumer without a broker', () => {
  let database: TestDatabase;
  let client: Client;
  let sink: LocalSink;
  let letters: StoredDeadLetters;
  let handled: string[];
  let isBroken: boolean;

  beforeEach(async () => {
    database = await createDatabase();
    client = openClient('work', { url: database.url, log: silent });
    letters = new StoredDeadLetters([client], queue);
    handled = [];
    isBroken = true;
    sink = new LocalSink({ queue, handler: { handle }, client, log: silent });
  });

  afterEach(async () => {
    await sink.close();
    await client.close();
    await database.drop();
  });

  function handle({ id, sequence }: PublishedEvent): Promise<void> {
    if (isBroken && sequence === 1) return Promise.reject(new Error('it is broken'));
    handled.push(id);
    return Promise.resolve();
  }

  const listed = async () => (await letters.list({ limit: 10 })).map(({ id, reason }) => [id, reason]);

  it('puts aside what it cannot take in, and handles it once what made it fail is mended', async () => {
    const [first, second] = [itemEvent('a', 1), itemEvent('a', 2)];
    await Promise.all([sink.take(first), sink.take(second)]);
    expect(handled).toEqual([second.id]);
    expect(await listed()).toEqual([[first.id, 'it is broken']]);
    isBroken = false;
    expect(await letters.replay('all')).toEqual({ count: 1, missing: [] });
    await until('it to be gone', async () => (await listed()).length === 0);
    expect(handled).toEqual([second.id, first.id]);
  });

  it('has no letter that is no event of this release keep the others from being handled again', async () => {
    const good = itemEvent('a', 1);
    const old = JSON.stringify({ ...itemEvent('b', 1), version: 2 });
    await putDeadLetter(client, queue, { messageId: 'old', message: old, reason: 'then', attempts: 5 });
    await sink.take(good);
    isBroken = false;
    await letters.replay('all');
    await until('the good one', () => handled.includes(good.id));
    await until('it to be gone', async () => (await listed()).length === 1);
    expect(await listed()).toEqual([['old', expect.stringContaining('no event of this release: /version')]]);
  });
});

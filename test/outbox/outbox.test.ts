// I15: every message of the journal is handed on at least once, in order, whatever is told directly and whatever has to be read.
import { afterEach, describe, expect, it } from 'vitest';
import type { Outbox, OutboxStore } from '../../src/outbox/outbox.ts';
import { openClient } from '../../src/persistence/connect.ts';
import { openReaders } from '../../src/persistence/outbox.ts';
import { StoreError } from '../../src/runtime/store.ts';
import { until } from '../support/until.ts';
import { HeldSink, journalRow, silent, TestJournal } from './support.ts';

const cleaning: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const clean of cleaning.splice(0).reverse()) await clean();
});

async function openJournal(shards = 2, readers: readonly string[] = ['amqp']): Promise<TestJournal> {
  const journal = await TestJournal.open(shards, readers);
  cleaning.push(() => journal.close());
  return journal;
}

async function openOutbox(
  ...[journal, ...args]: [TestJournal, ...Parameters<TestJournal['outbox']>]
): Promise<Outbox> {
  const outbox = await journal.outbox(...args);
  cleaning.push(() => outbox.close());
  return outbox;
}

/** Counts the reads of the journal. */
function counting(store: OutboxStore): OutboxStore & { reads: number } {
  const counted = {
    ...store,
    reads: 0,
    readTail: (...args: Parameters<OutboxStore['readTail']>) => {
      counted.reads++;
      return store.readTail(...args);
    },
  };
  return counted;
}

describe('an outbox', () => {
  it('reads what there is, hands it on in the order of each shard, and moves past what is done', async () => {
    const journal = await openJournal();
    await journal.write(journalRow(0, 1, 2), journalRow(0, 2), journalRow(1, 1), journalRow(0, 3));
    const sink = new HeldSink();
    await openOutbox(journal, 'amqp', sink);
    await until(
      'all of it',
      () => sink.given.length === 5,
      undefined,
      () => sink.places,
    );
    expect(sink.places.filter((place) => place.startsWith('0.'))).toEqual([
      '0.1.0',
      '0.1.1',
      '0.2.0',
      '0.3.0',
    ]);
    sink.letGo('0.1.1');
    sink.letGo('0.2.0');
    sink.letGo('1.1.0');
    await until('the other shard to move', async () => (await journal.positions('amqp'))[1] === 1);
    expect(await journal.positions('amqp')).toEqual([0, 1]);
    sink.letGo('0.1.0');
    await until('the first to move past both', async () => (await journal.positions('amqp'))[0] === 2);
  });

  it('begins again where it stood: what was under way is told again', async () => {
    const journal = await openJournal(1);
    await journal.write(journalRow(0, 1), journalRow(0, 2), journalRow(0, 3));
    const first = new HeldSink();
    const outbox = await openOutbox(journal, 'amqp', first);
    await until('all of it', () => first.given.length === 3);
    first.letGo('0.1.0');
    first.letGo('0.3.0');
    await outbox.close();
    const second = new HeldSink();
    await openOutbox(journal, 'amqp', second);
    await until('the rest', () => second.given.length === 2);
    expect(second.given).toEqual(first.given.slice(1));
  });

  it('reads nothing that it is fed, and reads what was left out', async () => {
    const journal = await openJournal(1);
    const store = counting(journal.store('amqp'));
    const sink = new HeldSink();
    sink.isOpen = true;
    const outbox = await openOutbox(journal, 'amqp', sink, { store });
    await until('the first look', () => store.reads === 1);
    outbox.fed(await journal.write(journalRow(0, 1), journalRow(0, 2)));
    outbox.durable(0, 2);
    expect(sink.places).toEqual(['0.1.0', '0.2.0']);
    await journal.write(journalRow(0, 3));
    outbox.fed(await journal.write(journalRow(0, 4)));
    await until(
      'what was left out',
      () => sink.given.length === 4,
      undefined,
      () => sink.places,
    );
    expect(sink.places).toEqual(['0.1.0', '0.2.0', '0.3.0', '0.4.0']);
    expect(store.reads).toBe(2);
    await journal.write(journalRow(0, 5));
    outbox.durable(0, 5);
    await until('what it only heard of', () => sink.given.length === 5);
  });

  it('holds no more in memory than it may, and loses nothing of what is beyond', async () => {
    const journal = await openJournal(2);
    const sink = new HeldSink();
    const limits = { inFlightMax: 2, charactersWaitingMax: 400 };
    const outbox = await openOutbox(journal, 'amqp', sink, { limits });
    for (let seq = 1; seq <= 20; seq++)
      for (const shard of [0, 1]) outbox.fed(await journal.write(journalRow(shard, seq)));
    expect(sink.given).toHaveLength(2);
    expect(outbox.stats).toMatchObject({ inFlight: 2, rowsBehind: 40 });
    sink.letGoAll();
    await until(
      'all of it',
      () => sink.given.length === 40,
      undefined,
      () => sink.places,
    );
    for (const shard of [0, 1])
      expect(sink.places.filter((place) => place.startsWith(`${shard}.`))).toEqual(
        Array.from({ length: 20 }, (_, index) => `${shard}.${index + 1}.0`),
      );
    await until('nothing to be left', () => outbox.stats.rowsBehind === 0);
  });

  it('remembers no more rows behind one message that is never done than it may, and the other shards go on', async () => {
    const journal = await openJournal(2);
    const sink = new HeldSink();
    const stuck = '0.1.0';
    sink.isOpen = true;
    const take = sink.take.bind(sink);
    sink.take = (event) => {
      sink.isOpen = event.id !== `s.${stuck}`;
      return take(event);
    };
    const limits = { rowsUnderWayMax: 5, lookIntervalMs: 10 };
    const outbox = await openOutbox(journal, 'amqp', sink, { limits });
    const rows = Array.from({ length: 20 }, (_, index) => index + 1);
    for (const seq of rows)
      for (const shard of [0, 1]) outbox.fed(await journal.write(journalRow(shard, seq)));
    const told = (shard: number) => sink.places.filter((place) => place.startsWith(`${shard}.`));
    await until('the other shard', async () => (await journal.positions('amqp'))[1] === 20);
    expect(told(0)).toEqual(rows.slice(0, 5).map((seq) => `0.${seq}.0`));
    sink.letGo(stuck);
    await until('the rest', async () => (await journal.positions('amqp'))[0] === 20);
    expect(told(0)).toEqual(rows.map((seq) => `0.${seq}.0`));
  });

  it('goes on when the database answers again', async () => {
    const journal = await openJournal(1);
    await journal.write(journalRow(0, 1));
    const store = journal.store('amqp');
    let failures = 3;
    const failing = <T>(work: () => Promise<T>): Promise<T> =>
      failures-- > 0 ? Promise.reject(new StoreError('unknown', 'silence')) : work();
    const flaky: OutboxStore = {
      ...store,
      readTail: (after, limit) => failing(() => store.readTail(after, limit)),
      advance: (to) => failing(() => store.advance(to)),
    };
    const sink = new HeldSink();
    sink.isOpen = true;
    await openOutbox(journal, 'amqp', sink, { store: flaky, limits: { lookIntervalMs: 20 } });
    await until('the row', () => sink.given.length === 1);
    await until('its position', async () => (await journal.positions('amqp'))[0] === 1);
  });

  it('lets no writes of its position gather behind one that the database does not answer', async () => {
    const journal = await openJournal(1);
    await journal.write(journalRow(0, 1));
    const answered = Promise.withResolvers<void>();
    let calls = 0;
    const store = counting(journal.store('amqp'));
    const slow: OutboxStore = {
      ...store,
      readTail: (...args) => store.readTail(...args),
      advance: async (to) => {
        calls += 1;
        if (calls === 1) await answered.promise;
        return store.advance(to);
      },
    };
    const sink = new HeldSink();
    sink.isOpen = true;
    const limits = { advanceIntervalMs: 1, lookIntervalMs: 5 };
    const outbox = await journal.outbox('amqp', sink, { store: slow, limits });
    // By then a write has been due many times.
    await until('many looks', () => store.reads >= 20);
    expect([calls, sink.given.length]).toEqual([1, 1]);
    const closed = outbox.close();
    answered.resolve();
    await closed;
    expect(calls).toBe(2);
    expect(await journal.positions('amqp')).toEqual([1]);
  });

  it('skips what somebody decided to skip, while it is under way', async () => {
    const journal = await openJournal(1);
    await journal.write(...[1, 2, 3, 4].map((seq) => journalRow(0, seq)));
    const sink = new HeldSink();
    const outbox = await openOutbox(journal, 'amqp', sink, { limits: { inFlightMax: 1 } });
    await until('the first', () => sink.given.length === 1);
    await journal.sql`update outbox_positions set seq = 3`;
    await until('it to hear of that', () => outbox.stats.rowsBehind === 1);
    sink.letGoAll();
    await until('it to be past the skipped', async () => (await journal.positions('amqp'))[0] === 4);
    expect(outbox.stats.rowsBehind).toBe(0);
    expect(sink.places).not.toContain('0.3.0');
    expect(sink.places.at(-1)).toBe('0.4.0');
  });

  it('stops where a row cannot be told: it is never passed over in silence', async () => {
    const journal = await openJournal(1);
    const bad = { ...journalRow(0, 2), events: '{"v":1,"e":[["item","no uuid",{"type":"deleted","n":1}]]}' };
    await journal.write(journalRow(0, 1), bad, journalRow(0, 3));
    const sink = new HeldSink();
    const store = journal.store('amqp');
    let closed = 0;
    const close = () => {
      closed += 1;
      return store.close();
    };
    const limits = { advanceIntervalMs: 30_000 };
    const outbox = await journal.outbox('amqp', sink, { store: { ...store, close }, limits });
    await until('it to break', () => journal.broken.length === 1);
    expect(journal.broken).toMatchObject([{ invariant: 'I15', message: expect.stringContaining('s.0.2.0') }]);
    expect(sink.places).toEqual(['0.1.0']);
    // What was on its way before counts.
    sink.letGoAll();
    await outbox.close();
    expect([closed, await journal.positions('amqp')]).toEqual([1, [1]]);
  });
});

describe('readers', () => {
  it('that take the place of others begin where the last of them stood', async () => {
    const journal = await openJournal(2, ['one', 'two']);
    await journal.sql`update outbox_positions set seq = case reader when 'one' then 5 else 3 end where shard = 0`;
    await journal.readers(['amqp']);
    expect(await journal.positions('amqp')).toEqual([3, 0]);
    expect(await journal.positions('one')).toEqual([]);
    await journal.readers(['one', 'amqp']);
    expect(await journal.positions('one')).toEqual([3, 0]);
    await journal.readers([]);
    await journal.sql`update shards set snapshot_seq = 9, trimmed_to = 7 where shard = 1`;
    await journal.readers(['amqp']);
    expect(await journal.positions('amqp')).toEqual([0, 7]);
  });

  it('are left alone by a process that is no longer the owner', async () => {
    const journal = await openJournal(1, ['amqp']);
    await journal.sql`update owner set epoch = 5`;
    const client = openClient('work', { url: journal.database.url, log: silent });
    cleaning.push(() => client.close());
    expect(await openReaders(client, 4, ['order_processing'])).toBe(false);
    expect(await journal.positions('amqp')).toEqual([0]);
    expect(await journal.positions('order_processing')).toEqual([]);
    expect(await openReaders(client, 5, ['order_processing'])).toBe(true);
    expect(await journal.positions('amqp')).toEqual([]);
  });

  it('never go back, whoever writes their positions', async () => {
    const journal = await openJournal(2);
    const store = journal.store('amqp');
    cleaning.push(() => store.close());
    expect(await store.advance(new Map([[0, 7]]))).toEqual(new Map([[0, 7]]));
    expect(
      await store.advance(
        new Map([
          [0, 4],
          [1, 2],
        ]),
      ),
    ).toEqual(
      new Map([
        [0, 7],
        [1, 2],
      ]),
    );
  });
});

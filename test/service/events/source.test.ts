// The journal of one service, told to its readers: how far each lags, what that costs, and what happens where an event
// cannot be told or the database does not answer.
import pino from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PublishedEvent } from '../../../src/events/event.ts';
import type { Sink } from '../../../src/outbox/outbox.ts';
import { type Reader, SourceEvents } from '../../../src/service/events/source.ts';
import { HeldSink, journalRow, TestJournal } from '../../outbox/support.ts';
import { TcpProxy } from '../../support/proxy.ts';
import { until } from '../../support/until.ts';

let journal: TestJournal;
let logged: string[];
const opened: SourceEvents[] = [];

beforeEach(async () => {
  journal = await TestJournal.open(2, []);
  logged = [];
});

afterEach(async () => {
  await closeAll();
  await journal.close();
});

async function closeAll(): Promise<void> {
  await Promise.all(opened.splice(0).map((source) => source.close()));
}

function sourceAt(databaseUrl: string, readers: readonly Reader[], journalQuotaMb = 4_096): SourceEvents {
  const log = pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) });
  const source = new SourceEvents(
    { service: 'inventory', databaseUrl, shards: 2, threads: 1, ownerEpoch: 0 },
    readers,
    journalQuotaMb,
    log,
  );
  opened.push(source);
  return source;
}

/** Of one reader: the stats of the outbox and what the last look has found. */
function readerOf(source: SourceEvents, reader: string) {
  const { readers, state } = source.stats;
  return {
    ...readers.find((each) => each.reader === reader),
    lag: state?.readers.find((each) => each.reader === reader),
  };
}

const names = async (): Promise<readonly string[]> =>
  (await journal.sql`select distinct reader from outbox_positions order by reader`).map(({ reader }) =>
    String(reader),
  );

const reader = (name: string, sink: Sink): Reader => ({ name, makeSink: () => sink });

test('each reader is told of everything and has its own place; those of before are no more', async () => {
  const [quick, slow] = [new HeldSink(), new HeldSink()];
  quick.isOpen = true;
  await journal.readers(['amqp']);
  await journal.write(journalRow(0, 1), journalRow(0, 2), journalRow(1, 1));
  const source = sourceAt(journal.database.url, [reader('quick', quick), reader('slow', slow)]);
  await source.open();
  expect(await names()).toEqual(['quick', 'slow']);
  await until('both to have heard', () => quick.given.length === 3 && slow.given.length === 3);
  await until('the place of the quick one', async () =>
    (await journal.positions('quick')).every((seq) => seq > 0),
  );
  const fed = await journal.write(journalRow(1, 2));
  source.fed(fed);
  await until('what was fed', () => quick.given.length === 4);
  slow.letGo(String(slow.given[0]?.id).replace(/^[^.]+\./, ''));
  await until('the lag to be seen', async () => {
    await source.measure();
    return readerOf(source, 'slow').lag?.rows === 4;
  });
  expect(readerOf(source, 'slow')).toMatchObject({ inFlight: 4, told: 0, isBroken: false });
  expect(readerOf(source, 'quick')).toMatchObject({ inFlight: 0, told: 4 });
});

test('what the mapping cannot say stops its readers, which says so, and nobody else', async () => {
  const heard = new HeldSink();
  heard.isOpen = true;
  const bad = journalRow(0, 2);
  await journal.write(
    journalRow(0, 1),
    { ...bad, events: bad.events.replace('"deleted"', '"created"') },
    journalRow(0, 3),
  );
  const source = sourceAt(journal.database.url, [reader('one', heard)]);
  await source.open();
  await until('it to stand still', () => readerOf(source, 'one').isBroken === true);
  expect(heard.given.map(({ sequence }) => sequence)).toEqual([1]);
  expect(logged.join('')).toContain('an event cannot be told: this reader stands still');
  // The journal can be fed on, to no effect, and the look at it goes on.
  source.fed(await journal.write(journalRow(0, 4)));
  source.durable(0, 5);
  const { state } = await source.measure();
  expect(state?.readers).toMatchObject([{ reader: 'one' }]);
  expect(heard.given.length).toBe(1);
});

test('a journal beyond its quota is an alert only while a reader lags by more than a minute', async () => {
  const held = new HeldSink();
  const rows = Array.from({ length: 400 }, (_, index) => ({
    ...journalRow(0, index + 1, 30),
    at: Date.now(),
  }));
  await journal.write(...rows);
  const source = sourceAt(journal.database.url, [reader('slow', held)], 1);
  await source.open();
  const first = await source.measure();
  expect(first.state?.journalBytes).toBeGreaterThan(1_048_576);
  expect(first.isOverQuota).toBe(false);
  await journal.sql`update journal set at = at - interval '2 minutes'`;
  await until('the alert', async () => (await source.measure()).isOverQuota);
  held.letGoAll();
  await until('no alert', async () => !(await source.measure()).isOverQuota);
  const lines = logged.filter((line) => line.includes('quota'));
  expect(lines).toEqual([
    expect.stringContaining('beyond its quota'),
    expect.stringContaining('within its quota again'),
  ]);
});

test('a database that does not answer is waited for, at the start and later', async () => {
  const { hostname, port } = new URL(journal.database.url);
  const proxy = await TcpProxy.open({ host: hostname, port: Number(port) });
  try {
    proxy.refuse();
    const sink = new HeldSink();
    sink.isOpen = true;
    await journal.write(journalRow(0, 1));
    const source = sourceAt(proxy.url(journal.database.url), [reader('one', sink)]);
    const opening = source.open();
    await until('a try that failed', () => logged.some((line) => line.includes('it is tried again')));
    proxy.restore();
    await opening;
    await until('the event', () => sink.given.length === 1);
    proxy.refuse();
    await until('a look that failed', async () => {
      await source.measure();
      return logged.some((line) => line.includes('could not be looked at'));
    });
    source.fed(await journal.write(journalRow(0, 2)));
    await until('what is fed all the same', () => sink.given.length === 2);
    proxy.restore();
    await until('its place', async () => (await journal.positions('one'))[0] === 2);
  } finally {
    // Before what they go through.
    await closeAll();
    await proxy.close();
  }
});

test('closed before it could be opened it gives up', async () => {
  const source = sourceAt('postgres://nobody@127.0.0.1:1/none', [reader('one', new HeldSink())]);
  const opening = expect(source.open()).rejects.toThrow('aborted');
  await until('a try that failed', () => logged.some((line) => line.includes('it is tried again')));
  await source.close();
  await opening;
});

test('closed, it lets the sink end first, and leaves what is on its way to whoever comes next', async () => {
  const ended: string[] = [];
  const sink = {
    take: (event: PublishedEvent) => {
      ended.push(event.id);
      return new Promise<void>(() => {});
    },
    close: async () => void ended.push('closed'),
  };
  await journal.write(journalRow(0, 1));
  const source = sourceAt(journal.database.url, [reader('one', sink)]);
  await source.open();
  await until('the event', () => ended.length === 1);
  await source.close();
  expect(ended.at(-1)).toBe('closed');
  expect(await journal.positions('one')).toEqual([0, 0]);
});

// The memory of availability, on a clock of the test's own: one question for all who ask at once, nothing too old, and
// nothing remembered that has changed meanwhile.
import { expect, test } from 'vitest';
import {
  AvailabilityCache,
  type Reading,
  type SharedAvailability,
} from '../../src/api/inventory/availability-cache.ts';

interface Question {
  readonly sku: string;
  answer(amount: number | null): void;
  fail(error: Error): void;
}

interface SetUp {
  readonly shared?: SharedAvailability;
  readonly entriesMax?: number;
}

function setUp({ shared, entriesMax }: SetUp = {}) {
  const clock = { now: 1_000_000 };
  const questions: Question[] = [];
  const sources: Record<string, number> = {};
  const ask = (sku: string) =>
    new Promise<number | null>((answer, fail) => void questions.push({ sku, answer, fail }));
  const cache = new AvailabilityCache(
    {
      ask,
      now: () => clock.now,
      observe: (source, skus) => {
        sources[source] = (sources[source] ?? 0) + skus;
      },
      ...(shared === undefined ? {} : { shared }),
    },
    entriesMax,
  );
  const read = async (...skus: string[]) => (await cache.read(skus)).map(({ amount }) => amount);
  /** The question that comes next. */
  const next = async (): Promise<Question> => {
    while (questions.length === 0) await Promise.resolve();
    const question = questions.shift();
    if (question === undefined) throw new Error('no question');
    return question;
  };
  const known = async (sku: string, amount: number | null) => {
    const answered = read(sku);
    (await next()).answer(amount);
    await answered;
  };
  return { cache, clock, questions, sources, read, next, known };
}

/** Lets everything go on that can. */
const idle = () => new Promise((resolve) => setImmediate(resolve));

class FakeShared implements SharedAvailability {
  readings = new Map<string, Reading>();
  readonly written: [string, number | null][][] = [];
  readonly dropped: string[] = [];
  isAway = false;

  async read(skus: readonly string[]) {
    const found = skus.flatMap((sku) => {
      const reading = this.readings.get(sku);
      return reading === undefined ? [] : [[sku, reading] as const];
    });
    return this.isAway ? null : { stamp: 42, readings: new Map(found) };
  }

  write(amounts: ReadonlyMap<string, number | null>, stamp: number): void {
    expect(stamp).toBe(42);
    this.written.push([...amounts]);
  }

  drop(sku: string): void {
    this.dropped.push(sku);
  }
}

test('a thousand who ask at once share one question, and so do those of the next 900 ms', async () => {
  const { clock, questions, sources, read, next } = setUp();
  const many = Array.from({ length: 1_000 }, () => read('hot'));
  (await next()).answer(5);
  expect(new Set((await Promise.all(many)).flat())).toEqual(new Set([5]));
  clock.now += 900;
  expect(await read('hot')).toEqual([5]);
  expect(sources).toMatchObject({ thread: 1_000, item: 1 });
  clock.now += 1;
  const later = read('hot');
  (await next()).answer(4);
  expect([await later, questions]).toEqual([[4], []]);
});

test('age is counted from before the question, not from the answer', async () => {
  const { clock, read, next } = setUp();
  const first = read('slow');
  const question = await next();
  clock.now += 800;
  question.answer(5);
  expect(await first).toEqual([5]);
  clock.now += 101;
  const second = read('slow');
  (await next()).answer(4);
  expect(await second).toEqual([4]);
});

test('a question that has been under way for too long is not waited for by those who come', async () => {
  const { clock, read, next } = setUp();
  const first = read('stuck');
  const stuck = await next();
  clock.now += 901;
  const second = read('stuck');
  (await next()).answer(4);
  expect(await second).toEqual([4]);
  stuck.answer(5);
  // Asked for after it came, so good for the first; and it does not replace what is newer.
  expect(await first).toEqual([5]);
  expect(await read('stuck')).toEqual([4]);
});

test('who joined a question is not told what has grown too old meanwhile', async () => {
  const { clock, read, next } = setUp();
  const first = read('a');
  const question = await next();
  clock.now += 500;
  const joined = read('a');
  clock.now += 500;
  question.answer(5);
  expect(await first).toEqual([5]);
  (await next()).answer(4);
  expect(await joined).toEqual([4]);
});

test('what was remembered of one SKU and grew too old while another was asked for is asked for again', async () => {
  const { clock, read, next, known } = setUp();
  await known('a', 5);
  clock.now += 800;
  const both = read('a', 'b');
  const question = await next();
  expect(question.sku).toBe('b');
  clock.now += 200;
  question.answer(1);
  const again = await next();
  expect(again.sku).toBe('a');
  again.answer(4);
  expect(await both).toEqual([4, 1]);
});

test('what changes while it is asked for is told to those who wait, and not remembered', async () => {
  const shared = new FakeShared();
  const { cache, read, next } = setUp({ shared });
  const waiting = read('a');
  const question = await next();
  cache.drop('a');
  const later = read('a');
  const newer = await next();
  question.answer(5);
  expect(await waiting).toEqual([5]);
  newer.answer(4);
  expect([await later, await read('a')]).toEqual([[4], [4]]);
  await idle();
  expect([shared.written, shared.dropped]).toEqual([[[['a', 4]]], ['a']]);
});

test('what changes before it is shared is not shared', async () => {
  const shared = new FakeShared();
  const { cache, read, next } = setUp({ shared });
  const both = read('a', 'b');
  (await next()).answer(5);
  const other = await next();
  await idle();
  cache.drop('a');
  other.answer(1);
  await both;
  await idle();
  expect([shared.written, shared.dropped]).toEqual([[[['b', 1]]], ['a']]);
});

test('a SKU that nobody asked for is dropped nowhere', () => {
  const shared = new FakeShared();
  const { cache } = setUp({ shared });
  cache.drop('a');
  expect(shared.dropped).toEqual([]);
});

test('what is shared is told, unless it is too old; nothing is shared where nobody answers', async () => {
  const shared = new FakeShared();
  const { clock, questions, sources, read, next } = setUp({ shared });
  shared.readings.set('young', { amount: 3, readAt: clock.now - 900 });
  shared.readings.set('old', { amount: 3, readAt: clock.now - 901 });
  expect(await read('young')).toEqual([3]);
  expect(questions).toEqual([]);
  // It stays as old as it was.
  clock.now += 1;
  const later = read('young', 'old');
  (await next()).answer(2);
  (await next()).answer(1);
  expect(await later).toEqual([2, 1]);
  expect(sources).toMatchObject({ redis: 1, item: 2 });
  await idle();
  shared.isAway = true;
  const away = read('c');
  (await next()).answer(null);
  expect(await away).toEqual([null]);
  await idle();
  expect(shared.written).toHaveLength(1);
});

test('a failure is told to all who wait, and the next who asks tries again', async () => {
  const { read, next } = setUp();
  const waiting = [read('a', 'b'), read('b'), read('a')];
  const failed = Promise.allSettled(waiting);
  const [first, second] = [await next(), await next()];
  first.fail(new Error('gone'));
  second.answer(1);
  const ends = await failed;
  expect(ends.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected']);
  expect(await read('b')).toEqual([1]);
  const again = read('a');
  (await next()).answer(5);
  expect(await again).toEqual([5]);
});

test('it remembers so many SKUs and no more, the newest', async () => {
  const { cache, read, next, known } = setUp({ entriesMax: 10 });
  for (let each = 0; each < 25; each += 1) await known(`sku-${each}`, each);
  expect(cache.size).toBe(10);
  expect(await read('sku-15', 'sku-24')).toEqual([15, 24]);
  const gone = read('sku-14');
  (await next()).answer(0);
  expect(await gone).toEqual([0]);
});

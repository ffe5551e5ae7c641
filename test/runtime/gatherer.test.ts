// What is asked for one by one goes in few statements, each answer to whoever asked; and nobody is forgotten.
import { describe, expect, it } from 'vitest';
import { Gatherer } from '../../src/runtime/gatherer.ts';

/** Statements that are answered when the test says so. */
class Server {
  readonly sent: { readonly items: readonly number[]; answer(): void; fail(error: Error): void }[] = [];

  readonly run = (items: readonly number[]): Promise<readonly string[]> => {
    const { promise, resolve, reject } = Promise.withResolvers<readonly string[]>();
    this.sent.push({ items, answer: () => resolve(items.map((item) => `answer ${item}`)), fail: reject });
    return promise;
  };

  get items(): readonly (readonly number[])[] {
    return this.sent.map(({ items }) => items);
  }
}

const tick = () => new Promise<void>((resolve) => setImmediate(resolve));

function start(itemsMax = 10, underWayMax = 2) {
  const server = new Server();
  const batches = new Gatherer(server.run, { itemsMax, underWayMax });
  return { server, ask: (item: number) => batches.ask(item) };
}

describe('what is asked for', () => {
  it('within one tick goes in one statement, each answer to whoever asked', async () => {
    const { server, ask } = start();
    const answers = [1, 2, 3].map(ask);
    await Promise.resolve().then(() => answers.push(ask(4)));
    await tick();
    expect(server.items).toEqual([[1, 2, 3, 4]]);
    server.sent[0]?.answer();
    expect(await Promise.all(answers)).toEqual(['answer 1', 'answer 2', 'answer 3', 'answer 4']);
  });

  it('goes in no larger statements than may be, and in no more at a time', async () => {
    const { server, ask } = start(2, 2);
    const answers = [1, 2, 3, 4, 5, 6, 7].map(ask);
    await tick();
    await tick();
    await tick();
    expect(server.items).toEqual([
      [1, 2],
      [3, 4],
    ]);
    server.sent[1]?.answer();
    await tick();
    await tick();
    expect(server.items.slice(2)).toEqual([[5, 6]]);
    server.sent[0]?.answer();
    server.sent[2]?.answer();
    await tick();
    await tick();
    server.sent[3]?.answer();
    expect(await Promise.all(answers)).toHaveLength(7);
  });

  it('gathers while as many statements are under way as may be', async () => {
    const { server, ask } = start(10, 1);
    const first = ask(1);
    await tick();
    const later = [ask(2)];
    await tick();
    later.push(ask(3));
    await tick();
    expect(server.items).toEqual([[1]]);
    server.sent[0]?.answer();
    await first;
    await tick();
    expect(server.items).toEqual([[1], [2, 3]]);
    server.sent[1]?.answer();
    expect(await Promise.all(later)).toEqual(['answer 2', 'answer 3']);
  });

  it('fails with its statement, and with no other', async () => {
    const { server, ask } = start(2, 1);
    const [failed, alsoFailed, served] = [ask(1), ask(2), ask(3)];
    const outcomes = Promise.allSettled([failed, alsoFailed]);
    await tick();
    server.sent[0]?.fail(new Error('no server'));
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await tick();
    server.sent[1]?.answer();
    expect(await served).toBe('answer 3');
  });

  it('fails where a statement answers less than it was asked', async () => {
    const batches = new Gatherer(async () => ['one'], { itemsMax: 2, underWayMax: 1 });
    const [first, second] = await Promise.allSettled([batches.ask(1), batches.ask(2)]);
    expect(first).toEqual({ status: 'fulfilled', value: 'one' });
    expect(second).toMatchObject({ status: 'rejected', reason: expect.any(RangeError) });
  });
});

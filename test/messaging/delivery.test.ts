// How a handler is run, by a clock that the test holds.
import { beforeEach, describe, expect, test } from 'vitest';
import type { PublishedEvent } from '../../src/events/event.ts';
import { NotNow } from '../../src/events/handler.ts';
import { ClosedError } from '../../src/messaging/closed.ts';
import { type Dead, Delivery, type DeliveryLimits } from '../../src/messaging/delivery.ts';
import { itemEvent } from '../support/event.ts';
import { ManualTimers, settled } from '../support/manual-timers.ts';

/** Each event is answered when the test says how. */
class HeldHandler {
  readonly begun: string[] = [];
  readonly #held = new Map<string, { resolve(): void; reject(error: unknown): void }>();

  handle(event: PublishedEvent): Promise<void> {
    const name = nameOf(event);
    this.begun.push(name);
    return new Promise((resolve, reject) => {
      this.#held.set(name, { resolve, reject });
    });
  }

  async finish(name: string, error?: unknown): Promise<void> {
    const held = this.#held.get(name);
    if (held === undefined) throw new Error(`${name} is not being handled`);
    this.#held.delete(name);
    if (error === undefined) held.resolve();
    else held.reject(error);
    await settled();
  }
}

const nameOf = ({ subject, sequence }: PublishedEvent): string => `${subject}${sequence}`;

describe('the delivery', () => {
  let timers: ManualTimers;
  let handler: HeldHandler;
  let delivery: Delivery;

  beforeEach(() => {
    timers = new ManualTimers();
    handler = new HeldHandler();
    delivery = opened();
  });

  function opened(limits: Partial<DeliveryLimits> = {}): Delivery {
    return new Delivery({ handler, timers, limits });
  }

  test('handles events of a subject one after another, and subjects at the same time', async () => {
    const taken = [itemEvent('a', 1), itemEvent('a', 2), itemEvent('b', 1)].map((event) =>
      delivery.take(event),
    );
    expect(handler.begun).toEqual(['a1', 'b1']);
    await handler.finish('b1');
    expect(handler.begun).toEqual(['a1', 'b1']);
    await handler.finish('a1');
    expect(handler.begun).toEqual(['a1', 'b1', 'a2']);
    await handler.finish('a2');
    expect(await Promise.all(taken)).toEqual(['done', 'done', 'done']);
    expect(delivery.counts).toEqual({ handled: 3, retried: 0, dead: 0 });
  });

  test('tries again what says not now, without end, ever more slowly, and holds that subject only', async () => {
    const first = delivery.take(itemEvent('a', 1));
    void delivery.take(itemEvent('a', 2)).catch(() => undefined);
    const pauses: number[] = [];
    for (let times = 0; times < 40; times += 1) {
      await handler.finish('a1', new NotNow('the database does not answer'));
      pauses.push(timers.nextInMs);
      await timers.next();
    }
    expect(handler.begun).toEqual(Array.from({ length: 41 }, () => 'a1'));
    expect(Math.max(...pauses)).toBeLessThanOrEqual(3_000);
    expect(Math.min(...pauses.slice(10))).toBeGreaterThanOrEqual(1_500);
    expect(delivery.stuckForMs).toBeGreaterThan(30 * 1_500);
    const other = delivery.take(itemEvent('b', 1));
    await handler.finish('b1');
    expect(await other).toBe('done');
    await handler.finish('a1');
    expect(await first).toBe('done');
    expect(delivery.stuckForMs).toBe(0);
    expect(delivery.counts).toEqual({ handled: 2, retried: 40, dead: 0 });
    await handler.finish('a2');
  });

  test('gives up on what fails otherwise after five tries, with the reason in one line', async () => {
    const taken = delivery.take(itemEvent('a', 1));
    const next = delivery.take(itemEvent('a', 2));
    for (let times = 1; times < 5; times += 1) {
      await handler.finish('a1', new Error('no'));
      await timers.next();
    }
    await handler.finish('a1', new TypeError(`line one\n  at line\ttwo ${'x'.repeat(600)}`));
    const outcome = await taken;
    if (outcome === 'done') throw new Error('it is dead');
    expect(outcome.attempts).toBe(5);
    expect(outcome.dead).toMatch(/^line one at line two x+$/);
    expect(outcome.dead).toHaveLength(500);
    await handler.finish('a2');
    expect(await next).toBe('done');
    expect(delivery.counts).toEqual({ handled: 1, retried: 4, dead: 1 });
  });

  test('counts what is not now apart from what fails', async () => {
    delivery = opened({ attemptsMax: 2 });
    const taken = delivery.take(itemEvent('a', 1));
    for (const error of [new NotNow('x'), new Error('first'), new NotNow('x'), new NotNow('x')]) {
      await handler.finish('a1', error);
      await timers.next();
    }
    await handler.finish('a1', 'second');
    expect(await taken).toEqual({ dead: 'second', attempts: 5 });
  });

  test('goes on with a subject only when what is dead has been put aside', async () => {
    delivery = opened({ attemptsMax: 1 });
    const stored: Dead[] = [];
    let isBroken = true;
    const source = {
      holder: {},
      putAside: (dead: Dead) => {
        if (isBroken) return Promise.reject(new Error('no room'));
        stored.push(dead);
        return Promise.resolve();
      },
    };
    const dead = delivery.take(itemEvent('a', 1), source);
    void delivery.take(itemEvent('a', 2), source).catch(() => undefined);
    await handler.finish('a1', new Error('broken'));
    await timers.next();
    expect(handler.begun).toEqual(['a1']);
    isBroken = false;
    await timers.next();
    expect(await dead).toEqual({ dead: 'broken', attempts: 1 });
    expect(stored).toEqual([{ dead: 'broken', attempts: 1 }]);
    expect(handler.begun).toEqual(['a1', 'a2']);
    await handler.finish('a2');
  });

  test('begins nothing of what is abandoned, and lets what comes again wait for what is under way', async () => {
    const [old, present] = [1, 2].map(() => ({ holder: {}, putAside: () => Promise.resolve() }));
    if (old === undefined || present === undefined) throw new Error('two sources');
    const first = delivery.take(itemEvent('a', 1), old);
    const second = expect(delivery.take(itemEvent('a', 2), old)).rejects.toThrow(ClosedError);
    const waiting = expect(delivery.take(itemEvent('b', 1), old)).rejects.toThrow(ClosedError);
    await handler.finish('b1', new NotNow('x'));
    delivery.abandon(old.holder);
    await Promise.all([second, waiting]);
    expect(timers.waiting).toBe(0);
    const again = delivery.take(itemEvent('a', 1), present);
    expect(handler.begun).toEqual(['a1', 'b1']);
    await handler.finish('a1');
    expect(await first).toBe('done');
    expect(handler.begun).toEqual(['a1', 'b1', 'a1']);
    await handler.finish('a1');
    expect(await again).toBe('done');
  });

  test('waits for what is under way when it is closed, and begins nothing more', async () => {
    const first = delivery.take(itemEvent('a', 1));
    const second = expect(delivery.take(itemEvent('a', 2))).rejects.toThrow(ClosedError);
    const failing = expect(delivery.take(itemEvent('b', 1))).rejects.toThrow(ClosedError);
    const closed = delivery.close();
    await second;
    await handler.finish('b1', new Error('once more, it would be'));
    await failing;
    await handler.finish('a1');
    await closed;
    expect(await first).toBe('done');
    expect(handler.begun).toEqual(['a1', 'b1']);
    await expect(delivery.take(itemEvent('c', 1))).rejects.toThrow(ClosedError);
    expect(timers.waiting).toBe(0);
  });

  test('does not wait for ever for a handler that hangs', async () => {
    const hanging = expect(delivery.take(itemEvent('a', 1))).rejects.toThrow(ClosedError);
    const closed = delivery.close();
    expect(timers.nextInMs).toBe(5_000);
    await timers.next();
    await closed;
    await hanging;
  });
});

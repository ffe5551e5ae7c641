// What orders and queues say to each other may cross on its way: grants with questions, with answers, with leave-taking.
import { describe, expect, it } from 'vitest';
import type { Arrival } from '../support/channels.ts';
import { checkAlways, checkAtRest } from './support/invariants.ts';
import { Shop } from './support/shop.ts';

function create(s: Shop, id: string, ...wanted: readonly string[]): void {
  s.create(id, Object.fromEntries(wanted.map((itemId) => [itemId, 1])));
  s.settle();
}

/** Wide, on shard 0, waits for a (shard 1) and b (shard 2); one unit of each has come, and both queues have granted. */
function granting(): Shop {
  const s = new Shop({ 'a@1': { w1: 0 }, 'b@2': { w1: 0 } });
  create(s, 'wide@0', 'a@1', 'b@2');
  for (const itemId of ['a@1', 'b@2']) s.stock(itemId, 'w1', 1);
  for (const watch of s.performable()) {
    s.perform(watch);
    s.bringResult(watch);
  }
  return s;
}

function arrive(s: Shop, type: Arrival['type'], from: number, to: number): void {
  s.world.arrive({ type, from, to });
  checkAlways(s);
}

describe('a grant that crosses a question', () => {
  it('and comes before the answer', () => {
    const s = granting();
    arrive(s, 'message', 1, 0);
    arrive(s, 'message', 2, 0);
    expect(s.order('wide@0').waits).toEqual({ 'a@1': 'granted', 'b@2': 'granted' });
    arrive(s, 'message', 0, 2);
    s.settle();
    expect(s.inventory.attempts).toEqual({ committed: 1, short: 1, lost: 0 });
    checkAtRest(s);
  });

  it('and comes after the answer counts once: there is none left over for later', () => {
    const s = granting();
    arrive(s, 'message', 1, 0);
    arrive(s, 'message', 0, 2);
    arrive(s, 'answer', 2, 0);
    // Whatever it made of that, somebody else takes both before it can reserve.
    for (const itemId of ['a@1', 'b@2']) s.stock(itemId, 'w1', -1);
    const late = s.world.arrivals().find(({ from, type }) => from === 2 && type === 'message');
    for (let steps = 0; steps < 1_000; steps += 1) {
      const next = s.world.arrivals().find(({ from, type }) => !(from === 2 && type === 'message'));
      const [wanted] = s.performable();
      if (next !== undefined) s.world.arrive(next);
      else if (wanted !== undefined && s.perform(wanted)) s.bringResult(wanted);
      else break;
    }
    if (late !== undefined) arrive(s, 'message', 2, 0);
    s.settle();
    expect(s.order('wide@0').status).toBe('backOrdered');
    expect(Object.values(s.order('wide@0').waits), 'it believes in no grant').not.toContain('granted');
    checkAtRest(s);
    // The unit of b that comes is for the one who was granted it.
    const tries = s.inventory.attempts.short;
    create(s, 'next@0', 'b@2');
    s.stock('b@2', 'w1', 1);
    s.settle();
    expect(s.order('next@0').status).toBe('confirmed');
    expect(s.inventory.attempts.short).toBe(tries);
    checkAtRest(s);
  });
});

describe('a grant while an order still passes its queues', () => {
  /** First waits for b too; there is enough of a for whoever comes next. */
  function passing(): Shop {
    const s = new Shop({ 'a@1': { w1: 0 }, 'b@2': { w1: 0 }, 'c@2': { w1: 1 } });
    create(s, 'first@0', 'a@1', 'b@2');
    s.stock('a@1', 'w1', 1);
    s.settle();
    s.create('second@0', { 'a@1': 1, 'c@2': 1 });
    for (const wanted of s.performable()) if (s.perform(wanted)) s.bringResult(wanted);
    return s;
  }

  it('comes before any answer, and counts', () => {
    const s = passing();
    arrive(s, 'message', 0, 1);
    arrive(s, 'message', 1, 0);
    s.settle();
    expect(s.order('second@0').status).toBe('confirmed');
    checkAtRest(s);
  });

  it('comes when all have answered, and counts', () => {
    const s = passing();
    arrive(s, 'message', 0, 1);
    arrive(s, 'message', 0, 2);
    arrive(s, 'answer', 1, 0);
    arrive(s, 'answer', 2, 0);
    expect(s.order('second@0').waits).toEqual({ 'a@1': 'waiting' });
    arrive(s, 'message', 1, 0);
    s.settle();
    expect(s.order('second@0').status).toBe('confirmed');
    checkAtRest(s);
  });

  it('comes between the answers, over a crash', () => {
    const s = passing();
    arrive(s, 'message', 0, 1);
    arrive(s, 'answer', 1, 0);
    s.crash();
    arrive(s, 'message', 1, 0);
    s.crash();
    s.settle();
    expect(s.order('second@0').status).toBe('confirmed');
    checkAtRest(s);
  });
});

describe('a queue that hears from somebody it does not know', () => {
  it.each(['short', 'decline', 'leave', 'ask'])('does nothing on %s', (type) => {
    const s = new Shop();
    const command = { type, orderId: 'nobody', taken: [] };
    expect(s.world.ask('queue', 'a@1', command).reply).toMatchObject({ ok: { holds: type === 'ask' } });
    expect(s.world.events('queue', 'a@1')).toEqual([]);
  });
});

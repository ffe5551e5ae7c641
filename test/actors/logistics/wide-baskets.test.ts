// Orders that wait for several items at once: served when all are there, in whatever order they come; until then nothing is
// kept from those who want less.
import { describe, expect, it } from 'vitest';
import { checkAlways, checkAtRest } from './support/invariants.ts';
import { Shop } from './support/shop.ts';

const items = ['a@1', 'b@2', 'c@3'] as const;

function empty(): Shop {
  return new Shop({ 'a@1': { w1: 0 }, 'b@2': { w1: 0 }, 'c@3': { w1: 0 } }, 4);
}

function create(s: Shop, id: string, wanted: readonly string[], units = 1): void {
  s.create(id, Object.fromEntries(wanted.map((itemId) => [itemId, units])));
  s.settle();
}

function permutations(of: readonly string[]): readonly (readonly string[])[] {
  if (of.length === 0) return [[]];
  return of.flatMap((first) =>
    permutations(of.filter((each) => each !== first)).map((rest) => [first, ...rest]),
  );
}

describe('an order that waits for several items', () => {
  it.each(permutations(items))('is served when all have come: %s, %s, %s', (...order) => {
    const s = empty();
    create(s, 'wide@0', items, 2);
    for (const itemId of order) {
      expect(s.order('wide@0').status).toBe('backOrdered');
      s.stock(itemId, 'w1', 1);
      s.settle();
      s.stock(itemId, 'w1', 1);
      s.settle();
      checkAtRest(s);
    }
    expect(s.order('wide@0').status).toBe('confirmed');
  });

  it('is served when all come at once', () => {
    const s = empty();
    create(s, 'wide@0', items);
    for (const itemId of items) s.stock(itemId, 'w1', 1);
    s.settle();
    expect(s.order('wide@0').status).toBe('confirmed');
    expect(s.inventory.attempts).toEqual({ committed: 1, short: 1, lost: 0 });
    checkAtRest(s);
  });

  it('waits only for what it lacks, and for more when that has gone meanwhile', () => {
    const s = empty();
    s.stock('a@1', 'w1', 1);
    create(s, 'wide@0', ['a@1', 'b@2']);
    expect(Object.keys(s.order('wide@0').waits)).toEqual(['b@2']);
    s.stock('a@1', 'w1', -1);
    s.stock('b@2', 'w1', 1);
    s.settle();
    expect(s.order('wide@0')).toMatchObject({
      status: 'backOrdered',
      waits: { 'a@1': 'waiting', 'b@2': 'waiting' },
    });
    checkAtRest(s);
    s.stock('a@1', 'w1', 1);
    s.settle();
    expect(s.order('wide@0').status).toBe('confirmed');
    checkAtRest(s);
  });

  it('keeps nothing while it lacks something: narrower ones may pass it', () => {
    const s = empty();
    create(s, 'wide@0', ['a@1', 'b@2']);
    create(s, 'narrow@0', ['a@1']);
    s.stock('a@1', 'w1', 1);
    s.settle();
    expect(s.order('narrow@0').status).toBe('confirmed');
    expect(s.queue('a@1').entries).toMatchObject([{ orderId: 'wide@0', state: 'passed' }]);
    checkAtRest(s);
    s.stock('a@1', 'w1', 1);
    s.settle();
    create(s, 'new@0', ['a@1']);
    expect(s.order('new@0').status, 'where only those wait who were passed').toBe('confirmed');
    checkAtRest(s);
    s.stock('b@2', 'w1', 1);
    s.settle();
    expect(s.order('wide@0').status).toBe('backOrdered');
    expect(s.queue('a@1').entries, 'its place counts again').toMatchObject([{ state: 'waiting' }]);
    create(s, 'newer@0', ['a@1']);
    expect(s.order('newer@0').status).toBe('backOrdered');
    s.stock('a@1', 'w1', 1);
    s.settle();
    expect(s.order('wide@0').status).toBe('confirmed');
    expect(s.order('newer@0').status).toBe('backOrdered');
    checkAtRest(s);
  });

  it('is granted once, though several queues grant at the same time', () => {
    const s = empty();
    create(s, 'wide@0', items);
    for (const itemId of items) s.stock(itemId, 'w1', 1);
    for (const watch of s.performable()) {
      s.perform(watch);
      s.bringResult(watch);
    }
    s.settle();
    expect(s.order('wide@0').stock.attempt).toBe(2);
    expect(s.order('wide@0').status).toBe('confirmed');
    checkAtRest(s);
  });
});

describe('orders that wait for the same items in opposite order', () => {
  /** Every queue has them in another order: each passes one that somebody else waits in before all others do. */
  function crossed(count: number, wanted: readonly string[]): Shop {
    const s = empty();
    create(s, 'bar@0', items);
    for (let index = 0; index < count; index += 1)
      s.create(`n${index}@${index}`, Object.fromEntries(wanted.map((itemId) => [itemId, 1])));
    for (const wanted of s.performable()) if (s.perform(wanted)) s.bringResult(wanted);
    for (let turn = 0; turn < count; turn += 1) {
      for (let to = 1; to <= wanted.length; to += 1) {
        const from = (turn + to) % count;
        const arrival = s.world.arrivals().find((each) => each.from === from && each.to === to);
        if (arrival !== undefined) s.world.arrive(arrival);
      }
    }
    s.settle();
    s.settleAsk('bar@0', { type: 'cancel', by: 'customer', reason: '' });
    return s;
  }

  function places(s: Shop, itemId: string): readonly string[] {
    return s.queue(itemId).entries.map(({ orderId }) => orderId);
  }

  /** All that is on its way arrives together, again and again: whoever met once meets again. @returns rounds */
  function inStep(s: Shop): number {
    for (let rounds = 0; rounds < 1_000; rounds += 1) {
      const arrivals = s.world.arrivals();
      for (const arrival of arrivals) s.world.arrive(arrival);
      const results = s.performable().filter((wanted) => s.perform(wanted));
      for (const wanted of results) s.bringResult(wanted);
      checkAlways(s);
      if (arrivals.length === 0 && results.length === 0) return rounds;
    }
    throw new Error('I16: they give way to each other for ever');
  }

  it.each([2, 3, 4].flatMap((count) => [items.slice(0, 2), items].map((wanted) => ({ count, wanted }))))(
    '$count of them are served, one after the other, though their messages keep step: $wanted',
    ({ count, wanted }) => {
      const s = crossed(count, wanted);
      expect(places(s, 'a@1')).toHaveLength(count);
      expect(places(s, 'a@1')).not.toEqual(places(s, 'b@2'));
      for (let served = 0; served < count; served += 1) {
        expect(s.inventory.served).toHaveLength(served);
        for (const itemId of wanted) s.stock(itemId, 'w1', 1);
        expect(inStep(s)).toBeLessThan(200);
      }
      expect(s.inventory.served).toHaveLength(count);
      checkAtRest(s);
    },
  );

  it.each([2, 3, 4])(
    '%i of them are served also where there is more than enough of the third item, whose queue answers last',
    (count) => {
      const s = crossed(count, items);
      s.stock('c@3', 'w1', 10);
      for (let served = 0; served < count; served += 1) {
        for (const itemId of ['a@1', 'b@2']) s.stock(itemId, 'w1', 1);
        expect(inStep(s)).toBeLessThan(200);
      }
      expect(s.inventory.served).toHaveLength(count);
      checkAtRest(s);
    },
  );

  it('and one that finds nothing there gives back at once, and asks no second time', () => {
    for (let index = 0; index < 16; index += 1) {
      const s = empty();
      create(s, `wide${index}@0`, ['a@1', 'b@2']);
      s.stock('a@1', 'w1', 1);
      s.settle();
      expect(s.order(`wide${index}@0`).talks, 'it passed, and asked once').toBe(2);
      checkAtRest(s);
    }
  });
});

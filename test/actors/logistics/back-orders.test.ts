// Orders that wait for one SKU: first come, first served, as many tries as there are units, and nobody overtakes.
import { describe, expect, it } from 'vitest';
import { limits } from '../../../src/actors/logistics/limits.ts';
import { cancel, viewOf } from './support/commands.ts';
import { checkAtRest } from './support/invariants.ts';
import { Shop } from './support/shop.ts';

const many = 300;

/** In order of their numbers. */
function waiting(count: number, units: (index: number) => number = () => 1): Shop {
  const s = new Shop({ 'a@0': { w1: 0, w2: 0 } });
  for (let index = 0; index < count; index += 1) {
    s.create(nameOf(index), { 'a@0': units(index) });
    s.settle();
  }
  return s;
}

function nameOf(index: number): string {
  return `n${String(index).padStart(4, '0')}@${index % 3}`;
}

function first(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => nameOf(index));
}

function tries(s: Shop): number {
  const { committed, lost, short } = s.inventory.attempts;
  return committed + lost + short;
}

describe('an order that finds too little', () => {
  it('rests as backOrdered, and says when there may be more', () => {
    const s = new Shop({ 'a@0': { w1: 3 } });
    s.inventory.incomingAt.set('a@0', 7_000_000);
    const call = s.create('o', { 'a@0': 4 });
    s.settle();
    expect(viewOf(call.reply)).toMatchObject({
      status: 'backOrdered',
      isResting: true,
      estimatedAt: 7_000_000,
      waitsUntil: 1_000_000 + 3_600_000,
    });
    expect(s.order('o').payments).toMatchObject([{ status: 'authorized' }]);
    expect(s.inventory.available('a@0'), 'it holds nothing').toBe(3);
    checkAtRest(s);
  });

  it('is served when there is enough, and confirmed like any other', () => {
    const s = new Shop({ 'a@0': { w1: 3 } });
    s.create('o', { 'a@0': 4 });
    s.settle();
    s.stock('a@0', 'w2', 1);
    s.settle();
    expect(s.order('o')).toMatchObject({
      status: 'confirmed',
      waits: {},
      waitsUntil: null,
      estimatedAt: null,
    });
    expect(
      s
        .order('o')
        .history.slice(-3)
        .map(({ to, why }) => [to, why]),
    ).toEqual([
      ['backOrdered', 'too little of 1 of its items'],
      ['reservingStock', 'it is its turn'],
      ['confirmed', ''],
    ]);
    expect(s.queue('a@0')).toMatchObject({ entries: [], levels: {}, taken: [] });
    checkAtRest(s);
  });

  it('waits for all its lines of the item together', () => {
    const s = new Shop({ 'a@0': { w1: 3 } });
    s.create('o', [
      ['a@0', 2],
      ['a@0', 3],
    ]);
    s.settle();
    expect(s.queue('a@0').entries).toMatchObject([{ orderId: 'o', quantity: 5 }]);
    s.stock('a@0', 'w1', 2);
    s.settle();
    expect(s.order('o').status).toBe('confirmed');
    checkAtRest(s);
  });

  it('takes what another gives back', () => {
    const s = new Shop({ 'a@0': { w1: 3 } });
    s.create('first', { 'a@0': 3 });
    s.create('second', { 'a@0': 2 });
    s.settle();
    expect(s.order('second').status).toBe('backOrdered');
    s.settleAsk('first', cancel);
    expect(s.order('second').status).toBe('confirmed');
    checkAtRest(s);
  });

  it('whose item nobody knows waits until its time is over', () => {
    const s = new Shop();
    s.create('o', { 'none@0': 1 });
    s.settle();
    expect(s.order('o').status).toBe('backOrdered');
    s.pass(3_600_000);
    expect(s.order('o').status).toBe('cancelled');
    checkAtRest(s);
  });
});

describe('many that wait', () => {
  it('only the first of them tried: the others saw the queue', () => {
    const s = waiting(many);
    expect(s.inventory.attempts).toEqual({ committed: 0, short: 1, lost: 0 });
    expect(s.queue('a@0').entries.map(({ orderId }) => orderId)).toEqual(first(many));
    checkAtRest(s);
  });

  it('a restock of part of the need serves exactly the first, each with one try', () => {
    const s = waiting(many);
    const before = tries(s);
    s.stock('a@0', 'w1', 120);
    s.settle();
    expect(s.inventory.served.toSorted()).toEqual(first(120));
    expect(tries(s) - before).toBe(120);
    expect(s.queue('a@0').entries[0]?.orderId).toBe(nameOf(120));
    checkAtRest(s);
  });

  it('are all served by many restocks, in order, with hardly a try in vain', () => {
    const s = waiting(many, (index) => 1 + (index % 3));
    const before = tries(s);
    for (let restocks = 0; s.inventory.served.length < many; restocks += 1) {
      expect(restocks).toBeLessThan(1_000);
      s.stock('a@0', restocks % 2 === 0 ? 'w1' : 'w2', 1 + ((restocks * 7) % 11));
      s.settle();
      expect(s.inventory.served.toSorted()).toEqual(first(s.inventory.served.length));
    }
    expect(tries(s) - before).toBeLessThanOrEqual(many * 1.1);
    checkAtRest(s);
  });

  it('try only so many at a time', () => {
    const s = waiting(many);
    s.stock('a@0', 'w1', many);
    let most = 0;
    s.settle(() => {
      const granted = s.queue('a@0').entries.filter(({ state }) => state === 'granted').length;
      most = Math.max(most, granted);
      return true;
    });
    expect(most).toBe(limits.grantsMax);
    expect(s.inventory.served).toHaveLength(many);
  });
});

describe('a new order', () => {
  it('does not overtake who waits, even where there is enough for it alone', () => {
    const s = new Shop({ 'a@0': { w1: 3 } });
    s.create('big', { 'a@0': 5 });
    s.settle();
    const call = s.create('small', { 'a@0': 1 });
    s.settle();
    expect(viewOf(call.reply).status).toBe('backOrdered');
    expect(s.order('small').stock.attempt, 'it has not even tried').toBe(0);
    s.stock('a@0', 'w1', 1);
    s.settle();
    expect(s.order('small').status).toBe('backOrdered');
    checkAtRest(s);
    s.stock('a@0', 'w1', 1);
    s.settle();
    expect(s.inventory.served).toEqual(['big']);
    checkAtRest(s);
    s.stock('a@0', 'w1', 1);
    s.settle();
    expect(s.inventory.served).toEqual(['big', 'small']);
    checkAtRest(s);
  });

  it('comes behind those who wait while they are being served', () => {
    const s = waiting(5);
    s.stock('a@0', 'w1', 3);
    s.settle(({ effect }) => effect.kind !== 'reserve');
    s.create('new@0', { 'a@0': 1 });
    s.settle();
    expect(s.inventory.served.toSorted()).toEqual(first(3));
    s.stock('a@0', 'w1', 2);
    s.settle();
    expect(s.inventory.served.slice(3).toSorted()).toEqual([nameOf(3), nameOf(4)]);
    s.stock('a@0', 'w1', 1);
    s.settle();
    expect(s.order('new@0').status).toBe('confirmed');
    checkAtRest(s);
  });

  it('finds its stock at once where nobody waits any more', () => {
    const s = waiting(2);
    s.stock('a@0', 'w1', 9);
    s.settle();
    const before = tries(s);
    s.create('new@0', { 'a@0': 1 });
    s.settle();
    expect(s.order('new@0').status).toBe('confirmed');
    expect(tries(s) - before).toBe(1);
    checkAtRest(s);
  });
});

// What a queue knows of the stock: news that come late, units that served orders took, others who know of no queue.
import { describe, expect, it } from 'vitest';
import type { Wanted } from '../support/wanted.ts';
import { cancel } from './support/commands.ts';
import { checkAtRest } from './support/invariants.ts';
import { Shop } from './support/shop.ts';

/** Big waits for 5 and small for 1, in this order. */
function waiting(): Shop {
  const s = new Shop({ 'a@0': { w1: 0, w2: 0 } });
  s.create('big@1', { 'a@0': 5 });
  s.settle();
  s.create('small@2', { 'a@0': 1 });
  s.settle();
  return s;
}

/** The queue looks, and what it grants arrives; nobody reserves yet. */
function look(s: Shop): void {
  s.settle(({ effect }) => effect.kind === 'watch');
}

function watchOf(s: Shop): Wanted {
  const [watch] = s.performable();
  if (watch?.effect.kind !== 'watch') throw new Error('it does not watch');
  return watch;
}

/** A while later it hears of the levels as they are. */
function lookAnyway(s: Shop): void {
  const { ref, effect } = watchOf(s);
  expect(s.world.result(ref, effect.key, { ok: { levels: s.inventory.levels('a@0') } })).toBe(true);
  s.settle(({ effect: { kind } }) => kind !== 'reserve' && kind !== 'watch');
}

function reserve(s: Shop, orderId: string): void {
  const wanted = s.performable().find(({ effect, ref }) => effect.kind === 'reserve' && ref.id === orderId);
  if (wanted === undefined) throw new Error(`${orderId} does not reserve`);
  s.perform(wanted);
}

describe('a queue', () => {
  it('watches while anybody waits, from what it has seen, also after a crash', () => {
    const s = waiting();
    const watch = s.performable();
    expect(watch).toMatchObject([
      {
        ref: { kind: 'queue', id: 'a@0' },
        effect: {
          kind: 'watch',
          isWatch: true,
          request: { levels: { w1: { version: 1 }, w2: { version: 1 } } },
        },
      },
    ]);
    s.crash();
    expect(s.performable()).toEqual(watch);
    for (const id of ['big@1', 'small@2']) s.settleAsk(id, cancel);
    expect(s.world.wanted()).toEqual([]);
  });

  it('counts units that a served order took once, whether or not it has seen that', () => {
    const s = waiting();
    s.stock('a@0', 'w1', 6);
    look(s);
    reserve(s, 'big@1');
    s.settle(({ effect }) => effect.kind !== 'watch' && effect.kind !== 'reserve');
    expect(s.queue('a@0').taken).toEqual([{ warehouseId: 'w1', quantity: 5, version: 3 }]);
    s.create('third@0', { 'a@0': 1 });
    s.settle(({ effect }) => effect.kind === 'authorize');
    expect(s.queue('a@0').entries.map(({ orderId, state }) => [orderId, state])).toEqual([
      ['small@2', 'granted'],
      ['third@0', 'waiting'],
    ]);
    look(s);
    expect(s.queue('a@0').taken).toEqual([]);
    expect(s.queue('a@0').entries[1]?.state).toBe('waiting');
    s.settle();
    expect(s.inventory.attempts).toEqual({ committed: 2, short: 1, lost: 0 });
    checkAtRest(s);
  });

  it('whose levels were old waits for newer ones, and tries once', () => {
    const s = waiting();
    s.stock('a@0', 'w1', 5);
    look(s);
    s.stock('a@0', 'w1', -1);
    reserve(s, 'big@1');
    s.settle(({ effect }) => effect.kind !== 'watch');
    expect(s.queue('a@0')).toMatchObject({
      doubt: 'stale',
      entries: [{ state: 'waiting' }, { state: 'waiting' }],
    });
    s.settle();
    expect(s.queue('a@0')).toMatchObject({ doubt: 'none', levels: { w1: { available: 4 } } });
    expect(s.order('big@1').stock.attempt).toBe(2);
    checkAtRest(s);
    s.stock('a@0', 'w1', 2);
    s.settle();
    expect(s.inventory.served).toEqual(['big@1', 'small@2']);
    checkAtRest(s);
  });

  it('that has seen more before it hears that an order was short lets it try again: nobody would tell once more', () => {
    const s = waiting();
    s.settleAsk('small@2', cancel);
    s.stock('a@0', 'w1', 8);
    look(s);
    s.stock('a@0', 'w1', -6);
    reserve(s, 'big@1');
    s.stock('a@0', 'w1', 6);
    look(s);
    s.settle();
    expect(s.inventory.served).toEqual(['big@1']);
    expect(s.order('big@1').stock.attempt).toBe(3);
    checkAtRest(s);
  });

  it('with stock that nobody can have tries once for each piece of news', () => {
    const s = waiting();
    s.inventory.lying.add('w2');
    s.stock('a@0', 'w2', 5);
    s.settle();
    expect(s.order('big@1').stock.attempt).toBe(2);
    s.stock('a@0', 'w2', 1);
    s.settle();
    expect(s.order('big@1').stock.attempt).toBe(3);
    expect(s.order('big@1').status).toBe('backOrdered');
  });

  it('whose levels are no others when it has looked once more lets one order try at a time', () => {
    const s = waiting();
    s.inventory.lying.add('w2');
    s.create('third@0', { 'a@0': 1 });
    s.settle();
    s.stock('a@0', 'w2', 7);
    s.settle();
    expect(s.queue('a@0').doubt).toBe('stale');
    expect(watchOf(s).effect.request, 'whatever is there').toMatchObject({ isDoubted: true });
    s.inventory.lying.delete('w2');
    lookAnyway(s);
    expect(s.queue('a@0')).toMatchObject({
      doubt: 'probing',
      entries: [{ state: 'granted' }, { state: 'waiting' }, { state: 'waiting' }],
    });
    s.settle();
    expect(s.inventory.served, 'the levels were right after all').toEqual(['big@1', 'small@2', 'third@0']);
    checkAtRest(s);
  });

  it('hears when a closed warehouse is opened again, though no level has changed', () => {
    const s = waiting();
    s.stock('a@0', 'w2', 6);
    s.inventory.inactive.add('w2');
    s.settle();
    expect(s.inventory.attempts.short, 'nothing is tried for what is not sold').toBe(1);
    expect(s.order('big@1').status).toBe('backOrdered');
    s.inventory.inactive.delete('w2');
    s.settle();
    expect(s.inventory.served).toEqual(['big@1', 'small@2']);
    checkAtRest(s);
  });

  it('and one who cannot have it: when he leaves, the next may try', () => {
    const s = waiting();
    s.inventory.lying.add('w2');
    s.stock('a@0', 'w1', 1);
    s.settle();
    s.stock('a@0', 'w2', 4);
    s.settle();
    expect(s.queue('a@0').doubt).toBe('stale');
    expect(s.order('small@2').status).toBe('backOrdered');
    s.settleAsk('big@1', cancel);
    expect(s.order('small@2').status).toBe('confirmed');
    checkAtRest(s);
  });

  it('forgets all when the last has left, and looks anew for the next', () => {
    const s = waiting();
    s.stock('a@0', 'w1', 6);
    s.settle();
    expect(s.queue('a@0')).toMatchObject({ entries: [], levels: {}, taken: [], doubt: 'none' });
    s.create('next@0', { 'a@0': 1 });
    s.settle();
    expect(watchOf(s).effect.request).toMatchObject({ levels: { w1: { available: 0 } } });
    checkAtRest(s);
  });

  it('hears of the same levels again without harm', () => {
    const s = waiting();
    s.stock('a@0', 'w1', 6);
    const watch = watchOf(s);
    s.perform(watch);
    s.bringResult(watch);
    s.world.drain();
    const before = s.queue('a@0');
    expect(s.world.result(watch.ref, watch.effect.key, { ok: { levels: [] } }), 'nobody wants it').toBe(
      false,
    );
    expect(s.queue('a@0')).toBe(before);
  });
});

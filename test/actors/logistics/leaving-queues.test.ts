// Orders that leave their queues unserved: their time is over, they are cancelled, there is no room for them.
import { describe, expect, it } from 'vitest';
import type { Context } from '../../../src/actors/behaviour.ts';
import { limits } from '../../../src/actors/logistics/limits.ts';
import { evolve } from '../../../src/actors/logistics/order/evolve.ts';
import type { Order } from '../../../src/actors/logistics/order/model.ts';
import { formatTalkTag, toldTag } from '../../../src/actors/logistics/order/queues.ts';
import { answered } from '../../../src/actors/logistics/order/results.ts';
import { initial } from '../../../src/actors/logistics/queue/evolve.ts';
import { queue } from '../../../src/actors/logistics/queue/queue.ts';
import { allBut, cancel, viewOf } from './support/commands.ts';
import { checkAlways, checkAtRest } from './support/invariants.ts';
import { Shop, stockMs } from './support/shop.ts';

/** Both wait for a, first for b too. */
function waiting(): Shop {
  const s = new Shop({ 'a@1': { w1: 0 }, 'b@2': { w1: 0 } });
  s.create('first@0', { 'a@1': 2, 'b@2': 1 });
  s.settle();
  s.create('second@0', { 'a@1': 1 });
  s.settle();
  return s;
}

/** What first needs of a comes, and the queue of a has heard of it. */
function restock(s: Shop): void {
  s.stock('a@1', 'w1', 2);
  const watch = s.performable().find(({ ref }) => ref.id === 'a@1');
  if (watch === undefined) throw new Error('a is not watched');
  s.perform(watch);
  s.bringResult(watch);
}

function entriesOf(s: Shop, itemId: string): readonly string[] {
  return s.queue(itemId).entries.map(({ orderId, state }) => `${orderId} ${state}`);
}

describe('an order that wants more than any order waits for', () => {
  it('is served where there is as much', () => {
    const s = new Shop({ 'a@1': { w1: 9 } });
    s.create('o@0', { 'a@1': 9 }, { unitsMax: 5 });
    s.settle();
    expect(s.order('o@0').status).toBe('confirmed');
  });

  it('is cancelled where it is short, or others wait, and bars nobody', () => {
    const s = new Shop({ 'a@1': { w1: 3 }, 'b@2': { w1: 3 } });
    s.create('short@0', { 'a@1': 6 }, { unitsMax: 5 });
    s.settle();
    s.create('first@0', { 'b@2': 4 }, { unitsMax: 5 });
    s.settle();
    s.create('behind@0', { 'b@2': 6 }, { unitsMax: 5 });
    s.settle();
    for (const id of ['short@0', 'behind@0'])
      expect(s.order(id)).toMatchObject({
        status: 'cancelled',
        payments: [{ status: 'voided' }],
        cancel: { by: 'system', reason: 'no order waits for more than 5 units of one item' },
      });
    expect(s.order('first@0').status).toBe('backOrdered');
    expect(entriesOf(s, 'a@1')).toEqual([]);
    expect(entriesOf(s, 'b@2')).toHaveLength(1);
    checkAtRest(s);
  });
});

describe('an order that has waited long enough', () => {
  it('is cancelled, its authorization voided, and its places are free', () => {
    const s = waiting();
    s.pass(stockMs - 1);
    expect(s.order('first@0').status).toBe('backOrdered');
    s.pass(1);
    for (const id of ['first@0', 'second@0']) {
      expect(s.order(id)).toMatchObject({ status: 'cancelled', payments: [{ status: 'voided' }] });
      expect(s.order(id).history.at(-1)).toMatchObject({ by: 'timeout', why: 'no stock arrived in time' });
    }
    expect([...entriesOf(s, 'a@1'), ...entriesOf(s, 'b@2')]).toEqual([]);
    checkAtRest(s);
  });

  it('has waited since it began to, however often it tried', () => {
    const s = waiting();
    s.world.now += 1_000;
    s.stock('a@1', 'w1', 2);
    s.stock('b@2', 'w1', 1);
    s.settle(allBut('reserve'));
    s.stock('b@2', 'w1', -1);
    s.settle();
    expect(s.order('first@0')).toMatchObject({
      status: 'backOrdered',
      waitsUntil: 1_000_000 + stockMs,
      stock: { attempt: 2 },
    });
    s.pass(stockMs - 1_000);
    expect(s.order('first@0').status).toBe('cancelled');
    expect(s.order('second@0').status).toBe('confirmed');
    checkAtRest(s);
  });

  it('and is just being served is served; if it is not, its time is over', () => {
    for (const units of [1, 0]) {
      const s = new Shop({ 'a@1': { w1: 0 } });
      s.create('o@0', { 'a@1': 1 });
      s.settle();
      s.stock('a@1', 'w1', 1);
      s.settle(allBut('reserve'));
      s.stock('a@1', 'w1', units - 1);
      s.world.now += stockMs;
      s.world.fireTimers();
      expect(s.order('o@0').status).toBe('reservingStock');
      s.settle();
      s.world.fireTimers();
      s.settle();
      expect(s.order('o@0').status).toBe(units === 1 ? 'confirmed' : 'cancelled');
      checkAtRest(s);
    }
  });
});

describe('an order that is cancelled', () => {
  it('while it waits lets those behind it go on', () => {
    const s = waiting();
    s.stock('a@1', 'w1', 1);
    s.settle();
    expect(s.order('second@0').status, 'first is before it').toBe('backOrdered');
    expect(viewOf(s.settleAsk('first@0', cancel)).status).toBe('cancelled');
    expect(s.order('second@0').status).toBe('confirmed');
    expect(entriesOf(s, 'b@2')).toEqual([]);
    checkAtRest(s);
  });

  it('while a grant is on its way gives it to the next', () => {
    const s = waiting();
    restock(s);
    expect(entriesOf(s, 'a@1')).toEqual(['first@0 granted', 'second@0 waiting']);
    s.ask('first@0', cancel);
    checkAlways(s);
    s.settle();
    expect(s.order('first@0').waits).toEqual({});
    expect(s.order('second@0').status).toBe('confirmed');
    checkAtRest(s);
  });

  it('while it asks another queue is none the worse for the answer', () => {
    const s = waiting();
    restock(s);
    while (s.order('first@0').talk === null) {
      const [arrival] = s.world.arrivals();
      if (arrival === undefined) throw new Error('it never asks');
      s.world.arrive(arrival);
    }
    s.ask('first@0', cancel);
    checkAlways(s);
    s.settle();
    expect(s.order('first@0')).toMatchObject({ status: 'cancelled', talk: null });
    expect(s.order('second@0').status).toBe('confirmed');
    checkAtRest(s);
  });

  it('while it reserves what it was granted gives it back', () => {
    const s = waiting();
    s.stock('a@1', 'w1', 2);
    s.stock('b@2', 'w1', 1);
    s.settle(allBut('reserve'));
    expect(s.order('first@0').status).toBe('reservingStock');
    const call = s.ask('first@0', cancel);
    s.settle();
    expect(viewOf(call.reply).status).toBe('cancelled');
    expect(s.order('second@0').status).toBe('confirmed');
    expect(s.gateway.balance('first@0', s.world.now)).toMatchObject({ captures: 0, open: 0 });
    checkAtRest(s);
  });
});

describe('a queue that is full', () => {
  const entries = Array.from({ length: limits.queueEntriesMax }, (_, index) => ({
    orderId: `n${index}`,
    quantity: 1,
    state: 'waiting' as const,
  }));
  const full = { ...initial, entries };

  it.each(['pass', 'join'] as const)('takes in nobody who would %s, and says so', (type) => {
    const decision = queue.decide(full, { type, orderId: 'new', quantity: 1 }, contextOf('queue', 'a@1'));
    expect(decision).toEqual({
      reply: { ok: { itemId: 'a@1', holds: true, isFull: true, isContended: false } },
    });
  });

  it('knows those who are in it', () => {
    const decision = queue.decide(
      full,
      { type: 'pass', orderId: 'n7', quantity: 1 },
      contextOf('queue', 'a@1'),
    );
    expect(decision).toEqual({
      reply: { ok: { itemId: 'a@1', holds: true, isFull: false, isContended: false } },
    });
  });

  it('cancels the order that passes it, and it leaves the others', () => {
    const s = shopWithOne();
    s.settle(allBut('reserve'));
    const { stock } = s.order('o@0');
    // As it was before the answer came.
    const talk = { number: 1, kind: 'pass', waiting: [1], items: [], isContended: false } as const;
    expectGivenUp({ ...s.order('o@0'), stock: { ...stock, state: 'passing' }, talk }, formatTalkTag(1, 1));
  });

  it('cancels the order that was short and joins it, and it leaves the others', () => {
    const s = shopWithOne();
    s.settle();
    expectGivenUp(s.order('o@0'), toldTag);
  });

  function shopWithOne(): Shop {
    const s = new Shop({ 'a@1': { w1: 0 }, 'b@1': { w1: 0 } });
    s.create('o@0', { 'a@1': 1, 'b@1': 1 });
    return s;
  }

  function expectGivenUp(order: Order, tag: string): void {
    const replies = ['a@1', 'b@1'].map((itemId) => ({
      ok: { itemId, holds: true, isFull: itemId === 'a@1', isContended: false },
    }));
    const answer = { refused: false, replies };
    const { events = [], messages } = answered({ order }, tag, answer, contextOf('order', 'o@0'));
    expect(events.reduce(evolve, { order }).order).toMatchObject({
      status: 'cancelled',
      talk: null,
      waits: {},
      cancel: { by: 'system', reason: 'too many orders wait for one of its items' },
      payments: [{ status: 'voiding' }],
    });
    expect(messages?.flatMap(({ parts }) => parts)).toEqual([
      { ref: { kind: 'queue', id: 'a@1' }, command: { type: 'leave', orderId: 'o@0', taken: [] } },
      { ref: { kind: 'queue', id: 'b@1' }, command: { type: 'leave', orderId: 'o@0', taken: [] } },
    ]);
  }
});

function contextOf(kind: string, id: string): Context {
  return {
    self: { kind, id },
    now: 2_000_000,
    shared: undefined,
    shards: 3,
    shardOf: () => 1,
    receipt: null,
  };
}

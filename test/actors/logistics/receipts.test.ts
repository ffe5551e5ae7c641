// Calls that take several steps and carry a key: one effect and one answer, whenever they are repeated.
import { describe, expect, it } from 'vitest';
import type { OrderCommand } from '../../../src/actors/logistics/order/messages.ts';
import { codeOf } from '../support/shop.ts';
import { cancel, giveBack, ship, viewOf } from './support/commands.ts';
import { checkAtRest } from './support/invariants.ts';
import { Shop } from './support/shop.ts';

function confirmed(): Shop {
  const s = new Shop({ 'a@0': { w1: 9 } });
  s.create('o', { 'a@0': 4 });
  s.settle();
  return s;
}

const calls: Readonly<
  Record<
    string,
    { readonly command: OrderCommand; readonly other: OrderCommand; readonly done: readonly object[] }
  >
> = {
  ship: { command: ship({ 1: 1 }), other: ship({ 1: 2 }), done: [{ shipped: 1, returned: 0 }] },
  return: {
    command: giveBack({ 1: 1 }),
    other: giveBack({ 1: 1 }, false),
    done: [{ shipped: 3, returned: 1 }],
  },
  cancel: { command: cancel, other: { type: 'cancel', by: 'shop', reason: 'no reason' }, done: [] },
};

function ready(name: string): Shop {
  const s = confirmed();
  if (name === 'return') viewOf(s.settleAsk('o', ship({ 1: 3 })));
  return s;
}

describe.each(Object.entries(calls))('%s with a key', (name, { command, done, other }) => {
  it('is done once, and answered the same at once, on the way and afterwards', () => {
    const s = ready(name);
    const first = s.ask('o', command, 'k');
    const second = s.ask('o', command, 'k');
    expect([first.reply, second.reply]).toEqual([null, null]);
    s.settle();
    s.world.now += 1_000;
    const third = s.ask('o', command, 'k');
    viewOf(first.reply);
    expect(second.reply).toEqual(first.reply);
    expect(third.reply).toEqual(first.reply);
    expect(s.order('o').draws).toMatchObject(done);
    checkAtRest(s);
  });

  it('of other content is refused, on the way and afterwards, and changes nothing', () => {
    const s = ready(name);
    s.ask('o', command, 'k');
    const state = s.order('o');
    expect(codeOf(s.ask('o', other, 'k').reply)).toBe('idempotency-key-reused');
    expect(s.order('o')).toBe(state);
    s.settle();
    expect(codeOf(s.ask('o', other, 'k').reply)).toBe('idempotency-key-reused');
    checkAtRest(s);
  });

  it('survives a crash on the way: the repeat is answered by the first', () => {
    const s = ready(name);
    const lost = s.ask('o', command, 'k');
    s.crash();
    expect(codeOf(lost.reply)).toBe('unavailable');
    const onTheWay = s.ask('o', command, 'k');
    s.crash();
    s.settle();
    const afterwards = s.ask('o', command, 'k');
    expect(codeOf(onTheWay.reply)).toBe('unavailable');
    viewOf(afterwards.reply);
    expect(s.order('o').operations).toBe(name === 'cancel' ? 0 : name === 'return' ? 2 : 1);
    checkAtRest(s);
  });

  it('beside another key is another call', () => {
    const s = ready(name);
    const first = s.ask('o', command, 'k');
    const second = s.ask('o', command, 'l');
    s.settle();
    viewOf(first.reply);
    viewOf(second.reply);
    expect(s.ask('o', command, 'l').reply).toEqual(second.reply);
    expect(s.ask('o', other, 'l').reply).toMatchObject({ error: { code: 'idempotency-key-reused' } });
    checkAtRest(s);
  });
});

describe('a call with a key that fails', () => {
  it('leaves its key free', () => {
    const s = confirmed();
    s.inventory.doesNotShip.add('w1');
    expect(codeOf(s.settleAsk('o', ship(), 'k'))).toBe('order-state');
    s.inventory.doesNotShip.clear();
    expect(viewOf(s.settleAsk('o', ship(), 'k')).status).toBe('shipped');
    checkAtRest(s);
  });

  it('and is repeated while it is under way is answered by the same failure', () => {
    const s = confirmed();
    s.inventory.doesNotShip.add('w1');
    const both = [s.ask('o', ship(), 'k'), s.ask('o', ship(), 'k')];
    s.settle();
    expect(both.map(({ reply }) => codeOf(reply))).toEqual(['order-state', 'order-state']);
  });
});

describe('cancelling with keys', () => {
  it('is kept under the key of each who asked, whoever was first', () => {
    const s = new Shop({ 'a@0': { w1: 9 } });
    s.create('o', { 'a@0': 4 });
    const early = s.ask('o', cancel, 'k');
    const without = s.ask('o', cancel);
    const late = s.ask('o', cancel, 'l');
    s.settle();
    for (const { reply } of [early, without, late]) expect(viewOf(reply).status).toBe('cancelled');
    expect(s.ask('o', cancel, 'k').reply).toEqual(early.reply);
    expect(s.ask('o', cancel, 'l').reply).toEqual(late.reply);
    checkAtRest(s);
  });
});

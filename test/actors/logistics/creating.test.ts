// Making an order: however often the same is asked, there is one.
import { describe, expect, it } from 'vitest';
import { codeOf, errorOf } from '../support/shop.ts';
import { viewOf, wantedOf } from './support/commands.ts';
import { checkAtRest } from './support/invariants.ts';
import { Shop } from './support/shop.ts';

function shop(): Shop {
  return new Shop({ 'a@0': { w1: 500 } });
}

describe('one order, asked for many times', () => {
  it('a hundred at once make one, and are answered the same', () => {
    const s = shop();
    const calls = Array.from({ length: 100 }, () => s.create('o', { 'a@0': 2 }));
    s.settle();
    const [first] = calls;
    expect(viewOf(first?.reply ?? null).status).toBe('confirmed');
    for (const { reply } of calls) expect(reply).toEqual(first?.reply);
    expect(s.gateway.counts).toEqual({ authorize: 1, capture: 1, void: 0, refund: 0 });
    expect(s.inventory.served).toEqual(['o']);
    checkAtRest(s);
  });

  it('whoever asks at whatever moment is answered when it rests', () => {
    const s = shop();
    const calls = [s.create('o', { 'a@0': 2 })];
    for (const kind of ['authorize', 'reserve', 'capture'] as const) {
      const wanted = wantedOf(s, kind);
      s.perform(wanted);
      calls.push(s.create('o', { 'a@0': 2 }));
      s.bringResult(wanted);
      s.world.drain();
    }
    calls.push(s.create('o', { 'a@0': 2 }));
    expect(new Set(calls.map(({ reply }) => JSON.stringify(reply))).size).toBe(1);
    expect(viewOf(calls[0]?.reply ?? null)).toMatchObject({ status: 'confirmed', isResting: true });
    checkAtRest(s);
  });

  it('is answered with the order as it stands, long afterwards too', () => {
    const s = shop();
    s.create('o', { 'a@0': 2 });
    s.settle();
    s.settleAsk('o', { type: 'cancel', by: 'customer', reason: '' });
    expect(viewOf(s.create('o', { 'a@0': 2 }).reply)).toMatchObject({ status: 'cancelled' });
  });

  it('other content under the id is refused, and changes nothing', () => {
    const s = shop();
    s.create('o', { 'a@0': 2 });
    const before = s.order('o');
    const other = s.create('o', { 'a@0': 3 });
    expect(errorOf(other.reply)).toMatchObject({ code: 'order-exists', details: { orderId: 'o' } });
    expect(s.order('o')).toBe(before);
    s.settle();
    expect(codeOf(s.create('o', { 'a@0': 3 }).reply)).toBe('order-exists');
    checkAtRest(s);
  });

  it('where the id was made from a key, the key is to blame', () => {
    const s = shop();
    s.create('o', { 'a@0': 2 }, { isIdOfKey: true });
    expect(codeOf(s.create('o', { 'a@0': 3 }, { isIdOfKey: true }).reply)).toBe('idempotency-key-reused');
  });

  it('a crash forgets who asked, and nothing else', () => {
    const s = shop();
    const call = s.create('o', { 'a@0': 2 });
    s.crash();
    expect(codeOf(call.reply)).toBe('unavailable');
    const again = s.create('o', { 'a@0': 2 });
    s.settle();
    expect(viewOf(again.reply).status).toBe('confirmed');
    expect(s.gateway.counts.authorize).toBe(1);
    checkAtRest(s);
  });
});

describe('reading an order', () => {
  it('shows where it is, at any time', () => {
    const s = shop();
    expect(codeOf(s.ask('o', { type: 'get' }).reply)).toBe('order-not-found');
    s.create('o', { 'a@0': 2 });
    expect(viewOf(s.ask('o', { type: 'get' }).reply)).toMatchObject({
      status: 'processing',
      isResting: false,
    });
    s.settle();
    expect(viewOf(s.ask('o', { type: 'get' }).reply)).toMatchObject({ status: 'confirmed', isResting: true });
  });

  it('does not show what is ours alone', () => {
    const s = shop();
    s.create('o', { 'a@0': 2 });
    const view = viewOf(s.ask('o', { type: 'get' }).reply);
    for (const field of ['talk', 'talks', 'waits', 'operation', 'operations', 'fingerprint', 'patience'])
      expect(view).not.toHaveProperty(field);
  });
});

// What comes back: into the warehouse that it came from, or not; and what it cost is refunded.
import { describe, expect, it } from 'vitest';
import { codeOf, errorOf } from '../support/shop.ts';
import { cancel, deliver, giveBack, ship, viewOf, wantedOf } from './support/commands.ts';
import type { Method } from './support/gateway.ts';
import { checkAlways, checkAtRest } from './support/invariants.ts';
import { Shop } from './support/shop.ts';

/** Line 1 is 2 of a from w1 and 2 from w2, line 2 is 3 of b from w2; all has left. */
function shipped(method: Method = 'approve'): Shop {
  const s = new Shop({ 'a@0': { w1: 2, w2: 4 }, 'b@1': { w2: 5 } });
  s.create('o', { 'a@0': 4, 'b@1': 3 }, { method });
  s.settle();
  viewOf(s.settleAsk('o', ship()));
  return s;
}

function refunded(s: Shop): bigint {
  return s.gateway.balance('o', s.world.now).refunded;
}

describe('a return', () => {
  it('goes back to where it came from, and is refunded', () => {
    const s = shipped();
    const call = s.ask('o', giveBack({ 1: 3 }));
    expect(call.reply).toBeNull();
    expect(s.performable().map(({ effect }) => effect.kind)).toEqual(['refund', 'restock']);
    s.perform(wantedOf(s, 'refund'));
    s.bringResult(s.performed()[0] ?? wantedOf(s, 'refund'));
    expect(call.reply, 'the goods are not back').toBeNull();
    checkAlways(s);
    s.settle();
    expect(viewOf(call.reply).returns).toEqual([
      {
        number: 1,
        items: [
          { lineId: '1', warehouseId: 'w1', quantity: 2 },
          { lineId: '1', warehouseId: 'w2', quantity: 1 },
        ],
        reason: 'too small',
        restock: true,
        isRestocked: true,
        refund: { currency: 'GBP', minor: '750' },
        refundNumber: 1,
        at: s.world.now,
      },
    ]);
    expect(refunded(s)).toBe(750n);
    expect(s.inventory.available('a@0')).toBe(5);
    checkAtRest(s);
  });

  it('without restock is refunded and goes nowhere', () => {
    const s = shipped();
    viewOf(s.settleAsk('o', giveBack({ 1: 4 }, false)));
    expect(s.inventory.available('a@0')).toBe(2);
    expect(refunded(s)).toBe(1000n);
    checkAtRest(s);
  });

  it('of parts that have left is for confirmed orders too, and of delivered ones', () => {
    const s = new Shop({ 'a@0': { w1: 4 } });
    s.create('o', { 'a@0': 3 });
    s.settle();
    viewOf(s.settleAsk('o', ship({ 1: 1 })));
    expect(viewOf(s.settleAsk('o', giveBack({ 1: 1 }))).status).toBe('confirmed');
    expect(codeOf(s.settleAsk('o', giveBack({ 1: 1 })))).toBe('order-state');
    viewOf(s.settleAsk('o', ship()));
    viewOf(s.settleAsk('o', deliver()));
    expect(viewOf(s.settleAsk('o', giveBack({ 1: 2 }))).status).toBe('delivered');
    expect(refunded(s)).toBe(750n);
    checkAtRest(s);
  });

  it('is never more than has left and not come back, by line', () => {
    const s = shipped();
    const before = s.order('o');
    expect(errorOf(s.ask('o', giveBack({ 1: 5 })).reply)).toMatchObject({
      message: 'of line 1 there are 4 that have left and not come back, not 5',
      details: { lineId: '1', quantity: '4' },
    });
    expect(errorOf(s.ask('o', giveBack({ 9: 1 })).reply).field).toBe('items[0].line_id');
    expect(errorOf(s.ask('o', giveBack({})).reply).field).toBe('items');
    const twice = { lineId: '2', quantity: 2 };
    const both = { type: 'return', lines: [twice, twice], reason: '', restock: true } as const;
    expect(codeOf(s.ask('o', both).reply)).toBe('order-state');
    expect(s.order('o')).toBe(before);
    viewOf(s.settleAsk('o', giveBack({ 1: 3 })));
    expect(errorOf(s.ask('o', giveBack({ 1: 2 })).reply).details).toMatchObject({ quantity: '1' });
    checkAtRest(s);
  });

  it('of a line that is named twice counts both, once each', () => {
    const s = shipped();
    const once = { lineId: '1', quantity: 1 };
    viewOf(s.settleAsk('o', { type: 'return', lines: [once, once], reason: '', restock: true }));
    expect(refunded(s)).toBe(500n);
    checkAtRest(s);
  });

  it('is for what has left only', () => {
    const s = new Shop({ 'a@0': { w1: 4 } });
    expect(codeOf(s.ask('o', giveBack({ 1: 1 })).reply)).toBe('order-not-found');
    s.create('o', { 'a@0': 1 });
    expect(codeOf(s.ask('o', giveBack({ 1: 1 })).reply)).toBe('order-state');
    s.settle();
    expect(errorOf(s.ask('o', giveBack({ 1: 1 })).reply).message).toContain('nothing of it has left');
    s.settleAsk('o', cancel);
    expect(codeOf(s.ask('o', giveBack({ 1: 1 })).reply)).toBe('order-state');
  });

  it('whose refund is declined has come back all the same, and shows it', () => {
    const s = shipped('refundDecline');
    const view = viewOf(s.settleAsk('o', giveBack({ 1: 1 })));
    expect(view.payments).toMatchObject([{ refunds: [{ number: 1, status: 'declined' }] }]);
    expect(view.returns).toMatchObject([{ isRestocked: true }]);
    expect(s.inventory.available('a@0')).toBe(3);
    viewOf(s.settleAsk('o', giveBack({ 1: 1 })));
    checkAtRest(s);
  });

  it('whose refund was declined can have it tried again, with a key of its own each time', () => {
    const s = shipped('refundDecline');
    viewOf(s.settleAsk('o', giveBack({ 1: 1 })));
    viewOf(s.settleAsk('o', giveBack({ 2: 1 })));
    const again = viewOf(s.settleAsk('o', { type: 'retryRefunds' }));
    expect(again.payments).toMatchObject([
      {
        refunds: [{ status: 'declined', tries: 2, reason: 'the account is closed' }, { status: 'declined' }],
      },
    ]);
    s.gateway.accountsAreOpen = true;
    const paid = viewOf(s.settleAsk('o', { type: 'retryRefunds' }));
    expect(paid.payments).toMatchObject([
      {
        refunds: [
          { number: 1, status: 'done', tries: 3, reason: '' },
          { number: 2, status: 'done' },
        ],
      },
    ]);
    expect(paid.returns.map(({ refundNumber }) => refundNumber)).toEqual([1, 2]);
    expect(refunded(s)).toBe(500n);
    const asked = s.gateway.counts.refund;
    viewOf(s.settleAsk('o', { type: 'retryRefunds' }));
    expect(s.gateway.counts.refund, 'there is nothing left to try').toBe(asked);
    checkAtRest(s);
  });

  it('of a cancelled order are tried once under a key, whatever key the cancellation had', () => {
    const s = new Shop({ 'a@0': { w1: 2 } });
    s.create('o', { 'a@0': 1 }, { method: 'refundDecline' });
    s.settle();
    const cancelled = viewOf(s.settleAsk('o', cancel, 'c'));
    const retried = viewOf(s.settleAsk('o', { type: 'retryRefunds' }, 'k'));
    expect(s.gateway.counts.refund).toBe(2);
    expect(viewOf(s.settleAsk('o', { type: 'retryRefunds' }, 'k'))).toEqual(retried);
    expect(s.gateway.counts.refund, 'its answer is kept').toBe(2);
    expect(viewOf(s.settleAsk('o', cancel, 'c'))).toEqual(cancelled);
  });

  it('and whose refund is just tried again waits for it', () => {
    const s = shipped('refundDecline');
    viewOf(s.settleAsk('o', giveBack({ 1: 1 })));
    s.gateway.accountsAreOpen = true;
    const retry = s.ask('o', { type: 'retryRefunds' }, 'k');
    const repeat = s.ask('o', { type: 'retryRefunds' }, 'k');
    const next = s.ask('o', giveBack({ 1: 1 }));
    expect([retry.reply, repeat.reply, next.reply]).toEqual([null, null, null]);
    s.settle();
    expect(viewOf(repeat.reply)).toEqual(viewOf(retry.reply));
    expect(viewOf(next.reply).returns).toHaveLength(2);
    expect(refunded(s)).toBe(500n);
    checkAtRest(s);
  });

  it('is done once, though it be done again after a crash', () => {
    const s = shipped();
    s.ask('o', giveBack({ 1: 3 }));
    for (let crashes = 0; crashes < 2; crashes += 1) {
      for (const wanted of s.performable()) s.perform(wanted);
      s.crash();
    }
    s.settle();
    expect(refunded(s)).toBe(750n);
    expect(s.inventory.available('a@0')).toBe(5);
    expect(s.gateway.counts.refund).toBe(1);
    checkAtRest(s);
  });

  it('after return never refunds more than was paid', () => {
    const s = shipped();
    for (const line of [1, 1, 1, 1, 2, 2, 2]) viewOf(s.settleAsk('o', giveBack({ [line]: 1 })));
    expect(refunded(s)).toBe(1750n);
    expect(s.order('o').payments[0]?.refunds.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    checkAtRest(s);
  });
});

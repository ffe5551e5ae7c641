// A cancellation: at once where the order rests, noted and acted on at rest where it does not; everything is given back.
import { describe, expect, it } from 'vitest';
import { codeOf } from '../support/shop.ts';
import { allBut, cancel, deliver, giveBack, ship, viewOf, wantedOf } from './support/commands.ts';
import type { Method } from './support/gateway.ts';
import { checkAlways, checkAtRest } from './support/invariants.ts';
import { paymentMs, Shop } from './support/shop.ts';

function shopWith(method: Method = 'approve'): Shop {
  const s = new Shop({ 'a@0': { w1: 5 } });
  s.create('o', { 'a@0': 2 }, { method });
  return s;
}

/** It is cancelled, and nothing of it is left anywhere. */
function expectUndone(s: Shop): void {
  expect(s.order('o').status).toBe('cancelled');
  expect(s.inventory.available('a@0')).toBe(5);
  checkAtRest(s);
}

describe('a cancellation before the order rests', () => {
  it.each(['authorize', 'reserve'] as const)(
    'while it waits to %s is acted on at rest: nothing is captured',
    (kind) => {
      const s = shopWith();
      s.settle(allBut(kind));
      const { status } = s.order('o');
      const call = s.ask('o', cancel);
      expect(call.reply).toBeNull();
      expect(s.order('o')).toMatchObject({ status, cancel: { by: 'customer', reason: 'changed my mind' } });
      s.settle();
      expect(viewOf(call.reply)).toMatchObject({ status: 'cancelled', stock: { state: 'givenBack' } });
      expect(s.order('o').history.at(-1)).toMatchObject({ by: 'customer', why: 'changed my mind' });
      expect(s.gateway.counts).toEqual({ authorize: 1, capture: 0, void: 1, refund: 0 });
      expectUndone(s);
    },
  );

  it('while it passes the queues', () => {
    const s = shopWith();
    const asked = wantedOf(s, 'authorize');
    s.perform(asked);
    s.bringResult(asked);
    expect(s.order('o').stock.state).toBe('passing');
    const call = s.ask('o', cancel);
    s.settle();
    expect(viewOf(call.reply).status).toBe('cancelled');
    expect(s.gateway.counts.capture).toBe(0);
    expectUndone(s);
  });

  it('that comes while a payment fails is answered by that', () => {
    const s = shopWith('decline');
    const call = s.ask('o', cancel);
    s.settle();
    expect(viewOf(call.reply)).toMatchObject({ status: 'cancelled' });
    expect(s.order('o').history.at(-1)?.by).toBe('payment');
    expectUndone(s);
  });

  it('of an order that turns out short leaves no place in a queue', () => {
    const s = new Shop({ 'a@0': { w1: 5 } });
    s.create('o', { 'a@0': 9 });
    s.settle(allBut('reserve'));
    s.ask('o', cancel);
    s.settle();
    expect(s.queue('a@0').entries).toEqual([]);
    expectUndone(s);
  });

  it('whose hold is lost is acted on after the next try', () => {
    const s = shopWith();
    s.inventory.losesHoldOf.add('o');
    s.settle(allBut('reserve'));
    s.ask('o', cancel);
    s.settle();
    expect(s.order('o').stock.attempt).toBe(2);
    expectUndone(s);
  });

  it('twice is answered twice, and once without a key is enough', () => {
    const s = shopWith();
    const calls = [s.ask('o', cancel), s.ask('o', { type: 'cancel', by: 'shop', reason: 'fraud' })];
    s.settle();
    for (const { reply } of calls) expect(viewOf(reply).cancel).toMatchObject({ by: 'customer' });
    expectUndone(s);
  });

  it('survives a crash', () => {
    const s = shopWith();
    s.ask('o', cancel);
    s.crash();
    s.settle();
    expectUndone(s);
  });
});

describe('a cancellation while a capture is unknown', () => {
  it('waits for it, and then gives the money back', () => {
    const s = shopWith();
    s.settle(allBut('capture'));
    s.perform(wantedOf(s, 'capture'), true);
    const call = s.ask('o', cancel);
    expect(s.order('o')).toMatchObject({ status: 'confirmed', payments: [{ status: 'capturing' }] });
    expect(
      s.performable().map(({ effect }) => effect.kind),
      'nothing else is asked of the payment',
    ).toEqual(['capture']);
    checkAlways(s);
    s.settle();
    expect(viewOf(call.reply)).toMatchObject({
      status: 'cancelled',
      payments: [{ status: 'captured', refunds: [{ amount: { minor: '500' }, status: 'done' }] }],
    });
    expect(s.gateway.counts).toEqual({ authorize: 1, capture: 1, void: 0, refund: 1 });
    expectUndone(s);
  });

  it('is overtaken by a decline', () => {
    const s = shopWith('captureDecline');
    s.settle(allBut('capture'));
    const call = s.ask('o', cancel);
    s.settle();
    expect(viewOf(call.reply).status).toBe('cancelled');
    expect(s.gateway.counts, 'what is left of the authorization is voided').toMatchObject({
      void: 1,
      refund: 0,
    });
    expectUndone(s);
  });

  it('or a renewal waits for that, and voids it', () => {
    const s = shopWith('lapse');
    s.settle(allBut('reserve'));
    s.world.now += paymentMs;
    s.settle(allBut('authorize'));
    const call = s.ask('o', cancel);
    expect(call.reply).toBeNull();
    s.settle();
    expect(viewOf(call.reply).payments.map(({ status }) => status)).toEqual(['failed', 'voided']);
    expect(s.gateway.counts.capture).toBe(0);
    expectUndone(s);
  });
});

describe('a cancellation at rest', () => {
  it('of a confirmed order gives stock and money back, and is answered when both are', () => {
    const s = shopWith();
    s.settle();
    const call = s.ask('o', cancel);
    expect(s.performable().map(({ effect }) => effect.kind)).toEqual(['refund', 'giveBack']);
    s.settle(allBut('giveBack'));
    expect(call.reply).toBeNull();
    s.settle();
    expect(viewOf(call.reply)).toMatchObject({
      status: 'cancelled',
      draws: [],
      stock: { state: 'givenBack' },
    });
    expectUndone(s);
  });

  it('whose refund is declined is done all the same, and shows it', () => {
    const s = shopWith('refundDecline');
    s.settle();
    const view = viewOf(s.settleAsk('o', cancel));
    expect(view.payments).toMatchObject([{ status: 'captured', refunds: [{ status: 'declined' }] }]);
    expectUndone(s);
  });

  it('of a backOrdered order voids the authorization', () => {
    const s = new Shop({ 'a@0': { w1: 5 } });
    s.create('o', { 'a@0': 9 });
    s.settle();
    const call = s.ask('o', cancel);
    expect(s.order('o').status).toBe('cancelled');
    expect(call.reply, 'it is not voided yet').toBeNull();
    s.settle();
    expect(viewOf(call.reply).payments).toMatchObject([{ status: 'voided' }]);
    expectUndone(s);
  });

  it('of a cancelled order is answered at once, or when all is undone', () => {
    const s = shopWith();
    s.settle();
    s.ask('o', cancel);
    const meanwhile = [s.ask('o', cancel), s.ask('o', cancel, 'k')];
    expect(meanwhile.map(({ reply }) => reply)).toEqual([null, null]);
    s.settle();
    for (const { reply } of meanwhile) expect(viewOf(reply).status).toBe('cancelled');
    expect(viewOf(s.ask('o', cancel).reply).status).toBe('cancelled');
    expect(s.gateway.counts.refund).toBe(1);
    expectUndone(s);
  });

  it('of an order of which some has left is of the rest: it goes back, is refunded, and the order goes on without', () => {
    const s = shopWith();
    s.settle();
    viewOf(s.settleAsk('o', ship({ 1: 1 })));
    const call = s.ask('o', cancel);
    const repeat = s.ask('o', cancel);
    expect(call.reply).toBeNull();
    s.settle();
    expect(viewOf(call.reply)).toMatchObject({
      status: 'shipped',
      cancel: null,
      restCancel: { reason: 'changed my mind', items: [{ lineId: '1', quantity: 1 }], refundNumber: 1 },
      payments: [{ status: 'captured', refunds: [{ number: 1, status: 'done' }] }],
    });
    expect(viewOf(repeat.reply).status).toBe('shipped');
    expect(s.inventory.available('a@0')).toBe(4);
    expect(s.gateway.counts.refund).toBe(1);
    viewOf(s.settleAsk('o', deliver()));
    viewOf(s.settleAsk('o', giveBack({ 1: 1 })));
    expect(s.gateway.balance('o', s.world.now)).toMatchObject({ captured: 500n, refunded: 500n });
    checkAtRest(s);
  });

  it('of the rest is done once, though it be done again after a crash, and with its key is answered alike', () => {
    const s = shopWith();
    s.settle();
    viewOf(s.settleAsk('o', ship({ 1: 1 })));
    s.ask('o', cancel, 'k');
    for (let crashes = 0; crashes < 2; crashes += 1) {
      for (const wanted of s.performable()) s.perform(wanted);
      s.crash();
    }
    const repeat = s.ask('o', cancel, 'k');
    s.settle();
    expect(viewOf(repeat.reply)).toMatchObject({ status: 'shipped', restCancel: { by: 'customer' } });
    expect(s.ask('o', cancel, 'k').reply).toEqual(repeat.reply);
    expect(s.gateway.counts.refund).toBe(1);
    expect(s.inventory.available('a@0')).toBe(4);
    checkAtRest(s);
  });

  it('is refused when all has left', () => {
    const s = shopWith();
    s.settle();
    viewOf(s.settleAsk('o', ship()));
    expect(codeOf(s.ask('o', cancel).reply)).toBe('order-state');
    viewOf(s.settleAsk('o', deliver()));
    expect(codeOf(s.ask('o', cancel).reply)).toBe('order-state');
    checkAtRest(s);
  });

  it('waits for a shipment that is being made, and is refused then', () => {
    const s = shopWith();
    s.settle();
    s.ask('o', ship());
    const call = s.ask('o', cancel);
    expect(call.reply).toBeNull();
    s.settle();
    expect(codeOf(call.reply)).toBe('order-state');
    checkAtRest(s);
  });

  it('that came first refuses the shipment', () => {
    const s = shopWith();
    s.settle();
    s.ask('o', cancel);
    expect(codeOf(s.ask('o', ship()).reply)).toBe('order-state');
    s.settle();
    expectUndone(s);
  });

  it('noted before a shipment was asked for refuses that when it is acted on', () => {
    const s = shopWith();
    s.settle(allBut('capture'));
    s.ask('o', cancel);
    const call = s.ask('o', ship());
    expect(call.reply).toBeNull();
    s.settle();
    expect(codeOf(call.reply)).toBe('order-state');
    expectUndone(s);
  });

  it('of an order that is not there says so', () => {
    expect(codeOf(new Shop().ask('o', cancel).reply)).toBe('order-not-found');
  });
});

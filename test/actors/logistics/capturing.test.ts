// Money is taken once, when the stock is committed; what lapsed is renewed, what is declined is given back.
import { describe, expect, it } from 'vitest';
import { limits } from '../../../src/actors/logistics/limits.ts';
import { allBut, cancel, deliver, giveBack, ship, viewOf, wantedOf } from './support/commands.ts';
import { lapseMs, type Method } from './support/gateway.ts';
import { checkAlways, checkAtRest } from './support/invariants.ts';
import { Shop } from './support/shop.ts';

function shopWith(method: Method): Shop {
  const s = new Shop({ 'a@0': { w1: 5 } });
  s.create('o', { 'a@0': 2 }, { method });
  return s;
}

/** Reserving takes so long that the authorization lapses. */
function lapse(s: Shop): void {
  s.settle(allBut('reserve'));
  s.world.now += lapseMs;
  s.settle();
}

function statuses(s: Shop): readonly string[] {
  return s.order('o').payments.map(({ status }) => status);
}

describe('a capture', () => {
  it('is not asked for before the stock is committed', () => {
    const s = shopWith('approve');
    s.settle(allBut('reserve'));
    expect(statuses(s)).toEqual(['authorized']);
    expect(s.gateway.counts.capture).toBe(0);
    s.settle();
    expect(statuses(s)).toEqual(['captured']);
    checkAtRest(s);
  });

  it('is repeated with its key until the outcome is known, and is the only one', () => {
    const s = shopWith('approve');
    s.settle(allBut('capture'));
    for (let crashes = 0; crashes < 3; crashes += 1) {
      s.perform(wantedOf(s, 'capture'), true);
      s.crash();
      expect(viewOf(s.ask('o', { type: 'get' }).reply)).toMatchObject({
        status: 'confirmed',
        isResting: false,
      });
    }
    s.settle();
    expect(s.gateway.counts).toEqual({ authorize: 1, capture: 1, void: 0, refund: 0 });
    checkAtRest(s);
  });

  it('that is declined gives the stock back and cancels the order', () => {
    const s = shopWith('captureDecline');
    s.settle();
    expect(viewOf(s.world.calls[0]?.reply ?? null)).toMatchObject({ status: 'cancelled' });
    expect(s.order('o').history.at(-1)).toMatchObject({
      from: 'confirmed',
      by: 'payment',
      why: 'the capture was declined: not today',
    });
    expect(s.order('o').stock.state).toBe('givenBack');
    expect(s.order('o').draws).toEqual([]);
    expect(s.inventory.available('a@0')).toBe(5);
    checkAtRest(s);
  });

  it('that is declined leaves no authorization that holds money back', () => {
    const s = shopWith('captureDecline');
    s.settle();
    expect(s.gateway.counts).toEqual({ authorize: 1, capture: 1, void: 1, refund: 0 });
    expect(statuses(s)).toEqual(['voided']);
    expect(s.gateway.balance('o', s.world.now).open).toBe(0);
  });
});

describe('an authorization that has lapsed', () => {
  it('is renewed before the capture', () => {
    const s = shopWith('lapse');
    lapse(s);
    expect(s.order('o').payments).toMatchObject([
      { isRenewal: false, status: 'failed', reason: 'the authorization lapsed' },
      { isRenewal: true, status: 'captured' },
    ]);
    expect(s.order('o').status).toBe('confirmed');
    expect(s.gateway.counts).toEqual({ authorize: 2, capture: 1, void: 0, refund: 0 });
    checkAtRest(s);
  });

  it('is captured as long as it stands, to the last moment', () => {
    const s = shopWith('lapse');
    s.settle(allBut('reserve'));
    s.world.now += lapseMs - 1;
    s.settle();
    expect(statuses(s)).toEqual(['captured']);
  });

  it('and whose renewal is declined counts as a declined capture', () => {
    const s = shopWith('lapseDecline');
    lapse(s);
    expect(statuses(s)).toEqual(['failed', 'declined']);
    expect(s.order('o').status).toBe('cancelled');
    expect(s.order('o').history.at(-1)?.why).toBe('the renewed payment was declined: no funds');
    expect(s.inventory.available('a@0')).toBe(5);
    checkAtRest(s);
  });

  it('and whose renewal gets no answer in time is given up, and voided if it comes', () => {
    const s = shopWith('lapse');
    s.settle(allBut('reserve'));
    s.world.now += lapseMs;
    s.settle(allBut('authorize'));
    expect(statuses(s)).toEqual(['failed', 'authorizing']);
    s.world.now += 60_000;
    s.world.fireTimers();
    expect(s.order('o').status).toBe('cancelled');
    s.settle();
    expect(statuses(s)).toEqual(['failed', 'voided']);
    expect(s.gateway.counts.capture).toBe(0);
    checkAtRest(s);
  });

  it('again and again is renewed only so often', () => {
    const s = shopWith('lapseAlways');
    s.settle(allBut('reserve'));
    s.world.now += lapseMs;
    s.settle(allBut('authorize'));
    for (let renewals = 0; s.order('o').status === 'confirmed'; renewals += 1) {
      expect(renewals).toBeLessThan(limits.paymentsPerOrderMax);
      const renewal = wantedOf(s, 'authorize');
      s.perform(renewal);
      s.world.now += lapseMs;
      s.bringResult(renewal);
      checkAlways(s);
    }
    s.settle();
    expect(s.order('o').payments).toHaveLength(limits.paymentsPerOrderMax);
    expect(s.order('o').status).toBe('cancelled');
    expect(s.order('o').history.at(-1)?.why).toBe('the payment failed: the authorization lapsed');
    checkAtRest(s);
  });
});

describe('an order that costs nothing', () => {
  it('needs no payment, in its whole life', () => {
    const s = new Shop({ 'a@0': { w1: 5 } });
    s.create('o', { 'a@0': 2 }, { price: 0 });
    s.settle();
    expect(s.order('o')).toMatchObject({ status: 'confirmed', payments: [] });
    for (const command of [ship(), deliver(), giveBack({ 1: 1 })]) viewOf(s.settleAsk('o', command));
    expect(s.order('o').returns).toMatchObject([{ isRestocked: true, refund: { minor: '0' } }]);
    s.create('c', { 'a@0': 2 }, { price: 0 });
    s.settle();
    expect(viewOf(s.settleAsk('c', cancel)).status).toBe('cancelled');
    expect(s.gateway.counts).toEqual({ authorize: 0, capture: 0, void: 0, refund: 0 });
    checkAtRest(s);
  });
});

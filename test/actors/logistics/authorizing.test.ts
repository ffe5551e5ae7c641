// An order's authorization: approved, declined, told later, told too late.
import { describe, expect, it } from 'vitest';
import { limits } from '../../../src/actors/logistics/limits.ts';
import { codeOf, okOf } from '../support/shop.ts';
import { allBut, viewOf, wantedOf } from './support/commands.ts';
import { lateMs, type Method } from './support/gateway.ts';
import { checkAtRest, typesOf } from './support/invariants.ts';
import { paymentMs, Shop } from './support/shop.ts';

function shopWith(method: Method): Shop {
  const s = new Shop({ 'a@0': { w1: 5 } });
  s.create('o', { 'a@0': 2 }, { method });
  return s;
}

function statusOf(s: Shop): string | undefined {
  return s.order('o').payments.at(-1)?.status;
}

function paymentId(s: Shop): string {
  return s.order('o').payments[0]?.id ?? '';
}

describe('a payment that is declined', () => {
  it('cancels the order before anything is reserved', () => {
    const s = shopWith('decline');
    s.settle();
    const [call] = s.world.calls;
    expect(viewOf(call?.reply ?? null)).toMatchObject({ status: 'cancelled', isResting: true });
    expect(s.order('o').history.at(-1)).toMatchObject({
      from: 'processing',
      by: 'payment',
      why: 'the payment was declined: no funds',
    });
    expect(s.inventory.attempts).toEqual({ committed: 0, short: 0, lost: 0 });
    checkAtRest(s);
  });
});

describe('a payment that is pending', () => {
  it('is asked for again, by the same key, until there is an answer', () => {
    const s = shopWith('late');
    s.settle();
    expect(statusOf(s)).toBe('pending');
    expect(s.world.wanted(), 'between two looks nothing is wanted').toEqual([]);
    for (let waited = 0; waited < lateMs; waited += limits.paymentPollMs) {
      expect(s.order('o').status).toBe('processing');
      expect(s.world.nextDueAt()).toBe(s.world.now + limits.paymentPollMs);
      s.pass(limits.paymentPollMs);
    }
    expect(s.order('o').status).toBe('confirmed');
    expect(s.order('o').payments).toMatchObject([{ polls: 3, status: 'captured' }]);
    expect(s.gateway.counts.authorize, 'as the gateway knows, one request').toBe(1);
    checkAtRest(s);
  });

  it('is approved by webhook before the next look', () => {
    const s = shopWith('late');
    s.settle();
    s.world.now += lateMs;
    s.notify();
    s.settle();
    expect(s.order('o').payments).toMatchObject([{ polls: 0, status: 'captured' }]);
    expect(s.order('o').status).toBe('confirmed');
    checkAtRest(s);
  });

  it('is declined by webhook', () => {
    const s = shopWith('lateDecline');
    s.settle();
    s.world.now += lateMs;
    s.notify();
    s.settle();
    expect(s.order('o').status).toBe('cancelled');
    checkAtRest(s);
  });

  it('hears the same by webhook and by asking, in any order, once', () => {
    const s = shopWith('late');
    s.settle();
    s.world.now += lateMs;
    s.world.fireTimers();
    const look = wantedOf(s, 'authorize');
    s.perform(look);
    s.notify();
    s.bringResult(look);
    s.notify();
    s.settle();
    s.notify();
    expect(typesOf(s, 'o').filter((type) => type === 'paymentAnswered')).toHaveLength(2);
    expect(s.gateway.balance('o', s.world.now).captures).toBe(1);
    checkAtRest(s);
  });
});

describe('a payment without an answer', () => {
  it('fails when the order has waited long enough, and not before', () => {
    const s = shopWith('late');
    s.settle(allBut('authorize'));
    s.world.now += paymentMs - 1;
    s.world.fireTimers();
    expect(s.order('o').status).toBe('processing');
    s.world.now += 1;
    s.world.fireTimers();
    expect(s.order('o').status).toBe('cancelled');
    expect(s.order('o').history.at(-1)?.why).toBe(
      'the payment was failed: the gateway gave no answer in time',
    );
    expect(s.world.nextDueAt()).toBeNull();
  });

  it('whose approval comes all the same has that voided', () => {
    const s = shopWith('approve');
    const asked = wantedOf(s, 'authorize');
    s.perform(asked);
    s.pass(paymentMs - 1);
    expect(s.order('o').status).toBe('confirmed');

    const late = shopWith('approve');
    late.world.now += paymentMs;
    late.world.fireTimers();
    expect(late.order('o').status).toBe('cancelled');
    expect(statusOf(late)).toBe('failed');
    late.settle();
    expect(statusOf(late)).toBe('voided');
    expect(late.gateway.counts).toMatchObject({ authorize: 1, capture: 0, void: 1 });
    checkAtRest(late);
  });

  it('is still owed one after a crash', () => {
    const s = shopWith('approve');
    const asked = wantedOf(s, 'authorize');
    s.perform(asked, true);
    s.world.now += paymentMs;
    s.world.fireTimers();
    s.crash();
    expect(wantedOf(s, 'authorize').effect).toEqual(asked.effect);
    s.settle();
    expect(statusOf(s)).toBe('voided');
    checkAtRest(s);
  });

  it('is not asked for any more when it is declined after all', () => {
    const declined = shopWith('decline');
    declined.world.now += paymentMs;
    declined.world.fireTimers();
    declined.settle();
    expect(statusOf(declined)).toBe('declined');
    expect(declined.world.nextDueAt()).toBeNull();
    checkAtRest(declined);
  });

  it('that is pending is asked about until it is known, at growing pauses: its webhook may be lost', () => {
    const s = new Shop({ 'a@0': { w1: 5 } });
    s.create('o', { 'a@0': 2 }, { method: 'late', paymentMs: 1_000 });
    s.settle();
    s.pass(1_000);
    expect([s.order('o').status, statusOf(s)]).toEqual(['cancelled', 'failed']);
    s.settle();
    const pauses: number[] = [];
    while (statusOf(s) === 'failed') {
      const at = s.world.nextDueAt() ?? Number.NaN;
      pauses.push(at - s.world.now);
      s.world.now = at;
      s.world.fireTimers();
      s.settle();
    }
    expect(statusOf(s)).toBe('voided');
    expect(s.gateway.balance('o', s.world.now).open).toBe(0);
    expect(pauses.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(lateMs + limits.paymentPollMs);
    expect(s.world.nextDueAt()).toBeNull();
    checkAtRest(s);
  });

  it('for very long is asked about once an hour', () => {
    const s = new Shop({ 'a@0': { w1: 5 } });
    s.create('o', { 'a@0': 2 }, { method: 'never', paymentMs: 1_000 });
    s.settle();
    s.pass(1_000);
    let asked = 0;
    const end = s.world.now + 86_400_000;
    for (; s.world.now < end; asked += 1) {
      s.world.now = s.world.nextDueAt() ?? Number.NaN;
      s.world.fireTimers();
      s.settle();
    }
    expect(asked).toBeLessThan(70);
    expect((s.world.nextDueAt() ?? Number.NaN) - s.world.now).toBe(limits.owedPollMsMax);
  });

  it('that was pending, and is approved by webhook too late, has that voided, once', () => {
    const s = new Shop({ 'a@0': { w1: 5 } });
    s.create('o', { 'a@0': 2 }, { method: 'late', paymentMs: lateMs - 1 });
    s.settle();
    s.pass(lateMs - 1);
    expect([s.order('o').status, statusOf(s)]).toEqual(['cancelled', 'failed']);
    s.world.now += 1;
    s.notify();
    expect(statusOf(s)).toBe('voiding');
    s.notify();
    s.settle();
    s.notify();
    expect(statusOf(s)).toBe('voided');
    expect(s.gateway.counts.void).toBe(1);
    checkAtRest(s);
  });

  it('that was being asked for again, and is approved then, has that voided', () => {
    const s = new Shop({ 'a@0': { w1: 5 } });
    s.create('o', { 'a@0': 2 }, { method: 'late', paymentMs: lateMs + 1 });
    s.settle();
    s.world.now += lateMs;
    s.world.fireTimers();
    const look = wantedOf(s, 'authorize');
    s.perform(look);
    s.world.now += 1;
    s.world.fireTimers();
    expect(s.order('o').status).toBe('cancelled');
    s.bringResult(look);
    s.settle();
    expect(statusOf(s)).toBe('voided');
    checkAtRest(s);
  });

  it('and is declined by webhook after that owes nothing more', () => {
    const s = new Shop({ 'a@0': { w1: 5 } });
    s.create('o', { 'a@0': 2 }, { method: 'lateDecline', paymentMs: 1_000 });
    s.settle();
    s.pass(1_000);
    s.world.now += lateMs;
    s.notify();
    expect([s.order('o').status, statusOf(s)]).toEqual(['cancelled', 'declined']);
    const before = s.order('o');
    s.notify();
    expect(s.order('o')).toBe(before);
    expect(s.world.nextDueAt()).toBeNull();
    checkAtRest(s);
  });
});

describe('a webhook', () => {
  it('about what nobody knows is told so', () => {
    const s = shopWith('approve');
    const answer = { outcome: 'declined', reason: '' } as const;
    expect(codeOf(s.ask('none', { type: 'notice', paymentId: 'p', answer }).reply)).toBe('order-not-found');
    expect(codeOf(s.ask('o', { type: 'notice', paymentId: 'p', answer }).reply)).toBe('payment-not-found');
  });

  it('about what is decided changes nothing, whatever it says', () => {
    const s = shopWith('approve');
    s.settle();
    const before = s.order('o');
    const answer = { outcome: 'declined', reason: 'on second thoughts' } as const;
    expect(okOf(s.ask('o', { type: 'notice', paymentId: paymentId(s), answer }).reply)).toBeNull();
    expect(s.order('o')).toBe(before);
  });

  it("may be faster than the answer, which then is nobody's", () => {
    const s = shopWith('approve');
    const asked = wantedOf(s, 'authorize');
    s.perform(asked);
    const answer = {
      outcome: 'approved',
      transactionId: `tx-${paymentId(s)}:authorize`,
      until: null,
    } as const;
    s.ask('o', { type: 'notice', paymentId: paymentId(s), answer });
    s.bringResult(asked);
    s.settle();
    expect(typesOf(s, 'o').filter((type) => type === 'paymentAnswered')).toHaveLength(1);
    expect(s.order('o').status).toBe('confirmed');
    checkAtRest(s);
  });
});

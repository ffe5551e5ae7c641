// The table of transitions: every row is one that orders take, and no order goes another way.
import { describe, expect, it } from 'vitest';
import { InvariantViolation } from '../../../src/actors/behaviour.ts';
import { evolve } from '../../../src/actors/logistics/order/evolve.ts';
import { mayMove, orderStatuses, transitions } from '../../../src/actors/logistics/order/transitions.ts';
import { cancel, deliver, ship } from './support/commands.ts';
import { checkAtRest } from './support/invariants.ts';
import { Shop, stockMs } from './support/shop.ts';

/** Created is left in the decision that makes an order: nobody can cancel it there. The row is the contract's. */
const neverTaken = 'created>cancelled';

function everyWay(): Shop {
  const s = new Shop({ 'a@0': { w1: 10 }, 'b@1': { w1: 0 } });
  s.create('declined', { 'a@0': 1 }, { method: 'decline' });
  s.create('delivered', { 'a@0': 1 });
  s.create('cancelled', { 'a@0': 1 });
  s.inventory.losesHoldOf.add('lost');
  s.create('lost', { 'a@0': 1 });
  s.create('served', { 'b@1': 1 });
  s.create('timed out', { 'b@1': 9 }, { stockMs: stockMs / 2 });
  s.settle();
  for (const command of [ship(), deliver()]) s.settleAsk('delivered', command);
  s.settleAsk('cancelled', cancel);
  s.stock('b@1', 'w1', 1);
  s.settle();
  s.pass(stockMs / 2);
  checkAtRest(s);
  return s;
}

describe('the table of transitions', () => {
  it('is what orders go by: every row is taken', () => {
    const s = everyWay();
    const taken = s.world
      .ids('order')
      .flatMap((id) => s.order(id).history)
      .flatMap(({ from, to }) => (from === null ? [] : [`${from}>${to}`]));
    const rows = transitions.map(({ from, to }) => `${from}>${to}`);
    expect([...new Set(taken), neverTaken].toSorted()).toEqual(rows.toSorted());
  });

  it('has every pair of states once at most', () => {
    const rows = transitions.map(({ from, to }) => `${from}>${to}`);
    expect(new Set(rows).size).toBe(rows.length);
  });

  it('allows nothing else: any other move stops the shard', () => {
    const s = new Shop({ 'a@0': { w1: 1 } });
    s.create('o', { 'a@0': 1 });
    s.settle();
    const settled = s.order('o');
    for (const from of orderStatuses) {
      for (const to of orderStatuses) {
        const move = () =>
          evolve(
            { order: { ...settled, status: from } },
            { type: 'moved', from, to, customerId: '', at: 1, by: 'system', why: '' },
          );
        if (mayMove(from, to)) expect(move().order?.status).toBe(to);
        else {
          expect(move, `${from} to ${to}`).toThrow(InvariantViolation);
          expect(move, `${from} to ${to}`).toThrow(/^I4/);
        }
      }
    }
  });

  it('an order that was never made goes nowhere', () => {
    const move = () =>
      evolve(
        { order: null },
        { type: 'moved', from: 'created', to: 'processing', customerId: '', at: 1, by: 'system', why: '' },
      );
    expect(move).toThrow(/^I4/);
  });
});

import { describe, expect, it } from 'vitest';
import { InvariantViolation } from '../../src/actors/behaviour.ts';
import { order } from '../../src/actors/inventory/order-stock/order.ts';
import { okOf, openShop, reserve, resolveCommand, type Shop } from './support/shop.ts';

/** Order o on shard 0 holds 2 of a on shard 1. */
function held(): Shop {
  const shop = openShop({ 'a@1': { w1: 5 } });
  reserve(shop, 'o@0', { 'a@1': 2 });
  return shop;
}

describe('what cannot be stops the shard', () => {
  const shop = held();
  shop.world.ask('order', 'o@0', resolveCommand('release'));
  const state = shop.order('o@0');
  const context = {
    self: { kind: 'order', id: 'o@0' },
    now: 0,
    shared: null,
    shards: 4,
    shardOf: () => 0,
    receipt: null,
  };
  const error = { error: { code: 'internal', message: '' } } as const;
  const view = { ok: { sku: 's', available: 0, draws: [] } };

  it.each([
    ['an error', '2:1', { refused: true, replies: [error] }],
    ['a refusal', '2:1', { refused: true, replies: [view] }],
    ['an answer to another operation', '1:1', { refused: false, replies: [view] }],
    ['an answer of another shard', '2:3', { refused: false, replies: [view] }],
    ['too few replies', '2:1', { refused: false, replies: [] }],
    ['something that is no cell', '2:1', { refused: false, replies: [{ ok: {} }] }],
    ['a foreign tag', 'x', { refused: false, replies: [view] }],
  ] as const)('at %s to a release', (_what, tag, answer) => {
    expect(() => order.answered?.(state, tag, answer, context)).toThrow(InvariantViolation);
  });

  it('at a cell that moves more than is there', () => {
    const move = {
      type: 'move',
      orderId: 'x',
      move: 'release',
      lines: [{ warehouseId: 'w1', quantity: 99 }],
    };
    expect(() => shop.world.ask('item', 'a@1', move)).toThrow(/^I2: /);
    const twice = [
      { warehouseId: 'w1', quantity: 1 },
      { warehouseId: 'w1', quantity: 1 },
    ];
    expect(() => shop.world.ask('item', 'a@1', { ...move, lines: twice })).toThrow(/^I2: /);
    expect(() => shop.world.ask('item', 'none', move)).toThrow(/^I2: /);
  });

  it('but not at a hold that fails: it is undone, and the caller hears of it', () => {
    const hold = openShop({ 'a@1': { w1: 5 } });
    const call = hold.world.ask('order', 'p@0', {
      type: 'reserve',
      key: 'k',
      fingerprint: 'f',
      request: {
        items: [{ itemId: 'a@1', quantity: 1 }],
        warehouseId: null,
        strategy: 'priority',
        ttlSeconds: 60,
        customerId: '',
      },
    });
    const decision = order.answered?.(hold.order('p@0'), '1:1', { refused: true, replies: [error] }, context);
    expect(decision?.wake).toEqual([{ token: 'attempt:1', reply: error }, { token: 'rest' }]);
    expect(decision?.events?.at(-1)).toEqual({ type: 'abandoned', attempt: 1, undo: [] });
    hold.world.drain();
    expect(okOf(call.reply)).toMatchObject({ success: true });
  });
});

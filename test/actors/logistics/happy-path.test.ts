// An order from its creation to its delivery, when all goes well.
import { describe, expect, it } from 'vitest';
import { deliver, ship, viewOf } from './support/commands.ts';
import { checkAtRest } from './support/invariants.ts';
import { Shop } from './support/shop.ts';

function shop(): Shop {
  return new Shop({ 'a@0': { w1: 3, w2: 2 }, 'b@1': { w2: 9 } });
}

describe('an order for which all goes well', () => {
  it('is confirmed, shipped and delivered, each step once', () => {
    const s = shop();
    const call = s.create('o', { 'a@0': 4, 'b@1': 2 });
    expect(call.reply, 'it is not answered before it rests').toBeNull();
    s.settle();
    expect(viewOf(call.reply)).toMatchObject({ id: 'o', status: 'confirmed', isResting: true });
    expect(viewOf(s.settleAsk('o', ship()))).toMatchObject({ status: 'shipped' });
    expect(viewOf(s.settleAsk('o', deliver()))).toMatchObject({ status: 'delivered' });
    expect(s.order('o').history.map(({ to }) => to)).toEqual([
      'created',
      'processing',
      'reservingStock',
      'confirmed',
      'shipped',
      'delivered',
    ]);
    checkAtRest(s);
  });

  it('is authorized, reserved and captured, in this order', () => {
    const s = shop();
    const done: string[] = [];
    s.create('o', { 'a@0': 4, 'b@1': 2 });
    s.settle(({ effect }) => {
      if (effect.kind !== 'watch') done.push(effect.kind);
      return true;
    });
    expect(done).toEqual(['authorize', 'reserve', 'capture']);
    expect(s.gateway.counts).toEqual({ authorize: 1, capture: 1, void: 0, refund: 0 });
    expect(s.gateway.balance('o', s.world.now)).toEqual({
      captures: 1,
      captured: 1500n,
      refunded: 0n,
      open: 0,
    });
  });

  it('has each line drawn from the warehouses that have it, and one shipment for each', () => {
    const s = shop();
    s.create('o', [
      ['a@0', 2],
      ['b@1', 1],
      ['a@0', 3],
    ]);
    s.settle();
    expect(
      s.order('o').draws.map(({ lineId, quantity, warehouseId }) => [lineId, warehouseId, quantity]),
    ).toEqual([
      ['1', 'w1', 2],
      ['2', 'w2', 1],
      ['3', 'w1', 1],
      ['3', 'w2', 2],
    ]);
    const { shipments } = viewOf(s.settleAsk('o', ship()));
    expect(shipments.map(({ items, status, warehouseId }) => ({ items, status, warehouseId }))).toEqual([
      {
        warehouseId: 'w1',
        status: 'inTransit',
        items: [
          { lineId: '1', quantity: 2 },
          { lineId: '3', quantity: 1 },
        ],
      },
      {
        warehouseId: 'w2',
        status: 'inTransit',
        items: [
          { lineId: '2', quantity: 1 },
          { lineId: '3', quantity: 2 },
        ],
      },
    ]);
    expect(s.inventory.available('a@0')).toBe(0);
    checkAtRest(s);
  });

  it('says of each step who took it, when and from where', () => {
    const s = shop();
    s.create('o', { 'a@0': 1 });
    s.settle();
    s.world.now += 5;
    s.settleAsk('o', ship());
    const { customerId, history } = s.order('o');
    expect(history.at(-1)).toEqual({ from: 'confirmed', to: 'shipped', at: 1_000_005, by: 'shop', why: '' });
    const moves = s.world.events('order', 'o').filter((event) => JSON.stringify(event).includes('"moved"'));
    expect(moves).toHaveLength(history.length - 1);
    for (const move of moves) expect(move).toMatchObject({ customerId });
  });

  it('passes the queues of its items without a trace where nobody waits', () => {
    const s = shop();
    s.create('o', { 'a@0': 1, 'b@1': 1 });
    s.settle();
    expect(s.world.ids('queue')).toEqual([]);
    expect(s.order('o').waits).toEqual({});
  });
});

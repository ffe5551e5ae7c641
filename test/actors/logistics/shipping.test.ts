// What leaves and what arrives: whole orders and parts of them, by line and by warehouse.
import { describe, expect, it } from 'vitest';
import { codeOf, errorOf } from '../support/shop.ts';
import { cancel, deliver, ship, viewOf, wantedOf } from './support/commands.ts';
import { checkAlways, checkAtRest } from './support/invariants.ts';
import { Shop } from './support/shop.ts';

/** Confirmed: line 1 is 2 of a from w1 and 2 from w2, line 2 is 3 of b from w2. */
function confirmed(): Shop {
  const s = new Shop({ 'a@0': { w1: 2, w2: 4 }, 'b@1': { w2: 5 } });
  s.create('o', { 'a@0': 4, 'b@1': 3 });
  s.settle();
  return s;
}

function shipments(s: Shop): readonly string[] {
  return s
    .order('o')
    .shipments.map(
      ({ items, status, warehouseId }) =>
        `${warehouseId} ${items.map((item) => `${item.lineId}x${item.quantity}`).join()} ${status}`,
    );
}

describe('shipping', () => {
  it('takes everything, a shipment for each warehouse, and is answered when it has left', () => {
    const s = confirmed();
    const call = s.ask('o', ship());
    expect(call.reply).toBeNull();
    expect(shipments(s)).toEqual(['w1 1x2 created', 'w2 1x2,2x3 created']);
    const [first, second] = s.performable();
    if (first === undefined || second === undefined) throw new Error('there are two to be told');
    s.perform(second);
    s.bringResult(second);
    expect(call.reply, 'one has left, one has not').toBeNull();
    expect(s.order('o').status).toBe('confirmed');
    checkAlways(s);
    s.settle();
    expect(viewOf(call.reply).status).toBe('shipped');
    expect(shipments(s)).toEqual(['w1 1x2 inTransit', 'w2 1x2,2x3 inTransit']);
    expect(s.inventory.holdings('o').every(({ allocated }) => allocated === 0)).toBe(true);
    checkAtRest(s);
  });

  it('takes some lines, and some units of them, from the first warehouses that have them', () => {
    const s = confirmed();
    expect(viewOf(s.settleAsk('o', ship({ 1: 3 })))).toMatchObject({ status: 'confirmed' });
    expect(shipments(s)).toEqual(['w1 1x2 inTransit', 'w2 1x1 inTransit']);
    checkAtRest(s);
    viewOf(s.settleAsk('o', ship({ 1: 1, 2: 1 })));
    expect(shipments(s).slice(2)).toEqual(['w2 1x1,2x1 inTransit']);
    expect(viewOf(s.settleAsk('o', ship()))).toMatchObject({ status: 'shipped' });
    expect(shipments(s).slice(3)).toEqual(['w2 2x2 inTransit']);
    checkAtRest(s);
  });

  it('takes only what one warehouse has', () => {
    const s = confirmed();
    viewOf(s.settleAsk('o', ship({}, 'w2')));
    expect(shipments(s)).toEqual(['w2 1x2,2x3 inTransit']);
    expect(errorOf(s.settleAsk('o', ship({}, 'w2')))).toMatchObject({
      code: 'order-state',
      message: 'there is nothing to be shipped there',
    });
    expect(codeOf(s.settleAsk('o', ship({ 2: 1 }, 'w1')))).toBe('order-state');
    expect(viewOf(s.settleAsk('o', ship({ 1: 2 }, 'w1'))).status).toBe('shipped');
    checkAtRest(s);
  });

  it('refuses more than there is, lines that are not there, and changes nothing', () => {
    const s = confirmed();
    const before = s.order('o');
    expect(errorOf(s.ask('o', ship({ 2: 1, 1: 5 })).reply)).toMatchObject({
      code: 'order-state',
      message: 'of line 1 there are 4 to be shipped, not 5',
      details: { lineId: '1', quantity: '4' },
    });
    expect(errorOf(s.ask('o', ship({ 1: 1, 7: 1 })).reply)).toMatchObject({
      code: 'invalid-argument',
      field: 'items[1].line_id',
    });
    expect(s.order('o')).toBe(before);
    viewOf(s.settleAsk('o', ship({ 1: 3 })));
    expect(errorOf(s.ask('o', ship({ 1: 2 })).reply).details).toMatchObject({ quantity: '1' });
  });

  it('of a line that is named twice counts both', () => {
    const s = confirmed();
    const lines = [
      { lineId: '1', quantity: 1 },
      { lineId: '1', quantity: 2 },
    ];
    viewOf(s.settleAsk('o', { type: 'ship', carrier: '', trackingNumber: '', lines, warehouseId: null }));
    expect(s.order('o').draws.filter(({ lineId }) => lineId === '1')).toMatchObject([
      { warehouseId: 'w1', shipped: 2 },
      { warehouseId: 'w2', shipped: 1 },
    ]);
    checkAtRest(s);
    const more = { type: 'ship', carrier: '', trackingNumber: '', warehouseId: null } as const;
    const once = { lineId: '2', quantity: 2 };
    expect(codeOf(s.settleAsk('o', { ...more, lines: [once, once] }))).toBe('order-state');
  });

  it('waits until nothing else is under way', () => {
    const s = confirmed();
    const calls = [s.ask('o', ship({ 1: 1 })), s.ask('o', ship({ 1: 1 })), s.ask('o', ship())];
    expect(shipments(s)).toHaveLength(1);
    s.settle();
    expect(calls.map(({ reply }) => viewOf(reply).shipments.length)).toEqual([1, 2, 3]);
    expect(s.order('o').status).toBe('shipped');
    checkAtRest(s);
  });

  it('waits for the capture, and never begins before it', () => {
    const s = new Shop({ 'a@0': { w1: 1 } });
    s.create('o', { 'a@0': 1 });
    s.settle(({ effect }) => effect.kind !== 'capture');
    const call = s.ask('o', ship());
    s.settle(({ effect }) => effect.kind !== 'capture');
    expect(call.reply).toBeNull();
    expect(s.order('o').shipments).toEqual([]);
    s.settle();
    expect(viewOf(call.reply).status).toBe('shipped');
    checkAtRest(s);
  });

  it('is for confirmed orders only; where all has left already it says so', () => {
    const s = new Shop({ 'a@0': { w1: 1 } });
    expect(codeOf(s.ask('o', ship()).reply)).toBe('order-not-found');
    s.create('o', { 'a@0': 1 });
    expect(errorOf(s.ask('o', ship()).reply).details).toEqual({ state: 'processing' });
    s.create('w', { 'a@0': 9 });
    s.settle();
    expect(errorOf(s.ask('w', ship()).reply).details).toEqual({ state: 'back_ordered' });
    viewOf(s.settleAsk('o', ship()));
    expect(viewOf(s.ask('o', ship()).reply).shipments).toHaveLength(1);
    expect(codeOf(s.ask('o', ship({ 1: 1 })).reply)).toBe('order-state');
  });
});

describe('a warehouse that cannot ship', () => {
  it('fails the call; it is as if the shipment had never been made', () => {
    const s = confirmed();
    const before = s.order('o');
    for (const warehouse of ['w1', 'w2']) s.inventory.doesNotShip.add(warehouse);
    expect(errorOf(s.settleAsk('o', ship()))).toMatchObject({
      code: 'order-state',
      message: 'the order is confirmed: the warehouse is flooded',
    });
    expect(s.order('o')).toEqual({ ...before, operations: 1 });
    checkAtRest(s);
    s.inventory.doesNotShip.clear();
    expect(viewOf(s.settleAsk('o', ship())).status).toBe('shipped');
    checkAtRest(s);
  });

  it('fails the call, and what left another warehouse has left', () => {
    const s = confirmed();
    s.inventory.doesNotShip.add('w1');
    expect(codeOf(s.settleAsk('o', ship()))).toBe('order-state');
    expect(shipments(s)).toEqual(['w2 1x2,2x3 inTransit']);
    checkAtRest(s);
    s.inventory.doesNotShip.clear();
    expect(viewOf(s.settleAsk('o', ship())).status).toBe('shipped');
  });

  it('lets a cancellation that waited for it go on', () => {
    const s = confirmed();
    for (const warehouse of ['w1', 'w2']) s.inventory.doesNotShip.add(warehouse);
    const shipping = s.ask('o', ship());
    const cancelling = s.ask('o', cancel);
    s.settle();
    expect(codeOf(shipping.reply)).toBe('order-state');
    expect(viewOf(cancelling.reply).status).toBe('cancelled');
    checkAtRest(s);
  });
});

describe('delivering', () => {
  it('is told shipment by shipment, and the last one makes the order delivered', () => {
    const s = confirmed();
    viewOf(s.settleAsk('o', ship()));
    const [first, second] = s.order('o').shipments.map(({ id }) => id);
    expect(viewOf(s.ask('o', deliver(first)).reply).status).toBe('shipped');
    expect(viewOf(s.ask('o', deliver(first)).reply).status).toBe('shipped');
    expect(viewOf(s.ask('o', deliver(second)).reply).status).toBe('delivered');
    expect(shipments(s).every((shipment) => shipment.endsWith('delivered'))).toBe(true);
    checkAtRest(s);
  });

  it('of parts comes before the rest has left', () => {
    const s = confirmed();
    viewOf(s.settleAsk('o', ship({ 1: 4 })));
    for (const { id } of s.order('o').shipments) viewOf(s.ask('o', deliver(id)).reply);
    expect(s.order('o').status).toBe('confirmed');
    viewOf(s.settleAsk('o', ship()));
    expect(s.order('o').status).toBe('shipped');
    expect(viewOf(s.ask('o', deliver()).reply).status).toBe('delivered');
    checkAtRest(s);
  });

  it('is for what has left only', () => {
    const s = confirmed();
    expect(codeOf(s.ask('none', deliver()).reply)).toBe('order-not-found');
    expect(codeOf(s.ask('o', deliver()).reply)).toBe('order-state');
    expect(errorOf(s.ask('o', deliver('s')).reply)).toMatchObject({
      code: 'shipment-not-found',
      details: { shipmentId: 's' },
    });
    viewOf(s.settleAsk('o', ship({}, 'w1')));
    expect(codeOf(s.ask('o', deliver()).reply), 'not all lines have left').toBe('order-state');
  });

  it('waits for shipments that are being made', () => {
    const s = confirmed();
    s.ask('o', ship({ 2: 1 }));
    const [shipment] = s.order('o').shipments;
    const call = s.ask('o', deliver(shipment?.id ?? ''));
    expect(call.reply).toBeNull();
    s.perform(wantedOf(s, 'fulfill'));
    s.settle();
    expect(viewOf(call.reply).shipments).toMatchObject([{ status: 'delivered' }]);
    checkAtRest(s);
  });

  it('of what was delivered already is answered the same', () => {
    const s = confirmed();
    viewOf(s.settleAsk('o', ship()));
    const once = s.ask('o', deliver()).reply;
    s.world.now += 5;
    expect(s.ask('o', deliver()).reply).toEqual(once);
  });
});

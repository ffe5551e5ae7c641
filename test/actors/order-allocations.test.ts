import { describe, expect, it } from 'vitest';
import type { OrderCommand } from '../../src/actors/inventory/order-stock/model.ts';
import { order } from '../../src/actors/inventory/order-stock/order.ts';
import {
  codeOf,
  createItem,
  errorOf,
  okOf,
  openShop,
  receiptOf,
  reservationOf,
  reserve,
  resolve,
  type Shop,
} from './support/shop.ts';

const allocate = (itemId: string, warehouseId: string, quantity: number) =>
  ({ type: 'allocate', itemId, warehouseId, quantity }) as const;
const giveBack = (
  itemId: string | null = null,
  warehouseId: string | null = null,
  quantity: number | null = null,
) => ({ type: 'giveBack', itemId, warehouseId, quantity }) as const;
const fulfill = (...lines: Extract<OrderCommand, { type: 'fulfill' }>['lines']) =>
  ({ type: 'fulfill', lines }) as const;
const line = (itemId: string, warehouseId: string | null = null, quantity: number | null = null) => ({
  itemId,
  warehouseId,
  quantity,
});

/** Order o has 4 of a@1 (3 in w1, 1 in w2) and 1 of b@2 committed, and 2 of a@1 in w2 allocated directly. */
function allocated(): Shop {
  const shop = openShop({ 'a@1': { w1: 3, w2: 9 }, 'b@2': { w1: 5 } });
  reserve(shop, 'o@0', { 'a@1': 4, 'b@2': 1 });
  resolve(shop, 'o@0', 'commit');
  okOf(shop.world.settle('order', 'o@0', allocate('a@1', 'w2', 2)));
  return shop;
}

function status(shop: Shop): string {
  return reservationOf(resolve(shop, 'o@0', 'get')).status;
}

function balanced(shop: Shop): void {
  expect(shop.world.audit().differences).toEqual([]);
}

describe('allocating without a reservation', () => {
  it('takes from exactly that warehouse, and adds up', () => {
    const shop = openShop({ 'a@1': { w1: 9, w2: 5 } });
    expect(okOf(shop.world.settle('order', 'o@0', allocate('a@1', 'w2', 2)))).toMatchObject({
      success: true,
      levels: [{ warehouseId: 'w2', quantity: 5, held: 0, allocated: 2, version: 2 }],
    });
    shop.world.settle('order', 'o@0', allocate('a@1', 'w2', 1));
    expect(shop.order('o@0').direct).toEqual([
      {
        itemId: 'a@1',
        sku: 'sku-a@1',
        warehouseId: 'w2',
        held: 0,
        allocated: 3,
        fulfilled: 0,
        givenBack: 0,
        levelVersion: 3,
      },
    ]);
    expect(shop.world.events('item', 'a@1').at(-1)).toMatchObject({ cause: 'allocated', reference: 'o@0' });
    balanced(shop);
  });

  it('answers with the level where there is too little, and changes nothing', () => {
    const shop = openShop({ 'a@1': { w1: 9, w2: 5 } });
    expect(okOf(shop.world.settle('order', 'o@0', allocate('a@1', 'w2', 6)))).toMatchObject({
      success: false,
      levels: [{ warehouseId: 'w2', quantity: 5, version: 1 }],
    });
    expect(okOf(shop.world.settle('order', 'o@0', allocate('a@1', 'w3', 1)))).toEqual({
      success: false,
      levels: [],
    });
    expect(shop.order('o@0')).toMatchObject({ direct: [], operation: null });
  });

  it('refuses what is unknown, and takes nothing from an inactive warehouse', () => {
    const shop = openShop({ 'a@1': { w1: 9 } });
    expect(codeOf(shop.world.settle('order', 'o@0', allocate('none', 'w1', 1)))).toBe('item-not-found');
    expect(codeOf(shop.world.settle('order', 'o@0', allocate('a@1', 'nowhere', 1)))).toBe(
      'warehouse-not-found',
    );
    shop.world.settle('warehouse', 'w1', { type: 'update', isActive: false });
    expect(okOf(shop.world.settle('order', 'o@0', allocate('a@1', 'w1', 1)))).toMatchObject({
      success: false,
      levels: [{ quantity: 9 }],
    });
  });

  it('is one allocation where its key comes again, on the way or later', () => {
    const shop = openShop({ 'a@1': { w1: 9 } });
    const command = allocate('a@1', 'w1', 2);
    const first = shop.world.ask('order', 'o@0', command, receiptOf('k'));
    const again = shop.world.ask('order', 'o@0', command, receiptOf('k'));
    const other = shop.world.ask('order', 'o@0', allocate('a@1', 'w1', 3), receiptOf('k', 'other'));
    expect(codeOf(other.reply)).toBe('idempotency-key-reused');
    const second = shop.world.ask('order', 'o@0', command, receiptOf('l'));
    shop.world.drain();
    expect(again.reply).toEqual(first.reply);
    expect(second.reply).not.toEqual(first.reply);
    expect(shop.world.settle('order', 'o@0', command, receiptOf('k'))).toEqual(first.reply);
    expect(shop.level('a@1', 'w1').allocated).toBe(4);
  });

  it('uses no key up where it met an error', () => {
    const shop = openShop({});
    const command = allocate('a@1', 'w1', 2);
    expect(codeOf(shop.world.settle('order', 'o@0', command, receiptOf('k')))).toBe('item-not-found');
    shop.world.settle('item', 'a@1', createItem('a@1', { w1: 5 }));
    expect(okOf(shop.world.settle('order', 'o@0', command, receiptOf('k')))).toMatchObject({ success: true });
  });

  it('stands beside a reservation that is held, and does not outlive it by accident', () => {
    const shop = openShop({ 'a@1': { w1: 9 } });
    reserve(shop, 'o@0', { 'a@1': 2 }, { ttlSeconds: 60 });
    shop.world.settle('order', 'o@0', allocate('a@1', 'w1', 3));
    shop.world.now += 60_000;
    shop.world.fireTimers();
    shop.world.drain();
    expect(shop.level('a@1', 'w1')).toMatchObject({ held: 0, allocated: 3 });
    balanced(shop);
  });
});

describe('giving back', () => {
  it('gives everything back, and the reservation is released', () => {
    const shop = allocated();
    expect(okOf(shop.world.settle('order', 'o@0', giveBack()))).toMatchObject({
      success: true,
      levels: [
        { itemId: 'a@1', warehouseId: 'w1', quantity: 3, allocated: 0 },
        { itemId: 'a@1', warehouseId: 'w2', quantity: 9, allocated: 0 },
        { itemId: 'b@2', warehouseId: 'w1', quantity: 5, allocated: 0 },
      ],
    });
    expect(status(shop)).toBe('released');
    expect(shop.order('o@0').direct).toMatchObject([{ allocated: 0, givenBack: 2 }]);
    expect(reserve(shop, 'o@0', { 'a@1': 1 }, { key: 'new' })).toMatchObject({ success: true, attempt: 2 });
    balanced(shop);
  });

  it('takes the reservation before what was allocated directly, in order of warehouse', () => {
    const shop = allocated();
    shop.world.settle('order', 'o@0', giveBack('a@1', null, 5));
    const [attempt] = shop.order('o@0').attempts;
    expect(attempt?.lines.map((each) => [each.warehouseId, each.allocated, each.givenBack])).toEqual([
      ['w1', 0, 3],
      ['w2', 0, 1],
      ['w1', 1, 0],
    ]);
    expect(shop.order('o@0').direct).toMatchObject([{ allocated: 1, givenBack: 1 }]);
    expect(status(shop)).toBe('committed');
    balanced(shop);
  });

  it('takes only what item and warehouse name', () => {
    const shop = allocated();
    shop.world.settle('order', 'o@0', giveBack('a@1', 'w2'));
    expect(shop.level('a@1', 'w2').allocated).toBe(0);
    expect(shop.level('a@1', 'w1').allocated).toBe(3);
    shop.world.settle('order', 'o@0', giveBack(null, 'w1'));
    expect(shop.level('b@2', 'w1').allocated).toBe(0);
    expect(okOf(shop.world.settle('order', 'o@0', giveBack()))).toEqual({ success: true, levels: [] });
    expect(status(shop)).toBe('released');
    balanced(shop);
  });

  it('refuses what is not there', () => {
    const shop = allocated();
    expect(codeOf(shop.world.settle('order', 'nobody', giveBack()))).toBe('allocation-not-found');
    expect(codeOf(shop.world.settle('order', 'o@0', giveBack('b@2', 'w2')))).toBe('allocation-not-found');
    expect(errorOf(shop.world.settle('order', 'o@0', giveBack('a@1', 'w2', 4)))).toMatchObject({
      code: 'insufficient-available',
      details: { allocated: '3' },
    });
    expect(errorOf(shop.world.settle('order', 'o@0', giveBack(null, null, 1))).field).toBe('item_id');
    expect(shop.order('o@0').operation).toBeNull();
  });

  it('finds nothing in a hold', () => {
    const shop = openShop({ 'a@1': { w1: 9 } });
    reserve(shop, 'o@0', { 'a@1': 2 });
    expect(codeOf(shop.world.settle('order', 'o@0', giveBack()))).toBe('allocation-not-found');
    expect(codeOf(shop.world.settle('order', 'o@0', fulfill()))).toBe('allocation-not-found');
  });
});

describe('fulfilling', () => {
  it('takes everything out of the warehouses, and the reservation is fulfilled', () => {
    const shop = allocated();
    expect(okOf(shop.world.settle('order', 'o@0', fulfill()))).toMatchObject({
      success: true,
      levels: [
        { itemId: 'a@1', warehouseId: 'w1', quantity: 0, allocated: 0 },
        { itemId: 'a@1', warehouseId: 'w2', quantity: 6, allocated: 0 },
        { itemId: 'b@2', warehouseId: 'w1', quantity: 4, allocated: 0 },
      ],
    });
    expect(status(shop)).toBe('fulfilled');
    expect(shop.world.events('item', 'b@2').at(-1)).toMatchObject({
      cause: 'fulfilled',
      reason: 'fulfilled',
      reference: 'o@0',
      delta: -1,
    });
    // A repeat of the whole, without a key: it is done, and nothing happens twice.
    expect(okOf(shop.world.settle('order', 'o@0', fulfill()))).toEqual({ success: true, levels: [] });
    expect(codeOf(shop.world.settle('order', 'o@0', giveBack()))).toBe('allocation-not-found');
    expect(codeOf(resolve(shop, 'o@0', 'release'))).toBe('reservation-state');
    expect(reservationOf(resolve(shop, 'o@0', 'commit')).status).toBe('fulfilled');
    balanced(shop);
  });

  it('goes line by line, each from what the ones before have left', () => {
    const shop = allocated();
    const reply = shop.world.settle(
      'order',
      'o@0',
      fulfill(line('a@1', null, 2), line('a@1', 'w1'), line('b@2')),
    );
    expect(okOf(reply)).toMatchObject({
      levels: [
        { quantity: 0, allocated: 0 },
        { quantity: 4, allocated: 0 },
      ],
    });
    expect(status(shop)).toBe('committed');
    const rest = [line('a@1', 'w1')];
    expect(codeOf(shop.world.settle('order', 'o@0', fulfill(...rest)))).toBe('allocation-not-found');
    expect(codeOf(shop.world.settle('order', 'o@0', fulfill(line('a@1', 'w2', 4))))).toBe(
      'insufficient-available',
    );
    balanced(shop);
  });

  it('refuses all lines where one cannot be', () => {
    const shop = allocated();
    const reply = shop.world.settle('order', 'o@0', fulfill(line('b@2'), line('a@1', null, 7)));
    expect(codeOf(reply)).toBe('insufficient-available');
    expect(codeOf(shop.world.settle('order', 'o@0', fulfill(line('b@2'), line('b@2'))))).toBe(
      'allocation-not-found',
    );
    expect(shop.level('b@2', 'w1')).toMatchObject({ quantity: 5, allocated: 1 });
  });

  it('is fulfilled where a part left and the rest was given back', () => {
    const shop = allocated();
    shop.world.settle('order', 'o@0', fulfill(line('b@2')));
    expect(status(shop)).toBe('committed');
    shop.world.settle('order', 'o@0', giveBack());
    expect(status(shop)).toBe('fulfilled');
    balanced(shop);
  });

  it('is one shipment where its key comes again, on the way or later', () => {
    const shop = allocated();
    const first = shop.world.ask('order', 'o@0', fulfill(line('a@1', null, 1)), receiptOf('k'));
    const again = shop.world.ask('order', 'o@0', fulfill(line('a@1', null, 1)), receiptOf('k'));
    const next = shop.world.ask('order', 'o@0', fulfill(line('a@1', null, 1)));
    expect([first.reply, again.reply, next.reply]).toEqual([null, null, null]);
    shop.world.drain();
    expect(again.reply).toEqual(first.reply);
    expect(shop.level('a@1', 'w1').quantity).toBe(1);
    expect(shop.world.settle('order', 'o@0', fulfill(line('a@1', null, 1)), receiptOf('k'))).toEqual(
      first.reply,
    );
  });
});

describe('which cells a command will reach', () => {
  it('is what the command names', () => {
    expect(order.touches?.(allocate('a', 'w', 1))).toEqual([{ kind: 'item', id: 'a' }]);
    expect(order.touches?.(giveBack('a'))).toEqual([{ kind: 'item', id: 'a' }]);
    expect(order.touches?.(giveBack())).toEqual([]);
    expect(order.touches?.(fulfill(line('a'), line('b')))).toHaveLength(2);
    expect(order.touches?.({ type: 'commit', attempt: null })).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { InvariantViolation } from '../../src/actors/behaviour.ts';
import { evolve } from '../../src/actors/inventory/item/evolve.ts';
import { item } from '../../src/actors/inventory/item/item.ts';
import type { ItemState, LevelChanged } from '../../src/actors/inventory/item/model.ts';
import { codeOf, createItem, errorOf, okOf, openShop, reserve, resolve } from './support/shop.ts';

const adjust = (warehouseId: string, delta: number, expectedQuantity: number | null = null) => ({
  type: 'adjust',
  warehouseId,
  delta,
  reason: 'counted',
  reference: 'ref',
  expectedQuantity,
});

describe('creating, changing and deleting an item', () => {
  it('is created with its initial levels as received stock', () => {
    const shop = openShop({ a: { w1: 5, w2: 0 } });
    expect(shop.level('a', 'w1')).toMatchObject({ quantity: 5, held: 0, allocated: 0, version: 1 });
    expect(shop.item('a').levels['w2']).toBeUndefined();
    expect(shop.world.events('item', 'a')).toMatchObject([
      { type: 'created' },
      { type: 'level', cause: 'created', delta: 5, reason: 'received', reference: '', sku: 'sku-a' },
    ]);
  });

  it('answers with details, levels in order and policies', () => {
    const { world } = openShop({ a: { w2: 1, w1: 5 } });
    const policy = { lowStockThreshold: 3, backInStockThreshold: 3, incomingQuantity: 9, incomingAt: 77 };
    expect(okOf(world.settle('item', 'a', { type: 'setPolicy', warehouseId: 'w3', policy }))).toEqual(policy);
    expect(okOf(world.settle('item', 'a', { type: 'get' }))).toMatchObject({
      id: 'a',
      details: { sku: 'sku-a', name: 'a', createdAt: world.now },
      levels: [
        { itemId: 'a', warehouseId: 'w1', quantity: 5, version: 1 },
        { itemId: 'a', warehouseId: 'w2', quantity: 1, version: 1 },
        { itemId: 'a', warehouseId: 'w3', quantity: 0, version: 0 },
      ],
      policies: { w3: policy },
    });
  });

  it('refuses a SKU that exists', () => {
    const { world } = openShop({ a: { w1: 5 } });
    expect(codeOf(world.settle('item', 'a', createItem('a', { w1: 9 })))).toBe('sku-exists');
  });

  it('refuses an unknown warehouse, one named twice, and stock beyond what is exact', () => {
    const shop = openShop({});
    expect(codeOf(shop.world.settle('item', 'a', createItem('a', { w1: 1, nowhere: 1 })))).toBe(
      'warehouse-not-found',
    );
    const twice = [
      { warehouseId: 'w1', quantity: 1 },
      { warehouseId: 'w1', quantity: 2 },
    ];
    const command = createItem('a');
    const again = errorOf(shop.world.settle('item', 'a', { ...command, initialLevels: twice }));
    expect(again).toMatchObject({ code: 'invalid-argument', field: 'initial_levels[1].warehouse_id' });
    const much = createItem('a', { w1: Number.MAX_SAFE_INTEGER, w2: 1 });
    expect(errorOf(shop.world.settle('item', 'a', much)).field).toBe('initial_levels[1].quantity');
    expect(shop.item('a')).toEqual(item.initial);
  });

  it('changes only the fields that are set', () => {
    const shop = openShop({ a: { w1: 5 } });
    shop.world.now += 10;
    shop.world.settle('item', 'a', { type: 'update', name: 'new', attributes: { colour: 'red' } });
    expect(shop.item('a').details).toMatchObject({
      name: 'new',
      category: '',
      attributes: { colour: 'red' },
      updatedAt: shop.world.now,
    });
    const before = shop.item('a');
    expect(okOf(shop.world.settle('item', 'a', { type: 'update' }))).toMatchObject({ id: 'a' });
    expect(shop.item('a')).toBe(before);
  });

  it('is not deleted while any of it is reserved', () => {
    const shop = openShop({ a: { w1: 5 } });
    reserve(shop, 'o', { a: 1 });
    expect(codeOf(shop.world.settle('item', 'a', { type: 'delete' }))).toBe('item-reserved');
    resolve(shop, 'o', 'commit');
    expect(codeOf(shop.world.settle('item', 'a', { type: 'delete' }))).toBe('item-reserved');
  });

  it('is written off when deleted, and goes on with its versions when created again', () => {
    const shop = openShop({ a: { w1: 5, w2: 2 } });
    shop.world.settle('item', 'a', adjust('w2', -2));
    okOf(
      shop.world.settle('item', 'a', {
        type: 'setPolicy',
        warehouseId: 'w1',
        policy: { lowStockThreshold: 1, backInStockThreshold: 1, incomingQuantity: 0, incomingAt: null },
      }),
    );
    expect(okOf(shop.world.settle('item', 'a', { type: 'delete' }))).toEqual({ id: 'a' });
    expect(shop.world.events('item', 'a').slice(-2)).toMatchObject([
      { type: 'level', cause: 'deleted', reason: 'deleted', warehouseId: 'w1', delta: -5, quantity: 0 },
      { type: 'deleted' },
    ]);
    okOf(shop.world.settle('item', 'a', createItem('a', { w1: 1 })));
    expect(shop.level('a', 'w1')).toMatchObject({ quantity: 1, version: 3, policy: null });
    expect(shop.world.audit().differences).toEqual([]);
  });

  it('is unknown to everybody before it is created and after it was deleted', () => {
    const shop = openShop({ gone: { w1: 1 } });
    shop.world.settle('item', 'gone', { type: 'delete' });
    const policy = { lowStockThreshold: 1, backInStockThreshold: 1, incomingQuantity: 0, incomingAt: null };
    for (const id of ['never', 'gone']) {
      for (const command of [
        { type: 'get' },
        { type: 'update', name: 'x' },
        { type: 'delete' },
        { type: 'setPolicy', warehouseId: 'w1', policy },
        adjust('w1', 1),
        { type: 'transfer', fromWarehouseId: 'w1', toWarehouseId: 'w2', quantity: 1, reference: '' },
      ]) {
        expect(codeOf(shop.world.settle('item', id, command))).toBe('item-not-found');
      }
    }
  });
});

describe('adjusting', () => {
  it('changes the quantity and answers with the level', () => {
    const shop = openShop({ a: { w1: 5 } });
    expect(okOf(shop.world.settle('item', 'a', adjust('w1', -2)))).toEqual({
      itemId: 'a',
      sku: 'sku-a',
      warehouseId: 'w1',
      quantity: 3,
      held: 0,
      allocated: 0,
      version: 2,
      updatedAt: shop.world.now,
    });
    expect(shop.world.events('item', 'a').at(-1)).toMatchObject({
      cause: 'adjusted',
      reason: 'counted',
      reference: 'ref',
      delta: -2,
    });
  });

  it('compares and sets: a level that does not exist counts as 0', () => {
    const { world } = openShop({ a: { w1: 5 } });
    const differs = errorOf(world.settle('item', 'a', adjust('w1', 1, 4)));
    expect(differs).toMatchObject({ code: 'quantity-differs', details: { quantity: '5' } });
    expect(okOf(world.settle('item', 'a', adjust('w1', 1, 5)))).toMatchObject({ quantity: 6 });
    expect(okOf(world.settle('item', 'a', adjust('w3', 1, 0)))).toMatchObject({ quantity: 1, version: 1 });
  });

  it('never goes below what is reserved', () => {
    const shop = openShop({ a: { w1: 5 } });
    reserve(shop, 'o', { a: 3 });
    const below = errorOf(shop.world.settle('item', 'a', adjust('w1', -3)));
    expect(below).toMatchObject({ code: 'below-reserved', details: { reserved: '3', quantity: '5' } });
    expect(okOf(shop.world.settle('item', 'a', adjust('w1', -2)))).toMatchObject({ quantity: 3, held: 3 });
    expect(codeOf(shop.world.settle('item', 'a', adjust('w2', -1)))).toBe('below-reserved');
  });

  it('refuses an unknown warehouse and a sum that would not be exact, and takes an inactive one', () => {
    const { world } = openShop({ a: { w1: 5 } });
    expect(codeOf(world.settle('item', 'a', adjust('nowhere', 1)))).toBe('warehouse-not-found');
    for (const warehouseId of ['w1', 'w2']) {
      const beyond = errorOf(world.settle('item', 'a', adjust(warehouseId, Number.MAX_SAFE_INTEGER)));
      expect(beyond).toMatchObject({ code: 'invalid-argument', field: 'delta' });
    }
    world.settle('warehouse', 'w2', { type: 'update', isActive: false });
    expect(okOf(world.settle('item', 'a', adjust('w2', 7)))).toMatchObject({ quantity: 7 });
  });
});

describe('transferring', () => {
  const transfer = (fromWarehouseId: string, toWarehouseId: string, quantity: number) => ({
    type: 'transfer',
    fromWarehouseId,
    toWarehouseId,
    quantity,
    reference: 'van',
  });

  it('moves what is available, all or nothing', () => {
    const shop = openShop({ a: { w1: 5 } });
    reserve(shop, 'o', { a: 2 });
    const short = errorOf(shop.world.settle('item', 'a', transfer('w1', 'w2', 4)));
    expect(short).toMatchObject({ code: 'insufficient-available', details: { available: '3' } });
    expect(okOf(shop.world.settle('item', 'a', transfer('w1', 'w2', 3)))).toMatchObject({
      levels: [
        { warehouseId: 'w1', quantity: 2, held: 2 },
        { warehouseId: 'w2', quantity: 3, version: 1 },
      ],
    });
    expect(shop.world.events('item', 'a').slice(-2)).toMatchObject([
      { cause: 'transferred', reason: 'transfer', delta: -3, reference: 'van' },
      { cause: 'transferred', reason: 'transfer', delta: 3, reference: 'van' },
    ]);
  });

  it('refuses unknown warehouses and one and the same', () => {
    const { world } = openShop({ a: { w1: 5 } });
    expect(codeOf(world.settle('item', 'a', transfer('w1', 'nowhere', 1)))).toBe('warehouse-not-found');
    expect(codeOf(world.settle('item', 'a', transfer('nowhere', 'w1', 1)))).toBe('warehouse-not-found');
    expect(errorOf(world.settle('item', 'a', transfer('w1', 'w1', 1))).field).toBe('to_warehouse_id');
  });

  it('refuses a policy for an unknown warehouse', () => {
    const { world } = openShop({ a: { w1: 5 } });
    const policy = { lowStockThreshold: 3, backInStockThreshold: 3, incomingQuantity: 0, incomingAt: null };
    const reply = world.settle('item', 'a', { type: 'setPolicy', warehouseId: 'nowhere', policy });
    expect(codeOf(reply)).toBe('warehouse-not-found');
  });
});

describe('the books are guarded where they are written', () => {
  const shop = openShop({ a: { w1: 5 } });
  const state: ItemState = shop.item('a');
  const good: LevelChanged = {
    type: 'level',
    cause: 'held',
    sku: 'sku-a',
    warehouseId: 'w1',
    delta: 0,
    quantity: 5,
    held: 2,
    allocated: 1,
    version: 2,
    at: 0,
    reason: '',
    reference: 'o',
  };

  it('takes a level that follows from the one before', () => {
    expect(evolve(state, good).levels['w1']).toMatchObject({ held: 2, allocated: 1, version: 2 });
  });

  it.each([
    ['I1', { held: 6 }],
    ['I1', { held: -1 }],
    ['I1', { allocated: -1 }],
    ['I1', { held: 3, allocated: 3 }],
    ['I1', { held: 0.5 }],
    ['I2', { version: 3 }],
    ['I2', { version: 1 }],
    ['I2', { quantity: 6 }],
  ])('stops at a level that breaks %s: %j', (invariant, broken) => {
    const write = () => evolve(state, { ...good, ...broken });
    expect(write).toThrow(InvariantViolation);
    expect(write).toThrow(new RegExp(`^${invariant}: `));
  });

  it('knows which events are movements', () => {
    expect(item.isLedger?.(good)).toBe(false);
    expect(item.isLedger?.({ ...good, delta: 1 })).toBe(true);
    expect(item.isLedger?.({ type: 'deleted', at: 0 })).toBe(false);
  });
});

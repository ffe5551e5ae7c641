// Alerts of a level: low where available falls below one threshold, back where it reaches the other, each once.
import { describe, expect, it } from 'vitest';
import { InvariantViolation } from '../../src/actors/behaviour.ts';
import { evolve } from '../../src/actors/inventory/item/evolve.ts';
import { emptyLevel, levelChanged } from '../../src/actors/inventory/item/levels.ts';
import type { ItemState, LevelChanged, StockPolicy } from '../../src/actors/inventory/item/model.ts';
import { isObject } from '../../src/actors/shape.ts';
import { createItem, okOf, openShop, reserve, resolve, type Shop } from './support/shop.ts';

const thresholds = (lowStockThreshold: number, backInStockThreshold = lowStockThreshold): StockPolicy => ({
  lowStockThreshold,
  backInStockThreshold,
  incomingQuantity: 0,
  incomingAt: null,
});

function setPolicy({ world }: Shop, policy: StockPolicy, warehouseId = 'w1'): void {
  okOf(world.settle('item', 'a', { type: 'setPolicy', warehouseId, policy }));
}

function adjust({ world }: Shop, delta: number): void {
  const rest = { reason: 'counted', reference: '', expectedQuantity: null };
  okOf(world.settle('item', 'a', { type: 'adjust', warehouseId: 'w1', delta, ...rest }));
}

/** Such as ['low 3 at 5']: which alert, with how much available, at which threshold; in order. */
function alertsOf({ world }: Shop, warehouseId = 'w1'): string[] {
  return world
    .events('item', 'a')
    .filter((event) => isObject(event) && event['warehouseId'] === warehouseId && 'alert' in event)
    .map((event) => {
      const { alert, allocated = 0, held = 0, quantity, threshold, ...rest } = Object(event);
      return `${alert} ${rest.available ?? quantity - held - allocated} at ${threshold}`;
    });
}

describe('a level with thresholds', () => {
  it('is low once where available falls below the one, and back once where it reaches the other', () => {
    const shop = openShop({ a: { w1: 10 } });
    setPolicy(shop, thresholds(5, 8));
    adjust(shop, -5);
    expect(alertsOf(shop)).toEqual([]);
    adjust(shop, -1);
    expect(shop.level('a', 'w1')).toMatchObject({ quantity: 4, isLow: true });
    for (const delta of [-2, 5, -3, 3]) adjust(shop, delta);
    expect(alertsOf(shop)).toEqual(['low 4 at 5']);
    adjust(shop, 1);
    expect(shop.level('a', 'w1')).toMatchObject({ quantity: 8, isLow: false });
    for (const delta of [-3, 9]) adjust(shop, delta);
    expect(alertsOf(shop)).toEqual(['low 4 at 5', 'back 8 at 8']);
    adjust(shop, -12);
    expect(alertsOf(shop)).toEqual(['low 4 at 5', 'back 8 at 8', 'low 2 at 5']);
  });

  it('counts what orders hold and have allocated as not available', () => {
    const shop = openShop({ a: { w1: 10 } });
    setPolicy(shop, thresholds(5));
    reserve(shop, 'o', { a: 6 });
    expect(alertsOf(shop)).toEqual(['low 4 at 5']);
    resolve(shop, 'o', 'commit');
    okOf(
      shop.world.settle('order', 'o', {
        type: 'fulfill',
        lines: [{ itemId: 'a', warehouseId: null, quantity: 4 }],
      }),
    );
    expect(alertsOf(shop)).toEqual(['low 4 at 5']);
    const all = { itemId: null, warehouseId: null, quantity: null };
    okOf(shop.world.settle('order', 'o', { type: 'giveBack', ...all }));
    expect(alertsOf(shop)).toEqual(['low 4 at 5', 'back 6 at 5']);
  });

  it('is low where an order takes it at one go, and back where a hold expires', () => {
    const shop = openShop({ a: { w1: 10 } });
    setPolicy(shop, thresholds(9));
    reserve(shop, 'o', { a: 2 }, { ttlSeconds: 5 });
    shop.world.now += 5_000;
    shop.world.fireTimers();
    shop.world.drain();
    reserve(shop, 'p', { a: 2 }, { commits: true });
    expect(alertsOf(shop)).toEqual(['low 8 at 9', 'back 10 at 9', 'low 8 at 9']);
  });

  it('is told by warehouse: a transfer makes the one low and the other back', () => {
    const shop = openShop({ a: { w1: 5, w2: 0 } });
    setPolicy(shop, thresholds(3));
    setPolicy(shop, thresholds(2), 'w2');
    const transfer = { fromWarehouseId: 'w1', toWarehouseId: 'w2', quantity: 4, reference: '' };
    okOf(shop.world.settle('item', 'a', { type: 'transfer', ...transfer }));
    expect(alertsOf(shop)).toEqual(['low 1 at 3']);
    expect(alertsOf(shop, 'w2')).toEqual(['low 0 at 2', 'back 4 at 2']);
    expect(okOf(shop.world.settle('item', 'a', { type: 'get' }))).toMatchObject({ low: ['w1'] });
  });
});

describe('setting thresholds', () => {
  it('says what the new ones make of the level as it stands, with its numbers', () => {
    const shop = openShop({ a: { w1: 6 } });
    reserve(shop, 'o', { a: 2 });
    setPolicy(shop, thresholds(5, 9));
    expect(shop.world.events('item', 'a').at(-1)).toMatchObject({
      type: 'policySet',
      alert: 'low',
      threshold: 5,
      sku: 'sku-a',
      available: 4,
      quantity: 6,
    });
    setPolicy(shop, thresholds(5, 5));
    setPolicy(shop, thresholds(2, 5));
    expect(shop.level('a', 'w1').isLow).toBe(true);
    setPolicy(shop, thresholds(2, 4));
    expect(alertsOf(shop)).toEqual(['low 4 at 5', 'back 4 at 4']);
    expect(shop.level('a', 'w1').isLow).toBe(false);
  });

  it('makes a level low that never had anything', () => {
    const shop = openShop({ a: { w1: 6 } });
    setPolicy(shop, thresholds(1), 'w3');
    expect(alertsOf(shop, 'w3')).toEqual(['low 0 at 1']);
  });

  it('to 0 ends the alerts in silence, and what was said before does not count afterwards', () => {
    const shop = openShop({ a: { w1: 3 } });
    setPolicy(shop, thresholds(5));
    setPolicy(shop, thresholds(0));
    expect(shop.level('a', 'w1').isLow).toBe(false);
    adjust(shop, 9);
    adjust(shop, -10);
    expect(alertsOf(shop)).toEqual(['low 3 at 5']);
    setPolicy(shop, thresholds(4));
    expect(alertsOf(shop)).toEqual(['low 3 at 5', 'low 2 at 4']);
  });

  it('of an item that is deleted goes with it, without an alert', () => {
    const shop = openShop({ a: { w1: 6, w2: 1 } });
    setPolicy(shop, thresholds(5));
    setPolicy(shop, thresholds(5), 'w2');
    okOf(shop.world.settle('item', 'a', { type: 'delete' }));
    expect(shop.level('a', 'w1')).toMatchObject({ quantity: 0, policy: null, isLow: false });
    expect(shop.level('a', 'w2')).toMatchObject({ quantity: 0, policy: null, isLow: false });
    okOf(shop.world.settle('item', 'a', createItem('a', { w1: 1 })));
    expect([alertsOf(shop), alertsOf(shop, 'w2')]).toEqual([[], ['low 1 at 5']]);
  });
});

describe('journals of a release without alerts', () => {
  const state = openShop({ a: { w1: 9 } }).item('a');
  const { backInStockThreshold: _, ...old } = thresholds(5);
  const quiet = evolve(state, { type: 'policySet', warehouseId: 'w1', policy: old, at: 0 });

  it('have policies whose level is back at the low-stock threshold', () => {
    expect(quiet.levels['w1']?.policy).toEqual(thresholds(5, 5));
  });

  it('passed a threshold in silence: the next change tells it', () => {
    const silent = evolve(quiet, change(quiet, { quantity: 4, delta: -5 }));
    expect(silent.levels['w1']?.isLow).toBe(false);
    const level = silent.levels['w1'] ?? emptyLevel;
    const where = { sku: 'sku-a', warehouseId: 'w1' };
    expect(levelChanged(level, where, { cause: 'held', held: 1, reference: 'o' }, 0)).toMatchObject({
      alert: 'low',
      threshold: 5,
    });
  });
});

function change({ levels }: ItemState, values: Partial<LevelChanged>): LevelChanged {
  const { held, allocated, quantity, version } = levels['w1'] ?? emptyLevel;
  const event = levelChanged(
    { ...emptyLevel, quantity, held, allocated, version },
    { sku: 'sku-a', warehouseId: 'w1' },
    { cause: 'adjusted', reference: '' },
    0,
  );
  return { ...event, ...values };
}

describe('an alert that does not follow from the level stops the shard', () => {
  const shop = openShop({ a: { w1: 9 } });
  const without = shop.item('a');
  setPolicy(shop, thresholds(5, 8));
  const free = shop.item('a');
  adjust(shop, -6);
  const low = shop.item('a');
  const policySet = { type: 'policySet', warehouseId: 'w1', policy: thresholds(5, 8), at: 0 } as const;
  const numbers = { sku: 'sku-a', available: 3, quantity: 3 };

  it.each([
    ['where there is no policy', without, { quantity: 1, delta: -8, alert: 'low', threshold: 5 }],
    ['low, but there is enough', free, { quantity: 5, delta: -4, alert: 'low', threshold: 5 }],
    ['back, but it was not low', free, { alert: 'back', threshold: 8 }],
    ['low a second time', low, { quantity: 2, delta: -1, alert: 'low', threshold: 5 }],
    ['back, but there is too little', low, { quantity: 7, delta: 4, alert: 'back', threshold: 8 }],
    ['at another threshold', free, { quantity: 4, delta: -5, alert: 'low', threshold: 6 }],
    ['at no threshold', free, { quantity: 4, delta: -5, alert: 'low' }],
    ['of an item that goes', free, { cause: 'deleted', quantity: 0, delta: -9, alert: 'low', threshold: 5 }],
  ] as const)('%s', (_name, state, values) => {
    const write = () => evolve(state, change(state, values));
    expect(write).toThrow(InvariantViolation);
    expect(write).toThrow(/^I3: /);
  });

  it.each([
    ['a policy that says what was said', { alert: 'low', threshold: 5, ...numbers }],
    ['a policy that tells other numbers', { alert: 'back', threshold: 3, ...numbers, available: 4 }],
    ['a policy that tells another quantity', { alert: 'back', threshold: 3, ...numbers, quantity: 4 }],
    ['a policy at another threshold', { alert: 'back', threshold: 2, ...numbers }],
  ] as const)('%s', (_name, values) => {
    const policy = values.alert === 'low' ? policySet.policy : thresholds(3, 3);
    const write = () => evolve(low, { ...policySet, policy, ...values });
    expect(write).toThrow(InvariantViolation);
    expect(write).toThrow(/^I3: /);
  });

  it('while one that does is taken', () => {
    const back = { ...policySet, policy: thresholds(3, 3), alert: 'back', threshold: 3, ...numbers } as const;
    expect(evolve(low, back).levels['w1']?.isLow).toBe(false);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseDraws, drawable, type Source } from '../../src/actors/inventory/item/draws.ts';
import { drawStrategies } from '../../src/actors/inventory/item/model.ts';
import { openShop, reserve } from './support/shop.ts';

const sources: readonly Source[] = [
  { warehouseId: 'c', available: 9, priority: 2 },
  { warehouseId: 'b', available: 4, priority: 1 },
  { warehouseId: 'a', available: 3, priority: 1 },
];

describe('from where a quantity is taken', () => {
  it.each([
    [
      'priority',
      5,
      [
        ['a', 3],
        ['b', 2],
      ],
    ],
    [
      'priority',
      16,
      [
        ['a', 3],
        ['b', 4],
        ['c', 9],
      ],
    ],
    ['fewest', 3, [['a', 3]]],
    ['fewest', 4, [['b', 4]]],
    ['fewest', 5, [['c', 5]]],
    [
      'fewest',
      12,
      [
        ['c', 9],
        ['b', 3],
      ],
    ],
    ['single', 4, [['b', 4]]],
    ['single', 9, [['c', 9]]],
  ] as const)('%s takes %i as %j', (strategy, quantity, expected) => {
    const draws = chooseDraws(strategy, sources, quantity);
    expect(draws?.map((draw) => [draw.warehouseId, draw.quantity])).toEqual(expected);
  });

  it.each([
    ['priority', 17, 16],
    ['fewest', 17, 16],
    ['single', 10, 9],
  ] as const)('%s cannot take %i of %i', (strategy, quantity, available) => {
    expect(drawable(strategy, sources)).toBe(available);
    expect(chooseDraws(strategy, sources, quantity)).toBeNull();
  });

  it('takes exactly what is asked, never more than there is, from as few as the strategy says', () => {
    const anySources = fc.uniqueArray(
      fc.record({
        warehouseId: fc.string({ minLength: 1, maxLength: 2 }),
        available: fc.integer({ min: 1, max: 9 }),
        priority: fc.integer({ min: -1, max: 1 }),
      }),
      { selector: (source) => source.warehouseId, maxLength: 6 },
    );
    const property = fc.property(
      anySources,
      fc.constantFrom(...drawStrategies),
      fc.integer({ min: 1, max: 30 }),
      (given, strategy, quantity) => {
        const draws = chooseDraws(strategy, given, quantity);
        const largestFirst = given.map((source) => source.available).sort((a, b) => b - a);
        const total = largestFirst.reduce((sum, each) => sum + each, 0);
        const reachable = strategy === 'single' ? (largestFirst[0] ?? 0) : total;
        expect(draws === null).toBe(reachable < quantity);
        if (draws === null) return;
        expect(draws.reduce((sum, draw) => sum + draw.quantity, 0)).toBe(quantity);
        expect(new Set(draws.map((draw) => draw.warehouseId)).size).toBe(draws.length);
        for (const draw of draws) {
          const source = given.find((each) => each.warehouseId === draw.warehouseId);
          expect(draw.quantity).toBeGreaterThan(0);
          expect(draw.quantity).toBeLessThanOrEqual(source?.available ?? 0);
        }
        if (strategy === 'priority') return;
        let covered = 0;
        const fewest = largestFirst.findIndex((each) => {
          covered += each;
          return covered >= quantity;
        });
        expect(draws).toHaveLength(fewest + 1);
      },
    );
    fc.assert(property, { numRuns: 300 });
  });
});

describe('which warehouses may be drawn from', () => {
  it('splits a line by priority, and skips what is inactive', () => {
    const shop = openShop({ a: { w1: 2, w2: 2, w3: 5 } });
    shop.world.settle('warehouse', 'w2', { type: 'update', isActive: false });
    expect(reserve(shop, 'o', { a: 3 })).toMatchObject({
      success: true,
      items: [
        {
          available: 7,
          inStock: true,
          draws: [
            { warehouseId: 'w1', quantity: 2, levelVersion: 2 },
            { warehouseId: 'w3', quantity: 1, levelVersion: 2 },
          ],
        },
      ],
    });
  });

  it('draws only from the named one', () => {
    const shop = openShop({ a: { w1: 2, w2: 5 } });
    expect(reserve(shop, 'o', { a: 3 }, { warehouseId: 'w2' }).items[0]).toMatchObject({
      available: 5,
      draws: [{ warehouseId: 'w2', quantity: 3 }],
    });
    expect(reserve(shop, 'p', { a: 3 }, { warehouseId: 'w1' })).toMatchObject({
      success: false,
      items: [{ available: 2, inStock: false, draws: [] }],
    });
  });

  it('counts the named one as empty where it is inactive', () => {
    const shop = openShop({ a: { w1: 9, w2: 9 } });
    shop.world.settle('warehouse', 'w1', { type: 'update', isActive: false });
    const refused = reserve(shop, 'o', { a: 1 }, { warehouseId: 'w1' });
    expect(refused).toMatchObject({ success: false, items: [{ available: 0, inStock: false }] });
  });

  it('follows the priority as it is now', () => {
    const shop = openShop({ a: { w1: 5, w2: 5 } });
    shop.world.settle('warehouse', 'w2', { type: 'update', priority: 0 });
    expect(reserve(shop, 'o', { a: 1 }).items[0]?.draws).toMatchObject([{ warehouseId: 'w2' }]);
  });
});

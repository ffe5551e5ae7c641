import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Purchases } from '../../src/cli/replay/purchases.ts';

function purchase(place: number, ...lines: [sku: string, quantity: number][]) {
  return {
    orderId: `o${place}`,
    place,
    lines: lines.map(([sku, quantity], index) => ({
      lineId: String(index + 1),
      sku,
      quantity,
      unitPriceMinor: place,
    })),
  };
}

function back(...lines: [sku: string, quantity: number][]) {
  return lines.map(([sku, quantity]) => ({ sku, quantity, unitPriceMinor: 0 }));
}

/** Orders with their units, in the order in which they are taken. */
function taken(purchases: Purchases, customer: string | null, place: number, lines: ReturnType<typeof back>) {
  const { rest, returns } = purchases.take(customer, place, lines);
  return {
    returns: returns.map(({ orderId, lines: its }) => [
      orderId,
      ...its.map(({ lineId, quantity }) => `${lineId}:${quantity}`),
    ]),
    rest: rest.map(({ sku, quantity }) => `${sku}:${quantity}`),
  };
}

describe('what is given back', () => {
  test('is of the latest purchases first, whenever they were delivered', () => {
    const purchases = new Purchases();
    for (const place of [2, 3, 1]) purchases.delivered('c', purchase(place, ['A', 2]));
    expect(taken(purchases, 'c', 9, back(['A', 3]))).toEqual({
      returns: [
        ['o3', '1:2'],
        ['o2', '1:1'],
      ],
      rest: [],
    });
    expect(taken(purchases, 'c', 9, back(['A', 4]))).toEqual({
      returns: [
        ['o2', '1:1'],
        ['o1', '1:2'],
      ],
      rest: ['A:1'],
    });
  });

  test('is of no purchase that comes later in the file, of no other customer, of no other SKU', () => {
    const purchases = new Purchases();
    purchases.delivered('c', purchase(5, ['A', 2]));
    expect(taken(purchases, 'c', 5, back(['A', 1]))).toEqual({ returns: [], rest: ['A:1'] });
    expect(taken(purchases, 'd', 9, back(['A', 1]))).toEqual({ returns: [], rest: ['A:1'] });
    expect(taken(purchases, null, 9, back(['A', 1]))).toEqual({ returns: [], rest: ['A:1'] });
    expect(taken(purchases, 'c', 9, back(['a', 1]))).toEqual({ returns: [], rest: ['a:1'] });
  });

  test('names each line of an order once, with its price', () => {
    const purchases = new Purchases();
    purchases.delivered('c', purchase(1, ['A', 2], ['B', 9], ['A', 3]));
    const { returns } = purchases.take('c', 2, back(['A', 1], ['A', 3], ['B', 9]));
    expect(returns).toEqual([
      {
        orderId: 'o1',
        lines: [
          { lineId: '1', sku: 'A', quantity: 2, unitPriceMinor: 1 },
          { lineId: '3', sku: 'A', quantity: 2, unitPriceMinor: 1 },
          { lineId: '2', sku: 'B', quantity: 9, unitPriceMinor: 1 },
        ],
      },
    ]);
  });

  test('is never more than was bought, and nothing is lost', () => {
    const line = fc.tuple(fc.constantFrom('A', 'B'), fc.integer({ min: 1, max: 5 }));
    const lines = fc.array(line, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(lines, { maxLength: 5 }), fc.array(lines, { maxLength: 5 }), (bought, given) => {
        const purchases = new Purchases();
        for (const [place, its] of bought.entries()) purchases.delivered('c', purchase(place, ...its));
        const left = new Map<string, number>();
        for (const [place, its] of bought.entries())
          for (const [index, [, quantity]] of its.entries()) left.set(`o${place}/${index + 1}`, quantity);
        for (const its of given) {
          const { returns, rest } = purchases.take('c', 99, back(...its));
          let units = rest.reduce((sum, { quantity }) => sum + quantity, 0);
          for (const { orderId, lines: back } of returns)
            for (const { lineId, quantity } of back) {
              units += quantity;
              left.set(`${orderId}/${lineId}`, (left.get(`${orderId}/${lineId}`) ?? 0) - quantity);
            }
          expect(units).toBe(its.reduce((sum, [, quantity]) => sum + quantity, 0));
        }
        for (const units of left.values()) expect(units).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

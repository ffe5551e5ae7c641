import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fractionOption } from '../../src/cli/options.ts';
import { Books } from '../../src/cli/replay/books.ts';
import { deal, startingUnits } from '../../src/cli/replay/deal.ts';
import { Histogram } from '../../src/cli/replay/histogram.ts';

const anyUnits = fc.nat({ max: Number.MAX_SAFE_INTEGER });

describe('starting stock', () => {
  test('is dealt to the unit, evenly, the remainder to the first', () => {
    fc.assert(
      fc.property(anyUnits, fc.integer({ min: 1, max: 50 }), (units, places) => {
        const shares = deal(units, places);
        expect(shares).toHaveLength(places);
        expect(shares.reduce((sum, share) => sum + BigInt(share), 0n)).toBe(BigInt(units));
        expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
        expect([...shares].sort((a, b) => b - a)).toEqual(shares);
      }),
    );
  });

  test.each([
    ['1', 7, 7],
    ['1.1', 10, 11],
    ['0.5', 7, 4],
    ['0', 7, 0],
    ['0.000000001', 1, 1],
    ['2.50', 3, 8],
  ])('ceil(%s * %i) = %i', (factor, ordered, units) => {
    expect(startingUnits(ordered, fractionOption('stock-factor', factor))).toBe(units);
  });

  test('beyond what can be counted is an error', () => {
    expect(() => startingUnits(Number.MAX_SAFE_INTEGER, fractionOption('f', '2'))).toThrow(
      'more than can be counted',
    );
  });
});

function level(sku: string, quantity: number, reserved = 0, warehouseId = 'w') {
  const counters = { quantity: BigInt(quantity), reserved: BigInt(reserved), held: BigInt(reserved) };
  const available = counters.quantity - counters.reserved;
  return {
    itemId: '',
    sku,
    warehouseId,
    ...counters,
    available,
    allocated: 0n,
    version: 1n,
    lastUpdated: undefined,
    policy: undefined,
    warehouseInactive: false,
    isLow: false,
  };
}

describe('books', () => {
  test('balance exactly when the levels are what was acknowledged', () => {
    const moves = fc.array(fc.tuple(fc.nat(99), fc.nat(99)), { maxLength: 8 });
    fc.assert(
      fc.property(fc.nat(1_000), moves, fc.integer({ min: -2, max: 2 }), (initial, changes, off) => {
        const books = new Books();
        books.open('A', initial + 1_000);
        let left = initial + 1_000;
        for (const [back, out] of changes) {
          books.returned('A', back);
          books.confirmed([{ sku: 'A', quantity: out }]);
          books.shipped([{ sku: 'A', quantity: out }]);
          left += back - out;
        }
        const half = Math.floor(left / 2);
        books.close(level('A', half, 0, 'w1'));
        books.close(level('A', left - half + off, 0, 'w2'));
        const result = books.result();
        expect(result.differences.length === 0).toBe(off === 0);
        expect(result.oversoldUnits).toBe(0n);
      }),
    );
  });

  test('a level that is never read back is a difference', () => {
    const books = new Books();
    books.open('A', 1);
    expect(books.result().differences).toHaveLength(1);
  });

  test('what is still reserved, was never loaded or does not add up is a difference', () => {
    const books = new Books();
    books.open('A', 5);
    books.close(level('A', 5, 2));
    books.close(level('B', 1));
    books.close({ ...level('A', 0, 0, 'w2'), available: 1n });
    expect(books.result().differences).toEqual([
      "SKU 'B' has a level, but was never loaded",
      expect.stringContaining("SKU 'A' in warehouse w2"),
      "SKU 'A': 2 reserved, where orders that are confirmed hold 0",
    ]);
  });

  test('what is confirmed and not shipped is reserved, to the unit', () => {
    for (const [reserved, differences] of [
      [3, 0],
      [2, 1],
    ] as const) {
      const books = new Books();
      books.open('A', 5);
      books.confirmed([{ sku: 'A', quantity: 3 }]);
      books.close(level('A', 5, reserved));
      expect(books.result().differences).toHaveLength(differences);
    }
  });

  test('an order pays what it is worth, and gets back at most what came back', () => {
    const books = new Books();
    books.paid('o', 250n, 250n);
    books.cancelled('c', 250n, 0n, 0n);
    books.cancelled('d', 250n, 250n, 250n);
    books.refunded('o', 100n, 100n);
    books.refunded('o', 100n, 0n);
    expect(books.result().differences).toEqual([]);
    books.paid('o', 250n, 0n);
    books.paid('o', 250n, 500n);
    books.cancelled('c', 250n, 500n, 0n);
    books.cancelled('c', 250n, 0n, 250n);
    books.refunded('o', 100n, 101n);
    expect(books.result().differences).toEqual([
      'order o: it is worth 250, and 0 were captured',
      'order o: it is worth 250, and 500 were captured',
      'order c: it is worth 250, and 500 were captured',
      'order c: 0 were captured, and 250 refunded',
      'order o: 100 came back, and 101 were refunded',
    ]);
  });

  test('who waits to the end wants something of which all together wanted more than there was', () => {
    const books = new Books();
    books.open('A', 5);
    books.open('B', 5);
    books.ordered('A', 5);
    books.ordered('B', 6);
    books.close(level('A', 5));
    books.close(level('B', 5));
    books.waits('o', [
      { sku: 'A', quantity: 1 },
      { sku: 'B', quantity: 1 },
    ]);
    expect(books.result().differences).toEqual([]);
    books.waits('p', [{ sku: 'A', quantity: 1 }]);
    expect(books.result().differences).toEqual([
      'order p: it waits, though there was enough of all its items for everybody',
    ]);
  });

  test('oversold: shipped beyond the stock, or a level promised beyond what it has, once and not twice', () => {
    const shipped = new Books();
    shipped.open('A', 5);
    shipped.returned('A', 1);
    shipped.confirmed([{ sku: 'A', quantity: 9 }]);
    shipped.shipped([{ sku: 'A', quantity: 9 }]);
    shipped.close(level('A', -3));
    expect(shipped.result().oversoldUnits).toBe(3n);

    const promised = new Books();
    promised.open('A', 5);
    promised.observe(level('A', 5, 7));
    promised.observe(level('A', 5, 6));
    promised.close(level('A', 5));
    expect(promised.result().oversoldUnits).toBe(2n);
  });
});

describe('histogram', () => {
  test('percentiles are within 2 % of the sorted values', () => {
    const durations = fc.array(fc.double({ min: 0.02, max: 100_000, noNaN: true }), {
      minLength: 1,
      maxLength: 200,
    });
    fc.assert(
      fc.property(durations, fc.constantFrom(0.5, 0.99, 1), (values, share) => {
        const histogram = new Histogram();
        for (const value of values) histogram.record(value);
        const exact = [...values].sort((a, b) => a - b)[Math.ceil(share * values.length) - 1] ?? 0;
        expect(histogram.percentileMs(share)).toBeGreaterThanOrEqual(exact * 0.999);
        expect(histogram.percentileMs(share)).toBeLessThanOrEqual(exact * 1.0201);
      }),
    );
  });

  test('is 0 where there is nothing', () => {
    expect(new Histogram().percentileMs(0.99)).toBe(0);
  });
});

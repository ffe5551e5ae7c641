import { expect, test } from 'vitest';
import { median, pairedRatios, rotated, spreadOf } from '../../bench/measure/pairing.ts';

test('the median of an odd and of an even number of values, in any order', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([10, 1, 5, 2])).toBe(3.5);
  expect(median([7])).toBe(7);
  expect(median([])).toBeNaN();
});

test('the spread is from the least to the most', () => {
  expect(spreadOf([30, 10, 20])).toEqual({ median: 20, min: 10, max: 30 });
});

test('ratios are taken round by round: a slow minute that slows both is no difference', () => {
  const ours = [100, 10, 120].map((value, round) => ({ round, value }));
  const theirs = [50, 5, 60].map((value, round) => ({ round, value }));
  expect(pairedRatios(ours, theirs)).toEqual([2, 2, 2]);
});

test('a round that one of them lacks, or in which the base did nothing, has no ratio', () => {
  const ours = [0, 1, 2].map((round) => ({ round, value: 10 }));
  const theirs = [
    { round: 1, value: 5 },
    { round: 2, value: 0 },
  ];
  expect(pairedRatios(ours, theirs)).toEqual([2]);
});

test('every variant begins a round in turn', () => {
  const variants = ['a', 'b', 'c'];
  expect([0, 1, 2, 3].map((round) => rotated(variants, round).join(''))).toEqual([
    'abc',
    'bca',
    'cab',
    'abc',
  ]);
  expect(rotated([], 3)).toEqual([]);
});

import { expect, test } from 'vitest';
import { Histogram } from '../../bench/measure/histogram.ts';

test('percentiles are within 1 % of the exact ones', () => {
  const histogram = new Histogram();
  for (let ms = 1; ms <= 1_000; ms++) histogram.record(ms);
  expect(histogram.count).toBe(1_000);
  for (const [share, exact] of [
    [0.5, 500],
    [0.99, 990],
    [1, 1_000],
  ] as const) {
    const found = histogram.percentileMs(share);
    expect(found).toBeGreaterThanOrEqual(exact);
    expect(found).toBeLessThanOrEqual(exact * 1.0101);
  }
});

test('a microsecond is told from two', () => {
  const histogram = new Histogram();
  histogram.record(0.001);
  histogram.record(0.002);
  expect(histogram.percentileMs(0.5)).toBeCloseTo(0.001, 4);
  expect(histogram.percentileMs(1)).toBeCloseTo(0.002, 4);
});

test('what is out of range counts at its ends', () => {
  const histogram = new Histogram();
  histogram.record(0);
  histogram.record(3_600_000);
  expect(histogram.count).toBe(2);
  expect(histogram.percentileMs(0)).toBeCloseTo(0.001, 4);
  expect(histogram.percentileMs(1)).toBeGreaterThan(590_000);
});

test('histograms of several generators add up to the histogram of all that they recorded', () => {
  const whole = new Histogram();
  const parts = [new Histogram(), new Histogram()];
  for (let n = 0; n < 500; n++) {
    const ms = (n * 37) % 211;
    whole.record(ms);
    parts[n % 2]?.record(ms);
  }
  const merged = Histogram.from([]);
  for (const part of parts) merged.add(JSON.parse(JSON.stringify(part.data())));
  expect(merged.count).toBe(500);
  expect(merged.data()).toEqual(whole.data());
});

test('an empty one has no latency', () => {
  expect(new Histogram().percentileMs(0.99)).toBe(0);
});

import { expect, test } from 'vitest';
import { findUntidy } from './tidy.ts';

test('imports point one way, and files stay small', () => {
  expect(findUntidy()).toEqual([]);
});

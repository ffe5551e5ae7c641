// The picture of an order's states is the one that the table of transitions gives.
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { drawOrderStates } from './order-states.ts';

const file = new URL('../../docs/order-states.svg', import.meta.url);

test('docs/order-states.svg is drawn from the table (UPDATE=1 draws it anew)', () => {
  if (process.env['UPDATE'] === '1') writeFileSync(file, drawOrderStates());
  expect(readFileSync(file, 'utf8')).toBe(drawOrderStates());
});

// Random histories of back-orders: many orders that want few units of few items, alone or two at once, while stock comes and
// goes; messages and results in any order, cancellations, crashes.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkAlways, checkAtRest } from './support/invariants.ts';
import { comeToRest } from './support/rest.ts';
import { Shop } from './support/shop.ts';
import {
  arriving,
  bringing,
  bypassing,
  crashing,
  items,
  leaving,
  performing,
  queueing,
  type Step,
  stocking,
} from './support/steps.ts';

const runs = Number(process.env['PROPERTY_RUNS'] ?? 250);

const histories = fc.array(
  fc.oneof(
    { weight: 10, arbitrary: queueing },
    { weight: 30, arbitrary: arriving },
    { weight: 20, arbitrary: performing },
    { weight: 20, arbitrary: bringing },
    { weight: 5, arbitrary: stocking },
    { weight: 1, arbitrary: bypassing },
    { weight: 2, arbitrary: leaving },
    { weight: 1, arbitrary: crashing },
  ),
  { maxLength: 300, size: 'max' },
);

function run(steps: readonly Step[]): Shop {
  const shop = new Shop({ 'a@0': { w1: 1, w2: 1 }, 'b@1': { w1: 1 } }, 4);
  for (const step of steps) {
    step.run(shop);
    checkAlways(shop);
  }
  comeToRest(shop);
  checkAtRest(shop);
  return shop;
}

describe('whatever happens to orders that wait', () => {
  it('they are served in turn, nothing is kept idle, and nobody is forgotten', () => {
    fc.assert(
      fc.property(histories, (steps) => {
        const shop = run(steps);
        for (const itemId of items) shop.stock(itemId, 'w1', 100);
        comeToRest(shop);
        checkAtRest(shop);
        for (const id of shop.world.ids('order'))
          expect(shop.order(id).status, 'I16').not.toBe('backOrdered');
      }),
      { numRuns: runs },
    );
  }, 120_000);
});

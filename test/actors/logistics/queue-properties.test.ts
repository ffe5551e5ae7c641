// Random histories of back-orders: many orders that want few units of few items, alone or two at once, while stock comes and
// goes; messages and results in any order, cancellations, crashes.
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { live, serveAll } from './support/rest.ts';
import { Shop } from './support/shop.ts';
import {
  arriving,
  bringing,
  bypassing,
  crashing,
  leaving,
  performing,
  queueing,
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

describe('whatever happens to orders that wait', () => {
  it('they are served in turn, nothing is kept idle, and nobody is forgotten', () => {
    fc.assert(
      fc.property(histories, (steps) => {
        const shop = new Shop({ 'a@0': { w1: 1, w2: 1 }, 'b@1': { w1: 1 } }, 4);
        live(shop, steps);
        serveAll(shop);
      }),
      { numRuns: runs },
    );
  }, 120_000);
});

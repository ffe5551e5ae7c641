// Random histories of a small shop: some orders with whatever payments and baskets, commands that come at any time and
// again, messages and results in any order, stock that comes and goes, crashes.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { histories, run } from './support/histories.ts';
import { typesOf } from './support/invariants.ts';
import { serveAll } from './support/rest.ts';
import { orders } from './support/steps.ts';

const runs = Number(process.env['PROPERTY_RUNS'] ?? 250);

/** Every event, every transition and every refusal of an order's own. */
const happens = [
  ...['created', 'moved', 'paymentOpened', 'paymentAnswered', 'paymentPolled', 'paymentFailed'],
  ...['captureBegan', 'captureAnswered', 'voidBegan', 'voidAnswered', 'refundBegan', 'refundAnswered'],
  ...['talkBegan', 'talkAnswered', 'talkEnded', 'attemptBegan', 'attemptAnswered'],
  ...['waitBegan', 'waitChanged', 'waitEnded', 'giveBackBegan', 'gaveBack', 'cancelNoted'],
  ...['shipmentsMade', 'shipmentLeft', 'shipmentFailed', 'shipmentsDelivered'],
  ...['returnMade', 'restocked', 'operationEnded'],
  ...['null>created', 'created>processing', 'processing>reservingStock', 'processing>cancelled'],
  ...['reservingStock>reservingStock', 'reservingStock>confirmed', 'reservingStock>backOrdered'],
  ...['backOrdered>reservingStock', 'backOrdered>cancelled', 'confirmed>cancelled'],
  ...['confirmed>shipped', 'shipped>delivered'],
  ...['order-exists', 'order-not-found', 'order-state', 'invalid-argument'],
];

describe('whatever happens to a shop, in whatever order', () => {
  it('keeps nothing that is cancelled, takes money once and for stock it has, and leaves nobody stuck', () => {
    fc.assert(
      fc.property(histories, (steps) => {
        serveAll(run(steps));
      }),
      { numRuns: runs },
    );
  }, 120_000);

  it('and the histories are worth something: everything that can happen does', () => {
    const seen = new Set<string>();
    for (const steps of fc.sample(histories, { numRuns: 100, seed: 7 })) {
      const shop = run(steps);
      for (const id of orders) {
        for (const type of typesOf(shop, id)) seen.add(type);
        if (shop.world.ids('order').includes(id))
          for (const { from, to } of shop.order(id).history) seen.add(`${from}>${to}`);
      }
      for (const { reply } of shop.world.calls)
        if (reply !== null && 'error' in reply) seen.add(reply.error.code);
    }
    expect([...happens].filter((each) => !seen.has(each))).toEqual([]);
  }, 120_000);
});

// A queue may grant an order before the order has heard from all the queues that it passes: whoever came before it lacks
// something else, and the stock is there. The grant must not be forgotten, or it bars all who wait behind it.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LogisticsWorld } from './support/logistics.ts';

/** Waits for b; the units of a that have come are not for it alone. */
function worldWithOneWaiting(): LogisticsWorld {
  const world = new LogisticsWorld({ a: 0, b: 0, c: 5 });
  world.create('first', { a: 1, b: 1 });
  world.settle();
  world.restock('a', 5);
  world.settle();
  expect(world.order('first').status).toBe('backOrdered');
  return world;
}

test('a grant that comes before the other queues have answered counts when they have', () => {
  fc.assert(
    fc.property(fc.infiniteStream(fc.nat()), (choices) => {
      const world = worldWithOneWaiting();
      world.create('second', { a: 1, c: 1 });
      world.create('third', { a: 1, c: 1 });
      for (let steps = world.steps(); steps.length > 0; steps = world.steps()) {
        const choice: number = choices.next().value;
        steps[choice % steps.length]?.();
        expect(world.audit().differences).toEqual([]);
      }
      for (const id of ['second', 'third']) expect(world.order(id).status).toBe('confirmed');
      world.restock('b', 1);
      world.settle();
      expect(world.order('first').status).toBe('confirmed');
      expect(world.audit()).toMatchObject({ differences: [], placesChecked: 0 });
    }),
    { numRuns: 500 },
  );
});

// What may happen to a shop, as random steps: commands, arrivals, effects done once or twice with results that come late
// or are lost, stock that comes and goes, time that passes, crashes.
import fc from 'fast-check';
import type { OrderCommand } from '../../../../src/actors/logistics/order/messages.ts';
import { cancel, deliver, giveBack, ship } from './commands.ts';
import { type Method, methods } from './gateway.ts';
import { paymentMs, type Shop } from './shop.ts';

export class Step {
  readonly name: string;
  readonly run: (shop: Shop) => void;

  constructor(name: string, run: (shop: Shop) => void) {
    this.name = name;
    this.run = run;
  }

  /** What a counterexample is printed as. */
  [fc.toStringMethod](): string {
    return this.name;
  }
}

export const items = ['a@0', 'b@1', 'c@2'] as const;
export const warehouses = ['w1', 'w2'] as const;
export const orders = ['o@0', 'p@1', 'q@2', 'r@0', 's@1'] as const;

const anItem = fc.constantFrom(...items);
const aWarehouse = fc.constantFrom(...warehouses);
const aLine = fc.tuple(anItem, fc.integer({ min: 1, max: 3 }));
const anOrder = fc.constantFrom(...orders);
const choices = fc.nat({ max: 30 });
const aKey = fc.option(fc.constantFrom('k1', 'k2'));

export const wishes = fc.record({
  id: anOrder,
  basket: fc.array(aLine, { minLength: 1, maxLength: 3 }),
  method: fc.oneof(
    { weight: 3, arbitrary: fc.constant<Method>('approve') },
    { weight: 2, arbitrary: fc.constantFrom(...methods) },
  ),
});

export const creating = wishes.map(
  ({ id, basket, method }) =>
    new Step(`create ${id} ${JSON.stringify(basket)} ${method}`, (shop) => {
      shop.create(id, basket, { method });
    }),
);

/** One of many orders, paid for at once, each made once at most: what follows is all about stock. */
export const queueing = fc
  .record({ number: fc.nat({ max: 11 }), basket: fc.array(aLine, { minLength: 1, maxLength: 2 }) })
  .map(
    ({ basket, number }) =>
      new Step(`create n${number} ${JSON.stringify(basket)}`, (shop) => {
        const id = `n${number}@${number % 4}`;
        if (!shop.world.ids('order').includes(id)) shop.create(id, basket);
      }),
  );

export const leaving = fc
  .nat({ max: 11 })
  .map(
    (number) => new Step(`cancel n${number}`, (shop) => void shop.ask(`n${number}@${number % 4}`, cancel)),
  );

const lines = fc.dictionary(fc.constantFrom('1', '2'), fc.integer({ min: 1, max: 2 }), {
  maxKeys: 2,
  noNullPrototype: true,
});

const commands: fc.Arbitrary<OrderCommand> = fc.oneof(
  { weight: 2, arbitrary: fc.constant(cancel) },
  { weight: 3, arbitrary: fc.constant(ship()) },
  { weight: 2, arbitrary: fc.tuple(lines, fc.option(aWarehouse)).map(([some, from]) => ship(some, from)) },
  { weight: 2, arbitrary: fc.constant(deliver()) },
  { weight: 1, arbitrary: fc.constant<OrderCommand>({ type: 'retryRefunds' }) },
  {
    weight: 2,
    arbitrary: fc.tuple(lines, fc.boolean()).map(([some, restock]) => giveBack(some, restock)),
  },
);

/** Of an order that is there or not. Where it is answered with an error at once, nothing may have changed (I9). */
export const asking = fc.record({ id: anOrder, command: commands, key: aKey }).map(
  ({ id, command, key }) =>
    new Step(`${id} ${JSON.stringify(command)} ${key ?? ''}`, (shop) => {
      const before = shop.world.state('order', id);
      const call = shop.ask(id, command, key === null ? null : `${command.type}/${key}`);
      if (call.reply !== null && 'error' in call.reply && shop.world.state('order', id) !== before)
        throw new Error('I9: a refused command has changed the order');
    }),
);

export const arriving = choices.map(
  (choice) =>
    new Step(`arrival ${choice}`, ({ world }) => {
      const arrival = chosen(world.arrivals(), choice);
      if (arrival !== undefined) world.arrive(arrival);
    }),
);

/** Done once or twice, and its answer comes back or is lost. */
export const performing = fc
  .record({ choice: choices, isTwice: fc.boolean(), isLost: fc.nat({ max: 5 }).map((n) => n === 5) })
  .map(
    ({ choice, isLost, isTwice }) =>
      new Step(`perform ${choice}${isTwice ? ' twice' : ''}${isLost ? ', in vain' : ''}`, (shop) => {
        const wanted = chosen(shop.performable(), choice);
        if (wanted === undefined) return;
        if (isTwice) shop.perform(wanted, true);
        shop.perform(wanted, isLost);
      }),
  );

export const bringing = choices.map(
  (choice) =>
    new Step(`result ${choice}`, (shop) => {
      const performed = chosen(shop.performed(), choice);
      if (performed !== undefined) shop.bringResult(performed);
    }),
);

export const stocking = fc
  .record({ itemId: anItem, warehouseId: aWarehouse, units: fc.integer({ min: 1, max: 5 }) })
  .map(
    ({ itemId, units, warehouseId }) =>
      new Step(`${units} ${itemId} come to ${warehouseId}`, (shop) => shop.stock(itemId, warehouseId, units)),
  );

/** Somebody who knows of no queue takes what there is. */
export const bypassing = anItem.map(
  (itemId) =>
    new Step(`all ${itemId} of w1 are taken`, ({ inventory }) => {
      const levels = inventory.news(itemId, {}) ?? [];
      for (const { available, warehouseId } of levels)
        if (warehouseId === 'w1' && available > 0) inventory.stock(itemId, warehouseId, -available);
    }),
);

export const losing = anOrder.map(
  (id) => new Step(`the next hold of ${id} is lost`, ({ inventory }) => void inventory.losesHoldOf.add(id)),
);

export const flooding = fc.record({ warehouseId: aWarehouse, isFlooded: fc.boolean() }).map(
  ({ isFlooded, warehouseId }) =>
    new Step(`${warehouseId} ${isFlooded ? 'does not ship' : 'ships'}`, ({ inventory }) => {
      if (isFlooded) inventory.doesNotShip.add(warehouseId);
      else inventory.doesNotShip.delete(warehouseId);
    }),
);

export const passing = fc
  .record({ ms: fc.constantFrom(1, 1_000, 6_000, paymentMs), fires: fc.boolean() })
  .map(
    ({ fires, ms }) =>
      new Step(`${ms} ms pass${fires ? ', timers fire' : ''}`, ({ world }) => {
        world.now += ms;
        if (fires) world.fireTimers();
      }),
  );

export const notifying = fc.constant(new Step('webhooks', (shop) => shop.notify()));

export const crashing = fc.constant(new Step('crash', (shop) => shop.crash()));

function chosen<T>(from: readonly T[], choice: number): T | undefined {
  return from[choice % Math.max(1, from.length)];
}

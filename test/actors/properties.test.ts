// Random histories of a small shop: several orders and items on several shards, messages that arrive in any order that
// their channels allow, commands that come again with the same or other content, time that passes.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReceiptKey } from '../../src/actors/behaviour.ts';
import { drawStrategies } from '../../src/actors/inventory/item/model.ts';
import { History } from './support/history.ts';
import { createItem, openShop, type ReserveOptions, reserveCommand, type Shop } from './support/shop.ts';

const runs = Number(process.env['PROPERTY_RUNS'] ?? 250);
const orders = ['o@0', 'p@1', 'q@1'] as const;
const items = ['a@0', 'b@1', 'c@2', 'd@2'] as const;
const warehouses = ['w1', 'w2', 'w3'] as const;

interface Step {
  readonly name: string;
  run(shop: Shop): void;
}

const anOrder = fc.constantFrom(...orders);
const anItem = fc.constantFrom(...items);
const aWarehouse = fc.constantFrom(...warehouses);
const aQuantity = fc.integer({ min: 1, max: 4 });
const anAttempt = fc.constantFrom(null, null, null, 1, 2);

/** Asks; where it is answered with an error at once, nothing may have changed (I9). */
function ask(
  kind: string,
  id: string,
  command: Readonly<Record<string, unknown>>,
  receiptName: string | null = null,
): Step {
  const receipt: ReceiptKey | null =
    receiptName === null
      ? null
      : {
          key: `${kind}/${id}/${String(command['type'])}/${receiptName}`,
          fingerprint: JSON.stringify(command),
        };
  return {
    name: `${kind} ${id} ${JSON.stringify(command)} ${receiptName ?? ''}`,
    run({ world }) {
      const before = world.state(kind, id);
      const call = world.ask(kind, id, command, receipt);
      if (call.reply !== null && 'error' in call.reply) expect(world.state(kind, id)).toBe(before);
    },
  };
}

const aReceipt = fc.option(fc.constantFrom('r1', 'r2'));

const reserving = fc
  .record({
    order: anOrder,
    basket: fc.dictionary(fc.constantFrom(...items, ...items, ...items, 'none@1', 'none@2'), aQuantity, {
      minKeys: 1,
      maxKeys: 3,
      noNullPrototype: true,
    }),
    key: fc.constantFrom('k1', 'k1', 'k2', 'k3'),
    warehouseId: fc.option(aWarehouse, { nil: undefined, freq: 4 }),
    strategy: fc.constantFrom(...drawStrategies),
    ttlSeconds: fc.constantFrom(1, 5),
    commits: fc.boolean(),
  })
  .map(({ basket, commits, key, order, strategy, ttlSeconds, warehouseId }) => {
    const options: ReserveOptions = { commits, ...(warehouseId === undefined ? {} : { warehouseId }) };
    const fingerprint = JSON.stringify([basket, warehouseId, strategy, ttlSeconds, commits]);
    return ask(
      'order',
      order,
      reserveCommand(order, basket, { ...options, key, fingerprint, strategy, ttlSeconds }),
    );
  });

/** The same basket and key again and again: repeats and reuse are likely. */
const repeating = fc
  .record({ order: anOrder, key: fc.constantFrom('k1', 'k2', 'k3'), quantity: fc.constantFrom(2, 2, 3) })
  .map(({ key, order, quantity }) =>
    ask('order', order, reserveCommand(order, { 'a@0': quantity, 'c@2': 1 }, { key, ttlSeconds: 5 })),
  );

const resolving = fc
  .record({
    order: anOrder,
    type: fc.constantFrom('get', 'extend', 'release', 'commit', 'commit'),
    attempt: anAttempt,
    receipt: aReceipt,
  })
  .map(({ attempt, order, receipt, type }) =>
    ask('order', order, { type, attempt, ttlSeconds: 3, reason: '' }, type === 'get' ? null : receipt),
  );

const allocating = fc
  .record({ order: anOrder, itemId: anItem, warehouseId: aWarehouse, quantity: aQuantity, receipt: aReceipt })
  .map(({ order, receipt, ...rest }) => ask('order', order, { type: 'allocate', ...rest }, receipt));

const givingBack = fc
  .record({
    order: anOrder,
    itemId: fc.option(anItem),
    warehouseId: fc.option(aWarehouse),
    quantity: fc.option(aQuantity),
    receipt: aReceipt,
  })
  .map(({ order, receipt, ...rest }) => ask('order', order, { type: 'giveBack', ...rest }, receipt));

const fulfilling = fc
  .record({
    order: anOrder,
    lines: fc.array(
      fc.record({ itemId: anItem, warehouseId: fc.option(aWarehouse), quantity: fc.option(aQuantity) }),
      { maxLength: 2 },
    ),
    receipt: aReceipt,
  })
  .map(({ lines, order, receipt }) => ask('order', order, { type: 'fulfill', lines }, receipt));

const stocking = fc.oneof(
  fc
    .record({
      warehouseId: aWarehouse,
      delta: fc.integer({ min: -4, max: 4 }),
      expectedQuantity: fc.option(aQuantity),
    })
    .map((rest) => ({ type: 'adjust', reason: 'counted', reference: '', ...rest })),
  fc
    .record({ fromWarehouseId: aWarehouse, toWarehouseId: aWarehouse, quantity: aQuantity })
    .map((rest) => ({ type: 'transfer', reference: '', ...rest })),
  fc.constant({ type: 'delete' }),
);

const stockSteps = fc
  .record({ itemId: anItem, command: stocking })
  .map(({ command, itemId }) => ask('item', itemId, command));
const creating = anItem.map((id) => ask('item', id, createItem(id, { w1: 2, w3: 1 })));

const settings = fc
  .record({ id: aWarehouse, isActive: fc.boolean(), priority: fc.integer({ min: 0, max: 3 }) })
  .map(({ id, ...rest }) => ask('warehouse', id, { type: 'update', ...rest }));

const arriving = fc.nat({ max: 30 }).map(
  (choice): Step => ({
    name: `arrival ${choice}`,
    run({ world }) {
      const arrivals = world.arrivals();
      const chosen = arrivals[choice % Math.max(1, arrivals.length)];
      if (chosen !== undefined) world.arrive(chosen);
    },
  }),
);

const passing = fc.record({ ms: fc.constantFrom(1, 999, 1_000, 3_000), fires: fc.boolean() }).map(
  ({ fires, ms }): Step => ({
    name: `${ms} ms pass${fires ? ', timers fire' : ''}`,
    run({ world }) {
      world.now += ms;
      if (fires) world.fireTimers();
    },
  }),
);

const histories = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: reserving },
    { weight: 4, arbitrary: repeating },
    { weight: 5, arbitrary: resolving },
    { weight: 2, arbitrary: allocating },
    { weight: 2, arbitrary: givingBack },
    { weight: 3, arbitrary: fulfilling },
    { weight: 2, arbitrary: stockSteps },
    { weight: 1, arbitrary: creating },
    { weight: 1, arbitrary: settings },
    { weight: 20, arbitrary: arriving },
    { weight: 3, arbitrary: passing },
  ),
  { minLength: 20, maxLength: 120, size: 'max' },
);

function settleAll(shop: Shop, history: History): void {
  for (let steps = 0; ; steps += 1) {
    const [next] = shop.world.arrivals();
    if (next === undefined) return;
    if (steps > 10_000) throw new Error('I16: messages never end');
    shop.world.arrive(next);
    history.check();
  }
}

function run(steps: readonly Step[]): Shop {
  const shop = openShop(
    { 'a@0': { w1: 3, w2: 2 }, 'b@1': { w1: 6 }, 'c@2': { w2: 4, w3: 1 }, 'd@2': { w3: 3 } },
    3,
  );
  const history = new History(shop);
  for (const step of steps) {
    step.run(shop);
    history.check();
  }
  settleAll(shop, history);
  expect(shop.world.waiting(), 'I16: callers who are never answered').toEqual([]);
  shop.world.now += 10_000;
  shop.world.fireTimers();
  settleAll(shop, history);
  return shop;
}

describe('whatever happens, in whatever order', () => {
  it('nothing is oversold, lost, doubled or left hanging, and states are the fold of their events', () => {
    const property = fc.property(histories, (steps) => {
      const shop = run(steps);
      shop.world.checkFolds();
      for (const id of shop.world.ids('item')) {
        for (const level of Object.values(shop.item(id).levels)) expect(level.held, 'I5').toBe(0);
      }
      for (const id of shop.world.ids('order')) expect(shop.order(id).operation).toBeNull();
    });
    fc.assert(property, { numRuns: runs });
  }, 120_000);

  it('the histories are worth something: everything that can happen does', () => {
    const seen = new Set<string>();
    for (const steps of fc.sample(histories, { numRuns: 60, seed: 7 })) {
      const shop = run(steps);
      for (const { reply } of shop.world.calls)
        if (reply !== null && 'error' in reply) seen.add(reply.error.code);
      for (const id of shop.world.ids('order')) {
        for (const event of shop.world.events('order', id)) seen.add(JSON.stringify(event).slice(0, 24));
        for (const { status } of shop.order(id).attempts) seen.add(status);
      }
    }
    const expected = [
      ...['committed', 'released', 'expired', 'fulfilled', 'refused'],
      ...['idempotency-key-reused', 'reservation-exists', 'reservation-state', 'reservation-not-found'],
      ...[
        'item-not-found',
        'allocation-not-found',
        'insufficient-available',
        'below-reserved',
        'item-reserved',
      ],
    ];
    expect(expected.filter((what) => !seen.has(what))).toEqual([]);
    for (const event of [
      'opened',
      'extended',
      'began',
      'answered',
      'held',
      'refused',
      'abandoned',
      'settled',
    ]) {
      expect(
        [...seen].some((each) => each.startsWith(`{"type":"${event}"`)),
        event,
      ).toBe(true);
    }
  }, 60_000);
});

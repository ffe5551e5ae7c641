import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareStock,
  digestOfHeld,
  digestOfOrder,
  type HeldOrder,
  nothingHeld,
} from '../../src/actors/logistics/books-stock.ts';
import type { OrderCommand } from '../../src/actors/logistics/order/messages.ts';
import type { Order } from '../../src/actors/logistics/order/model.ts';
import { LogisticsWorld } from './support/logistics.ts';

const ship: OrderCommand = { type: 'ship', carrier: '', trackingNumber: '', lines: [], warehouseId: null };
const deliver: OrderCommand = { type: 'deliver', shipmentId: null };
const cancel: OrderCommand = { type: 'cancel', by: 'customer', reason: '' };

function giveBack(quantity: number): OrderCommand {
  return { type: 'return', lines: [{ lineId: '1', quantity }], reason: '', restock: true };
}

/** o is delivered and one unit of it came back, c was cancelled, w waits for a. */
function shop(): LogisticsWorld {
  const world = new LogisticsWorld({ a: 4, b: 5 });
  world.restock('b', 3);
  world.create('o', { a: 2, b: 6 });
  world.create('c', { b: 1 });
  world.settle();
  for (const command of [ship, deliver, giveBack(1)]) {
    world.ask('o', command);
    world.settle();
  }
  world.ask('c', cancel);
  world.create('w', { a: 9, b: 1 });
  world.settle();
  return world;
}

function differencesOf(world: LogisticsWorld, orderId: string): readonly string[] {
  return compareStock(world.order(orderId), world.held(orderId), () => false);
}

describe('books that balance', () => {
  it('are counted', () => {
    expect(shop().audit()).toEqual({
      ordersChecked: 3,
      placesChecked: 1,
      differences: [],
      differenceCount: 0,
    });
  });

  it('balance after every step of an order, and so do the two services', () => {
    const world = new LogisticsWorld({ a: 3, b: 5 });
    const asked: [string, OrderCommand][] = [
      ['o', ship],
      ['o', deliver],
      ['o', giveBack(1)],
      ['p', cancel],
    ];
    world.create('o', { a: 2, b: 1 });
    world.create('p', { a: 1, b: 4 });
    world.create('q', { a: 1 });
    const check = (): void => {
      expect(world.audit().differences).toEqual([]);
      for (const id of ['o', 'p', 'q']) expect(differencesOf(world, id)).toEqual([]);
    };
    for (;;) {
      check();
      const [next] = world.steps();
      if (next !== undefined) {
        next();
        continue;
      }
      const command = asked.shift();
      if (command === undefined) break;
      world.ask(...command);
    }
    expect(['o', 'p', 'q'].map((id) => world.order(id).status)).toEqual([
      'delivered',
      'cancelled',
      'confirmed',
    ]);
    for (const id of ['o', 'p', 'q'])
      expect(digestOfOrder(world.order(id))).toBe(digestOfHeld(world.held(id)));
  });

  it('know an order that was never made', () => {
    const world = shop();
    world.ask('nobody', { type: 'get' });
    expect(world.audit()).toMatchObject({ ordersChecked: 3, differences: [] });
  });
});

type Change = (order: Order) => Partial<Order>;

describe('differences of one order are named', () => {
  const world = shop();
  const changed = (id: string, change: Change) => {
    const order = world.order(id);
    return world.audit(new Map([[id, { order: { ...order, ...change(order) } }]])).differences;
  };
  const payment = (order: Order, numbers: object) => ({
    payments: order.payments.map((each) => ({ ...each, ...numbers })),
  });

  it.each<[string, string, Change]>([
    ['o', 'I4: it is confirmed, its history ends with delivered', () => ({ status: 'confirmed' })],
    [
      'o',
      'I4: its history goes from created to processing after nothing',
      ({ history }) => ({ history: history.slice(1) }),
    ],
    [
      'o',
      'I4: its history goes from delivered to processing after delivered',
      ({ history }) => ({
        history: [...history, { from: 'delivered', to: 'processing', at: 0, by: '', why: '' }],
      }),
    ],
    [
      'o',
      'I6: its stock is committed, and of the 2 of line 1 it has 0',
      ({ draws }) => ({ draws: draws.slice(1) }),
    ],
    [
      'o',
      'I6: it has units of line 9, and no such line',
      ({ draws }) => ({
        draws: [...draws, { lineId: '9', warehouseId: 'w1', quantity: 1, shipped: 1, returned: 0 }],
      }),
    ],
    [
      'o',
      'I6: it is delivered, and its stock is none',
      ({ stock }) => ({ stock: { ...stock, state: 'none' } }),
    ],
    [
      'o',
      'I2: of 2 of line 1 in w1 3 are shipped and 1 returned',
      ({ draws }) => ({ draws: draws.map((draw, index) => (index === 0 ? { ...draw, shipped: 3 } : draw)) }),
    ],
    ['o', 'I2: of line 1 in w1 1 are returned, its returns have 0', () => ({ returns: [] })],
    ['o', 'I2: of line 1 in w1 2 are shipped, its shipments have 0', () => ({ shipments: [] })],
    [
      'o',
      'I4: it is delivered, and its shipment ',
      ({ shipments }) => ({ shipments: shipments.map((each) => ({ ...each, status: 'inTransit' })) }),
    ],
    [
      'o',
      'I19: its lines are worth 2000, its total is 2001',
      () => ({ total: { currency: 'GBP', minor: '2001' } }),
    ],
    ['o', "I19: '-1' is no amount", () => ({ total: { currency: 'GBP', minor: '-1' } })],
    [
      'o',
      'I19: 2 payments are captured or being captured',
      ({ payments }) => ({
        payments: [...payments, ...payments.map((each) => ({ ...each, id: 'p2', refunds: [] }))],
      }),
    ],
    [
      'o',
      'I19: goods have left or are leaving, and nothing is captured',
      (order) => payment(order, { status: 'voided' }),
    ],
    [
      'o',
      'I19: it is delivered, and refunds of 0 were asked for, where 250 are due',
      (order) => payment(order, { refunds: [] }),
    ],
    [
      'o',
      'I19: refund 1 is there twice',
      (order) =>
        payment(order, { refunds: order.payments.flatMap(({ refunds }) => [...refunds, ...refunds]) }),
    ],
    [
      'o',
      'I19: return 1 is worth 250, its refund is 500',
      ({ returns }) => ({
        returns: returns.map((each) => ({ ...each, refund: { currency: 'GBP', minor: '500' } })),
      }),
    ],
    [
      'c',
      'I19: it is cancelled, and refunds of 0 were asked for, where 250 are due',
      (order) => payment(order, { refunds: [] }),
    ],
    [
      'c',
      'I19: it is cancelled, and its payment is authorized',
      (order) => payment(order, { status: 'authorized', refunds: [] }),
    ],
    ['c', 'I20: it is cancelled, and waits for 1 items', () => ({ waits: { b: 'waiting' } })],
    [
      'w',
      'I19: it is backOrdered, and its payment is captured',
      (order) => payment(order, { status: 'captured' }),
    ],
    ['w', 'I20: it is backOrdered, and waits for nothing', () => ({ waits: {} })],
    [
      'w',
      'I20: it is backOrdered, has been granted something, and does nothing',
      () => ({ waits: { a: 'granted' } }),
    ],
    ['w', 'I20: it waits for z, which it does not want', () => ({ waits: { a: 'waiting', z: 'waiting' } })],
  ])('%s: %s', (id, difference, change) => {
    expect(changed(id, change)).toContainEqual(expect.stringContaining(difference));
  });

  it('where a state is none', () => {
    expect(world.audit(new Map([['o', { order: { status: 'lost' } }]])).differences).toEqual([
      'I3: the state of order o is not one',
    ]);
    expect(world.audit(new Map([['a', { entries: 'none' }]])).differences).toContain(
      'I3: the state of queue a is not one',
    );
  });

  it('and counted beyond those that are named', () => {
    const order = world.order('o');
    const many = order.lines.flatMap((line) =>
      Array.from({ length: 1_500 }, (_, index) => ({ ...line, lineId: `x${index}` })),
    );
    const { differences, differenceCount } = world.audit(
      new Map([['o', { order: { ...order, lines: many } }]]),
    );
    expect(differences).toHaveLength(1_000);
    expect(differenceCount).toBeGreaterThan(1_500);
  });
});

describe('places in queues', () => {
  const world = shop();
  const entry = { orderId: 'w', quantity: 9, state: 'waiting' };
  const queue = (...entries: object[]) => new Map([['a', { ...Object(world.queueState('a')), entries }]]);

  it.each<[string, ReadonlyMap<string, unknown>]>([
    ['the order waits, and does not stand in the queue (item/order a/w)', queue()],
    [
      'the order stands in the queue, and does not wait there (item/order a/o)',
      queue(entry, { ...entry, orderId: 'o' }),
    ],
    ['the order wants 9, the queue has it down for 8', queue({ ...entry, quantity: 8 })],
    ['order w stands twice in the queue of a', queue(entry, entry)],
    ['the queue has granted the order, which does not know of it', queue({ ...entry, state: 'granted' })],
  ])('%s', (difference, changes) => {
    expect(world.audit(changes).differences).toEqual([expect.stringContaining(`I20: ${difference}`)]);
  });

  it('may differ while a message is on its way', () => {
    const busy = new LogisticsWorld({ a: 0 });
    busy.create('w', { a: 1 });
    while (busy.order('w').status !== 'backOrdered') busy.steps()[0]?.();
    expect(busy.queueState('a')).toMatchObject({ entries: [] });
    expect(busy.audit().differences).toEqual([]);
    busy.settle();
    expect(busy.queueState('a')).toMatchObject({ entries: [{ orderId: 'w' }] });
    expect(busy.audit().differences).toEqual([]);
  });
});

describe('the two services', () => {
  const world = shop();

  const changedHolding = (id: string, numbers: Partial<HeldOrder['holdings'][number]>): HeldOrder => {
    const held = world.held(id);
    return {
      ...held,
      holdings: held.holdings.map((each, index) => (index === 0 ? { ...each, ...numbers } : each)),
    };
  };

  it.each(['o', 'c', 'w'])('agree about %s', (id) => {
    expect(digestOfOrder(world.order(id))).toBe(digestOfHeld(world.held(id)));
    expect(differencesOf(world, id)).toEqual([]);
  });

  it.each<[string, string, HeldOrder]>([
    ['o', 'a unit more left', changedHolding('o', { fulfilled: 3 })],
    ['o', 'a unit is still there', changedHolding('o', { fulfilled: 1, allocated: 1 })],
    ['o', 'a unit is held', changedHolding('o', { held: 1 })],
    ['o', 'a unit came back twice', changedHolding('o', { returned: 2 })],
    ['o', 'what came back is not in stock', changedHolding('o', { returned: 0 })],
    ['o', 'another warehouse', changedHolding('o', { warehouseId: 'w3' })],
    ['o', 'another reservation', { ...world.held('o'), reservationId: 'rsv-2' }],
    ['o', 'nothing at all', nothingHeld],
    ['c', 'a cancelled order still has something', changedHolding('c', { allocated: 1 })],
    [
      'w',
      'a waiting order has something',
      {
        ...nothingHeld,
        holdings: [{ itemId: 'a', warehouseId: 'w1', held: 1, allocated: 0, fulfilled: 0, returned: 0 }],
      },
    ],
  ])('differ about %s: %s', (id, _what, held) => {
    expect(digestOfHeld(held)).not.toBe(digestOfOrder(world.order(id)));
    const differences = compareStock(world.order(id), held, () => false);
    expect(differences.length).toBeGreaterThan(0);
    for (const difference of differences) expect(difference).toMatch(/^I21: /);
  });

  it('say to the unit where they differ', () => {
    expect(
      compareStock(world.order('o'), changedHolding('o', { fulfilled: 1, allocated: 1 }), () => false),
    ).toEqual([
      'I21: of a/w1 Logistics has 0 held, 0 allocated, 2 fulfilled, 1 returned, ' +
        'Inventory 0 held, 1 allocated, 1 fulfilled, 1 returned',
    ]);
  });

  it('let pass that what came back of a deleted item has nowhere to go', () => {
    const held = changedHolding('o', { returned: 0 });
    expect(compareStock(world.order('o'), held, (itemId) => itemId === 'a')).toEqual([]);
    expect(compareStock(world.order('o'), held, (itemId) => itemId === 'b')).toHaveLength(1);
  });

  it('are not digested while something is under way', () => {
    expect(digestOfHeld({ ...world.held('o'), isMoving: true })).toBeNull();
    const busy = new LogisticsWorld({ a: 5 });
    busy.create('o', { a: 2 });
    busy.settle();
    busy.ask('o', ship);
    expect(digestOfOrder(busy.order('o'))).toBeNull();
    busy.settle();
    expect(digestOfOrder(busy.order('o'))).not.toBeNull();
  });
});

describe('an effect that is wanted may have been had or not, and nothing else', () => {
  const held = (numbers: Partial<HeldOrder['holdings'][number]>): HeldOrder => ({
    reservationId: 'rsv-o',
    isMoving: false,
    holdings: [
      { itemId: 'a', warehouseId: 'w1', held: 0, allocated: 0, fulfilled: 0, returned: 0, ...numbers },
    ],
  });
  const isClean = (order: Order, numbers: Partial<HeldOrder['holdings'][number]>) =>
    compareStock(order, held(numbers), () => false).length === 0;

  /** Up to where it wants this effect. */
  function wanting(kind: 'reserving' | 'fulfill' | 'restock' | 'giveBack'): Order {
    const world = new LogisticsWorld({ a: 9 });
    world.create('o', { a: 3 });
    while (world.order('o').stock.state !== 'reserving') world.steps()[0]?.();
    if (kind === 'reserving') return world.order('o');
    world.settle();
    if (kind === 'giveBack') world.ask('o', cancel);
    else world.ask('o', ship);
    if (kind === 'restock') {
      world.settle();
      world.ask('o', giveBack(2));
    }
    return world.order('o');
  }

  it('reserve', () => {
    const order = wanting('reserving');
    expect(compareStock(order, nothingHeld, () => false)).toEqual([]);
    for (const numbers of [{ held: 3 }, { allocated: 3 }, { held: 1 }])
      expect(isClean(order, numbers)).toBe(true);
    for (const numbers of [{ held: 4 }, { held: 2, allocated: 2 }, { fulfilled: 1 }, { returned: 1 }])
      expect(isClean(order, numbers)).toBe(false);
  });

  it('fulfill', () => {
    const order = wanting('fulfill');
    for (const numbers of [{ allocated: 3 }, { fulfilled: 3 }, { allocated: 1, fulfilled: 2 }])
      expect(isClean(order, numbers)).toBe(true);
    for (const numbers of [{}, { allocated: 2 }, { fulfilled: 4 }, { allocated: 3, fulfilled: 3 }])
      expect(isClean(order, numbers)).toBe(false);
  });

  it('restock', () => {
    const order = wanting('restock');
    for (const returned of [0, 1, 2]) expect(isClean(order, { fulfilled: 3, returned })).toBe(true);
    for (const returned of [3, -1]) expect(isClean(order, { fulfilled: 3, returned })).toBe(false);
  });

  it('giveBack', () => {
    const order = wanting('giveBack');
    for (const allocated of [0, 2, 3]) expect(isClean(order, { allocated })).toBe(true);
    for (const numbers of [{ allocated: 4 }, { held: 1 }, { fulfilled: 1 }])
      expect(isClean(order, numbers)).toBe(false);
  });
});

describe('whatever order things happen in', () => {
  const baskets = [
    { a: 2, b: 1 },
    { a: 2 },
    { a: 1, b: 2, c: 1 },
    { b: 1, c: 4 },
    { c: 2, a: 1 },
    { a: 1 },
    { b: 2 },
  ];
  const items = ['a', 'b', 'c'] as const;

  it('the books balance at every step, nobody is forgotten, and in the end everybody is served', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 300, maxLength: 300 }), (choices) => {
        const world = new LogisticsWorld({ a: 3, b: 3, c: 4 });
        let made = 0;
        for (const [at, choice] of choices.entries()) {
          const acts = [...world.steps()];
          if (made < baskets.length * 2)
            acts.push(() => {
              world.create(`o${made}`, baskets[made % baskets.length] ?? {});
              made += 1;
            });
          if (made > 5 && at % 7 === 0) acts.push(() => world.restock(items[choice % 3] ?? 'a', 1));
          acts[choice % Math.max(1, acts.length)]?.();
          expect(world.audit().differences).toEqual([]);
        }
        for (const item of items) world.restock(item, 100);
        world.settle();
        for (let index = 0; index < made; index += 1)
          expect(world.order(`o${index}`).status).toBe('confirmed');
        expect(world.audit()).toMatchObject({ ordersChecked: made, placesChecked: 0, differences: [] });
      }),
      { numRuns: 40 },
    );
  });
});

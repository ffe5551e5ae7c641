import { describe, expect, it } from 'vitest';
import { type AuditInput, audit, openBooks } from '../../src/actors/inventory/books.ts';
import type { ItemState } from '../../src/actors/inventory/item/model.ts';
import { limits } from '../../src/actors/inventory/limits.ts';
import type { Attempt, OrderState } from '../../src/actors/inventory/order-stock/model.ts';
import { askReserve, openShop, reserve, resolve, resolveCommand, type Shop } from './support/shop.ts';

/** Order o holds 2 of a@1 in w1, order p has 1 of it committed. */
function shopWithBooks(): Shop {
  const shop = openShop({ 'a@1': { w1: 5 } });
  reserve(shop, 'o@0', { 'a@1': 2 });
  reserve(shop, 'p@0', { 'a@1': 1 });
  resolve(shop, 'p@0', 'commit');
  return shop;
}

function inputOf(shop: Shop, changes: Partial<AuditInput> = {}): AuditInput {
  return {
    items: [{ id: 'a@1', state: shop.item('a@1') }],
    orders: ['o@0', 'p@0'].map((id) => ({ id, state: shop.order(id) })),
    movements: new Map([['a@1/w1', 5]]),
    unrecorded: [],
    ...changes,
  };
}

function withLevel(state: ItemState, numbers: Partial<ItemState['levels'][string]>): ItemState {
  const level = state.levels['w1'];
  return level === undefined ? state : { ...state, levels: { w1: { ...level, ...numbers } } };
}

function withAttempt(state: OrderState, change: (attempt: Attempt) => Partial<Attempt>): OrderState {
  return { ...state, attempts: state.attempts.map((attempt) => ({ ...attempt, ...change(attempt) })) };
}

describe('books that balance', () => {
  it('are counted', () => {
    expect(audit(inputOf(shopWithBooks()))).toEqual({
      levelsChecked: 1,
      ordersChecked: 2,
      reservationsChecked: 2,
      differences: [],
      differenceCount: 0,
    });
  });

  it('may be brought piece by piece, in any order', () => {
    const shop = shopWithBooks();
    const books = openBooks();
    books.addMovement('a@1/w1', 7);
    for (const id of ['o@0', 'p@0']) books.addOrder(id, JSON.parse(JSON.stringify(shop.order(id))));
    books.addMovement('a@1/w1', -2);
    books.addItem('a@1', JSON.parse(JSON.stringify(shop.item('a@1'))));
    expect(books.close().differences).toEqual([]);
  });

  it.each(['reserve', 'release', 'commit', 'expire', 'allocate', 'giveBack', 'fulfill'] as const)(
    'count what was applied and not recorded: %s',
    (what) => {
      const shop = shopWithBooks();
      const { world } = shop;
      if (what === 'reserve') askReserve(shop, 'q@0', { 'a@1': 2 });
      if (what === 'release' || what === 'commit') world.ask('order', 'o@0', resolveCommand(what));
      if (what === 'expire') {
        world.now += 900_000;
        world.fireTimers();
      }
      if (what === 'allocate') {
        world.ask('order', 'o@0', { type: 'allocate', itemId: 'a@1', warehouseId: 'w1', quantity: 1 });
      }
      if (what === 'giveBack') {
        world.ask('order', 'p@0', { type: 'giveBack', itemId: null, warehouseId: null, quantity: null });
      }
      if (what === 'fulfill') world.ask('order', 'p@0', { type: 'fulfill', lines: [] });
      expect(world.audit().differences).toEqual([]);
      world.arrive({ type: 'message', from: 0, to: 1 });
      const report = world.audit();
      expect(report.differences).toEqual([]);
      const forgetful = audit({
        ...inputOf(shop, { movements: new Map([['a@1/w1', shop.level('a@1', 'w1').quantity]]) }),
      });
      expect(forgetful.differenceCount).toBeGreaterThan(0);
      world.drain();
      expect(world.audit().differences).toEqual([]);
    },
  );
});

describe('differences are named', () => {
  const shop = shopWithBooks();
  const item = shop.item('a@1');
  const o = shop.order('o@0');
  const items = (state: unknown) => inputOf(shop, { items: [{ id: 'a@1', state }] });
  const orders = (state: unknown) =>
    inputOf(shop, {
      orders: [
        { id: 'o@0', state },
        { id: 'p@0', state: shop.order('p@0') },
      ],
    });

  it.each<[string, AuditInput]>([
    ['I1: level a@1/w1 has quantity 2, held 2, allocated 1', items(withLevel(item, { quantity: 2 }))],
    ['I2: level a@1/w1 counts quantity 6, its movements sum to 5', items(withLevel(item, { quantity: 6 }))],
    ['I2: level a@1/w1 counts held 3, orders have 2', items(withLevel(item, { held: 3 }))],
    ['I2: level a@1/w1 counts allocated 0, orders have 1', items(withLevel(item, { allocated: 0 }))],
    ['I2: level a@1/w1 counts held 0, orders have 2', inputOf(shop, { items: [] })],
    [
      'I2: level b/w1 counts quantity 0, its movements sum to 3',
      inputOf(shop, {
        movements: new Map([
          ['a@1/w1', 5],
          ['b/w1', 3],
        ]),
      }),
    ],
    ['I3: the state of item a@1 is not one', items({ details: null })],
    ['I3: the state of order o@0 is not one', orders({ ...o, operations: '2' })],
    [
      'I6: attempt 1 is held for 2 of a@1, but has 0 held, 0 allocated, 0 gone (order o@0)',
      orders(withAttempt(o, () => ({ lines: [] }))),
    ],
    [
      'I6: attempt 1 is released, but has 2 held, 0 allocated of a@1 (order o@0)',
      orders(withAttempt(o, () => ({ status: 'released' }))),
    ],
    [
      'I6: attempt 1 is committed for 2 of a@1, but has 2 held, 0 allocated, 0 gone (order o@0)',
      orders(withAttempt(o, () => ({ status: 'committed' }))),
    ],
    [
      'I6: attempt 1 is fulfilled, but nothing has left (order o@0)',
      orders(
        withAttempt(o, ({ lines }) => ({
          status: 'fulfilled',
          lines: lines.map((line) => ({ ...line, held: 0, givenBack: 2 })),
        })),
      ),
    ],
    [
      'I6: attempt 1 is pending and nothing is on its way (order o@0)',
      orders(withAttempt(o, () => ({ status: 'pending' }))),
    ],
    [
      'I6: attempt 1 is abandoned and still there (order o@0)',
      orders(withAttempt(o, () => ({ abandoned: true }))),
    ],
    ['I4: attempt 2 stands at 1 (order o@0)', orders(withAttempt(o, () => ({ number: 2 })))],
    [
      'I4: attempt 1 is held and not the last (order o@0)',
      orders({ ...o, attempts: [...o.attempts, ...withAttempt(o, () => ({ number: 2 })).attempts] }),
    ],
  ])('%s', (difference, input) => {
    expect(audit(input).differences).toContain(difference);
  });

  it('even where a message says nothing of its effect', () => {
    const message = {
      to: 1,
      tag: '9:1',
      parts: [{ ref: { kind: 'item', id: 'a@1' }, command: { type: 'x' } }],
    };
    const answer = { refused: false, replies: [{ ok: null }] };
    const report = audit(inputOf(shop, { unrecorded: [{ orderId: 'o@0', tag: '9:1', message, answer }] }));
    expect(report.differences).toEqual(['I2: message 9:1 of order o@0 was applied to a@1, no telling how']);
  });

  it('up to a bound, and counted beyond it', () => {
    const many = Array.from({ length: limits.auditDifferencesMax + 5 }, (_, index) => ({
      id: `i${index}`,
      state: 7,
    }));
    const report = audit(inputOf(shop, { items: [...many, { id: 'a@1', state: item }] }));
    expect(report.differences).toHaveLength(limits.auditDifferencesMax);
    expect(report.differenceCount).toBe(limits.auditDifferencesMax + 5);
  });
});

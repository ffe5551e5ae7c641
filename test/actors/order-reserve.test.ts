import { describe, expect, it } from 'vitest';
import { limits } from '../../src/actors/inventory/limits.ts';
import { order } from '../../src/actors/inventory/order-stock/order.ts';
import {
  askReserve,
  codeOf,
  errorOf,
  okOf,
  openShop,
  reservationOf,
  reserve,
  reserveCommand,
  resolve,
} from './support/shop.ts';

describe('reserving a basket', () => {
  it('holds every line over all shards, and answers in the order of the request', () => {
    const shop = openShop({ 'b@1': { w1: 5 }, 'a@2': { w1: 1, w2: 5 }, 'c@1': { w1: 1 } });
    const answer = reserve(shop, 'o@0', { 'b@1': 2, 'a@2': 3, 'c@1': 1 }, { ttlSeconds: 60 });
    expect(answer).toEqual({
      success: true,
      reservationId: 'rsv-1-b0Aw',
      attempt: 1,
      status: 'held',
      expiresAt: shop.world.now + 60_000,
      items: [
        {
          itemId: 'b@1',
          sku: 'sku-b@1',
          inStock: true,
          requested: 2,
          available: 5,
          draws: [{ warehouseId: 'w1', quantity: 2, levelVersion: 2 }],
        },
        {
          itemId: 'a@2',
          sku: 'sku-a@2',
          inStock: true,
          requested: 3,
          available: 6,
          draws: [
            { warehouseId: 'w1', quantity: 1, levelVersion: 2 },
            { warehouseId: 'w2', quantity: 2, levelVersion: 2 },
          ],
        },
        {
          itemId: 'c@1',
          sku: 'sku-c@1',
          inStock: true,
          requested: 1,
          available: 1,
          draws: [expect.anything()],
        },
      ],
    });
    const { lines, status } = reservationOf(resolve(shop, 'o@0', 'get'));
    expect(status).toBe('held');
    expect(lines.map((line) => [line.itemId, line.warehouseId, line.held, line.levelVersion])).toEqual([
      ['a@2', 'w1', 1, 2],
      ['a@2', 'w2', 2, 2],
      ['b@1', 'w1', 2, 2],
      ['c@1', 'w1', 1, 2],
    ]);
    expect(shop.world.audit().differences).toEqual([]);
  });

  it('that commits takes for good what others would hold, at one version of each level', () => {
    const shop = openShop({ 'a@2': { w1: 2, w2: 4 }, 'b@1': { w1: 5 } });
    const options = { commits: true, ttlSeconds: 1 };
    const view = reserve(shop, 'o', { 'a@2': 3, 'b@1': 1 }, options);
    expect(view).toMatchObject({ success: true, status: 'committed', expiresAt: null, attempt: 1 });
    expect(view.items.map(({ draws }) => draws.map(({ levelVersion }) => levelVersion))).toEqual([
      [2, 2],
      [2],
    ]);
    expect(shop.level('a@2', 'w2')).toMatchObject({ held: 0, allocated: 1, version: 2 });
    expect(shop.world.nextDueAt(), 'it never expires').toBeNull();
    expect(reserve(shop, 'o', { 'a@2': 3, 'b@1': 1 }, options)).toEqual(view);
    expect(reservationOf(resolve(shop, 'o', 'commit')).status, 'a commit finds it done').toBe('committed');
    expect(codeOf(resolve(shop, 'o', 'release'))).toBe('reservation-state');
    expect(shop.world.audit().differences).toEqual([]);
  });

  it('that commits, and is short, gives back what it took', () => {
    const shop = openShop({ 'a@1': { w1: 5 }, 'b@2': { w1: 1 } });
    expect(reserve(shop, 'o', { 'a@1': 2, 'b@2': 3 }, { commits: true })).toMatchObject({
      success: false,
      status: 'refused',
      expiresAt: null,
    });
    expect(shop.level('a@1', 'w1')).toMatchObject({ held: 0, allocated: 0, version: 3 });
    expect(shop.order('o').operation).toBeNull();
    expect(shop.world.audit().differences).toEqual([]);
  });

  it('sends one message a shard, its parts in order of item', () => {
    const shop = openShop({});
    const context = {
      self: { kind: 'order', id: 'o' },
      now: 0,
      shared: null,
      shards: 4,
      shardOf: (id: string) => shop.world.shardOf(id),
      receipt: null,
    };
    const command = reserveCommand('o', { 'z@1': 1, 'b@3': 2, 'a@1': 3 });
    const { messages } = order.decide(order.initial, command, context);
    expect(messages?.map(({ to, tag, parts }) => [to, tag, parts.map((part) => part.ref.id)])).toEqual([
      [1, '1:1', ['a@1', 'z@1']],
      [3, '1:3', ['b@3']],
    ]);
    expect(order.touches?.(command)).toEqual([
      { kind: 'item', id: 'z@1' },
      { kind: 'item', id: 'b@3' },
      { kind: 'item', id: 'a@1' },
    ]);
    expect(() => order.decide(order.initial, reserveCommand('o', {}), context)).toThrow(TypeError);
  });

  it('takes nothing where anything is short, and says what there was of every item', () => {
    const shop = openShop({ 'a@1': { w1: 5 }, 'b@2': { w1: 1 }, 'c@2': { w1: 9 } });
    const refused = reserve(shop, 'o', { 'a@1': 2, 'b@2': 3, 'c@2': 1 });
    expect(refused).toMatchObject({
      success: false,
      status: 'refused',
      expiresAt: null,
      items: [
        { itemId: 'a@1', inStock: true, available: 5, requested: 2, draws: [] },
        { itemId: 'b@2', inStock: false, available: 1, requested: 3, draws: [] },
        { itemId: 'c@2', inStock: true, available: 9, requested: 1, draws: [] },
      ],
    });
    expect(shop.level('a@1', 'w1')).toMatchObject({ held: 0, version: 3 });
    expect(shop.level('c@2', 'w1')).toMatchObject({ held: 0, version: 1 });
    expect(shop.order('o').operation).toBeNull();
    expect(shop.world.audit().differences).toEqual([]);
  });

  it('answers the refusal before what it took is undone', () => {
    const shop = openShop({ 'a@1': { w1: 5 }, 'b@2': { w1: 1 } });
    const call = askReserve(shop, 'o@0', { 'a@1': 2, 'b@2': 3 });
    for (const to of [1, 2]) shop.world.arrive({ type: 'message', from: 0, to });
    for (const from of [1, 2]) shop.world.arrive({ type: 'answer', from, to: 0 });
    expect(okOf(call.reply)).toMatchObject({ success: false });
    expect(shop.level('a@1', 'w1').held).toBe(2);
    expect(shop.order('o@0')).toMatchObject({ operation: { kind: 'undo', groups: [{ shard: 1 }] } });
    const next = askReserve(shop, 'o@0', { 'a@1': 1 }, { key: 'again' });
    expect(next.reply).toBeNull();
    shop.world.drain();
    expect(okOf(next.reply)).toMatchObject({ success: true, attempt: 2 });
  });

  it.each([
    ['item-not-found', { 'none@2': 1, 'a@1': 1 }, undefined, { itemId: 'none@2' }],
    ['item-not-found', { 'none@1': 1, 'a@1': 1 }, undefined, { itemId: 'none@1' }],
    ['warehouse-not-found', { 'a@1': 1 }, 'nowhere', { warehouseId: 'nowhere' }],
    ['item-not-found', { 'a@1': 1, 'none@2': 1 }, 'nowhere', { itemId: 'none@2' }],
  ] as const)('is as if it had never been where it meets %s', (code, items, warehouseId, details) => {
    const shop = openShop({ 'a@1': { w1: 5 } });
    const options = warehouseId === undefined ? {} : { warehouseId };
    const call = askReserve(shop, 'o@0', items, options);
    const repeat = askReserve(shop, 'o@0', items, options);
    shop.world.drain();
    expect(errorOf(call.reply)).toMatchObject({ code, details });
    expect(repeat.reply).toEqual(call.reply);
    expect(shop.order('o@0')).toMatchObject({ attempts: [], operation: null });
    expect(codeOf(resolve(shop, 'o@0', 'get'))).toBe('reservation-not-found');
    expect(reserve(shop, 'o@0', { 'a@1': 1 })).toMatchObject({ success: true, attempt: 1 });
    expect(shop.world.audit().differences).toEqual([]);
  });

  it('prefers the unknown item to the short one', () => {
    const shop = openShop({ 'a@1': { w1: 0 } });
    const reply = shop.world.settle('order', 'o', reserveCommand('o', { 'a@1': 1, 'none@2': 1 }));
    expect(codeOf(reply)).toBe('item-not-found');
  });
});

describe('repeating', () => {
  it('waits for the outcome, and gets the same answer for ever', () => {
    const shop = openShop({ 'a@1': { w1: 5 } });
    const first = askReserve(shop, 'o@0', { 'a@1': 2 });
    const second = askReserve(shop, 'o@0', { 'a@1': 2 });
    expect([first.reply, second.reply]).toEqual([null, null]);
    shop.world.drain();
    expect(second.reply).toEqual(first.reply);
    resolve(shop, 'o@0', 'extend');
    expect(shop.world.settle('order', 'o@0', first.command)).toEqual(first.reply);
    resolve(shop, 'o@0', 'commit');
    expect(shop.world.settle('order', 'o@0', first.command)).toEqual(first.reply);
    shop.world.settle('order', 'o@0', { type: 'fulfill', lines: [] });
    expect(reservationOf(resolve(shop, 'o@0', 'get')).status).toBe('fulfilled');
    expect(shop.world.settle('order', 'o@0', first.command)).toEqual(first.reply);
    expect(shop.order('o@0').attempts).toHaveLength(1);
  });

  it('gets the same refusal for ever with the same key, and a new try with a new one', () => {
    const shop = openShop({ a: { w1: 1 } });
    const refused = reserve(shop, 'o', { a: 2 });
    expect(refused.success).toBe(false);
    shop.world.settle('item', 'a', {
      type: 'adjust',
      warehouseId: 'w1',
      delta: 5,
      reason: 'received',
      reference: '',
      expectedQuantity: null,
    });
    expect(reserve(shop, 'o', { a: 2 })).toEqual(refused);
    expect(reserve(shop, 'o', { a: 2 }, { key: 'second' })).toMatchObject({ success: true, attempt: 2 });
    expect(reserve(shop, 'o', { a: 2 })).toEqual(refused);
  });

  it('refuses the same key with other content', () => {
    const shop = openShop({ 'a@1': { w1: 5 } });
    const first = askReserve(shop, 'o@0', { 'a@1': 2 });
    const other = reserveCommand('o@0', { 'a@1': 1 });
    expect(codeOf(shop.world.ask('order', 'o@0', other).reply)).toBe('idempotency-key-reused');
    shop.world.drain();
    expect(codeOf(shop.world.settle('order', 'o@0', other))).toBe('idempotency-key-reused');
    expect(okOf(first.reply)).toMatchObject({ success: true });
    expect(shop.level('a@1', 'w1').held).toBe(2);
  });

  it.each(['released', 'expired'] as const)('names the state where the reservation was %s', (state) => {
    const shop = openShop({ a: { w1: 5 } });
    reserve(shop, 'o', { a: 2 });
    if (state === 'released') resolve(shop, 'o', 'release');
    else shop.world.now += 900_000;
    const repeat = shop.world.settle('order', 'o', reserveCommand('o', { a: 2 }));
    expect(errorOf(repeat)).toMatchObject({ code: 'reservation-state', details: { state } });
    expect(reserve(shop, 'o', { a: 3 }, { key: 'new' })).toMatchObject({ success: true, attempt: 2 });
    expect(shop.level('a', 'w1').held).toBe(3);
  });

  it('names the state of a release that was on its way', () => {
    const shop = openShop({ 'a@1': { w1: 5 } });
    reserve(shop, 'o@0', { 'a@1': 2 });
    shop.world.ask('order', 'o@0', { type: 'release', attempt: null, reason: '' });
    const repeat = askReserve(shop, 'o@0', { 'a@1': 2 });
    expect(repeat.reply).toBeNull();
    shop.world.drain();
    expect(errorOf(repeat.reply)).toMatchObject({
      code: 'reservation-state',
      details: { state: 'released' },
    });
  });
});

describe('one live reservation an order', () => {
  it.each(['held', 'committed', 'fulfilled'] as const)('is barred by one that is %s', (state) => {
    const shop = openShop({ a: { w1: 5 } });
    const { reservationId } = reserve(shop, 'o', { a: 2 });
    if (state !== 'held') resolve(shop, 'o', 'commit');
    if (state === 'fulfilled') shop.world.settle('order', 'o', { type: 'fulfill', lines: [] });
    const other = shop.world.settle('order', 'o', reserveCommand('o', { a: 1 }, { key: 'other' }));
    expect(errorOf(other)).toMatchObject({ code: 'reservation-exists', details: { state, reservationId } });
  });

  it('waits for a pending one, then is barred by it or takes its turn', () => {
    const shop = openShop({ 'a@1': { w1: 5 } });
    askReserve(shop, 'o@0', { 'a@1': 2 });
    const barred = askReserve(shop, 'o@0', { 'a@1': 1 }, { key: 'other' });
    askReserve(shop, 'p@0', { 'a@1': 9 });
    const next = askReserve(shop, 'p@0', { 'a@1': 1 }, { key: 'other' });
    expect([barred.reply, next.reply]).toEqual([null, null]);
    shop.world.drain();
    expect(codeOf(barred.reply)).toBe('reservation-exists');
    expect(okOf(next.reply)).toMatchObject({ success: true, attempt: 2 });
  });

  it('keeps a bounded number of attempts: the oldest that was refused is forgotten', () => {
    const shop = openShop({ a: { w1: 1 } });
    const beyond = limits.attemptsPerOrderMax + 5;
    for (let attempt = 1; attempt <= beyond; attempt += 1) {
      expect(reserve(shop, 'o', { a: 2 }, { key: `k${attempt}` })).toMatchObject({ success: false, attempt });
    }
    expect(shop.order('o').attempts.map(({ number }) => number)).toEqual(
      Array.from({ length: limits.attemptsPerOrderMax }, (_, index) => index + 6),
    );
    expect(reserve(shop, 'o', { a: 1 }, { key: 'k1' })).toMatchObject({ success: true, attempt: beyond + 1 });
    expect(shop.world.audit().differences).toEqual([]);
  });

  it('has a bounded number of attempts that did hold', () => {
    const shop = openShop({ a: { w1: 1 } });
    for (let attempt = 1; attempt <= limits.attemptsPerOrderMax; attempt += 1) {
      expect(reserve(shop, 'o', { a: 1 }, { key: `k${attempt}` })).toMatchObject({ success: true, attempt });
      shop.world.settle('order', 'o', { type: 'release', attempt: null, reason: '' });
    }
    const beyond = shop.world.settle('order', 'o', reserveCommand('o', { a: 1 }, { key: 'k' }));
    expect(codeOf(beyond)).toBe('too-many-attempts');
  });
});

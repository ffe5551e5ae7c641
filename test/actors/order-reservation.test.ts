import { describe, expect, it } from 'vitest';
import { order } from '../../src/actors/inventory/order-stock/order.ts';
import {
  codeOf,
  errorOf,
  openShop,
  receiptOf,
  reservationOf,
  reserve,
  resolve,
  resolveCommand,
  type Shop,
} from './support/shop.ts';

/** Order o on shard 0 holds 2 of a on shard 1 and 3 of b on shard 2, for 60 s. */
function held(): Shop {
  const shop = openShop({ 'a@1': { w1: 5 }, 'b@2': { w1: 1, w2: 9 } });
  reserve(shop, 'o@0', { 'a@1': 2, 'b@2': 3 }, { ttlSeconds: 60 });
  return shop;
}

function totals(shop: Shop) {
  const { lines, status } = reservationOf(resolve(shop, 'o@0', 'get'));
  const sum = (pick: (line: (typeof lines)[number]) => number) =>
    lines.reduce((all, line) => all + pick(line), 0);
  return { status, held: sum((line) => line.held), allocated: sum((line) => line.allocated) };
}

describe('releasing', () => {
  it('answers when every group has let go', () => {
    const shop = held();
    const call = shop.world.ask('order', 'o@0', resolveCommand('release'));
    shop.world.arrive({ type: 'message', from: 0, to: 1 });
    shop.world.arrive({ type: 'answer', from: 1, to: 0 });
    expect(call.reply).toBeNull();
    expect(totals(shop)).toEqual({ status: 'held', held: 3, allocated: 0 });
    shop.world.drain();
    expect(reservationOf(call.reply)).toMatchObject({ status: 'released', attempt: 1, orderId: 'o@0' });
    expect(totals(shop)).toEqual({ status: 'released', held: 0, allocated: 0 });
    expect(shop.level('b@2', 'w2')).toMatchObject({ quantity: 9, held: 0, version: 3 });
    expect(shop.world.events('item', 'a@1').at(-1)).toMatchObject({ cause: 'released', reference: 'o@0' });
  });

  it('is the same again, on the way and afterwards', () => {
    const shop = held();
    const first = shop.world.ask('order', 'o@0', resolveCommand('release'));
    const again = shop.world.ask('order', 'o@0', resolveCommand('release', 1));
    shop.world.drain();
    expect(again.reply).toEqual(first.reply);
    expect(resolve(shop, 'o@0', 'release')).toEqual(first.reply);
    expect(shop.order('o@0').operations).toBe(2);
  });

  it('frees the stock for the next attempt at once', () => {
    const shop = held();
    resolve(shop, 'o@0', 'release');
    expect(reserve(shop, 'o@0', { 'a@1': 5 }, { key: 'new' })).toMatchObject({ success: true, attempt: 2 });
    expect(reservationOf(resolve(shop, 'o@0', 'get', 1)).status).toBe('released');
    expect(reservationOf(resolve(shop, 'o@0', 'release', 1)).attempt).toBe(1);
    expect(reservationOf(resolve(shop, 'o@0', 'get')).attempt).toBe(2);
  });

  it('answers about the attempt that was named, whatever the last one is doing', () => {
    const shop = held();
    const first = resolve(shop, 'o@0', 'release');
    reserve(shop, 'o@0', { 'a@1': 5 }, { key: 'new' });
    const last = shop.world.ask('order', 'o@0', resolveCommand('release'));
    const earlier = shop.world.ask('order', 'o@0', resolveCommand('release', 1));
    shop.world.drain();
    expect(earlier.reply).toEqual(first);
    expect(reservationOf(last.reply).attempt).toBe(2);
  });

  it.each(['committed', 'fulfilled', 'expired', 'refused'] as const)('is refused where it is %s', (state) => {
    const shop = held();
    if (state === 'expired') shop.world.now += 60_000;
    if (state === 'refused') {
      resolve(shop, 'o@0', 'release');
      reserve(shop, 'o@0', { 'a@1': 50 }, { key: 'much' });
    }
    if (state === 'committed' || state === 'fulfilled') resolve(shop, 'o@0', 'commit');
    if (state === 'fulfilled') shop.world.settle('order', 'o@0', { type: 'fulfill', lines: [] });
    const error = errorOf(resolve(shop, 'o@0', 'release'));
    expect(error).toMatchObject({ code: 'reservation-state', details: { state } });
    if (state === 'committed') expect(error.message).toContain('ReleaseInventory');
  });
});

describe('committing', () => {
  it('turns the hold into an allocation that no longer expires', () => {
    const shop = held();
    expect(order.dueAt?.(shop.order('o@0'))).toBe(shop.world.now + 60_000);
    const first = resolve(shop, 'o@0', 'commit');
    expect(reservationOf(first).status).toBe('committed');
    expect(order.dueAt?.(shop.order('o@0'))).toBeNull();
    shop.world.now += 1_000_000;
    shop.world.fireTimers();
    expect(totals(shop)).toEqual({ status: 'committed', held: 0, allocated: 5 });
    expect(shop.level('b@2', 'w2')).toMatchObject({ quantity: 9, held: 0, allocated: 2 });
    expect(resolve(shop, 'o@0', 'commit')).toEqual(first);
  });

  it.each(['released', 'refused'] as const)('is refused where it is %s', (state) => {
    const shop = held();
    resolve(shop, 'o@0', 'release');
    if (state === 'refused') reserve(shop, 'o@0', { 'a@1': 50 }, { key: 'much' });
    const error = errorOf(resolve(shop, 'o@0', 'commit'));
    expect(error).toMatchObject({ code: 'reservation-state', details: { state } });
  });

  it('keeps the answer under the key of one that came while another was on its way', () => {
    const shop = held();
    const first = shop.world.ask('order', 'o@0', resolveCommand('commit'), receiptOf('k'));
    const other = shop.world.ask('order', 'o@0', resolveCommand('commit'), receiptOf('l'));
    shop.world.drain();
    expect(other.reply).toEqual(first.reply);
    shop.world.settle('order', 'o@0', { type: 'fulfill', lines: [] });
    expect(shop.world.settle('order', 'o@0', resolveCommand('commit'), receiptOf('l'))).toEqual(other.reply);
  });

  it('gives way to a release that came first', () => {
    const shop = held();
    const release = shop.world.ask('order', 'o@0', resolveCommand('release'));
    const commit = shop.world.ask('order', 'o@0', resolveCommand('commit'));
    shop.world.drain();
    expect(reservationOf(release.reply).status).toBe('released');
    expect(codeOf(commit.reply)).toBe('reservation-state');
  });

  it('keeps its receipt, and refuses its key with other content meanwhile', () => {
    const shop = held();
    const first = shop.world.ask('order', 'o@0', resolveCommand('commit'), receiptOf('k'));
    const again = shop.world.ask('order', 'o@0', resolveCommand('commit'), receiptOf('k'));
    const other = shop.world.ask('order', 'o@0', resolveCommand('commit'), receiptOf('k', 'other'));
    expect(codeOf(other.reply)).toBe('idempotency-key-reused');
    shop.world.drain();
    expect(again.reply).toEqual(first.reply);
    shop.world.settle('order', 'o@0', { type: 'fulfill', lines: [] });
    expect(shop.world.settle('order', 'o@0', resolveCommand('commit'), receiptOf('k'))).toEqual(first.reply);
  });
});

describe('time', () => {
  it('expires a hold at its deadline, not before', () => {
    const shop = held();
    shop.world.now += 59_999;
    shop.world.fireTimers();
    expect(shop.order('o@0').operation).toBeNull();
    shop.world.now += 1;
    shop.world.fireTimers();
    expect(order.dueAt?.(shop.order('o@0'))).toBeNull();
    shop.world.drain();
    expect(totals(shop)).toEqual({ status: 'expired', held: 0, allocated: 0 });
    expect(shop.world.events('item', 'a@1').at(-1)).toMatchObject({ cause: 'expired', reference: 'o@0' });
  });

  it('looks again when it is called too early or with nothing to do', () => {
    const shop = held();
    const context = {
      self: { kind: 'order', id: 'o@0' },
      now: shop.world.now,
      shared: null,
      shards: 4,
      shardOf: () => 0,
      receipt: null,
    };
    expect(order.due?.(shop.order('o@0'), context)).toEqual({});
    expect(order.due?.(order.initial, context)).toEqual({});
  });

  it('is counted from the extension', () => {
    const shop = held();
    shop.world.now += 59_999;
    const { expiresAt } = reservationOf(resolve(shop, 'o@0', 'extend'));
    expect(expiresAt).toBe(shop.world.now + 60_000);
    shop.world.now += 59_999;
    shop.world.fireTimers();
    expect(totals(shop).status).toBe('held');
    shop.world.now += 1;
    shop.world.fireTimers();
    shop.world.drain();
    expect(totals(shop).status).toBe('expired');
  });

  it.each(['extend', 'commit', 'release'] as const)(
    'decides before the timer has fired: no %s at the deadline',
    (type) => {
      const shop = held();
      shop.world.now += 60_000;
      const error = errorOf(resolve(shop, 'o@0', type));
      expect(error).toMatchObject({ code: 'reservation-state', details: { state: 'expired' } });
      expect(totals(shop)).toEqual({ status: 'expired', held: 0, allocated: 0 });
      shop.world.fireTimers();
      expect(shop.order('o@0').operation).toBeNull();
    },
  );

  it('does not expire what is being committed', () => {
    const shop = held();
    const commit = shop.world.ask('order', 'o@0', resolveCommand('commit'));
    shop.world.now += 60_000;
    shop.world.fireTimers();
    shop.world.drain();
    expect(reservationOf(commit.reply).status).toBe('committed');
  });

  it('extends only what is held', () => {
    const shop = held();
    resolve(shop, 'o@0', 'commit');
    expect(codeOf(resolve(shop, 'o@0', 'extend'))).toBe('reservation-state');
  });
});

describe('finding a reservation', () => {
  it('shows a pending one, and waits to release it', () => {
    const shop = openShop({ 'a@1': { w1: 5 } });
    expect(codeOf(resolve(shop, 'o@0', 'get'))).toBe('reservation-not-found');
    shop.world.ask('order', 'o@0', {
      type: 'reserve',
      key: 'k',
      fingerprint: 'f',
      request: {
        items: [{ itemId: 'a@1', quantity: 1 }],
        warehouseId: null,
        strategy: 'priority',
        ttlSeconds: 60,
        customerId: '',
      },
    });
    const pending = shop.world.ask('order', 'o@0', resolveCommand('get'));
    expect(reservationOf(pending.reply)).toMatchObject({ status: 'pending', lines: [] });
    const release = shop.world.ask('order', 'o@0', resolveCommand('release'));
    expect(release.reply).toBeNull();
    shop.world.drain();
    expect(reservationOf(release.reply).status).toBe('released');
  });

  it.each(['get', 'extend', 'release', 'commit'] as const)(
    'is not found by %s where there is none',
    (type) => {
      const shop = held();
      expect(codeOf(resolve(shop, 'o@0', type, 2))).toBe('reservation-not-found');
      expect(codeOf(resolve(shop, 'nobody', type))).toBe('reservation-not-found');
    },
  );

  it('does not show an attempt that is being abandoned', () => {
    const shop = openShop({ 'a@1': { w1: 5 } });
    shop.world.ask('order', 'o@0', {
      type: 'reserve',
      key: 'k',
      fingerprint: 'f',
      request: {
        items: [
          { itemId: 'a@1', quantity: 1 },
          { itemId: 'none@2', quantity: 1 },
        ],
        warehouseId: null,
        strategy: 'priority',
        ttlSeconds: 60,
        customerId: '',
      },
    });
    for (const to of [1, 2]) shop.world.arrive({ type: 'message', from: 0, to });
    for (const from of [1, 2]) shop.world.arrive({ type: 'answer', from, to: 0 });
    expect(shop.order('o@0')).toMatchObject({ attempts: [{ abandoned: true }], operation: { kind: 'undo' } });
    expect(codeOf(shop.world.ask('order', 'o@0', resolveCommand('get')).reply)).toBe('reservation-not-found');
    shop.world.drain();
    expect(shop.order('o@0').attempts).toEqual([]);
  });
});

// Alerts in random histories of one item in two warehouses, beside an account of their own: what each event says of the
// numbers and thresholds, and nothing of isLow.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isItemState } from '../../src/actors/inventory/item/guards.ts';
import type { Alert, ItemEvent } from '../../src/actors/inventory/item/model.ts';
import { createItem, openShop, reserveCommand } from './support/shop.ts';

const runs = Number(process.env['PROPERTY_RUNS'] ?? 250);

interface Step {
  readonly kind: 'item' | 'order';
  readonly id: string;
  readonly command: { readonly type: string };
}

const ofItem = (command: Step['command']): Step => ({ kind: 'item', id: 'a', command });
const warehouseId = fc.constantFrom('w1', 'w2');
const orderId = fc.constantFrom('o', 'p', 'q');
const few = fc.integer({ min: 1, max: 6 });

const steps = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(warehouseId, fc.integer({ min: -6, max: 6 })).map(adjusting) },
  { weight: 3, arbitrary: fc.tuple(orderId, few, fc.boolean()).map(reserving) },
  {
    weight: 2,
    arbitrary: fc.tuple(orderId, fc.constantFrom('release', 'commit', 'fulfill', 'giveBack')).map(resolving),
  },
  { weight: 2, arbitrary: fc.tuple(warehouseId, fc.nat(6), fc.nat(4)).map(limiting) },
  { weight: 1, arbitrary: few.map(moving) },
  { weight: 1, arbitrary: fc.constantFrom(ofItem({ type: 'delete' }), ofItem(createItem('a', { w1: 4 }))) },
);

function adjusting([warehouse, delta]: [string, number]): Step {
  const rest = { reason: '', reference: '', expectedQuantity: null };
  return ofItem(Object.assign({ type: 'adjust', warehouseId: warehouse, delta }, rest));
}

function reserving([id, quantity, commits]: [string, number, boolean]): Step {
  const key = `${id} ${quantity} ${commits}`;
  return { kind: 'order', id, command: reserveCommand(id, { a: quantity }, { key, commits }) };
}

function resolving([id, type]: [string, string]): Step {
  const all = { itemId: null, warehouseId: null, quantity: null, lines: [] };
  return {
    kind: 'order',
    id,
    command: Object.assign({ type, attempt: null, reason: '', ttlSeconds: 9 }, all),
  };
}

function limiting([warehouse, low, more]: [string, number, number]): Step {
  const policy = {
    lowStockThreshold: low,
    backInStockThreshold: low === 0 ? 0 : low + more,
    incomingQuantity: 0,
    incomingAt: null,
  };
  return ofItem(Object.assign({ type: 'setPolicy', warehouseId: warehouse }, { policy }));
}

function moving(quantity: number): Step {
  const places = { fromWarehouseId: 'w1', toWarehouseId: 'w2', quantity, reference: '' };
  return ofItem(Object.assign({ type: 'transfer' }, places));
}

/** One level by the events alone. */
class Account {
  available = 0;
  low = 0;
  back = 0;
  last: Alert | null = null;

  /** There are no thresholds any more: what was said does not count. */
  end(): void {
    this.low = 0;
    this.last = null;
  }

  /** What is to be said now. */
  due(): Alert | undefined {
    if (this.low === 0) this.end();
    else if (this.last !== 'low' && this.available < this.low) return 'low';
    else if (this.last === 'low' && this.available >= this.back) return 'back';
    return undefined;
  }
}

function follow(accounts: Map<string, Account>, event: ItemEvent): Alert | undefined {
  if (event.type === 'deleted') for (const account of accounts.values()) account.end();
  if (event.type !== 'level' && event.type !== 'policySet') return undefined;
  const account = accounts.get(event.warehouseId) ?? new Account();
  accounts.set(event.warehouseId, account);
  if (event.type === 'level') account.available = event.quantity - event.held - event.allocated;
  else {
    account.low = event.policy.lowStockThreshold;
    account.back = event.policy.backInStockThreshold ?? Number.NaN;
  }
  const isWrittenOff = event.type === 'level' && event.cause === 'deleted';
  expect(event.alert).toBe(isWrittenOff ? undefined : account.due());
  if (event.alert === undefined) return undefined;
  expect(event.alert, 'alternate').not.toBe(account.last);
  expect(event.threshold).toBe(event.alert === 'low' ? account.low : account.back);
  if (event.type === 'policySet') expect(event.available).toBe(account.available);
  account.last = event.alert;
  return event.alert;
}

function isItemEvent(event: unknown): event is ItemEvent {
  return typeof Object(event).type === 'string';
}

it('alternate for each level, come exactly where the numbers say so, and leave isLow as the last one said', () => {
  const said: Record<Alert, number> = { low: 0, back: 0 };
  fc.assert(
    fc.property(fc.array(steps, { minLength: 5, maxLength: 40 }), (history) => {
      const { world } = openShop({ a: { w1: 8, w2: 3 } });
      for (const { command, id, kind } of history) world.settle(kind, id, command);
      const accounts = new Map<string, Account>();
      for (const event of world.events('item', 'a').filter(isItemEvent)) {
        const alert = follow(accounts, event);
        if (alert !== undefined) said[alert] += 1;
      }
      const state = world.state('item', 'a');
      if (!isItemState(state)) throw new Error('no state');
      for (const [warehouse, { isLow }] of Object.entries(state.levels)) {
        const account = accounts.get(warehouse);
        expect(isLow).toBe(account?.low !== 0 && account?.last === 'low');
      }
      world.checkFolds();
    }),
    { numRuns: runs },
  );
  expect(Math.min(said.low, said.back)).toBeGreaterThan(runs / 10);
});

// I15, as far as the mapping goes: every event that is published has the form of its type (the mapping itself sees to that), and
// those of one subject are numbered 1, 2, 3.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventTypes } from '../../src/events/catalogue.ts';
import { inventoryCatalogue } from '../../src/events/inventory-catalogue.ts';
import { logisticsCatalogue } from '../../src/events/logistics-catalogue.ts';
import { envelopesOf } from '../../src/events/mapping/envelopes.ts';
import { emptyRecord, encodeRecord } from '../../src/runtime/record.ts';
import { histories, run } from '../actors/logistics/support/histories.ts';
import { openShop, reserveCommand, type Shop } from '../actors/support/shop.ts';
import { gapsIn, toldBy } from './support/told.ts';

const warehouse = { warehouseId: 'w1' };
const policy = { lowStockThreshold: 3, backInStockThreshold: 4, incomingQuantity: 0, incomingAt: null };

/** Everything that can be told of Inventory, in one small shop. */
function busyShop(): Shop {
  const shop = openShop({ 'a@0': { w1: 9 }, 'b@1': { w1: 1 } });
  const { world } = shop;
  const reserve = (id: string, basket: Record<string, number>, ttlSeconds = 60) =>
    world.settle('order', id, reserveCommand(id, basket, { ttlSeconds }));
  reserve('held@0', { 'a@0': 1 });
  world.settle('order', 'held@0', { type: 'extend', attempt: null, ttlSeconds: 120 });
  world.settle('order', 'held@0', { type: 'commit', attempt: null });
  world.settle('order', 'held@0', { type: 'fulfill', lines: [] });
  reserve('gone@1', { 'a@0': 1 });
  world.settle('order', 'gone@1', { type: 'release', attempt: null, reason: '' });
  reserve('late@0', { 'a@0': 1 }, 1);
  world.now += 1_000;
  world.fireTimers();
  world.drain();
  reserve('short@0', { 'a@0': 1, 'b@1': 5 });
  world.settle('order', 'taken@1', { type: 'allocate', itemId: 'a@0', ...warehouse, quantity: 2 });
  world.settle('order', 'taken@1', { type: 'giveBack', itemId: null, warehouseId: null, quantity: null });
  const adjust = {
    type: 'adjust',
    ...warehouse,
    delta: 5,
    reason: 'received',
    reference: '',
    expectedQuantity: null,
  };
  world.settle('item', 'a@0', adjust);
  world.settle('item', 'b@1', { type: 'setPolicy', ...warehouse, policy });
  world.settle('item', 'b@1', adjust);
  world.settle('item', 'b@1', { type: 'update', name: 'other' });
  world.settle('item', 'b@1', { type: 'delete' });
  world.settle('warehouse', 'w3', { type: 'update', isActive: false });
  return shop;
}

describe('what is told of Inventory', () => {
  const events = toldBy(busyShop().world, 'inventory', ['order', 'item', 'warehouse']);

  it('is numbered without gaps for each subject', () => {
    expect(gapsIn(events)).toEqual([]);
  });

  it('has every type', () => {
    const missing = Object.keys(inventoryCatalogue).filter((type) =>
      events.every((event) => event.type !== type),
    );
    expect(missing).toEqual([]);
  });

  it('says when a level is low, and when it is back, each right after what made it so', () => {
    const told = events.filter(
      ({ subject, type }) => subject.startsWith('items/') && !type.startsWith('Item'),
    );
    expect(
      told
        .map(({ type, data }) => [type, 'threshold' in data ? [data.available, data.threshold] : []])
        .slice(-5),
    ).toEqual([
      ['StockPolicySet', []],
      ['LowStock', [1, 3]],
      ['InventoryAdjusted', []],
      ['BackInStock', [6, 4]],
      ['InventoryAdjusted', []],
    ]);
  });

  it('says what was reserved, and where', () => {
    expect(events.find(({ type }) => type === 'InventoryReserved')?.data).toMatchObject({
      reservationId: expect.stringMatching(/^rsv-1-/),
      status: 'held',
      lines: [{ sku: 'sku-a@0', quantity: 1 }],
    });
    expect(events.find(({ type }) => type === 'InventoryRefused')?.data).toMatchObject({
      short: [{ sku: 'sku-b@1', requested: 5, available: 1 }],
    });
    expect(events.find(({ type }) => type === 'InventoryExpired')?.data).toMatchObject({
      lines: [{ sku: 'sku-a@0', quantity: 1 }],
    });
  });
});

describe('what is told of Logistics', () => {
  const sampled = fc
    .sample(histories, { numRuns: 150, seed: 21 })
    .map((steps) => toldBy(run(steps).world, 'logistics', ['order']));

  it('is numbered without gaps for each subject, whatever happens', () => {
    expect(sampled.flatMap(gapsIn)).toEqual([]);
  });

  it('has every type of an order', () => {
    const seen = new Set(sampled.flat().map(({ type }) => type));
    const missing = eventTypes.filter(
      (type) => Object.hasOwn(logisticsCatalogue, type) && !type.startsWith('Customer') && !seen.has(type),
    );
    expect(missing).toEqual([]);
  });

  it('leaves out what people wrote', () => {
    const moved = {
      type: 'moved',
      from: 'confirmed',
      to: 'cancelled',
      customerId: '',
      at: 1,
      by: 'customer',
      why: 'sealed:abc',
      n: 4,
    };
    const ref = { kind: 'order', id: '8a1e0a3e-65a4-4b50-9a2b-0f1f7b8f8f11' };
    const row = {
      shard: 3,
      seq: 7,
      at: 1,
      events: encodeRecord({ ...emptyRecord, events: [{ ref, event: moved }] }),
    };
    const told = envelopesOf('logistics', 'logistics-1', row);
    expect(told).toMatchObject([
      { id: 'logistics-1.3.7.0', sequence: 4, type: 'OrderStatusChanged', data: { reason: '' } },
      {
        id: 'logistics-1.3.7.1',
        sequence: 5,
        type: 'OrderCancelled',
        data: { reason: '', customerId: null },
      },
    ]);
    expect(JSON.stringify(told)).not.toContain('sealed');
  });

  it('of a customer says nothing but that there is one', () => {
    const ref = { kind: 'customer', id: '8a1e0a3e-65a4-4b50-9a2b-0f1f7b8f8f11' };
    const events = [
      { type: 'created', sealed: 'S', terms: ['T'], fingerprint: 'F', at: 1, n: 1 },
      { type: 'updated', sealed: 'S', terms: ['T'], at: 1, n: 2 },
      { type: 'erasureBegan' },
      { type: 'erased', n: 3 },
    ].map((event) => ({ ref, event }));
    const row = { shard: 0, seq: 1, at: 1, events: encodeRecord({ ...emptyRecord, events }) };
    const told = envelopesOf('logistics', 's', row);
    expect(told.map(({ type, data }) => [type, data])).toEqual(
      ['CustomerCreated', 'CustomerUpdated', 'CustomerErased'].map((type) => [type, { customerId: ref.id }]),
    );
    expect(gapsIn(told)).toEqual([]);
  });
});

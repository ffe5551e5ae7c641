import { describe, expect, it } from 'vitest';
import type { Context } from '../../src/actors/behaviour.ts';
import { limits } from '../../src/actors/inventory/limits.ts';
import { directory, directoryOf } from '../../src/actors/inventory/warehouse/directory.ts';
import type { DirectoryEntry } from '../../src/actors/inventory/warehouse/model.ts';
import { warehouse } from '../../src/actors/inventory/warehouse/warehouse.ts';
import { codeOf, createWarehouse, okOf, openShop, receiptOf } from './support/shop.ts';
import { World } from './support/world.ts';

const create = createWarehouse({ name: 'north', priority: 3 });

function contextWith(shared: unknown): Context {
  return { self: { kind: 'warehouse', id: 'w' }, now: 1, shared, shards: 2, shardOf: () => 0, receipt: null };
}

describe('a change of a warehouse', () => {
  it('is answered when every shard has it', () => {
    const world = new World(3);
    const call = world.ask('warehouse', 'w', create);
    for (let step = 0; step < 5; step += 1) {
      const [next] = world.arrivals();
      if (next !== undefined) world.arrive(next);
      expect(call.reply).toBeNull();
    }
    world.drain();
    expect(okOf(call.reply)).toEqual({
      id: 'w',
      name: 'north',
      location: 'here',
      isActive: true,
      customerId: '',
      priority: 3,
      createdAt: world.now,
      updatedAt: world.now,
    });
    for (const shard of ['0', '1', '2']) {
      const entry = { isActive: true, priority: 3, change: 1 };
      expect(world.state('directory', shard)).toEqual({ warehouses: { w: entry } });
    }
  });

  it('changes the fields that are set, and nothing where all are as they were', () => {
    const { world } = openShop({});
    world.now += 5;
    expect(
      okOf(world.settle('warehouse', 'w1', { type: 'update', isActive: false, priority: -4 })),
    ).toMatchObject({ name: 'w1', isActive: false, priority: -4, updatedAt: world.now });
    expect(world.state('directory', '2')).toMatchObject({
      warehouses: { w1: { isActive: false, priority: -4, change: 2 } },
    });
    const before = world.state('warehouse', 'w1');
    expect(okOf(world.settle('warehouse', 'w1', { type: 'update', isActive: false }))).toMatchObject({
      id: 'w1',
    });
    expect(world.state('warehouse', 'w1')).toBe(before);
  });

  it('waits for the one before', () => {
    const { world } = openShop({});
    const first = world.ask('warehouse', 'w1', { type: 'update', name: 'one' });
    const second = world.ask('warehouse', 'w1', { type: 'update', name: 'two' });
    const third = world.ask('warehouse', 'w1', { type: 'update', name: 'three' });
    world.drain();
    expect([first, second, third].map((call) => okOf(call.reply))).toMatchObject([
      { name: 'one' },
      { name: 'two' },
      { name: 'three' },
    ]);
    expect(world.waiting()).toEqual([]);
  });

  it('is one change where its key comes again, on the way or later', () => {
    const { world } = openShop({});
    const command = { type: 'update', name: 'one' };
    const first = world.ask('warehouse', 'w1', command, receiptOf('k'));
    const again = world.ask('warehouse', 'w1', command, receiptOf('k'));
    const other = world.ask('warehouse', 'w1', { type: 'update', name: 'x' }, receiptOf('k', 'other'));
    expect(codeOf(other.reply)).toBe('idempotency-key-reused');
    world.drain();
    expect(okOf(again.reply)).toEqual(okOf(first.reply));
    expect(world.settle('warehouse', 'w1', command, receiptOf('k'))).toEqual(first.reply);
    expect(
      world.events('warehouse', 'w1').filter((event) => JSON.stringify(event).includes('changed')),
    ).toHaveLength(2);
  });

  it('is not a second creation where the receipt is no longer kept', () => {
    const { world } = openShop({});
    const before = world.state('warehouse', 'w1');
    expect(okOf(world.settle('warehouse', 'w1', createWarehouse({ name: 'w1', priority: 1 })))).toMatchObject(
      {
        id: 'w1',
      },
    );
    expect(codeOf(world.settle('warehouse', 'w1', create))).toBe('idempotency-key-reused');
    expect(world.state('warehouse', 'w1')).toBe(before);
  });

  it('needs a warehouse', () => {
    const { world } = openShop({});
    expect(codeOf(world.settle('warehouse', 'none', { type: 'get' }))).toBe('warehouse-not-found');
    expect(codeOf(world.settle('warehouse', 'none', { type: 'update', name: 'x' }))).toBe(
      'warehouse-not-found',
    );
    expect(okOf(world.settle('warehouse', 'w1', { type: 'get' }))).toMatchObject({ name: 'w1' });
  });

  it('is refused where there are as many as there can be', () => {
    const entry: DirectoryEntry = { isActive: true, priority: 0, change: 1 };
    const entries = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`w${index}`, entry]));
    const full = contextWith({ warehouses: entries(limits.warehousesMax) });
    expect(codeOf(warehouse.decide(warehouse.initial, create, full).reply ?? null)).toBe('limit-reached');
    const almost = contextWith({ warehouses: entries(limits.warehousesMax - 1) });
    expect(warehouse.decide(warehouse.initial, create, almost).park).toBe('spread:1');
  });

  it('stops at an answer that nobody waits for', () => {
    const { world } = openShop({});
    const state = world.state('warehouse', 'w1');
    const answer = { refused: false, replies: [{ ok: null }] };
    expect(() => warehouse.answered?.(warehouse.initial, '1:0', answer, contextWith(null))).toThrow(/^I12: /);
    expect(state).toMatchObject({ spread: null });
  });
});

describe('the directory', () => {
  it('never goes back to an older change', () => {
    const put = (change: number, priority: number) =>
      ({ type: 'put', warehouseId: 'w', entry: { isActive: true, priority, change } }) as const;
    const newer = directory.evolve(directory.initial, put(2, 20));
    expect(directory.decide(newer, put(1, 10), contextWith(null)).events ?? []).toEqual([]);
    expect(directory.decide(newer, put(2, 20), contextWith(null)).events ?? []).toEqual([]);
    expect(directory.decide(newer, put(3, 30), contextWith(null)).events).toEqual([put(3, 30)]);
  });

  it.each([null, undefined, 7, [], {}, { warehouses: { w: { isActive: 1, priority: 0, change: 1 } } }])(
    'is not taken for one where it is %j',
    (shared) => {
      expect(() => directoryOf(contextWith(shared))).toThrow(TypeError);
    },
  );
});

// States and rows for tests of the store: small, and different enough to be told apart.

import type { Ref } from '../../src/actors/behaviour.ts';
import type { ItemState } from '../../src/actors/inventory/item/model.ts';
import type { OrderState } from '../../src/actors/inventory/order-stock/model.ts';
import type { Numbered } from '../../src/actors/numbered.ts';
import type { JournalRow, SnapshotHead, SnapshotRow } from '../../src/runtime/store.ts';
import type { Samples } from './contract.ts';

export const warehouseId = '0a000000-0000-4000-8000-00000000000a';

/** A time that is not a whole second. */
export const someTime = 1_700_000_000_123;

export function itemRef(number: number): Ref {
  return { kind: 'item', id: `10000000-0000-4000-8000-${String(number).padStart(12, '0')}` };
}

/** An item whose one level has this quantity. */
export function itemState(number: number, quantity: number): ItemState & Numbered {
  return {
    details: {
      sku: `SKU-${number}`,
      name: 'A white hanging heart',
      description: '',
      category: 'hearts',
      attributes: null,
      createdAt: someTime,
      updatedAt: someTime + 1,
    },
    deletedAt: null,
    published: quantity,
    levels: {
      [warehouseId]: {
        quantity,
        held: 0,
        allocated: 0,
        version: quantity,
        updatedAt: someTime,
        policy: null,
        isLow: false,
      },
    },
  };
}

export function orderState(operations: number): OrderState & Numbered {
  return { attempts: [], direct: [], operation: null, operations, published: operations };
}

export function journalRow(
  shard: number,
  seq: number,
  epoch: number,
  events = `[${shard},${seq}]`,
): JournalRow {
  return { shard, seq, epoch, at: someTime + seq, events };
}

export function head(
  shard: number,
  epoch: number,
  snapshotSeq: number,
  channels = `at ${snapshotSeq}`,
): SnapshotHead {
  return { shard, epoch, snapshotSeq, channels };
}

export function itemRow(number: number, shard: number, seq: number, quantity = seq): SnapshotRow {
  return {
    ref: itemRef(number),
    shard,
    seq,
    state: itemState(number, quantity),
    dueAt: null,
    pending: false,
  };
}

export function orderRow(id: string, shard: number, seq: number, dueAt: number | null): SnapshotRow {
  return { ref: { kind: 'order', id }, shard, seq, state: orderState(seq), dueAt, pending: false };
}

export const inventorySamples: Samples = {
  plain: itemRow,
  due: (number, ...rest) => orderRow(`order "${number}"`, ...rest),
  pending: [],
};

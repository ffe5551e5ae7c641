// States and rows of Logistics' actors for tests: small, and different enough to be told apart.

import type { CustomerState } from '../../src/actors/logistics/customer/model.ts';
import type { Order, OrderLine, OrderState, Payment } from '../../src/actors/logistics/order/model.ts';
import type { QueueState } from '../../src/actors/logistics/queue/model.ts';
import type { Alert, Supply, SupplyState } from '../../src/actors/logistics/supply/model.ts';
import type { Numbered } from '../../src/actors/numbered.ts';
import type { SnapshotRow } from '../../src/runtime/store.ts';
import type { Samples } from '../store/contract.ts';
import { someTime } from '../store/samples.ts';

export const warehouseId = '0a000000-0000-4000-8000-00000000000a';

/** In the order of their numbers. @param digit of the kind, so that ids of several kinds differ */
export function uuidOf(digit: string, number: number): string {
  return `${digit}0000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

export const itemId = (number: number) => uuidOf('1', number);
export const orderId = (number: number) => uuidOf('2', number);
export const customerId = (number: number) => uuidOf('3', number);

export function line(lineId: string, quantity: number, unitMinor: string): OrderLine {
  return { lineId, itemId: itemId(Number(lineId)), sku: `SKU-${lineId}`, quantity, unitMinor };
}

export function payment(more: Partial<Payment> = {}): Payment {
  return {
    id: '40000000-0000-4000-8000-000000000001',
    amount: { currency: 'GBP', minor: '1250' },
    status: 'authorizing',
    isRenewal: false,
    transactionId: '',
    until: null,
    reason: '',
    polls: 0,
    openedAt: someTime,
    isOwed: false,
    pollAt: null,
    refunds: [],
    ...more,
  };
}

/** Five units of one item for 12.50, by a guest, as it was just made. */
export function order(more: Partial<Order> = {}): Order {
  return {
    customerId: '',
    lines: [line('1', 5, '250')],
    total: { currency: 'GBP', minor: '1250' },
    sealed: 'sealed',
    method: 'tok_approve',
    fingerprint: 'print',
    patience: { paymentMs: 60_000, stockMs: 3_600_000, unitsMax: 1_000 },
    status: 'created',
    createdAt: someTime,
    updatedAt: someTime,
    history: [{ from: null, to: 'created', at: someTime, by: 'customer', why: '' }],
    payments: [],
    stock: { state: 'none', attempt: 0, reservationId: '' },
    draws: [],
    waits: {},
    waitsUntil: null,
    estimatedAt: null,
    talk: null,
    talks: 0,
    shipments: [],
    returns: [],
    cancel: null,
    restCancel: null,
    operation: null,
    operations: 0,
    ...more,
  };
}

export function queue(more: Partial<QueueState> = {}): QueueState {
  return { entries: [], levels: {}, taken: [], doubt: 'none', looks: 0, ...more };
}

export function customer(
  more: Partial<NonNullable<CustomerState['customer']>> = {},
): CustomerState & Numbered {
  return {
    customer: {
      sealed: 'sealed',
      terms: ['ada', 'lovelace'],
      fingerprint: 'print',
      createdAt: someTime,
      updatedAt: someTime,
      ...more,
    },
    erasure: 'none',
    published: 1,
  };
}

export function alert(more: Partial<Alert> = {}): Alert {
  return {
    isLow: true,
    available: 3,
    threshold: 10,
    source: 'inventory',
    sequence: 1,
    at: someTime,
    ...more,
  };
}

/** Something that nothing was lost of, and that is low nowhere. */
export function supply(more: Partial<Supply> = {}): Supply {
  return {
    sku: 'SKU-1',
    alerts: {},
    expiredHolds: 0,
    expiredUnits: 0,
    refusals: 0,
    refusedUnits: 0,
    since: someTime,
    updatedAt: someTime,
    ...more,
  };
}

type Place = Partial<Pick<SnapshotRow, 'shard' | 'seq' | 'dueAt' | 'pending'>>;

export function row(kind: string, id: string, state: unknown, place: Place = {}): SnapshotRow {
  return { ref: { kind, id }, shard: 0, seq: 1, state, dueAt: null, pending: false, ...place };
}

export function orderRow(number: number, more: Partial<Order> = {}, place: Place = {}): SnapshotRow {
  return row(
    'order',
    orderId(number),
    { order: order(more), published: 1 } satisfies OrderState & Numbered,
    place,
  );
}

export function queueRow(number: number, more: Partial<QueueState> = {}, place: Place = {}): SnapshotRow {
  return row('queue', itemId(number), queue(more), place);
}

export function customerRow(number: number, state = customer(), place: Place = {}): SnapshotRow {
  return row('customer', customerId(number), state, place);
}

/** Its SKU ends in the number. */
export function supplyRow(number: number, more: Partial<Supply> = {}, place: Place = {}): SnapshotRow {
  const state: SupplyState = { supply: supply({ sku: `SKU-${number}`, ...more }) };
  return row('supply', itemId(number), state, place);
}

export const logisticsSamples: Samples = {
  plain: (number, shard, seq, value = seq) => queueRow(number, { looks: value }, { shard, seq }),
  due: (number, shard, seq, dueAt) => orderRow(number, { talks: seq }, { shard, seq, dueAt }),
  pending: [
    (number, shard, seq, pending) => customerRow(number, customer(), { shard, seq, pending }),
    (number, shard, seq, pending) => orderRow(number, { talks: seq }, { shard, seq, pending }),
    (number, shard, seq, pending) => queueRow(number, { looks: seq }, { shard, seq, pending }),
  ],
};

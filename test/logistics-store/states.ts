// Arbitrary states of Logistics' actors, as the journal could have made them: plain JSON values.

import fc from 'fast-check';
import type { CustomerState } from '../../src/actors/logistics/customer/model.ts';
import { type Money, minorMax, money } from '../../src/actors/logistics/money.ts';
import {
  type Order,
  type OrderState,
  type Payment,
  paymentStatuses,
  refundStatuses,
  shipmentStatuses,
  stockStates,
} from '../../src/actors/logistics/order/model.ts';
import { orderStatuses } from '../../src/actors/logistics/order/transitions.ts';
import { doubts, type QueueState } from '../../src/actors/logistics/queue/model.ts';
import type { SupplyState } from '../../src/actors/logistics/supply/model.ts';
import type { Numbered } from '../../src/actors/numbered.ts';
import { count, flag, instant, text, uuid } from '../store/states.ts';

const positive = fc.integer({ min: 1, max: 2 ** 40 });
const currency = fc.constantFrom('GBP', 'JPY', 'KWD');
const minor = fc.bigInt({ min: 0n, max: minorMax }).map(String);
const receipt = fc.option(fc.record({ key: text, fingerprint: text }));

function few<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<readonly T[]> {
  return fc.array(arbitrary, { maxLength: 3 });
}

const shippedItem = { lineId: text, quantity: positive };

/** What stands in no column. */
const inside = {
  sealed: text,
  method: text,
  fingerprint: text,
  patience: fc.record({ paymentMs: count, stockMs: count, unitsMax: count }),
  history: few(
    fc.record({
      from: fc.option(fc.constantFrom(...orderStatuses)),
      to: fc.constantFrom(...orderStatuses),
      at: instant,
      by: text,
      why: text,
    }),
  ),
  stock: fc.record({ state: fc.constantFrom(...stockStates), attempt: count, reservationId: text }),
  draws: few(
    fc.record({ lineId: text, warehouseId: uuid, quantity: count, shipped: count, returned: count }),
  ),
  waits: fc.dictionary(uuid, fc.constantFrom('waiting', 'granted', 'asked'), { maxKeys: 3 }),
  waitsUntil: fc.option(instant),
  estimatedAt: fc.option(instant),
  talk: fc.option(
    fc.record({
      number: count,
      kind: fc.constantFrom('pass', 'ask'),
      waiting: few(fc.nat(15)),
      items: few(uuid),
      isContended: flag,
    }),
  ),
  talks: count,
  shipments: few(
    fc.record({
      id: uuid,
      carrier: text,
      trackingNumber: text,
      warehouseId: uuid,
      items: few(fc.record(shippedItem)),
      status: fc.constantFrom(...shipmentStatuses),
      createdAt: instant,
    }),
  ),
  returns: few(
    fc.record({
      number: count,
      items: few(fc.record({ ...shippedItem, warehouseId: uuid })),
      reason: text,
      restock: flag,
      isRestocked: flag,
      refund: fc.record({ currency, minor }),
      refundNumber: fc.option(count),
      at: instant,
    }),
  ),
  restCancel: fc.option(
    fc.record({
      by: text,
      reason: text,
      items: few(fc.record(shippedItem)),
      refundNumber: fc.option(count),
      at: instant,
    }),
  ),
  cancel: fc.option(fc.record({ by: text, reason: text, receipt })),
  operation: fc.option(
    fc.record({
      number: count,
      kind: fc.constantFrom('ship', 'return', 'refund', 'cancelRest'),
      ids: few(text),
      receipt,
      failure: fc.option(text),
    }),
  ),
  operations: count,
} as const;

/** At most the first is captured, and of it no more than was taken is given back. */
function payments(total: Money): fc.Arbitrary<readonly Payment[]> {
  const part = money(total.currency, BigInt(total.minor) / 3n);
  const rest = {
    id: uuid,
    amount: fc.constant(total),
    isRenewal: flag,
    transactionId: text,
    until: fc.option(instant),
    reason: text,
    polls: count,
    openedAt: instant,
    isOwed: flag,
    pollAt: fc.option(instant),
    refunds: few(
      fc.record({
        number: count,
        amount: fc.constant(part),
        status: fc.constantFrom(...refundStatuses),
        tries: positive,
        reason: text,
      }),
    ),
  };
  const others = paymentStatuses.filter((status) => status !== 'captured');
  return fc.oneof(
    few(fc.record({ ...rest, status: fc.constantFrom(...others), refunds: fc.constant([]) })),
    fc.record({ ...rest, status: fc.constant('captured') }).map((captured) => [captured]),
  );
}

const order: fc.Arbitrary<Order> = fc.record({ currency, minor }).chain((total) =>
  fc.record({
    customerId: fc.oneof(uuid, fc.constant('')),
    lines: fc.array(
      fc.record({ lineId: text, itemId: uuid, sku: text, quantity: positive, unitMinor: minor }),
      { minLength: 1, maxLength: 3 },
    ),
    total: fc.constant(total),
    status: fc.constantFrom(...orderStatuses),
    createdAt: instant,
    updatedAt: instant,
    payments: payments(total),
    ...inside,
  }),
);

export const orderStates: fc.Arbitrary<OrderState & Numbered> = fc.record({ order, published: count });

export const queueStates: fc.Arbitrary<QueueState> = fc.record({
  entries: few(
    fc.record({
      orderId: uuid,
      quantity: positive,
      state: fc.constantFrom('waiting', 'granted', 'passed'),
    }),
  ),
  levels: fc.dictionary(uuid, fc.record({ available: count, version: count }), { maxKeys: 3 }),
  taken: few(fc.record({ warehouseId: uuid, quantity: positive, version: count })),
  doubt: fc.constantFrom(...doubts),
  looks: count,
});

const times = { createdAt: instant, updatedAt: instant };
const known = fc.record({ sealed: text, terms: few(text), fingerprint: text, ...times });
const forgotten = fc.record({
  sealed: fc.constant(''),
  terms: fc.constant([]),
  fingerprint: fc.constant(''),
  ...times,
});

export const customerStates: fc.Arbitrary<CustomerState & Numbered> = fc.oneof(
  fc.record({ customer: known, erasure: fc.constantFrom('none', 'erasing'), published: count }),
  fc.record({ customer: forgotten, erasure: fc.constant('erased'), published: count }),
);

export const supplyStates: fc.Arbitrary<SupplyState> = fc.record({
  supply: fc.record({
    sku: text,
    alerts: fc.dictionary(
      uuid,
      fc.record({
        isLow: flag,
        available: count,
        threshold: count,
        source: text,
        sequence: count,
        at: instant,
      }),
      { maxKeys: 3 },
    ),
    expiredHolds: count,
    expiredUnits: count,
    refusals: count,
    refusedUnits: count,
    since: instant,
    updatedAt: instant,
  }),
});

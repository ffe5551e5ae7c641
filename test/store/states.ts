// Arbitrary states of every kind of actor, as the journal could have made them: plain JSON values.

import fc from 'fast-check';
import type { Reply } from '../../src/actors/behaviour.ts';
import type { FailureCode } from '../../src/actors/failure.ts';
import {
  drawStrategies,
  type ItemState,
  type Level,
  type LevelView,
} from '../../src/actors/inventory/item/model.ts';
import {
  type Attempt,
  groupAnswers,
  type Line,
  type Operation,
  type OrderState,
  operationKinds,
  reservationStatuses,
} from '../../src/actors/inventory/order-stock/model.ts';
import { isOrderId } from '../../src/actors/inventory/order-stock/reservation-id.ts';
import type { DirectoryState, WarehouseState } from '../../src/actors/inventory/warehouse/model.ts';
import type { Numbered } from '../../src/actors/numbered.ts';
import type { ReceiptState } from '../../src/runtime/receipts.ts';

/** Any text that an edge lets in: not U+0000, which PostgreSQL cannot hold, and no halves of surrogate pairs. */
export const text = fc.string({ unit: 'binary', maxLength: 12 }).filter((value) => !value.includes('\0'));
export const uuid = fc.uuid();
export const count = fc.oneof(fc.nat(100), fc.maxSafeNat());
export const instant = fc.oneof(
  fc.integer({ min: 0, max: 253_402_300_799_999 }),
  fc.constant(1_700_000_000_123),
);
export const key = text.filter((value) => value !== '__proto__');
export const flag = fc.boolean();

/** JSON has one zero, and so has the journal. */
function plain<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return arbitrary.map((value) => JSON.parse(JSON.stringify(value)));
}

const attributes = plain(fc.dictionary(key, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 }));

const policy = fc.record({
  lowStockThreshold: count,
  backInStockThreshold: count,
  incomingQuantity: count,
  incomingAt: fc.option(instant),
});

const level: fc.Arbitrary<Level> = fc
  .record({
    free: fc.nat(1_000),
    held: fc.nat(2 ** 40),
    allocated: fc.nat(2 ** 40),
    version: count,
    updatedAt: instant,
    policy: fc.option(policy),
    isLow: flag,
  })
  .map(({ free, ...rest }) => ({ quantity: free + rest.held + rest.allocated, ...rest }));

/** The SKU is given, since no two items have the same. */
export function itemStates(sku: string): fc.Arbitrary<ItemState & Numbered> {
  return fc.record({
    details: fc.record({
      sku: fc.constant(sku),
      name: text,
      description: text,
      category: text,
      attributes: fc.option(attributes),
      createdAt: instant,
      updatedAt: instant,
    }),
    deletedAt: fc.option(instant),
    published: count,
    levels: fc.dictionary(uuid, level, { maxKeys: 4 }),
  });
}

const line: fc.Arbitrary<Line> = fc.record({
  itemId: uuid,
  sku: text,
  warehouseId: uuid,
  held: count,
  allocated: count,
  fulfilled: count,
  givenBack: count,
  levelVersion: count,
});

const lines = fc.array(line, { maxLength: 4 });

const request = fc.record({
  items: fc.array(fc.record({ itemId: uuid, quantity: count }), { maxLength: 3 }),
  warehouseId: fc.option(uuid),
  strategy: fc.constantFrom(...drawStrategies),
  ttlSeconds: count,
  customerId: text,
});

const availability = fc.record({
  itemId: uuid,
  sku: text,
  inStock: flag,
  requested: count,
  available: count,
  draws: fc.array(fc.record({ warehouseId: uuid, quantity: count, levelVersion: count }), { maxLength: 2 }),
});

function attempt(number: number): fc.Arbitrary<Attempt> {
  return fc.record({
    number: fc.constant(number),
    key: text,
    fingerprint: text,
    status: fc.constantFrom(...reservationStatuses),
    abandoned: flag,
    request,
    availability: fc.array(availability, { maxLength: 3 }),
    lines,
    createdAt: instant,
    firstExpiresAt: instant,
    expiresAt: instant,
  });
}

const levelView: fc.Arbitrary<LevelView> = fc.record({
  itemId: uuid,
  sku: text,
  warehouseId: uuid,
  quantity: count,
  held: count,
  allocated: count,
  version: count,
  updatedAt: instant,
});

const failure = fc.record({
  code: fc.constant<FailureCode>('item-not-found'),
  message: text,
});

const operation: fc.Arbitrary<Operation> = fc.record({
  number: count,
  kind: fc.constantFrom(...operationKinds),
  attempt: fc.option(count),
  groups: fc.array(
    fc.record({
      shard: fc.nat(15),
      parts: fc.array(
        fc.record({
          itemId: uuid,
          moves: fc.array(fc.record({ warehouseId: text, quantity: count }), { maxLength: 2 }),
        }),
        { maxLength: 2 },
      ),
      answer: fc.constantFrom(...groupAnswers),
    }),
    { maxLength: 2 },
  ),
  failure: fc.option(failure),
  levels: fc.array(levelView, { maxLength: 2 }),
  receipt: fc.option(fc.record({ key: text, fingerprint: text })),
});

export const orderIds = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter(isOrderId);

export const orderStates: fc.Arbitrary<OrderState & Numbered> = fc.record({
  attempts: fc
    .nat(3)
    .chain((attempts) => fc.tuple(...Array.from({ length: attempts }, (_, i) => attempt(i + 1)))),
  direct: lines,
  operation: fc.option(operation),
  operations: count,
  published: count,
});

/** The id is given, since it stands in the state. */
export function warehouseStates(id: string): fc.Arbitrary<WarehouseState & Numbered> {
  const states = fc.record({
    warehouse: fc.record({
      id: fc.constant(id),
      name: text,
      location: text,
      isActive: flag,
      customerId: text,
      priority: fc.integer(),
      createdAt: instant,
      updatedAt: instant,
    }),
    changes: count,
    spread: fc.option(
      fc.record({
        number: count,
        waiting: fc.array(fc.nat(15), { maxLength: 3 }),
        receipt: fc.option(fc.record({ key: text, fingerprint: text })),
      }),
    ),
  });
  return states.map((state) => ({ ...state, published: state.changes }));
}

export const directoryStates: fc.Arbitrary<DirectoryState> = fc.record({
  warehouses: fc.dictionary(uuid, fc.record({ isActive: flag, priority: fc.integer(), change: count }), {
    maxKeys: 4,
  }),
});

const reply: fc.Arbitrary<Reply> = fc.oneof(
  plain(fc.record({ ok: fc.jsonValue({ maxDepth: 2 }) })),
  fc.record({ error: failure }),
);

export const receiptKeys = text.filter((value) => value !== '');

export const receiptStates: fc.Arbitrary<ReceiptState> = fc.record({
  fingerprint: text,
  reply,
  at: instant,
});

// What clients send to change stock, and the API's requests that follow from it.
import Type, { type Static } from 'typebox';
import { requestLimits as limits } from '../../api/limits.ts';
import type { NamedItem } from '../../api/validate/references.ts';
import type { AdjustInventoryRequest } from '../../generated/synkro/inventory/v1/inventory.ts';
import { entryKey } from '../bulk.ts';
import { body, count, itemReference, quantity, text, time, uuid } from '../fields.ts';
import { named } from '../openapi/named.ts';
import { itemPath } from './named-item.ts';
import { exampleIds } from './schemas.ts';

const reference = Type.Optional(
  text(limits.referenceCharactersMax, 'The caller’s own, such as a delivery; stands in the movements.'),
);

const change = {
  warehouseId: uuid('Of the level.'),
  delta: Type.Integer({
    minimum: -Number.MAX_SAFE_INTEGER,
    maximum: Number.MAX_SAFE_INTEGER,
    description: 'What comes (positive) or goes (negative); not 0.',
  }),
  reason: Type.Optional(
    text(
      limits.reasonCharactersMax,
      'received, returned, damaged, counted, …; correction where it is absent.',
    ),
  ),
  reference,
  expectedQuantity: Type.Optional(
    count('Compare-and-set: refused with `quantity-differs` where the quantity is another.'),
  ),
};

const example = {
  warehouseId: exampleIds.warehouse,
  delta: 10,
  reason: 'received',
  reference: 'delivery 4711',
};

export const Adjustment = named('Adjustment', body(change, { examples: [example] }));

export const BulkAdjustment = named(
  'BulkAdjustment',
  body({ ...itemReference, ...change, ...entryKey }, { examples: [{ sku: '85123A', ...example }] }),
);

export function adjustment(
  given: Static<typeof Adjustment> & NamedItem,
  idempotencyKey = '',
): AdjustInventoryRequest {
  const { itemId, sku, warehouseId, expectedQuantity } = given;
  return {
    itemId,
    sku,
    warehouseId,
    delta: BigInt(given.delta),
    reason: given.reason ?? '',
    reference: given.reference ?? '',
    expectedQuantity: expectedQuantity === undefined ? undefined : BigInt(expectedQuantity),
    idempotencyKey,
  };
}

export const Transfer = named(
  'Transfer',
  body(
    {
      fromWarehouseId: uuid('Where it lies.'),
      toWarehouseId: uuid('Where it goes: another one.'),
      quantity: quantity('How much.'),
      reference,
    },
    {
      examples: [
        { fromWarehouseId: exampleIds.warehouse, toWarehouseId: exampleIds.otherWarehouse, quantity: 2 },
      ],
    },
  ),
);

export const NewPolicy = named(
  'NewStockPolicy',
  body(
    {
      lowStockThreshold: Type.Optional(count('Stock is low where less than this is available; 0: never.')),
      backInStockThreshold: Type.Optional(
        count(
          'Stock that was low is back where this is available; not below the low-stock threshold, and 0 is that.',
        ),
      ),
      incomingQuantity: Type.Optional(count('What is on its way.')),
      incomingAt: Type.Optional(time('When that is expected.')),
    },
    {
      examples: [
        {
          lowStockThreshold: 5,
          backInStockThreshold: 20,
          incomingQuantity: 100,
          incomingAt: '2026-01-31T12:00:00Z',
        },
      ],
    },
  ),
);

export const PolicyPath = Type.Object({ ...itemPath, warehouseId: uuid('Of the level.') });

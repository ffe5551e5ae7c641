// The routes of allocations: stock promised to an order for good, given back, or shipped.
import Type from 'typebox';
import { allocateInventory, fulfillInventory, releaseInventory } from '../../api/inventory/allocations.ts';
import type { InventoryDeps } from '../../api/inventory/deps.ts';
import { requestLimits as limits } from '../../api/limits.ts';
import type { NamedItem } from '../../api/validate/references.ts';
import type { InventoryLevel } from '../../generated/synkro/inventory/v1/inventory.ts';
import { answer } from '../answer.ts';
import { body, idempotentHeaders, itemReference, orderId, quantity, uuid } from '../fields.ts';
import type { Rest, RouteGroup } from '../group.ts';
import { json, problemsWithBody } from '../openapi/answers.ts';
import { named } from '../openapi/named.ts';
import { RefusedWith } from '../problems/problem.ts';
import { referenceOf } from './named-item.ts';
import { levelJson } from './present.ts';
import { exampleIds, Level, Levels } from './schemas.ts';

const NewAllocation = named(
  'NewAllocation',
  body(
    { orderId, ...itemReference, warehouseId: uuid('From where.'), quantity: quantity('How much.') },
    {
      examples: [{ orderId: 'order-1', sku: '85123A', warehouseId: exampleIds.warehouse, quantity: 2 }],
    },
  ),
);

const some = {
  ...itemReference,
  warehouseId: Type.Optional(uuid('Only there; anywhere where it is absent.')),
  quantity: Type.Optional(quantity('How much; all of it where it is absent.')),
};

const GiveBack = named('GiveBack', body({ orderId, ...some }, { examples: [{ orderId: 'order-1' }] }));

const Fulfilment = named(
  'Fulfilment',
  body(
    {
      orderId,
      lines: Type.Optional(
        Type.Array(body(some), {
          maxItems: limits.fulfillLinesMax,
          description: 'What leaves; everything that the order has allocated where it is absent or empty.',
        }),
      ),
    },
    { examples: [{ orderId: 'order-1', lines: [{ sku: '85123A', quantity: 2 }] }] },
  ),
);

export function allocationRoutes(deps: InventoryDeps): RouteGroup {
  return {
    tag: {
      name: 'Allocations',
      description: 'Stock promised to an order for good, until it ships or is given back.',
    },
    routes(rest) {
      allocateRoute(rest, deps);
      leaveRoutes(rest, deps);
    },
  };
}

function allocateRoute(rest: Rest, deps: InventoryDeps): void {
  rest.post(
    '/v1/allocations',
    {
      schema: {
        operationId: 'allocateStock',
        summary: 'Allocate stock to an order',
        description: 'Without a reservation before it. Without a key a repeat counts twice.',
        headers: idempotentHeaders,
        body: NewAllocation,
        response: {
          200: json('The level as it is now.', Level),
          ...problemsWithBody(
            'insufficient-stock',
            'item-not-found',
            'warehouse-not-found',
            'warehouse-inactive',
            'idempotency-key-reused',
            'limit-reached',
          ),
        },
      },
    },
    async (request, reply) => {
      const { orderId: order, warehouseId, quantity: wanted } = request.body;
      const item = referenceOf(request.body);
      const asked = { orderId: order, ...item, warehouseId, quantity: BigInt(wanted), idempotencyKey: '' };
      const answered = await answer(allocateInventory, asked, { request, reply }, deps);
      if (!answered.success) throw insufficient(item, wanted, answered.inventoryLevel, deps);
      return levelJson(answered.inventoryLevel);
    },
  );
}

function insufficient(
  item: NamedItem,
  requested: number,
  level: InventoryLevel | undefined,
  { itemIds }: InventoryDeps,
): RefusedWith {
  const itemId = item.sku === '' ? item.itemId : itemIds.of(item.sku);
  const sku = level?.sku ?? item.sku;
  const availableQuantity = Number(level?.available ?? 0n);
  const message = `${requested} are asked for, and ${availableQuantity} are available there`;
  return new RefusedWith(
    { code: 'insufficient-stock', message },
    { items: [{ itemId, sku, inStock: false, requested, availableQuantity }] },
  );
}

function leaveRoutes(rest: Rest, deps: InventoryDeps): void {
  const response = {
    200: json('The levels that changed, as they are now.', Levels),
    ...problemsWithBody(
      'item-not-found',
      'allocation-not-found',
      'insufficient-available',
      'idempotency-key-reused',
    ),
  };
  rest.post(
    '/v1/allocations/release',
    {
      schema: {
        operationId: 'releaseAllocations',
        summary: 'Give allocations back',
        description: 'They are free again: all that the order has, or some.',
        headers: idempotentHeaders,
        body: GiveBack,
        response,
      },
    },
    async (request, reply) => {
      const { orderId: order, warehouseId = '', quantity: amount = 0 } = request.body;
      const item = referenceOf(request.body);
      const asked = { orderId: order, ...item, warehouseId, quantity: BigInt(amount), idempotencyKey: '' };
      const { inventoryLevels } = await answer(releaseInventory, asked, { request, reply }, deps);
      return { levels: inventoryLevels.map(levelJson) };
    },
  );
  rest.post(
    '/v1/allocations/fulfill',
    {
      schema: {
        operationId: 'fulfillAllocations',
        summary: 'Ship what is allocated',
        description:
          'The goods leave: quantity and reserved both fall. Without a key a repeat of a part counts twice.',
        headers: idempotentHeaders,
        body: Fulfilment,
        response,
      },
    },
    async (request, reply) => {
      const { orderId: order, lines = [] } = request.body;
      const asked = {
        orderId: order,
        lines: lines.map((line) => ({
          ...referenceOf(line),
          warehouseId: line.warehouseId ?? '',
          quantity: BigInt(line.quantity ?? 0),
        })),
        idempotencyKey: '',
      };
      const { inventoryLevels } = await answer(fulfillInventory, asked, { request, reply }, deps);
      return { levels: inventoryLevels.map(levelJson) };
    },
  );
}

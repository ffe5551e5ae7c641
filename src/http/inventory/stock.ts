// The routes of stock: levels as they are, adjusted, moved, and what is expected to come.
import Type, { type Static } from 'typebox';
import type { InventoryDeps } from '../../api/inventory/deps.ts';
import { getInventoryLevels } from '../../api/inventory/levels.ts';
import { adjustInventory, setStockPolicy, transferInventory } from '../../api/inventory/stock.ts';
import { requestLimits as limits } from '../../api/limits.ts';
import type { AdjustInventoryResponse } from '../../generated/synkro/inventory/v1/inventory.ts';
import { answer } from '../answer.ts';
import { answerEach, type BulkResult, bulkResults, listOfEntries } from '../bulk.ts';
import { body, headers, idempotentHeaders, query, uuid } from '../fields.ts';
import type { Rest, RouteGroup } from '../group.ts';
import type { Names } from '../names.ts';
import { json, problems, problemsWithBody } from '../openapi/answers.ts';
import { ItemPath, itemInPath, itemNamed, referenceOf } from './named-item.ts';
import { levelJson, policyJson } from './present.ts';
import { Level, Levels, StockPolicy } from './schemas.ts';
import { Adjustment, adjustment, BulkAdjustment, NewPolicy, PolicyPath, Transfer } from './stock-requests.ts';

const warehouseFilter = Type.Optional(
  Type.Array(uuid('Id of a warehouse.'), {
    maxItems: limits.filterIdsMax,
    description: 'Only those; may be given several times.',
  }),
);

const levelNames: Names = { item_ids: 'itemId', skus: 'sku', warehouse_ids: 'warehouseId' };

export function stockRoutes(deps: InventoryDeps): RouteGroup {
  return {
    tag: { name: 'Stock', description: 'How much of what lies where.' },
    routes(rest) {
      readRoutes(rest, deps);
      changeRoutes(rest, deps);
      bulkRoute(rest, deps);
    },
  };
}

function readRoutes(rest: Rest, deps: InventoryDeps): void {
  rest.get(
    '/v1/items/:id/levels',
    {
      schema: {
        operationId: 'getItemLevels',
        summary: 'Read the levels of an item',
        description: 'From the item itself: never old. A warehouse that never had any of it has no level.',
        headers,
        params: ItemPath,
        querystring: query({ warehouseId: warehouseFilter }),
        response: {
          200: json('Its levels.', Levels),
          ...problems('item-not-found', 'warehouse-not-found'),
        },
      },
    },
    async (request, reply) => {
      const { itemId, sku } = itemNamed(request.params.id);
      const asked = {
        itemIds: sku === '' ? [itemId] : [],
        skus: sku === '' ? [] : [sku],
        warehouseIds: request.query.warehouseId ?? [],
      };
      const names = { ...levelNames, 'item_ids[0]': 'id', 'skus[0]': 'id' };
      const { levels } = await answer(getInventoryLevels, asked, { request, reply }, deps, names);
      return { levels: levels.map(levelJson) };
    },
  );
  rest.get(
    '/v1/levels',
    {
      schema: {
        operationId: 'getLevels',
        summary: 'Read the levels of many items',
        description: `From the items themselves: never old. At most ${limits.levelsItemsMax} items, by SKU or id; one that is unknown is an error.`,
        headers,
        querystring: query({
          sku: Type.Optional(Type.Array(Type.String(), { description: 'SKUs; may be given several times.' })),
          itemId: Type.Optional(
            Type.Array(uuid('Id of an item.'), { description: 'Ids of items, likewise.' }),
          ),
          warehouseId: warehouseFilter,
        }),
        response: {
          200: json('The levels, item by item.', Levels),
          ...problems('item-not-found', 'warehouse-not-found'),
        },
      },
    },
    async (request, reply) => {
      const { sku: skus = [], itemId: itemIds = [], warehouseId: warehouseIds = [] } = request.query;
      const asked = { skus, itemIds, warehouseIds };
      const { levels } = await answer(getInventoryLevels, asked, { request, reply }, deps, levelNames);
      return { levels: levels.map(levelJson) };
    },
  );
}

function changeRoutes(rest: Rest, deps: InventoryDeps): void {
  rest.post(
    '/v1/items/:id/adjustments',
    {
      schema: {
        operationId: 'adjustStock',
        summary: 'Change the quantity of a level',
        description:
          'Not below what is reserved: then the problem names up to 10 orders that hold it. With `expectedQuantity` only where the quantity is that. Without a key a repeat counts twice.',
        headers: idempotentHeaders,
        params: ItemPath,
        body: Adjustment,
        response: {
          200: json('The level as it is now.', Level),
          ...problemsWithBody(
            'item-not-found',
            'warehouse-not-found',
            'below-reserved',
            'quantity-differs',
            'idempotency-key-reused',
            'limit-reached',
          ),
        },
      },
    },
    async (request, reply) => {
      const asked = adjustment({ ...request.body, ...itemNamed(request.params.id) });
      const answered = await answer(adjustInventory, asked, { request, reply }, deps, itemInPath);
      return levelJson(answered.inventoryLevel);
    },
  );
  rest.post(
    '/v1/items/:id/transfers',
    {
      schema: {
        operationId: 'transferStock',
        summary: 'Move stock between two warehouses',
        description: 'All or nothing, and only of what is available.',
        headers: idempotentHeaders,
        params: ItemPath,
        body: Transfer,
        response: {
          200: json('The two levels as they are now: where it came from, where it went.', Levels),
          ...problemsWithBody(
            'item-not-found',
            'warehouse-not-found',
            'insufficient-available',
            'idempotency-key-reused',
            'limit-reached',
          ),
        },
      },
    },
    async (request, reply) => {
      const { quantity, reference = '', ...warehouses } = request.body;
      const item = itemNamed(request.params.id);
      const asked = { ...item, ...warehouses, quantity: BigInt(quantity), reference, idempotencyKey: '' };
      const answered = await answer(transferInventory, asked, { request, reply }, deps, itemInPath);
      return { levels: answered.inventoryLevels.map(levelJson) };
    },
  );
  rest.put(
    '/v1/items/:id/policies/:warehouseId',
    {
      schema: {
        operationId: 'setStockPolicy',
        summary: 'Set the policy of a level',
        description: 'Replaces the one there is: what is absent is none. May simply be repeated.',
        headers,
        params: PolicyPath,
        body: NewPolicy,
        response: {
          200: json('The policy.', StockPolicy),
          ...problemsWithBody('item-not-found', 'warehouse-not-found', 'limit-reached'),
        },
      },
    },
    async (request, reply) => {
      const { id, warehouseId } = request.params;
      const {
        lowStockThreshold = 0,
        backInStockThreshold = 0,
        incomingQuantity = 0,
        incomingAt,
      } = request.body;
      const policy = {
        lowStockThreshold: BigInt(lowStockThreshold),
        backInStockThreshold: BigInt(backInStockThreshold),
        incomingQuantity: BigInt(incomingQuantity),
        incomingAt: incomingAt === undefined ? undefined : new Date(incomingAt),
      };
      const asked = { ...itemNamed(id), warehouseId, policy };
      const names = { ...itemInPath, policy: '' };
      const answered = await answer(setStockPolicy, asked, { request, reply }, deps, names);
      return policyJson(answered.policy);
    },
  );
}

function bulkRoute(rest: Rest, deps: InventoryDeps): void {
  rest.post(
    '/v1/adjustments::bulk',
    {
      schema: {
        operationId: 'adjustStocks',
        summary: 'Change many quantities',
        description:
          'Each entry is the single request that it is, with its own key, answer and problem; one that fails stops no other.',
        headers: idempotentHeaders,
        body: body({ adjustments: listOfEntries(BulkAdjustment, 'The adjustments.') }),
        response: {
          200: json('What became of each.', bulkResults(Type.Object({ level: Level }))),
          ...problemsWithBody(),
        },
      },
    },
    async (request, reply) => {
      const requestOf = (entry: Static<typeof BulkAdjustment>, key: string) =>
        adjustment({ ...entry, ...referenceOf(entry) }, key);
      const route = { method: adjustInventory, deps, list: 'adjustments', requestOf };
      const results = await answerEach(route, request.body.adjustments, { request, reply });
      return { results: results.map(levelResult) };
    },
  );
}

function levelResult(result: BulkResult<AdjustInventoryResponse>) {
  return 'error' in result ? result : { level: levelJson(result.response.inventoryLevel) };
}

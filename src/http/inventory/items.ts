// The routes of items.
import Type, { type Static } from 'typebox';
import type { InventoryDeps } from '../../api/inventory/deps.ts';
import { createItem, getItem, listItems } from '../../api/inventory/items.ts';
import { requestLimits as limits } from '../../api/limits.ts';
import type { ItemResponse } from '../../generated/synkro/inventory/v1/inventory.ts';
import { answer } from '../answer.ts';
import { answerEach, type BulkResult, bulkResults, listOfEntries } from '../bulk.ts';
import {
  body,
  headers,
  idempotentHeaders,
  nextPageToken,
  pageOf,
  pageQuery,
  query,
  text,
} from '../fields.ts';
import type { Rest, RouteGroup } from '../group.ts';
import {
  asOfHeader,
  json,
  locationHeader,
  noContent,
  problems,
  problemsWithBody,
} from '../openapi/answers.ts';
import {
  BulkItemChange,
  BulkNewItem,
  change,
  creation,
  deleteNamed,
  ItemChange,
  NewItem,
  updateNamed,
} from './item-requests.ts';
import { ItemPath, itemInPath, itemNamed, referenceOf } from './named-item.ts';
import { itemJson } from './present.ts';
import { Item } from './schemas.ts';

export function itemRoutes(deps: InventoryDeps): RouteGroup {
  return {
    tag: { name: 'Items', description: 'What is sold.' },
    routes(rest) {
      rest.post(
        '/v1/items',
        {
          schema: {
            operationId: 'createItem',
            summary: 'Create an item',
            description: 'With its first stock, if any. Its id follows from the SKU.',
            headers: idempotentHeaders,
            body: NewItem,
            response: {
              201: json('The item.', Item, { headers: locationHeader }),
              ...problemsWithBody(
                'sku-exists',
                'idempotency-key-reused',
                'warehouse-not-found',
                'limit-reached',
              ),
            },
          },
        },
        async (request, reply) => {
          const { item } = await answer(createItem, creation(request.body), { request, reply }, deps);
          const made = itemJson(item);
          reply.code(201).header('location', `/v1/items/${made.id}`);
          return made;
        },
      );
      rest.get(
        '/v1/items',
        {
          schema: {
            operationId: 'listItems',
            summary: 'List items',
            description: 'In order of their SKUs, byte by byte. From the tables, which lag by a moment.',
            headers,
            querystring: query({
              category: Type.Optional(text(limits.categoryCharactersMax, 'Only those of this category.')),
              skuPrefix: Type.Optional(text(limits.skuCharactersMax, 'Only those whose SKU begins so.')),
              ...pageQuery,
            }),
            response: {
              200: json('A page of items.', Type.Object({ items: Type.Array(Item), nextPageToken }), {
                headers: asOfHeader,
              }),
              ...problems(),
            },
          },
        },
        async (request, reply) => {
          const { category = '', skuPrefix = '' } = request.query;
          const asked = { category, skuPrefix, ...pageOf(request.query) };
          const page = await answer(listItems, asked, { request, reply }, deps);
          return { items: page.items.map(itemJson), nextPageToken: page.nextPageToken };
        },
      );
      rest.get(
        '/v1/items/:id',
        {
          schema: {
            operationId: 'getItem',
            summary: 'Read an item',
            description: 'From the item itself: never old.',
            headers,
            params: ItemPath,
            response: { 200: json('The item.', Item), ...problems('item-not-found') },
          },
        },
        async (request, reply) => {
          const { itemId: id, sku: ofSku } = itemNamed(request.params.id);
          const { item } = await answer(getItem, { id, sku: ofSku }, { request, reply }, deps, itemInPath);
          return itemJson(item);
        },
      );
      rest.patch(
        '/v1/items/:id',
        {
          schema: {
            operationId: 'updateItem',
            summary: 'Change an item’s details',
            description: 'What is absent stays. `attributes` replaces all of them.',
            headers: idempotentHeaders,
            params: ItemPath,
            body: ItemChange,
            response: {
              200: json('The item as it is now.', Item),
              ...problemsWithBody('item-not-found', 'idempotency-key-reused'),
            },
          },
        },
        async (request, reply) => {
          const asked = { item: itemNamed(request.params.id), change: change(request.body) };
          const { item } = await answer(updateNamed, asked, { request, reply }, deps, itemInPath);
          return itemJson(item);
        },
      );
      rest.delete(
        '/v1/items/:id',
        {
          schema: {
            operationId: 'deleteItem',
            summary: 'Delete an item',
            description:
              'Refused while any of its stock is reserved. What is left of its stock is written off.',
            headers,
            params: ItemPath,
            response: { 204: noContent('It is gone.'), ...problems('item-not-found', 'item-reserved') },
          },
        },
        async (request, reply) => {
          await answer(deleteNamed, itemNamed(request.params.id), { request, reply }, deps, itemInPath);
          reply.code(204);
          return null;
        },
      );
      bulkRoutes(rest, deps);
    },
  };
}

function bulkRoutes(rest: Rest, deps: InventoryDeps): void {
  const Results = bulkResults(Type.Object({ item: Item }));
  const description =
    'Each entry is the single request that it is, with its own key, answer and problem; one that fails stops no other.';
  rest.post(
    '/v1/items::bulk',
    {
      schema: {
        operationId: 'createItems',
        summary: 'Create many items',
        description,
        headers: idempotentHeaders,
        body: body({ items: listOfEntries(BulkNewItem, 'The items.') }),
        response: { 200: json('What became of each.', Results), ...problemsWithBody() },
      },
    },
    async (request, reply) => {
      const route = { method: createItem, deps, list: 'items', requestOf: creation };
      const results = await answerEach(route, request.body.items, { request, reply });
      return { results: results.map(itemResult) };
    },
  );
  rest.patch(
    '/v1/items::bulk',
    {
      schema: {
        operationId: 'updateItems',
        summary: 'Change many items',
        description,
        headers: idempotentHeaders,
        body: body({ items: listOfEntries(BulkItemChange, 'The changes.') }),
        response: { 200: json('What became of each.', Results), ...problemsWithBody() },
      },
    },
    async (request, reply) => {
      const requestOf = (entry: Static<typeof BulkItemChange>, key: string) => ({
        item: referenceOf(entry),
        change: change(entry, key),
      });
      const route = { method: updateNamed, deps, list: 'items', requestOf };
      const results = await answerEach(route, request.body.items, { request, reply });
      return { results: results.map(itemResult) };
    },
  );
}

function itemResult(result: BulkResult<ItemResponse>) {
  return 'error' in result ? result : { item: itemJson(result.response.item) };
}

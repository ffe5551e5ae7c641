// The routes of warehouses.
import Type from 'typebox';
import type { InventoryDeps } from '../../api/inventory/deps.ts';
import {
  createWarehouse,
  getWarehouse,
  listWarehouses,
  updateWarehouse,
} from '../../api/inventory/warehouses.ts';
import { requestLimits as limits } from '../../api/limits.ts';
import { answer } from '../answer.ts';
import {
  body,
  headers,
  idempotentHeaders,
  int32,
  nextPageToken,
  pageOf,
  pageQuery,
  query,
  requiredText,
  text,
  uuid,
} from '../fields.ts';
import type { RouteGroup } from '../group.ts';
import { asOfHeader, json, locationHeader, problems, problemsWithBody } from '../openapi/answers.ts';
import { named } from '../openapi/named.ts';
import { warehouseJson } from './present.ts';
import { Warehouse } from './schemas.ts';

const name = requiredText(limits.nameCharactersMax, 'What it is called.');
const location = Type.Optional(text(limits.locationCharactersMax, 'Where it is.'));
const priority = Type.Optional(int32('The lower is drawn from first.'));

const NewWarehouse = named(
  'NewWarehouse',
  body(
    {
      name,
      location,
      customerId: Type.Optional(
        text(limits.customerIdCharactersMax, 'Whose stock it is (a merchant, not a shopper).'),
      ),
      priority,
    },
    { examples: [{ name: 'North', location: 'Leeds', priority: 1 }] },
  ),
);

const WarehouseChange = named(
  'WarehouseChange',
  body(
    {
      name: Type.Optional(name),
      location,
      isActive: Type.Optional(Type.Boolean({ description: 'An inactive one gets no new reservations.' })),
      priority,
    },
    { examples: [{ isActive: false }] },
  ),
);

const WarehousePath = Type.Object({ id: uuid('Id of the warehouse.') });

export function warehouseRoutes(deps: InventoryDeps): RouteGroup {
  return {
    tag: { name: 'Warehouses', description: 'Where the stock lies.' },
    routes(rest) {
      rest.post(
        '/v1/warehouses',
        {
          schema: {
            operationId: 'createWarehouse',
            summary: 'Create a warehouse',
            description: 'With a key its id follows from the key. It is active from the start.',
            headers: idempotentHeaders,
            body: NewWarehouse,
            response: {
              201: json('The warehouse.', Warehouse, { headers: locationHeader }),
              ...problemsWithBody('idempotency-key-reused', 'limit-reached'),
            },
          },
        },
        async (request, reply) => {
          const { name: called, location: where = '', customerId = '', priority: rank = 0 } = request.body;
          const asked = { name: called, location: where, customerId, priority: rank, idempotencyKey: '' };
          const { warehouse } = await answer(createWarehouse, asked, { request, reply }, deps);
          const made = warehouseJson(warehouse);
          reply.code(201).header('location', `/v1/warehouses/${made.id}`);
          return made;
        },
      );
      rest.get(
        '/v1/warehouses',
        {
          schema: {
            operationId: 'listWarehouses',
            summary: 'List warehouses',
            description: 'In order of their ids. From the tables, which lag by a moment.',
            headers,
            querystring: query(pageQuery),
            response: {
              200: json(
                'A page of warehouses.',
                Type.Object({ warehouses: Type.Array(Warehouse), nextPageToken }),
                { headers: asOfHeader },
              ),
              ...problems(),
            },
          },
        },
        async (request, reply) => {
          const page = await answer(listWarehouses, pageOf(request.query), { request, reply }, deps);
          return { warehouses: page.warehouses.map(warehouseJson), nextPageToken: page.nextPageToken };
        },
      );
      rest.get(
        '/v1/warehouses/:id',
        {
          schema: {
            operationId: 'getWarehouse',
            summary: 'Read a warehouse',
            description: 'From the warehouse itself: never old.',
            headers,
            params: WarehousePath,
            response: { 200: json('The warehouse.', Warehouse), ...problems('warehouse-not-found') },
          },
        },
        async (request, reply) => {
          const { warehouse } = await answer(getWarehouse, request.params, { request, reply }, deps);
          return warehouseJson(warehouse);
        },
      );
      rest.patch(
        '/v1/warehouses/:id',
        {
          schema: {
            operationId: 'updateWarehouse',
            summary: 'Change a warehouse',
            description: 'What is absent stays. Answered when every shard knows of the change.',
            headers: idempotentHeaders,
            params: WarehousePath,
            body: WarehouseChange,
            response: {
              200: json('The warehouse as it is now.', Warehouse),
              ...problemsWithBody('warehouse-not-found', 'idempotency-key-reused'),
            },
          },
        },
        async (request, reply) => {
          const asked = { ...request.body, id: request.params.id, idempotencyKey: '' };
          const { warehouse } = await answer(updateWarehouse, asked, { request, reply }, deps);
          return warehouseJson(warehouse);
        },
      );
    },
  };
}

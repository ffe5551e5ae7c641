// Warehouses: made, changed, read and listed.
import { uuidv5 } from '../../actors/ids.ts';
import type { WarehouseCommand } from '../../actors/inventory/warehouse/model.ts';
import {
  CreateWarehouseRequest,
  GetWarehouseRequest,
  ListWarehousesRequest,
  ListWarehousesResponse,
  UpdateWarehouseRequest,
  WarehouseResponse,
} from '../../generated/synkro/inventory/v1/inventory.ts';
import { keyOf, receiptOf } from '../idempotency.ts';
import { type Check, checked } from '../validate/check.ts';
import { cut, pageOf } from '../validate/pages.ts';
import * as text from '../validate/text.ts';
import type { InventoryMethod } from './deps.ts';
import { warehouseMessage } from './present.ts';
import { isWarehouse } from './views.ts';

export const warehouseRef = (id: string) => ({ kind: 'warehouse', id });

type Create = Extract<WarehouseCommand, { type: 'create' }>;
type Update = Extract<WarehouseCommand, { type: 'update' }>;

/** With a key its id follows from the key, so that parallel repeats reach one actor. */
export const createWarehouse: InventoryMethod<CreateWarehouseRequest, WarehouseResponse> = {
  name: 'CreateWarehouse',
  request: CreateWarehouseRequest,
  response: WarehouseResponse,
  async handle(request, call) {
    const { key, command } = checked((check) => ({
      key: keyOf(check, request.idempotencyKey, call.metadataKey),
      command: createCommand(check, request),
    }));
    const id = key === '' ? call.newId() : uuidv5(`CreateWarehouse|${key}`);
    const receipt = receiptOf('CreateWarehouse', id, key, command);
    return { warehouse: warehouseMessage(await call.write(warehouseRef(id), command, receipt, isWarehouse)) };
  },
};

function createCommand(check: Check, request: CreateWarehouseRequest): Create {
  return {
    type: 'create',
    name: check.field('name', request.name, text.nameRequired),
    location: check.field('location', request.location, text.location),
    customerId: check.field('customer_id', request.customerId, text.customerId),
    priority: request.priority,
  };
}

export const updateWarehouse: InventoryMethod<UpdateWarehouseRequest, WarehouseResponse> = {
  name: 'UpdateWarehouse',
  request: UpdateWarehouseRequest,
  response: WarehouseResponse,
  async handle(request, call) {
    const { id, key, command } = checked((check) => ({
      id: check.field('id', request.id, text.uuid),
      key: keyOf(check, request.idempotencyKey, call.metadataKey),
      command: updateCommand(check, request),
    }));
    const receipt = receiptOf('UpdateWarehouse', id, key, command);
    return { warehouse: warehouseMessage(await call.write(warehouseRef(id), command, receipt, isWarehouse)) };
  },
};

function updateCommand(check: Check, request: UpdateWarehouseRequest): Update {
  const name = check.field('name', request.name, text.optional(text.nameRequired));
  const location = check.field('location', request.location, text.optional(text.location));
  const { isActive, priority } = request;
  return {
    type: 'update',
    ...(name === undefined ? {} : { name }),
    ...(location === undefined ? {} : { location }),
    ...(isActive === undefined ? {} : { isActive }),
    ...(priority === undefined ? {} : { priority }),
  };
}

export const getWarehouse: InventoryMethod<GetWarehouseRequest, WarehouseResponse> = {
  name: 'GetWarehouse',
  request: GetWarehouseRequest,
  response: WarehouseResponse,
  async handle(request, call) {
    const id = checked((check) => check.field('id', request.id, text.uuid));
    return { warehouse: warehouseMessage(await call.read(warehouseRef(id), { type: 'get' }, isWarehouse)) };
  },
};

export const listWarehouses: InventoryMethod<ListWarehousesRequest, ListWarehousesResponse> = {
  name: 'ListWarehouses',
  request: ListWarehousesRequest,
  response: ListWarehousesResponse,
  async handle(request, call) {
    const page = checked((check) => pageOf(check, request, ['ListWarehouses'], text.isUuid));
    const { rows, asOf } = await call.deps.queries.listWarehouses({
      afterId: page.after,
      limit: page.size + 1,
    });
    const shown = cut(page, rows, (row) => row.id);
    call.sendAsOf(asOf);
    return { warehouses: shown.rows.map(warehouseMessage), nextPageToken: shown.nextPageToken };
  },
};

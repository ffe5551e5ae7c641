// Items: made, read, changed, deleted and listed.
import type { ItemCommand } from '../../actors/inventory/item/model.ts';
import {
  CreateItemRequest,
  DeleteItemRequest,
  DeleteItemResponse,
  GetItemRequest,
  ItemResponse,
  ListItemsRequest,
  ListItemsResponse,
  UpdateItemRequest,
} from '../../generated/synkro/inventory/v1/inventory.ts';
import { keyOf, receiptOf } from '../idempotency.ts';
import { requestLimits as limits } from '../limits.ts';
import { onlyItemOf } from '../naming.ts';
import { attributes } from '../validate/attributes.ts';
import { type Check, checked } from '../validate/check.ts';
import { count } from '../validate/numbers.ts';
import { cut, pageOf } from '../validate/pages.ts';
import { itemOf } from '../validate/references.ts';
import * as text from '../validate/text.ts';
import type { InventoryCall, InventoryMethod } from './deps.ts';
import { namingHolders } from './holders.ts';
import { itemOfRow, itemOfView } from './present.ts';
import { isAnything, isItemView } from './views.ts';

export const itemRef = (id: string) => ({ kind: 'item', id });

type Create = Extract<ItemCommand, { type: 'create' }>;
type Update = Extract<ItemCommand, { type: 'update' }>;

export const createItem: InventoryMethod<CreateItemRequest, ItemResponse> = {
  name: 'CreateItem',
  request: CreateItemRequest,
  response: ItemResponse,
  async handle(request, call) {
    const { command, key } = checked((check) => ({
      key: keyOf(check, request.idempotencyKey, call.metadataKey),
      command: createCommand(check, request),
    }));
    const id = call.deps.itemIds.of(command.sku);
    const receipt = receiptOf('CreateItem', id, key, command);
    return { item: itemOfView(await call.write(itemRef(id), command, receipt, isItemView)) };
  },
};

function createCommand(check: Check, request: CreateItemRequest): Create {
  return {
    type: 'create',
    sku: check.field('sku', request.sku, text.sku),
    name: check.field('name', request.name, text.name),
    description: check.field('description', request.description, text.description),
    category: check.field('category', request.category, text.category),
    attributes: check.field('attributes', request.attributes, attributes),
    initialLevels: initialLevels(check, request.initialLevels),
  };
}

function initialLevels(check: Check, levels: CreateItemRequest['initialLevels']): Create['initialLevels'] {
  const seen = new Set<string>();
  return check.each('initial_levels', levels, { min: 0, max: limits.initialLevelsMax }, (level, at) => {
    const warehouseId = at.field('warehouse_id', level.warehouseId, text.uuid);
    if (seen.has(warehouseId)) at.refuse('warehouse_id', 'is given twice');
    seen.add(warehouseId);
    return { warehouseId, quantity: at.field('quantity', level.quantity, count) };
  });
}

export const getItem: InventoryMethod<GetItemRequest, ItemResponse> = {
  name: 'GetItem',
  request: GetItemRequest,
  response: ItemResponse,
  async handle({ id, sku }, call) {
    const itemId = checked((check) => itemOf(check, { itemId: id, sku }, call.deps.itemIds, 'id'));
    return { item: itemOfView(await call.read(itemRef(itemId), { type: 'get' }, isItemView)) };
  },
  itemsOf: ({ id, sku }) => onlyItemOf({ itemId: id, sku }),
};

export const updateItem: InventoryMethod<UpdateItemRequest, ItemResponse> = {
  name: 'UpdateItem',
  request: UpdateItemRequest,
  response: ItemResponse,
  async handle(request, call) {
    const { id, key, command } = checked((check) => ({
      id: check.field('id', request.id, text.uuid),
      key: keyOf(check, request.idempotencyKey, call.metadataKey),
      command: updateCommand(check, request),
    }));
    const receipt = receiptOf('UpdateItem', id, key, command);
    return { item: itemOfView(await call.write(itemRef(id), command, receipt, isItemView)) };
  },
};

function updateCommand(check: Check, request: UpdateItemRequest): Update {
  const name = check.field('name', request.name, text.optional(text.name));
  const description = check.field('description', request.description, text.optional(text.description));
  const category = check.field('category', request.category, text.optional(text.category));
  const replaced = check.field('attributes', request.attributes, attributes);
  return {
    type: 'update',
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    ...(category === undefined ? {} : { category }),
    ...(replaced === null ? {} : { attributes: replaced }),
  };
}

export const deleteItem: InventoryMethod<DeleteItemRequest, DeleteItemResponse> = {
  name: 'DeleteItem',
  request: DeleteItemRequest,
  response: DeleteItemResponse,
  async handle(request, call) {
    const id = checked((check) => check.field('id', request.id, text.uuid));
    const deleted = call.write(itemRef(id), { type: 'delete' } satisfies ItemCommand, null, isAnything);
    await namingHolders(call, { itemId: id, warehouseId: null }, deleted);
    return { success: true };
  },
};

export const listItems: InventoryMethod<ListItemsRequest, ListItemsResponse> = {
  name: 'ListItems',
  request: ListItemsRequest,
  response: ListItemsResponse,
  async handle(request, call: InventoryCall) {
    const { page, category, skuPrefix } = checked((check) => ({
      category: check.field('category', request.category, text.category),
      skuPrefix: check.field('sku_prefix', request.skuPrefix, text.skuPrefix),
      page: pageOf(check, request, ['ListItems', request.category, request.skuPrefix]),
    }));
    const { rows, asOf } = await call.deps.queries.listItems({
      category: category === '' ? null : category,
      skuPrefix: skuPrefix === '' ? null : skuPrefix,
      afterSku: page.after,
      limit: page.size + 1,
    });
    const shown = cut(page, rows, (row) => row.sku);
    call.sendAsOf(asOf);
    return { items: shown.rows.map(itemOfRow), nextPageToken: shown.nextPageToken };
  },
};

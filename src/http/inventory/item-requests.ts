// What clients send about items, and the API's requests that follow from it.
import Type, { type Static } from 'typebox';
import type { InventoryDeps } from '../../api/inventory/deps.ts';
import { deleteItem, updateItem } from '../../api/inventory/items.ts';
import { requestLimits as limits } from '../../api/limits.ts';
import { onlyItemOf } from '../../api/naming.ts';
import type { NamedItem } from '../../api/validate/references.ts';
import type {
  CreateItemRequest,
  DeleteItemResponse,
  ItemResponse,
  UpdateItemRequest,
} from '../../generated/synkro/inventory/v1/inventory.ts';
import type { Answerable } from '../answer.ts';
import { entryKey } from '../bulk.ts';
import { body, count, itemReference, sku, text, uuid } from '../fields.ts';
import { named } from '../openapi/named.ts';
import { idOf } from './named-item.ts';
import { exampleIds } from './schemas.ts';

const details = {
  name: Type.Optional(text(limits.nameCharactersMax, 'What it is called.')),
  description: Type.Optional(text(limits.descriptionCharactersMax, 'May have line breaks.')),
  category: Type.Optional(text(limits.categoryCharactersMax, 'Lists and reports filter by it.')),
  attributes: Type.Optional(
    Type.Record(Type.String(), Type.Unknown(), {
      description: `Any JSON object of at most ${limits.attributesBytesMax} bytes, ${limits.attributesDepthMax} deep.`,
    }),
  ),
};

const newItem = {
  sku,
  ...details,
  initialLevels: Type.Optional(
    Type.Array(body({ warehouseId: uuid('Where it lies.'), quantity: count('How much.') }), {
      maxItems: limits.initialLevelsMax,
      description: 'Its first stock, each warehouse once.',
    }),
  ),
};

const newItemExample = {
  sku: '85123A',
  name: 'White hanging heart',
  category: 'decoration',
  attributes: { colour: 'white' },
  initialLevels: [{ warehouseId: exampleIds.warehouse, quantity: 10 }],
};

export const NewItem = named('NewItem', body(newItem, { examples: [newItemExample] }));
export const BulkNewItem = named('BulkNewItem', body({ ...newItem, ...entryKey }));
export const ItemChange = named('ItemChange', body(details, { examples: [{ name: 'Red hanging heart' }] }));
export const BulkItemChange = named('BulkItemChange', body({ ...itemReference, ...details, ...entryKey }));

export function creation(given: Static<typeof NewItem>, idempotencyKey = ''): CreateItemRequest {
  return {
    sku: given.sku,
    name: given.name ?? '',
    description: given.description ?? '',
    category: given.category ?? '',
    attributes: given.attributes,
    initialLevels: (given.initialLevels ?? []).map(({ warehouseId, quantity }) => ({
      warehouseId,
      quantity: BigInt(quantity),
    })),
    idempotencyKey,
  };
}

export interface NamedChange {
  readonly item: NamedItem;
  readonly change: Omit<UpdateItemRequest, 'id'>;
}

export function change(
  { name, description, category, attributes }: Static<typeof ItemChange>,
  idempotencyKey = '',
) {
  return { name, description, category, attributes, idempotencyKey };
}

/** Over gRPC the two know items by their ids only. */
export const updateNamed: Answerable<NamedChange, ItemResponse, InventoryDeps> = {
  name: updateItem.name,
  handle: (request, call) =>
    updateItem.handle({ ...request.change, id: idOf(request.item, call.deps.itemIds) }, call),
  itemsOf: ({ item }) => onlyItemOf(item),
};

export const deleteNamed: Answerable<NamedItem, DeleteItemResponse, InventoryDeps> = {
  name: deleteItem.name,
  handle: (item, call) => deleteItem.handle({ id: idOf(item, call.deps.itemIds) }, call),
  itemsOf: onlyItemOf,
};

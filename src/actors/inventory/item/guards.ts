// Type guards for what of an item passes through places that know no types: answers to messages, and storage.
import {
  isFlag,
  isInteger,
  isObject,
  isText,
  listOf,
  nullable,
  objectOf,
  optional,
  recordOf,
  type Shape,
} from '../../shape.ts';
import type { CellView, ItemDetails, ItemState, Level, LevelView, StockPolicy } from './model.ts';

export const isLevelView = objectOf<LevelView>({
  itemId: isText,
  sku: isText,
  warehouseId: isText,
  quantity: isInteger,
  held: isInteger,
  allocated: isInteger,
  version: isInteger,
  updatedAt: isInteger,
});

export const isCellView = objectOf<CellView>({
  sku: isText,
  available: isInteger,
  draws: listOf(objectOf<CellView['draws'][number]>({ quantity: isInteger, level: isLevelView })),
  levels: optional(listOf(isLevelView)),
});

export const isStockPolicy = objectOf<StockPolicy>({
  lowStockThreshold: isInteger,
  backInStockThreshold: isInteger,
  incomingQuantity: isInteger,
  incomingAt: nullable(isInteger),
});

const isLevel = objectOf<Level>({
  quantity: isInteger,
  held: isInteger,
  allocated: isInteger,
  version: isInteger,
  updatedAt: isInteger,
  policy: nullable(isStockPolicy),
  isLow: isFlag,
});

const isItemDetails = objectOf<ItemDetails>({
  sku: isText,
  name: isText,
  description: isText,
  category: isText,
  attributes: nullable(isObject),
  createdAt: isInteger,
  updatedAt: isInteger,
});

export const isItemState: Shape<ItemState> = objectOf<ItemState>({
  details: nullable(isItemDetails),
  deletedAt: nullable(isInteger),
  levels: recordOf(isLevel),
});

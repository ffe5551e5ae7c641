// An order's lines as columns: arrays of one length.
import type { Line } from '../../actors/inventory/order-stock/model.ts';
import { StoreError } from '../../runtime/store.ts';

export interface LineColumns {
  readonly item_ids: readonly string[];
  readonly skus: readonly string[];
  readonly warehouse_ids: readonly string[];
  readonly held: readonly number[];
  readonly allocated: readonly number[];
  readonly fulfilled: readonly number[];
  readonly given_back: readonly number[];
  readonly level_versions: readonly number[];
}

export function toLineColumns(lines: readonly Line[]): LineColumns {
  return {
    item_ids: lines.map((line) => line.itemId),
    skus: lines.map((line) => line.sku),
    warehouse_ids: lines.map((line) => line.warehouseId),
    held: lines.map((line) => line.held),
    allocated: lines.map((line) => line.allocated),
    fulfilled: lines.map((line) => line.fulfilled),
    given_back: lines.map((line) => line.givenBack),
    level_versions: lines.map((line) => line.levelVersion),
  };
}

export function toLines(columns: LineColumns): Line[] {
  return columns.item_ids.map((itemId, index) => ({
    itemId,
    sku: at(columns.skus, index),
    warehouseId: at(columns.warehouse_ids, index),
    held: at(columns.held, index),
    allocated: at(columns.allocated, index),
    fulfilled: at(columns.fulfilled, index),
    givenBack: at(columns.given_back, index),
    levelVersion: at(columns.level_versions, index),
  }));
}

function at<T>(column: readonly T[], index: number): T {
  const value = column[index];
  if (value === undefined) throw new StoreError('broken', 'the columns of the lines differ in length');
  return value;
}

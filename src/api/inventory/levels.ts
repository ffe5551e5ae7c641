// Reads of stock: the levels of items, from the actors themselves, and the report, from the tables.
import type { ItemView } from '../../actors/inventory/item/model.ts';
import {
  GetInventoryLevelsRequest,
  GetInventoryLevelsResponse,
  GetInventoryReportRequest,
  InventoryReportResponse,
} from '../../generated/synkro/inventory/v1/inventory.ts';
import { Refused } from '../errors.ts';
import { callLimits, errorLimits, requestLimits as limits } from '../limits.ts';
import { allSettledInOrder } from '../parallel.ts';
import { type Check, checked } from '../validate/check.ts';
import { count } from '../validate/numbers.ts';
import { cut, pageOf } from '../validate/pages.ts';
import * as text from '../validate/text.ts';
import type { InventoryCall, InventoryMethod } from './deps.ts';
import { itemRef } from './items.ts';
import { assertWarehouses } from './known-warehouses.ts';
import { itemOfRow, levelMessage, levelsOfView } from './present.ts';
import { isItemView } from './views.ts';

/** By item id: how the request named it. */
type Asked = ReadonlyMap<string, string>;

export const getInventoryLevels: InventoryMethod<GetInventoryLevelsRequest, GetInventoryLevelsResponse> = {
  name: 'GetInventoryLevels',
  request: GetInventoryLevelsRequest,
  response: GetInventoryLevelsResponse,
  async handle(request, call) {
    const { asked, warehouseIds } = checked((check) => ({
      asked: askedItems(check, request, call),
      warehouseIds: uuids(check, 'warehouse_ids', request.warehouseIds),
    }));
    await assertWarehouses(call, 'warehouse_ids', warehouseIds);
    const views = await viewsOf(asked, call);
    const wanted = new Set(warehouseIds);
    const levels = views
      .flatMap(levelsOfView)
      .filter((level) => wanted.size === 0 || wanted.has(level.warehouseId));
    return { levels };
  },
};

function askedItems(check: Check, request: GetInventoryLevelsRequest, call: InventoryCall): Asked {
  const many = request.itemIds.length + request.skus.length;
  if (many === 0) check.refuse('item_ids', 'at least one is needed, or of skus');
  if (many > limits.levelsItemsMax) {
    const field = request.itemIds.length > limits.levelsItemsMax ? 'item_ids' : 'skus';
    check.refuse(field, `at most ${limits.levelsItemsMax} items are allowed in all, and there are ${many}`);
    return new Map();
  }
  const bounds = { min: 0, max: limits.levelsItemsMax };
  const byId = check.each('item_ids', request.itemIds, bounds, (id, at) => at.field('', id, text.uuid));
  const bySku = check.each('skus', request.skus, bounds, (sku, at) => at.field('', sku, text.sku));
  return new Map([
    ...byId.map((id) => [id, id] as const),
    ...bySku.map((sku) => [call.deps.itemIds.of(sku), sku] as const),
  ]);
}

export function uuids(check: Check, name: string, values: readonly string[]): string[] {
  return check.each(name, values, { min: 0, max: limits.filterIdsMax }, (id, at) =>
    at.field('', id, text.uuid),
  );
}

/** @throws Refused naming those that are unknown */
async function viewsOf(asked: Asked, call: InventoryCall): Promise<ItemView[]> {
  const ids = [...asked.keys()];
  const results = await allSettledInOrder(ids, callLimits.bulkInFlightMax, (id) =>
    call.read(itemRef(id), { type: 'get' }, isItemView),
  );
  const views: ItemView[] = [];
  const unknown: string[] = [];
  for (const [index, result] of results.entries()) {
    const id = ids[index] ?? '';
    if (result.status === 'fulfilled') views.push(result.value);
    else if (isUnknownItem(result.reason)) unknown.push(asked.get(id) ?? id);
    else throw result.reason;
  }
  if (unknown.length > 0) throw new Refused(unknownItems(unknown));
  return views;
}

function isUnknownItem(reason: unknown): boolean {
  return reason instanceof Refused && reason.failure.code === 'item-not-found';
}

function unknownItems(unknown: readonly string[]) {
  const named = unknown.slice(0, errorLimits.namedItemsMax);
  const more = unknown.length > named.length ? ` and ${unknown.length - named.length} more` : '';
  return {
    code: 'item-not-found',
    message: `no such item: ${named.join(', ')}${more}`,
    details: { items: JSON.stringify(named), count: String(unknown.length) },
  } as const;
}

export const getInventoryReport: InventoryMethod<GetInventoryReportRequest, InventoryReportResponse> = {
  name: 'GetInventoryReport',
  request: GetInventoryReportRequest,
  response: InventoryReportResponse,
  async handle(request, call) {
    const { page, ...filter } = checked((check) => reportFilter(check, request));
    const { warehouseId } = filter;
    if (warehouseId !== null) await assertWarehouses(call, 'warehouse_id', [warehouseId]);
    const report = await call.deps.queries.report({ ...filter, afterSku: page.after, limit: page.size + 1 });
    const shown = cut(page, report.rows, (row) => row.item.sku);
    call.sendAsOf(report.asOf);
    return {
      lines: shown.rows.map((row) => ({
        item: itemOfRow(row.item),
        levels: row.levels.map(levelMessage),
        totalAvailable: BigInt(row.totalAvailable),
        lowStock: row.lowStock,
      })),
      totalItems: BigInt(report.totalItems),
      totalQuantity: BigInt(report.totalQuantity),
      totalReserved: BigInt(report.totalReserved),
      lowStockCount: BigInt(report.lowStockCount),
      reportTime: new Date(report.asOf),
      nextPageToken: shown.nextPageToken,
    };
  },
};

function reportFilter(check: Check, request: GetInventoryReportRequest) {
  const warehouseId = check.field('warehouse_id', request.warehouseId, text.uuidOptional);
  const category = check.field('category', request.category, text.category);
  const threshold = check.field('threshold', request.threshold, count);
  const { lowStockOnly } = request;
  return {
    warehouseId,
    category: category === '' ? null : category,
    lowStockOnly,
    threshold: threshold === 0 ? null : threshold,
    page: pageOf(check, request, ['Report', warehouseId ?? '', category, lowStockOnly, threshold]),
  };
}

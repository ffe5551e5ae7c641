// Items, warehouses and where stock is drawn from, over the whole service.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  DrawStrategy,
  type StockReservationResponse,
} from '../../src/generated/synkro/inventory/v1/inventory.ts';
import { basket, type Inventory, present, rpc } from '../support/inventory.ts';
import { type Running, startRunning } from '../support/running.ts';
import { until } from '../support/until.ts';

let running: Running;
let inventory: Inventory;
let first: string;
let second: string;
let third: string;

beforeAll(async () => {
  running = await startRunning();
  ({ inventory } = running);
  first = await inventory.warehouse('First', { priority: 1 });
  second = await inventory.warehouse('Second', { priority: 2 });
  third = await inventory.warehouse('Third', { priority: 3 });
});

afterAll(() => running.close());

function drawsOf({ items }: StockReservationResponse): Record<string, number> {
  return Object.fromEntries(
    items.flatMap(({ draws }) => draws.map(({ warehouseId, quantity }) => [warehouseId, Number(quantity)])),
  );
}

describe('draws', () => {
  const reserve = async (orderId: string, sku: string, quantity: number, drawStrategy?: DrawStrategy) =>
    inventory.call(
      rpc.reserve,
      basket(orderId, { [sku]: quantity }, drawStrategy === undefined ? {} : { drawStrategy }),
    );

  test('by priority unless another strategy is asked for', async () => {
    await inventory.item('drawn', { [first]: 2, [second]: 3, [third]: 9 });
    expect(drawsOf(await reserve('drawn-1', 'drawn', 4))).toEqual({ [first]: 2, [second]: 2 });
    const fewest = await reserve('drawn-2', 'drawn', 4, DrawStrategy.FEWEST_WAREHOUSES);
    expect(drawsOf(fewest)).toEqual({ [third]: 4 });
    // 1 + 5 are left: enough, but not in one place.
    const single = await reserve('drawn-3', 'drawn', 6, DrawStrategy.SINGLE_WAREHOUSE);
    expect(single).toMatchObject({ success: false, items: [{ availableQuantity: 5n }] });
    expect(drawsOf(await reserve('drawn-4', 'drawn', 6))).toEqual({ [second]: 1, [third]: 5 });
  });

  test('only from the warehouse that is named', async () => {
    await inventory.item('named', { [first]: 9, [second]: 3 });
    const from = (orderId: string, quantity: number) =>
      inventory.call(rpc.reserve, basket(orderId, { named: quantity }, { warehouseId: second }));
    expect(await from('named-1', 4)).toMatchObject({ success: false, items: [{ availableQuantity: 3n }] });
    expect(drawsOf(await from('named-2', 3))).toEqual({ [second]: 3 });
  });

  test('never from an inactive warehouse, whose stock may still be shipped', async () => {
    const closing = await inventory.warehouse('Closing', { priority: 0 });
    await inventory.item('closing', { [closing]: 5, [first]: 1 });
    expect(drawsOf(await reserve('closing-1', 'closing', 2))).toEqual({ [closing]: 2 });
    await inventory.call(rpc.updateWarehouse, { id: closing, isActive: false });
    expect(await reserve('closing-2', 'closing', 2)).toMatchObject({
      success: false,
      items: [{ availableQuantity: 1n }],
    });
    expect(drawsOf(await reserve('closing-3', 'closing', 1))).toEqual({ [first]: 1 });
    await inventory.call(rpc.commit, { orderId: 'closing-1' });
    await inventory.call(rpc.fulfill, { orderId: 'closing-1' });
    await inventory.call(rpc.updateWarehouse, { id: closing, isActive: true });
    expect(drawsOf(await reserve('closing-4', 'closing', 3))).toEqual({ [closing]: 3 });
  });

  test('a change of priority counts from its answer on', async () => {
    await inventory.item('reordered', { [first]: 5, [third]: 5 });
    await inventory.call(rpc.updateWarehouse, { id: third, priority: 0 });
    expect(drawsOf(await reserve('reordered-1', 'reordered', 1))).toEqual({ [third]: 1 });
    await inventory.call(rpc.updateWarehouse, { id: third, priority: 3 });
    expect(drawsOf(await reserve('reordered-2', 'reordered', 1))).toEqual({ [first]: 1 });
  });
});

test('a transfer moves what is available, all or nothing', async () => {
  await inventory.item('moved', { [first]: 5 });
  await inventory.call(rpc.reserve, basket('moved-1', { moved: 2 }));
  const transfer = {
    sku: 'moved',
    fromWarehouseId: first,
    toWarehouseId: second,
    quantity: 3n,
    idempotencyKey: 'van 1',
  };
  const moved = await inventory.call(rpc.transfer, transfer);
  expect(moved.inventoryLevels).toMatchObject([
    { warehouseId: first, quantity: 2n, held: 2n, available: 0n },
    { warehouseId: second, quantity: 3n },
  ]);
  expect(await inventory.call(rpc.transfer, transfer)).toEqual(moved);
  expect(
    await inventory.refused(rpc.transfer, { ...transfer, quantity: 1n, idempotencyKey: 'van 2' }),
  ).toMatchObject({ code: 'FAILED_PRECONDITION' });
});

test('an item that is deleted is gone; created again it goes on with its versions', async () => {
  const id = await inventory.item('phoenix', { [first]: 5 });
  await inventory.call(rpc.adjust, { sku: 'phoenix', warehouseId: first, delta: -5n, reason: 'damaged' });
  const { version } = await inventory.level('phoenix');
  await inventory.call(rpc.deleteItem, { id });
  for (const refused of [
    inventory.refused(rpc.getItem, { id }),
    inventory.refused(rpc.levels, { skus: ['phoenix'] }),
    inventory.refused(rpc.reserve, basket('phoenix-1', { phoenix: 1 })),
    inventory.refused(rpc.deleteItem, { id }),
  ])
    expect(await refused).toMatchObject({ code: 'NOT_FOUND' });
  const again = await inventory.call(rpc.createItem, {
    sku: 'phoenix',
    name: 'Again',
    initialLevels: [{ warehouseId: first, quantity: 2n }],
  });
  expect(again.item).toMatchObject({ id, name: 'Again' });
  const level = await inventory.level('phoenix');
  expect(level).toMatchObject({ quantity: 2n });
  expect(level.version).toBeGreaterThan(version);
});

test('SKUs are exact: case and spaces within count', async () => {
  const skus = ['exact', 'EXACT', 'ex act', 'exäct'];
  for (const [index, sku] of skus.entries()) await inventory.item(sku, { [first]: index + 1 });
  for (const [index, sku] of skus.entries())
    expect(await inventory.level(sku)).toMatchObject({ sku, quantity: BigInt(index + 1) });
});

test('versions of a level are dense: one more with each change', async () => {
  await inventory.item('dense', { [first]: 10 });
  const versions = [(await inventory.level('dense')).version];
  const { items } = await inventory.call(rpc.reserve, basket('dense-1', { dense: 1 }));
  versions.push(present(items[0]?.draws[0]).levelVersion);
  const { reservation } = await inventory.call(rpc.commit, { orderId: 'dense-1' });
  versions.push(present(reservation?.lines[0]).levelVersion);
  const { inventoryLevels } = await inventory.call(rpc.fulfill, { orderId: 'dense-1' });
  versions.push(present(inventoryLevels[0]).version);
  const start = versions[0] ?? 0n;
  expect(versions).toEqual([start, start + 1n, start + 2n, start + 3n]);
});

test('lists and the report follow within a moment, and say how old they are at most', async () => {
  for (const index of [0, 1, 2, 3, 4]) await inventory.item(`listed-${index}`, { [first]: index });
  await until('the list to have them', async () => {
    const { items } = await inventory.call(rpc.listItems, { skuPrefix: 'listed-' });
    return items.length === 5;
  });
  const pages: string[][] = [];
  for (let pageToken = ''; ; ) {
    const page = await inventory.call(rpc.listItems, { skuPrefix: 'listed-', pageSize: 2, pageToken });
    pages.push(page.items.map(({ sku }) => sku));
    pageToken = page.nextPageToken;
    if (pageToken === '') break;
  }
  expect(pages).toEqual([['listed-0', 'listed-1'], ['listed-2', 'listed-3'], ['listed-4']]);
  const report = await inventory.call(rpc.report, { lowStockOnly: true, threshold: 1n, pageSize: 1_000 });
  expect(report.lines.find(({ item }) => item?.sku === 'listed-0')).toMatchObject({
    totalAvailable: 0n,
    lowStock: true,
  });
  expect(report.lines.some(({ item }) => item?.sku === 'listed-4')).toBe(false);
});

// InventoryService, put together: all 26 methods, each with the handler that grpc-js calls.
import { Follower } from '../api/feed/follower.ts';
import { allocateInventory, fulfillInventory, releaseInventory } from '../api/inventory/allocations.ts';
import { bulkCreateItems, bulkUpdateItems } from '../api/inventory/bulk.ts';
import type { InventoryDeps } from '../api/inventory/deps.ts';
import { createItem, deleteItem, getItem, listItems, updateItem } from '../api/inventory/items.ts';
import { getInventoryLevels, getInventoryReport } from '../api/inventory/levels.ts';
import {
  commitReservation,
  extendReservation,
  getReservation,
  releaseReservedStock,
} from '../api/inventory/reservations.ts';
import { checkAndReserveStock } from '../api/inventory/reserve.ts';
import { adjustInventory, setStockPolicy, transferInventory } from '../api/inventory/stock.ts';
import { type LevelChange, streamInventoryUpdates } from '../api/inventory/updates.ts';
import {
  createWarehouse,
  getWarehouse,
  listWarehouses,
  updateWarehouse,
} from '../api/inventory/warehouses.ts';
import type { OpenCalls } from './open-calls.ts';
import { reserveStream, reserveStreamHandler } from './reserve-stream.ts';
import { type GrpcService, serviceOf, unaryEntries, updatesEntry } from './service.ts';
import { definitionOf } from './unary.ts';

export const inventoryServiceName = 'synkro.inventory.v1.InventoryService';

export function inventoryService(
  deps: InventoryDeps,
  open: OpenCalls,
  updates: Follower<LevelChange> = new Follower({ ...deps, project: streamInventoryUpdates.project }),
): GrpcService {
  const name = inventoryServiceName;
  const entry = unaryEntries(name, deps, open);
  return serviceOf(name, [
    entry(createItem),
    entry(getItem),
    entry(updateItem),
    entry(deleteItem),
    entry(listItems),
    entry(bulkCreateItems),
    entry(bulkUpdateItems),
    entry(createWarehouse),
    entry(updateWarehouse),
    entry(getWarehouse),
    entry(listWarehouses),
    entry(getInventoryLevels),
    entry(adjustInventory),
    entry(transferInventory),
    entry(setStockPolicy),
    entry(getInventoryReport),
    entry(checkAndReserveStock),
    entry(getReservation),
    entry(extendReservation),
    entry(releaseReservedStock),
    entry(commitReservation),
    entry(allocateInventory),
    entry(releaseInventory),
    entry(fulfillInventory),
    {
      name: reserveStream.name,
      definition: definitionOf(name, reserveStream, { requestStream: true, responseStream: true }),
      handler: reserveStreamHandler(deps, open),
    },
    updatesEntry(name, streamInventoryUpdates, deps, open, updates),
  ]);
}

// InventoryService, put together: all 26 methods, each with the handler that grpc-js calls.
import type { ServiceDefinition, UntypedHandleCall, UntypedServiceImplementation } from '@grpc/grpc-js';
import type { Edge } from './call.ts';
import { Follower } from './feed/follower.ts';
import { streamInventoryUpdates, updatesHandler } from './feed/stream.ts';
import { allocateInventory, fulfillInventory, releaseInventory } from './methods/allocations.ts';
import { bulkCreateItems, bulkUpdateItems } from './methods/bulk.ts';
import { createItem, deleteItem, getItem, listItems, updateItem } from './methods/items.ts';
import { getInventoryLevels, getInventoryReport } from './methods/levels.ts';
import {
  commitReservation,
  extendReservation,
  getReservation,
  releaseReservedStock,
} from './methods/reservations.ts';
import { checkAndReserveStock } from './methods/reserve.ts';
import { adjustInventory, setStockPolicy, transferInventory } from './methods/stock.ts';
import { createWarehouse, getWarehouse, listWarehouses, updateWarehouse } from './methods/warehouses.ts';
import type { OpenCalls } from './open-calls.ts';
import { reserveStream, reserveStreamHandler } from './reserve-stream.ts';
import { definitionOf, type Unary, unaryHandler } from './unary.ts';

export const serviceName = 'synkro.inventory.v1.InventoryService';

interface Entry {
  readonly name: string;
  readonly definition: ServiceDefinition[string];
  readonly handler: UntypedHandleCall;
}

export function inventoryService(
  edge: Edge,
  open: OpenCalls,
): { readonly definition: ServiceDefinition; readonly implementation: UntypedServiceImplementation } {
  const entries = [...unaryEntries(edge, open), ...streamEntries(edge, open)];
  return {
    definition: Object.fromEntries(entries.map(({ name, definition }) => [name, definition])),
    implementation: Object.fromEntries(entries.map(({ name, handler }) => [name, handler])),
  };
}

function unaryEntries(edge: Edge, open: OpenCalls): Entry[] {
  const entry = <Request, Response>(method: Unary<Request, Response>): Entry => ({
    name: method.name,
    definition: definitionOf(method, { requestStream: false, responseStream: false }),
    handler: unaryHandler(method, edge, open),
  });
  return [
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
  ];
}

function streamEntries(edge: Edge, open: OpenCalls): Entry[] {
  return [
    {
      name: reserveStream.name,
      definition: definitionOf(reserveStream, { requestStream: true, responseStream: true }),
      handler: reserveStreamHandler(edge, open),
    },
    {
      name: streamInventoryUpdates.name,
      definition: definitionOf(streamInventoryUpdates, { requestStream: false, responseStream: true }),
      handler: updatesHandler(edge, open, new Follower(edge)),
    },
  ];
}

// Both services in memory, behind a real gRPC server: what the command line's tests talk to. They keep the contract where
// the tests need it (keys, compare-and-set, all or nothing) and can lose answers or break their promises. Here: Inventory.
import { randomUUID } from 'node:crypto';
import { Server, ServerCredentials, status, type UntypedServiceImplementation } from '@grpc/grpc-js';
import {
  type AdjustInventoryRequest,
  type CreateItemRequest,
  type InventoryLevel,
  type InventoryServiceServer,
  InventoryServiceService,
  type Item,
  type UpdateItemRequest,
  type Warehouse,
} from '../../src/generated/synkro/inventory/v1/inventory.ts';
import { LogisticsServiceService } from '../../src/generated/synkro/logistics/v1/logistics.ts';
import { FakeLogistics } from './fake-logistics.ts';
import { FakeCalls, failure, isFailure, remembering } from './fake-rpc.ts';
import { asLevel, FakeStock, type Level } from './fake-stock.ts';

export class FakeService extends FakeCalls {
  readonly warehouses: Warehouse[] = [];
  readonly items = new Map<string, Item>();
  readonly stock = new FakeStock(() => this.warehouses.map(({ id }) => id));
  readonly logistics = new FakeLogistics(this, this.stock);
  readonly #server = new Server();
  address = '';

  async start(): Promise<this> {
    this.#server.addService(InventoryServiceService, this.#handlers());
    this.#server.addService(LogisticsServiceService, this.logistics.handlers());
    const port = await new Promise<number>((resolve, reject) => {
      this.#server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
    this.address = `127.0.0.1:${port}`;
    return this;
  }

  stop(): void {
    this.#server.forceShutdown();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
  }

  level(sku: string, warehouseId: string): Level {
    return this.stock.level(sku, warehouseId);
  }

  #handlers(): UntypedServiceImplementation {
    const create = remembering((request: CreateItemRequest) => this.#createItem(request));
    const handlers = {
      listWarehouses: this.unary('listWarehouses', () => ({
        warehouses: this.warehouses,
        nextPageToken: '',
      })),
      createWarehouse: this.unary('createWarehouse', (request) => {
        const { name, location, customerId, priority } = request;
        const warehouse = { id: randomUUID(), name, location, isActive: true, customerId, priority };
        this.warehouses.push(warehouse);
        return { warehouse };
      }),
      listItems: this.unary('listItems', () => ({
        items: [...this.items.values()].slice(0, 1),
        nextPageToken: '',
      })),
      getItem: this.unary('getItem', ({ sku }) => ({ item: this.#item(sku) })),
      bulkCreateItems: this.unary('bulkCreateItems', ({ items }) => ({
        results: items.map((item) => this.#each(() => create(item))),
      })),
      bulkUpdateItems: this.unary('bulkUpdateItems', ({ items }) => ({
        results: items.map((item) => this.#each(() => this.#updateItem(item))),
      })),
      getInventoryLevels: this.unary('getInventoryLevels', ({ skus }) => ({
        levels: skus.flatMap((sku) => this.stock.levelsOf(sku)),
      })),
      adjustInventory: this.unary('adjustInventory', (request) => ({
        inventoryLevel: this.#adjust(request),
      })),
    } satisfies Partial<InventoryServiceServer>;
    return handlers;
  }

  #each(make: () => Item) {
    try {
      return { item: make(), error: undefined };
    } catch (error) {
      if (!isFailure(error)) throw error;
      return { item: undefined, error: { code: error.code, message: error.message, details: [] } };
    }
  }

  #item(sku: string): Item {
    const item = this.items.get(sku);
    if (item === undefined) throw failure(status.NOT_FOUND, `no item '${sku}'`);
    return item;
  }

  #createItem(request: CreateItemRequest): Item {
    const { sku, name, description, category, attributes } = request;
    if (this.items.has(sku)) throw failure(status.ALREADY_EXISTS, `SKU '${sku}' exists`);
    if (name === 'REFUSED') throw failure(status.INVALID_ARGUMENT, 'name: is refused here');
    const dates = { createdAt: new Date(0), updatedAt: new Date(0) };
    const item = { id: `id-${sku}`, sku, name, description, category, attributes, ...dates };
    this.items.set(sku, item);
    for (const { warehouseId, quantity } of request.initialLevels)
      this.level(sku, warehouseId).quantity = quantity;
    return item;
  }

  #updateItem(request: UpdateItemRequest): Item {
    const item = [...this.items.values()].find(({ id }) => id === request.id);
    if (item === undefined) throw failure(status.NOT_FOUND, 'no such item');
    item.name = request.name ?? item.name;
    item.description = request.description ?? item.description;
    item.category = request.category ?? item.category;
    item.attributes = request.attributes ?? item.attributes;
    return item;
  }

  #adjust(request: AdjustInventoryRequest): InventoryLevel {
    this.#item(request.sku);
    const level = this.level(request.sku, request.warehouseId);
    if (request.expectedQuantity !== undefined && request.expectedQuantity !== level.quantity) {
      throw failure(status.ABORTED, 'the quantity differs');
    }
    if (level.quantity + request.delta < level.reserved) {
      throw failure(status.FAILED_PRECONDITION, 'below what is reserved');
    }
    level.quantity += request.delta;
    return asLevel(request.sku, request.warehouseId, level);
  }
}

/** A client of the Inventory for tests: every method as a promise, errors decoded, repeats where a test wants them. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import * as pb from '../../src/generated/synkro/inventory/v1/inventory.ts';
import { type Problem, problemOf } from '../grpc/support/client.ts';

const service = pb.InventoryServiceService;

export interface Rpc<Q, A> {
  readonly path: string;
  readonly request: { create(base?: pb.DeepPartial<Q>): Q };
  requestSerialize(value: Q): Buffer;
  responseDeserialize(bytes: Buffer): A;
}

function unary<Q, A>(
  method: Omit<Rpc<Q, A>, 'request'>,
  request: { create(base?: pb.DeepPartial<Q>): Q },
): Rpc<Q, A> {
  const { path, requestSerialize, responseDeserialize } = method;
  return { path, requestSerialize, responseDeserialize, request };
}

export const rpc = {
  createItem: unary(service.createItem, pb.CreateItemRequest),
  getItem: unary(service.getItem, pb.GetItemRequest),
  updateItem: unary(service.updateItem, pb.UpdateItemRequest),
  deleteItem: unary(service.deleteItem, pb.DeleteItemRequest),
  listItems: unary(service.listItems, pb.ListItemsRequest),
  bulkCreateItems: unary(service.bulkCreateItems, pb.BulkCreateItemsRequest),
  bulkUpdateItems: unary(service.bulkUpdateItems, pb.BulkUpdateItemsRequest),
  createWarehouse: unary(service.createWarehouse, pb.CreateWarehouseRequest),
  updateWarehouse: unary(service.updateWarehouse, pb.UpdateWarehouseRequest),
  getWarehouse: unary(service.getWarehouse, pb.GetWarehouseRequest),
  listWarehouses: unary(service.listWarehouses, pb.ListWarehousesRequest),
  levels: unary(service.getInventoryLevels, pb.GetInventoryLevelsRequest),
  adjust: unary(service.adjustInventory, pb.AdjustInventoryRequest),
  transfer: unary(service.transferInventory, pb.TransferInventoryRequest),
  setPolicy: unary(service.setStockPolicy, pb.SetStockPolicyRequest),
  report: unary(service.getInventoryReport, pb.GetInventoryReportRequest),
  reserve: unary(service.checkAndReserveStock, pb.StockReservationRequest),
  getReservation: unary(service.getReservation, pb.GetReservationRequest),
  extend: unary(service.extendReservation, pb.ExtendReservationRequest),
  release: unary(service.releaseReservedStock, pb.ReleaseStockRequest),
  commit: unary(service.commitReservation, pb.CommitReservationRequest),
  allocate: unary(service.allocateInventory, pb.AllocateInventoryRequest),
  giveBack: unary(service.releaseInventory, pb.ReleaseInventoryRequest),
  fulfill: unary(service.fulfillInventory, pb.FulfillInventoryRequest),
} as const;

/** What a call ended with instead of an answer. */
export class CallFailed extends Error {
  override readonly name = 'CallFailed';
  /** The status by its name, such as NOT_FOUND. */
  readonly code: string;
  /** What the service says of it; null where no service said anything, as where the connection broke. */
  readonly problem: Problem | null;

  constructor(path: string, error: ServiceError) {
    super(`${path.slice(path.lastIndexOf('/') + 1)}: ${error.message}`);
    this.code = status[error.code] ?? String(error.code);
    this.problem = error.metadata?.get('grpc-status-details-bin').length > 0 ? problemOf(error) : null;
  }

  /** The outcome is not known, or nothing was begun: to be repeated with the same key. */
  get isRepeatable(): boolean {
    // CANCELLED: of this client's own making, when it moves to another address.
    return ['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'RESOURCE_EXHAUSTED', 'CANCELLED'].includes(this.code);
  }
}

const callMsMax = 20_000;
const settleMsMax = 60_000;
const repeatAfterMs = 20;

export interface CallOptions {
  readonly metadata?: Metadata;
  readonly deadlineMs?: number;
}

export class Inventory {
  #client: pb.InventoryServiceClient;

  constructor(port: number) {
    this.#client = open(port);
  }

  get client(): pb.InventoryServiceClient {
    return this.#client;
  }

  /** Goes on at another port; calls under way to the old one are given up. */
  moveTo(port: number): void {
    this.#client.close();
    this.#client = open(port);
  }

  /** One try. @throws CallFailed */
  call<Q, A>(method: Rpc<Q, A>, request: pb.DeepPartial<Q>, options: CallOptions = {}): Promise<A> {
    return new Promise((resolve, reject) => {
      const client: Client = this.#client;
      client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        method.request.create(request),
        options.metadata ?? new Metadata(),
        { deadline: Date.now() + (options.deadlineMs ?? callMsMax) },
        (error, answer) => {
          if (error !== null) reject(new CallFailed(method.path, error));
          else if (answer === undefined) reject(new Error(`${method.path} answered nothing`));
          else resolve(answer);
        },
      );
    });
  }

  /** Repeats the same request until its outcome is known. @throws CallFailed with an answer that is a refusal */
  async settle<Q, A>(method: Rpc<Q, A>, request: pb.DeepPartial<Q>): Promise<A> {
    const end = performance.now() + settleMsMax;
    for (;;) {
      try {
        return await this.call(method, request);
      } catch (error) {
        if (!(error instanceof CallFailed && error.isRepeatable) || performance.now() > end) throw error;
        await pause(repeatAfterMs);
      }
    }
  }

  /** What the call was refused with; fails where it was not. */
  async refused<Q, A>(
    method: Rpc<Q, A>,
    request: pb.DeepPartial<Q>,
    options?: CallOptions,
  ): Promise<Problem> {
    try {
      const answer = await this.call(method, request, options);
      throw new Error(`${method.path} was not refused: ${shown(answer)}`);
    } catch (error) {
      if (error instanceof CallFailed && error.problem !== null) return error.problem;
      throw error;
    }
  }

  async warehouse(name = 'Main', more: pb.DeepPartial<pb.CreateWarehouseRequest> = {}): Promise<string> {
    const { warehouse } = await this.settle(rpc.createWarehouse, {
      name,
      location: 'Leeds',
      idempotencyKey: randomUUID(),
      ...more,
    });
    return present(warehouse).id;
  }

  /** @param stock quantity by warehouse. @returns the item's id */
  async item(sku: string, stock: Readonly<Record<string, number>>): Promise<string> {
    const { item } = await this.settle(rpc.createItem, {
      sku,
      name: `The ${sku}`,
      initialLevels: Object.entries(stock).map(([warehouseId, quantity]) => ({ warehouseId, quantity })),
      idempotencyKey: sku,
    });
    return present(item).id;
  }

  /** The levels of these SKUs, of all warehouses, in order. */
  async levels(...skus: readonly string[]): Promise<pb.InventoryLevel[]> {
    return (await this.settle(rpc.levels, { skus: [...skus] })).levels;
  }

  /** The one level of a SKU that is in one warehouse. */
  async level(sku: string): Promise<pb.InventoryLevel> {
    const levels = await this.levels(sku);
    if (levels.length !== 1) throw new Error(`${sku} has ${levels.length} levels`);
    return present(levels[0]);
  }

  close(): void {
    this.#client.close();
  }
}

/** A basket by SKU and quantity. */
export function basket(
  orderId: string,
  quantities: Readonly<Record<string, number>>,
  more: pb.DeepPartial<pb.StockReservationRequest> = {},
): pb.DeepPartial<pb.StockReservationRequest> {
  const items = Object.entries(quantities).map(([sku, quantity]) => ({ sku, quantity }));
  return { orderId, items, ...more };
}

/** Runs `work` for 0 to count - 1, so many at a time. */
export async function together(
  count: number,
  atATime: number,
  work: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const run = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) await work(index);
  };
  await Promise.all(Array.from({ length: atATime }, run));
}

export function present<T>(value: T | null | undefined): T {
  if (value === undefined || value === null) throw new Error('something that has to be there is not');
  return value;
}

function shown(answer: unknown): string {
  return JSON.stringify(answer, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
}

function open(port: number): pb.InventoryServiceClient {
  return new pb.InventoryServiceClient(`127.0.0.1:${port}`, credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_retries': 0,
    'grpc.initial_reconnect_backoff_ms': 50,
    'grpc.max_reconnect_backoff_ms': 200,
    'grpc.max_receive_message_length': 64 * 1_024 * 1_024,
  });
}

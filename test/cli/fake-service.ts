// An inventory service in memory, behind a real gRPC server: what the command line's tests talk to. It keeps the
// contract where they need it (keys, compare-and-set, all or nothing) and can lose answers or break its promises.
import { randomUUID } from 'node:crypto';
import {
  Metadata,
  Server,
  ServerCredentials,
  type ServiceError,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { Any } from '../../src/generated/google/protobuf/any.ts';
import { ErrorInfo, RetryInfo } from '../../src/generated/google/rpc/error_details.ts';
import { Status } from '../../src/generated/google/rpc/status.ts';
import {
  type AdjustInventoryRequest,
  type CreateItemRequest,
  type InventoryLevel,
  type InventoryServiceServer,
  InventoryServiceService,
  type Item,
  type StockReservationRequest,
  type UpdateItemRequest,
  type Warehouse,
} from '../../src/generated/synkro/inventory/v1/inventory.ts';

interface Level {
  quantity: bigint;
  reserved: bigint;
}
interface Draw {
  sku: string;
  warehouseId: string;
  quantity: bigint;
}

/** What happens to one call: refused before it does anything, or done with its answer lost. */
export type Fault =
  | { readonly code: status; readonly applied: boolean; readonly retryAfterMs?: number }
  | undefined;

export class FakeService {
  readonly warehouses: Warehouse[] = [];
  readonly items = new Map<string, Item>();
  readonly levels = new Map<string, Map<string, Level>>();
  readonly reservations = new Map<string, { id: string; draws: Draw[]; committed: boolean; done: boolean }>();
  readonly calls: { method: string; request: unknown }[] = [];
  /** Asked for every call. */
  fault: (method: string, callsOfMethod: number) => Fault = () => undefined;
  /** Units that an order takes beyond what it asks for; a service that breaks I2. */
  leakUnits = 0n;
  /** Grants everything, whatever there is; a service that breaks I1. */
  oversells = false;
  readonly #callsOf = new Map<string, number>();
  readonly #server = new Server();
  address = '';

  async start(): Promise<this> {
    this.#server.addService(InventoryServiceService, this.#handlers());
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

  callsOf(method: string): number {
    return this.#callsOf.get(method) ?? 0;
  }

  level(sku: string, warehouseId: string): Level {
    const ofSku = this.levels.get(sku) ?? new Map<string, Level>();
    const level = ofSku.get(warehouseId) ?? { quantity: 0n, reserved: 0n };
    ofSku.set(warehouseId, level);
    this.levels.set(sku, ofSku);
    return level;
  }

  #handlers(): UntypedServiceImplementation {
    const create = remembering((request: CreateItemRequest) => this.#createItem(request));
    const handlers = {
      listWarehouses: this.#unary('listWarehouses', () => ({
        warehouses: this.warehouses,
        nextPageToken: '',
      })),
      createWarehouse: this.#unary('createWarehouse', (request) => {
        const { name, location, customerId, priority } = request;
        const warehouse = { id: randomUUID(), name, location, isActive: true, customerId, priority };
        this.warehouses.push(warehouse);
        return { warehouse };
      }),
      listItems: this.#unary('listItems', () => ({
        items: [...this.items.values()].slice(0, 1),
        nextPageToken: '',
      })),
      getItem: this.#unary('getItem', ({ sku }) => ({ item: this.#item(sku) })),
      bulkCreateItems: this.#unary('bulkCreateItems', ({ items }) => ({
        results: items.map((item) => this.#each(() => create(item))),
      })),
      bulkUpdateItems: this.#unary('bulkUpdateItems', ({ items }) => ({
        results: items.map((item) => this.#each(() => this.#updateItem(item))),
      })),
      getInventoryLevels: this.#unary('getInventoryLevels', ({ skus }) => ({
        levels: skus.flatMap((sku) => this.#levelsOf(sku)),
      })),
      adjustInventory: this.#unary('adjustInventory', (request) => ({
        inventoryLevel: this.#adjust(request),
      })),
      checkAndReserveStock: this.#unary('checkAndReserveStock', (request) => this.#reserve(request)),
      commitReservation: this.#unary('commitReservation', ({ reservationId }) => {
        const found = [...this.reservations.values()].find(({ id }) => id === reservationId);
        if (found === undefined) throw failure(status.NOT_FOUND, 'no such reservation');
        found.committed = true;
        return { success: true, message: '', reservation: undefined };
      }),
      fulfillInventory: this.#unary('fulfillInventory', ({ orderId }) => this.#fulfil(orderId)),
    } satisfies Partial<InventoryServiceServer>;
    return handlers;
  }

  /** A handler that records the call, has its fault, and answers a repeated key with the first answer. */
  #unary<Q extends object, A>(method: string, answer: (request: Q) => A) {
    const once = remembering(answer);
    return (call: { request: Q }, callback: sendUnaryData<A>): void => {
      this.calls.push({ method, request: call.request });
      this.#callsOf.set(method, this.callsOf(method) + 1);
      const fault = this.fault(method, this.callsOf(method));
      try {
        if (fault?.applied === false) throw failure(fault.code, 'not now', fault.retryAfterMs);
        const result = once(call.request);
        if (fault !== undefined) throw failure(fault.code, 'answer lost');
        callback(null, result);
      } catch (error) {
        callback(serviceError(isFailure(error) ? error : failure(status.INTERNAL, String(error))));
      }
    };
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

  #reserve(request: StockReservationRequest) {
    const known = this.reservations.get(request.orderId);
    const base = { items: [], message: '', expiresAt: undefined, attempt: 1, orderId: request.orderId };
    if (known !== undefined) return { ...base, success: true, reservationId: known.id, status: 1 as const };
    const draws: Draw[] = [];
    for (const { sku, quantity } of request.items) {
      this.#item(sku);
      if (!this.#draw(sku, quantity, draws)) {
        for (const draw of draws) this.level(draw.sku, draw.warehouseId).reserved -= draw.quantity;
        return { ...base, success: false, reservationId: '', status: 6 as const };
      }
    }
    const id = randomUUID();
    this.reservations.set(request.orderId, { id, draws, committed: false, done: false });
    return { ...base, success: true, reservationId: id, status: 1 as const };
  }

  #draw(sku: string, quantity: bigint, draws: Draw[]): boolean {
    let wanted = quantity;
    for (const [index, { id: warehouseId }] of this.warehouses.entries()) {
      const level = this.level(sku, warehouseId);
      const free = level.quantity - level.reserved;
      const all = this.oversells && index === this.warehouses.length - 1;
      const taken = all || free > wanted ? wanted : free;
      level.reserved += taken;
      draws.push({ sku, warehouseId, quantity: taken });
      wanted -= taken;
    }
    return wanted === 0n;
  }

  #fulfil(orderId: string) {
    const reservation = this.reservations.get(orderId);
    if (reservation === undefined || !reservation.committed || reservation.done) {
      throw failure(status.FAILED_PRECONDITION, `nothing is allocated to ${orderId}`);
    }
    reservation.done = true;
    for (const { sku, warehouseId, quantity } of reservation.draws) {
      const level = this.level(sku, warehouseId);
      level.quantity -= quantity;
      level.reserved -= quantity;
    }
    const [first] = reservation.draws;
    if (first !== undefined) this.level(first.sku, first.warehouseId).quantity -= this.leakUnits;
    const skus = new Set(reservation.draws.map(({ sku }) => sku));
    return { success: true, inventoryLevels: [...skus].flatMap((sku) => this.#levelsOf(sku)) };
  }

  #levelsOf(sku: string): InventoryLevel[] {
    return [...(this.levels.get(sku) ?? [])].map(([warehouseId, level]) => asLevel(sku, warehouseId, level));
  }
}

function asLevel(sku: string, warehouseId: string, { quantity, reserved }: Level): InventoryLevel {
  const available = quantity - reserved;
  const counters = { quantity, reserved, available, held: reserved, allocated: 0n, version: 1n };
  return { itemId: `id-${sku}`, sku, warehouseId, ...counters, lastUpdated: undefined };
}

/** What is thrown is not remembered: a request that was refused uses no key up. */
function remembering<Q extends object, A>(answer: (request: Q) => A): (request: Q) => A {
  const answers = new Map<string, A>();
  return (request) => {
    const key = keyOf(request);
    const known = answers.get(key);
    if (known !== undefined) return known;
    const made = answer(request);
    if (key !== '') answers.set(key, made);
    return made;
  };
}

function keyOf(request: object): string {
  return 'idempotencyKey' in request && typeof request.idempotencyKey === 'string'
    ? request.idempotencyKey
    : '';
}

class FakeFailure extends Error {
  readonly code: status;
  readonly retryAfterMs: number | undefined;

  constructor(code: status, message: string, retryAfterMs?: number) {
    super(message);
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

function failure(code: status, message: string, retryAfterMs?: number): FakeFailure {
  return new FakeFailure(code, message, retryAfterMs);
}

function isFailure(error: unknown): error is FakeFailure {
  return error instanceof FakeFailure;
}

function serviceError({ code, message, retryAfterMs }: FakeFailure): ServiceError {
  const metadata = new Metadata();
  const details = [
    Any.create({
      typeUrl: 'type.googleapis.com/google.rpc.ErrorInfo',
      value: ErrorInfo.encode(ErrorInfo.create({ reason: 'FAKE', domain: 'test' })).finish(),
    }),
  ];
  if (retryAfterMs !== undefined) {
    const retryDelay = {
      seconds: BigInt(Math.floor(retryAfterMs / 1_000)),
      nanos: (retryAfterMs % 1_000) * 1e6,
    };
    const value = RetryInfo.encode({ retryDelay }).finish();
    details.push(Any.create({ typeUrl: 'type.googleapis.com/google.rpc.RetryInfo', value }));
  }
  metadata.set('grpc-status-details-bin', Buffer.from(Status.encode({ code, message, details }).finish()));
  return Object.assign(new Error(message), { code, details: message, metadata });
}

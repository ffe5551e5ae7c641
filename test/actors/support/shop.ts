// A world with warehouses and items in it, and short ways to ask for what the tests ask for.
import type { ReceiptKey, Reply } from '../../../src/actors/behaviour.ts';
import type { Failure, FailureCode } from '../../../src/actors/failure.ts';
import { isItemState } from '../../../src/actors/inventory/item/guards.ts';
import type { DrawStrategy, ItemState, Level } from '../../../src/actors/inventory/item/model.ts';
import { isOrderState } from '../../../src/actors/inventory/order-stock/guards.ts';
import type {
  OrderState,
  ReservationView,
  ReserveView,
} from '../../../src/actors/inventory/order-stock/model.ts';
import { type Numbered, numberedShape } from '../../../src/actors/numbered.ts';
import { isObject } from '../../../src/actors/shape.ts';
import { type Call, World } from './world.ts';

const isNumberedOrder = numberedShape(isOrderState);

export interface Shop {
  readonly world: World;
  item(id: string): ItemState;
  level(id: string, warehouseId: string): Level;
  order(id: string): OrderState & Numbered;
}

/** Warehouses w1, w2, w3, of priority 1, 2, 3. Items by id, with a quantity a warehouse; their SKU is `sku-<id>`. */
export function openShop(
  items: Readonly<Record<string, Readonly<Record<string, number>>>>,
  shards = 4,
): Shop {
  const world = new World(shards);
  for (const [index, id] of ['w1', 'w2', 'w3'].entries()) {
    okOf(world.settle('warehouse', id, createWarehouse({ name: id, priority: index + 1 })));
  }
  for (const [id, quantities] of Object.entries(items))
    okOf(world.settle('item', id, createItem(id, quantities)));
  return {
    world,
    item(id) {
      const state = world.state('item', id);
      if (!isItemState(state)) throw new Error(`item ${id} has no state`);
      return state;
    },
    level(id, warehouseId) {
      const level = this.item(id).levels[warehouseId];
      if (level === undefined) throw new Error(`item ${id} has no level in ${warehouseId}`);
      return level;
    },
    order(id) {
      const state = world.state('order', id);
      if (!isNumberedOrder(state)) throw new Error(`order ${id} has no state`);
      return state;
    },
  };
}

export function createWarehouse(values: { readonly name: string; readonly priority?: number }) {
  return { type: 'create', location: 'here', customerId: '', priority: 0, ...values } as const;
}

export function createItem(id: string, quantities: Readonly<Record<string, number>> = {}) {
  return {
    type: 'create',
    sku: `sku-${id}`,
    name: id,
    description: '',
    category: '',
    attributes: null,
    initialLevels: Object.entries(quantities).map(([warehouseId, quantity]) => ({ warehouseId, quantity })),
  } as const;
}

export interface ReserveOptions {
  readonly key?: string;
  readonly fingerprint?: string;
  readonly warehouseId?: string;
  readonly strategy?: DrawStrategy;
  readonly ttlSeconds?: number;
  readonly commits?: boolean;
}

/** The key is the order's id and the fingerprint the items, unless told otherwise. */
export function reserveCommand(
  orderId: string,
  items: Readonly<Record<string, number>>,
  options: ReserveOptions = {},
) {
  return {
    type: 'reserve',
    key: options.key ?? orderId,
    fingerprint: options.fingerprint ?? JSON.stringify(items),
    request: {
      items: Object.entries(items).map(([itemId, quantity]) => ({ itemId, quantity })),
      warehouseId: options.warehouseId ?? null,
      strategy: options.strategy ?? 'priority',
      ttlSeconds: options.ttlSeconds ?? 900,
      customerId: '',
      ...(options.commits === true ? { commits: true } : {}),
    },
  } as const;
}

export function askReserve(
  { world }: Shop,
  orderId: string,
  items: Readonly<Record<string, number>>,
  options?: ReserveOptions,
): Call {
  return world.ask('order', orderId, reserveCommand(orderId, items, options));
}

export function reserve(
  shop: Shop,
  orderId: string,
  items: Readonly<Record<string, number>>,
  options?: ReserveOptions,
): ReserveView {
  const ok = okOf(shop.world.settle('order', orderId, reserveCommand(orderId, items, options)));
  if (!isReserveView(ok)) throw new Error('not the answer to reserve');
  return ok;
}

/** Of release, commit, extend and get. */
export function resolve(
  { world }: Shop,
  orderId: string,
  type: 'release' | 'commit' | 'extend' | 'get',
  attempt: number | null = null,
): Reply {
  return world.settle('order', orderId, resolveCommand(type, attempt));
}

export function resolveCommand(type: 'release' | 'commit' | 'extend' | 'get', attempt: number | null = null) {
  return { type, attempt, reason: '', ttlSeconds: 60 };
}

export function reservationOf(reply: Reply | null): ReservationView {
  const ok = okOf(reply);
  if (!isReservationView(ok)) throw new Error('not a reservation');
  return ok;
}

export function okOf(reply: Reply | null): unknown {
  if (reply === null || 'error' in reply) throw new Error(`expected ok, got ${JSON.stringify(reply)}`);
  return reply.ok;
}

export function errorOf(reply: Reply | null): Failure {
  if (reply === null || 'ok' in reply) throw new Error(`expected an error, got ${JSON.stringify(reply)}`);
  return reply.error;
}

export function codeOf(reply: Reply | null): FailureCode {
  return errorOf(reply).code;
}

export function receiptOf(name: string, fingerprint = 'f'): ReceiptKey {
  return { key: name, fingerprint };
}

function isReserveView(value: unknown): value is ReserveView {
  return isObject(value) && 'success' in value && 'items' in value;
}

function isReservationView(value: unknown): value is ReservationView {
  return isObject(value) && 'lines' in value && 'reservationId' in value;
}

// What clients ask for: drawn so that they get in each other's way. Items are hot and cold, baskets wide and in any
// order, orders are shared by clients that do not know of each other.
import { createHash } from 'node:crypto';
import type { ReceiptKey, Ref } from '../../actors/behaviour.ts';
import type { ItemCommand, StockPolicy } from '../../actors/inventory/item/model.ts';
import type { OrderCommand } from '../../actors/inventory/order-stock/model.ts';
import type { Random } from '../engine/random.ts';
import type { Swarm } from '../faults/swarm.ts';
import type { Asked } from './history.ts';

export interface Drawn {
  readonly ref: Ref;
  readonly asked: Asked;
  readonly receipt: ReceiptKey | null;
}

export interface Known {
  readonly items: readonly string[];
  readonly warehouses: readonly string[];
  readonly orders: readonly string[];
  /** Never twice the same, over all clients. */
  readonly unique: string;
}

const weights = {
  reserve: 44,
  get: 12,
  extend: 5,
  release: 8,
  commit: 16,
  allocate: 5,
  giveBack: 5,
  fulfill: 8,
  adjust: 6,
  transfer: 4,
  getItem: 10,
  setPolicy: 1,
  updateItem: 1,
  remove: 1,
  create: 1,
  warehouse: 1,
};

export function drawCall(random: Random, swarm: Swarm, known: Known): Drawn {
  const type = random.weighted(weights);
  switch (type) {
    case 'reserve':
    case 'get':
    case 'extend':
    case 'release':
    case 'commit':
    case 'allocate':
    case 'giveBack':
    case 'fulfill':
      return orderCall(random, known, type, orderCommand(random, swarm, known, type));
    case 'warehouse':
      return keyed(random, known, random.pick(known.warehouses), {
        kind: 'warehouse',
        command: random.chance(0.5)
          ? { type: 'get' }
          : { type: 'update', isActive: random.chance(0.7), priority: random.int(0, 3) },
      });
    default:
      return itemCall(random, known, itemCommand(random, swarm, known, type));
  }
}

type OrderType = OrderCommand['type'];

function orderCall(random: Random, known: Known, type: OrderType, command: OrderCommand): Drawn {
  const asked: Asked = { kind: 'order', command };
  const orderId = random.pick(known.orders);
  // The reservation's key is the order's own business, so it travels in the command.
  if (type === 'get' || type === 'reserve') {
    return { ref: { kind: 'order', id: orderId }, asked, receipt: null };
  }
  return keyed(random, known, orderId, asked);
}

function orderCommand(random: Random, swarm: Swarm, known: Known, type: OrderType): OrderCommand {
  const attempt = random.chance(0.7) ? null : random.int(1, 3);
  switch (type) {
    case 'reserve':
      return reserve(random, swarm, known);
    case 'get':
      return { type, attempt };
    case 'extend':
      return { type, attempt, ttlSeconds: random.int(1, swarm.ttlSecondsMax) };
    case 'release':
      return { type, attempt, reason: 'changed my mind' };
    case 'commit':
      return { type, attempt };
    case 'allocate':
      return {
        type,
        itemId: hot(random, known.items),
        warehouseId: random.pick(known.warehouses),
        quantity: random.int(1, 4),
      };
    case 'giveBack':
    case 'fulfill':
      return some(random, known, type);
  }
}

/** Keys are few for each order, so that calls of different clients and contents meet under one. */
function reserve(random: Random, swarm: Swarm, known: Known): OrderCommand {
  const wide = random.chance(0.3) ? known.items.length : random.int(1, 3);
  const chosen = new Set(Array.from({ length: wide }, () => hot(random, known.items)));
  const request = {
    items: random.shuffle([...chosen]).map((itemId) => ({ itemId, quantity: random.int(1, 3) })),
    warehouseId: random.chance(0.1) ? random.pick(known.warehouses) : null,
    strategy: random.pick(['priority', 'fewest', 'single'] as const),
    ttlSeconds: random.int(1, swarm.ttlSecondsMax),
    customerId: '',
    ...(random.chance(0.3) ? { commits: true } : {}),
  };
  const key = random.chance(0.5) ? `key ${random.int(1, 4)}` : `key ${known.unique}`;
  return { type: 'reserve', key, fingerprint: digest(request), request };
}

function some(random: Random, known: Known, type: 'giveBack' | 'fulfill'): OrderCommand {
  const isAll = random.chance(0.5);
  const itemId = hot(random, known.items);
  const quantity = random.chance(0.5) ? random.int(1, 2) : null;
  const warehouseId = random.chance(0.2) ? random.pick(known.warehouses) : null;
  if (type === 'fulfill') return { type, lines: isAll ? [] : [{ itemId, warehouseId, quantity }] };
  return isAll
    ? { type, itemId: null, warehouseId: null, quantity: null }
    : { type, itemId, warehouseId, quantity };
}

type ItemType = 'adjust' | 'transfer' | 'getItem' | 'setPolicy' | 'updateItem' | 'remove' | 'create';

function itemCall(random: Random, known: Known, command: ItemCommand): Drawn {
  const id = command.type === 'create' ? command.sku : hot(random, known.items);
  const asked: Asked = { kind: 'item', command };
  if (command.type === 'get') return { ref: { kind: 'item', id }, asked, receipt: null };
  return keyed(random, known, id, asked);
}

function itemCommand(random: Random, swarm: Swarm, known: Known, type: ItemType): ItemCommand {
  switch (type) {
    case 'getItem':
      return { type: 'get' };
    case 'adjust':
      return {
        type,
        warehouseId: random.pick(known.warehouses),
        delta: random.pick([-3, -1, 1, 2, 5, 10]),
        reason: 'correction',
        reference: `adjust ${known.unique}`,
        expectedQuantity: random.chance(0.1) ? random.int(0, swarm.stock) : null,
      };
    case 'transfer': {
      const [fromWarehouseId = '', toWarehouseId = ''] = random.shuffle(known.warehouses);
      const reference = `transfer ${known.unique}`;
      return { type, fromWarehouseId, toWarehouseId, quantity: random.int(1, 5), reference };
    }
    case 'setPolicy':
      return {
        type,
        warehouseId: random.pick(known.warehouses),
        policy: drawPolicy(random),
      };
    case 'updateItem':
      return { type: 'update', name: `renamed ${known.unique}` };
    case 'remove':
      return { type: 'delete' };
    case 'create':
      return createItem(hot(random, known.items), known.warehouses, swarm.stock);
  }
}

/** The second threshold follows from the first: a draw more would make other runs of the seeds that are known. */
function drawPolicy(random: Random): StockPolicy {
  const lowStockThreshold = random.int(0, 9);
  const backInStockThreshold = lowStockThreshold + (lowStockThreshold % 4);
  return { lowStockThreshold, backInStockThreshold, incomingQuantity: 0, incomingAt: null };
}

export function createItem(sku: string, warehouses: readonly string[], stock: number): ItemCommand {
  const share = Math.floor(stock / warehouses.length);
  return {
    type: 'create',
    sku,
    name: sku,
    description: '',
    category: '',
    attributes: null,
    initialLevels: warehouses.map((warehouseId) => ({ warehouseId, quantity: share })),
  };
}

function keyed(random: Random, known: Known, id: string, asked: Asked): Drawn {
  const { command, kind } = asked;
  const isRead = command.type === 'get';
  const needsKey = 'quantity' in command || 'delta' in command || 'lines' in command;
  const key = random.chance(0.9) ? known.unique : String(random.int(1, 3));
  const receipt =
    !isRead && (needsKey || random.chance(0.7))
      ? { key: `${command.type}|${id}|${key}`, fingerprint: digest(command) }
      : null;
  return { ref: { kind, id }, asked, receipt };
}

/** Half of all calls go to the first two. */
function hot(random: Random, list: readonly string[]): string {
  return random.pick(random.chance(0.5) ? list.slice(0, 2) : list);
}

export function digest(content: unknown): string {
  return createHash('sha1').update(JSON.stringify(content)).digest('base64url').slice(0, 12);
}

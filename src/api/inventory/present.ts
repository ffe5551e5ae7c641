// From what actors and tables answer to the messages of the contract. Pure.
import type { ItemView, LevelView, StockPolicy } from '../../actors/inventory/item/model.ts';
import type {
  ReservationStatus,
  ReservationView,
  ReserveView,
} from '../../actors/inventory/order-stock/model.ts';
import type {
  InventoryLevel,
  Item,
  Reservation,
  StockReservationResponse,
  Warehouse,
  StockPolicy as WirePolicy,
} from '../../generated/synkro/inventory/v1/inventory.ts';
import { ReservationStatus as WireStatus } from '../../generated/synkro/inventory/v1/inventory.ts';
import type { ItemRow, WarehouseRow } from './deps.ts';

export function itemOfView(view: ItemView): Item {
  return itemOfRow({ id: view.id, ...view.details });
}

export function itemOfRow(row: ItemRow): Item {
  const { id, sku, name, description, category } = row;
  return {
    id,
    sku,
    name,
    description,
    category,
    attributes: row.attributes ?? undefined,
    createdAt: new Date(row.createdAt),
    updatedAt: new Date(row.updatedAt),
  };
}

export function warehouseMessage(row: WarehouseRow): Warehouse {
  const { id, name, location, isActive, customerId, priority } = row;
  return { id, name, location, isActive, customerId, priority };
}

export function levelMessage(view: LevelView): InventoryLevel {
  const { itemId, sku, warehouseId, quantity, held, allocated } = view;
  return {
    itemId,
    sku,
    warehouseId,
    quantity: BigInt(quantity),
    reserved: BigInt(held + allocated),
    available: BigInt(quantity - held - allocated),
    held: BigInt(held),
    allocated: BigInt(allocated),
    version: BigInt(view.version),
    lastUpdated: new Date(view.updatedAt),
    policy: undefined,
    warehouseInactive: false,
    isLow: false,
  };
}

/** With the policies that are set, by which others estimate when there will be more, what is low, and where nothing is drawn from. */
export function levelsOfView(view: ItemView): InventoryLevel[] {
  return view.levels.map((level) => {
    const policy = view.policies[level.warehouseId];
    return {
      ...levelMessage(level),
      policy: policy === undefined ? undefined : policyMessage(policy),
      warehouseInactive: view.inactive.includes(level.warehouseId),
      isLow: view.low.includes(level.warehouseId),
    };
  });
}

export function policyMessage(policy: StockPolicy): WirePolicy {
  return {
    lowStockThreshold: BigInt(policy.lowStockThreshold),
    backInStockThreshold: BigInt(policy.backInStockThreshold),
    incomingQuantity: BigInt(policy.incomingQuantity),
    incomingAt: policy.incomingAt === null ? undefined : new Date(policy.incomingAt),
  };
}

const wireStatuses: Readonly<Record<ReservationStatus, WireStatus>> = {
  pending: WireStatus.PENDING,
  held: WireStatus.HELD,
  committed: WireStatus.COMMITTED,
  released: WireStatus.RELEASED,
  expired: WireStatus.EXPIRED,
  fulfilled: WireStatus.FULFILLED,
  refused: WireStatus.REFUSED,
};

export function reserveMessage(orderId: string, view: ReserveView): StockReservationResponse {
  const short = view.items.filter((item) => !item.inStock);
  return {
    success: view.success,
    reservationId: view.reservationId,
    orderId,
    items: view.items.map((item) => ({
      itemId: item.itemId,
      sku: item.sku,
      inStock: item.inStock,
      requested: BigInt(item.requested),
      availableQuantity: BigInt(item.available),
      draws: item.draws.map(({ warehouseId, quantity, levelVersion }) => ({
        warehouseId,
        quantity: BigInt(quantity),
        levelVersion: BigInt(levelVersion),
      })),
    })),
    message: view.success ? '' : `too little stock of ${short.length} of ${view.items.length} items`,
    expiresAt: view.expiresAt === null ? undefined : new Date(view.expiresAt),
    status: wireStatuses[view.status],
    attempt: view.attempt,
  };
}

export function reservationMessage(view: ReservationView): Reservation {
  return {
    id: view.reservationId,
    orderId: view.orderId,
    status: wireStatuses[view.status],
    lines: view.lines.map((line) => ({
      itemId: line.itemId,
      sku: line.sku,
      warehouseId: line.warehouseId,
      held: BigInt(line.held),
      allocated: BigInt(line.allocated),
      fulfilled: BigInt(line.fulfilled),
      givenBack: BigInt(line.givenBack),
      levelVersion: BigInt(line.levelVersion),
    })),
    createdAt: new Date(view.createdAt),
    expiresAt: new Date(view.expiresAt),
    attempt: view.attempt,
  };
}

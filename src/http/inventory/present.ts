// From the messages of the contract to JSON. 64-bit numbers are exact as numbers: the API counts no further.
import type { Static } from 'typebox';
import type { ReservationStatus as StatusName } from '../../actors/inventory/order-stock/model.ts';
import {
  type InventoryLevel,
  type StockReservationResponse,
  type Item as WireItem,
  type StockPolicy as WirePolicy,
  type Reservation as WireReservation,
  ReservationStatus as WireStatus,
  type Warehouse as WireWarehouse,
} from '../../generated/synkro/inventory/v1/inventory.ts';
import type { Availability } from '../availability-schema.ts';
import { given, isoTime } from '../given.ts';
import type { Item, Level, Reservation, Reserved, StockPolicy, Warehouse } from './schemas.ts';

export function itemJson(message: WireItem | undefined): Static<typeof Item> {
  const { attributes, createdAt, updatedAt, ...item } = given(message);
  return {
    ...item,
    ...(attributes === undefined ? {} : { attributes }),
    createdAt: isoTime(createdAt),
    updatedAt: isoTime(updatedAt),
  };
}

export function warehouseJson(message: WireWarehouse | undefined): Static<typeof Warehouse> {
  return given(message);
}

export function levelJson(message: InventoryLevel | undefined): Static<typeof Level> {
  const level = given(message);
  return {
    itemId: level.itemId,
    sku: level.sku,
    warehouseId: level.warehouseId,
    quantity: Number(level.quantity),
    reserved: Number(level.reserved),
    available: Number(level.available),
    held: Number(level.held),
    allocated: Number(level.allocated),
    version: Number(level.version),
    lastUpdated: isoTime(level.lastUpdated),
    ...(level.policy === undefined ? {} : { policy: policyJson(level.policy), isLow: level.isLow }),
  };
}

export function policyJson(message: WirePolicy | undefined): Static<typeof StockPolicy> {
  const { lowStockThreshold, backInStockThreshold, incomingQuantity, incomingAt } = given(message);
  return {
    lowStockThreshold: Number(lowStockThreshold),
    backInStockThreshold: Number(backInStockThreshold),
    incomingQuantity: Number(incomingQuantity),
    ...(incomingAt === undefined ? {} : { incomingAt: isoTime(incomingAt) }),
  };
}

const statusNames: Readonly<Partial<Record<WireStatus, StatusName>>> = {
  [WireStatus.HELD]: 'held',
  [WireStatus.COMMITTED]: 'committed',
  [WireStatus.RELEASED]: 'released',
  [WireStatus.EXPIRED]: 'expired',
  [WireStatus.FULFILLED]: 'fulfilled',
  [WireStatus.REFUSED]: 'refused',
  [WireStatus.PENDING]: 'pending',
};

function statusName(status: WireStatus): StatusName {
  return given(statusNames[status]);
}

export function availabilityJson(items: StockReservationResponse['items']): Static<typeof Availability>[] {
  return items.map((item) => ({
    itemId: item.itemId,
    sku: item.sku,
    inStock: item.inStock,
    requested: Number(item.requested),
    availableQuantity: Number(item.availableQuantity),
    ...(item.draws.length === 0 ? {} : { draws: item.draws.map(drawJson) }),
  }));
}

function drawJson(draw: StockReservationResponse['items'][number]['draws'][number]) {
  const { warehouseId, quantity, levelVersion } = draw;
  return { warehouseId, quantity: Number(quantity), levelVersion: Number(levelVersion) };
}

export function reservedJson(response: StockReservationResponse): Static<typeof Reserved> {
  return {
    id: response.reservationId,
    orderId: response.orderId,
    status: statusName(response.status),
    attempt: response.attempt,
    items: availabilityJson(response.items),
    ...(response.expiresAt === undefined ? {} : { expiresAt: isoTime(response.expiresAt) }),
  };
}

export function reservationJson(message: WireReservation | undefined): Static<typeof Reservation> {
  const { id, orderId, status, attempt, lines, createdAt, expiresAt } = given(message);
  return {
    id,
    orderId,
    status: statusName(status),
    attempt,
    lines: lines.map((line) => ({
      itemId: line.itemId,
      sku: line.sku,
      warehouseId: line.warehouseId,
      held: Number(line.held),
      allocated: Number(line.allocated),
      fulfilled: Number(line.fulfilled),
      givenBack: Number(line.givenBack),
      levelVersion: Number(line.levelVersion),
    })),
    createdAt: isoTime(createdAt),
    expiresAt: isoTime(expiresAt),
  };
}

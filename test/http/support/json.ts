// What the fakes hold, as clients get it.
import { itemIdOfSku } from '../../../src/actors/ids.ts';
import { item, level, reservation, warehouse } from '../../grpc/support/fakes.ts';

export const { itemId, warehouseId } = level;
export const otherWarehouseId = '22222222-2222-4222-8222-222222222222';
export const itemRef = { kind: 'item', id: itemId };
export const skuRef = (sku: string) => ({ kind: 'item', id: itemIdOfSku(sku) });
const moment = '2023-11-14T22:13:20.000Z';

export const itemJson = {
  id: itemId,
  ...item.details,
  createdAt: '2020-09-13T12:26:40.000Z',
  updatedAt: moment,
};
export const levelJson = {
  itemId,
  sku: '85123A',
  warehouseId,
  quantity: 10,
  reserved: 5,
  available: 5,
  held: 3,
  allocated: 2,
  version: 7,
  lastUpdated: moment,
};
export const otherLevelJson = {
  ...levelJson,
  warehouseId: otherWarehouseId,
  reserved: 0,
  available: 10,
  held: 0,
  allocated: 0,
};
export const { createdAt: _, updatedAt: __, ...warehouseJson } = warehouse;
export const reservationJson = {
  id: reservation.reservationId,
  orderId: 'order-1',
  status: 'held',
  attempt: 1,
  lines: [],
  createdAt: moment,
  expiresAt: '2023-11-14T22:28:20.000Z',
};

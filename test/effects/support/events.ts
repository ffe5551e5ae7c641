// Events of Inventory as consumers get them.
import { itemIdOfSku } from '../../../src/actors/ids.ts';
import type { EventType } from '../../../src/events/catalogue.ts';
import { isPublishedEvent, type PublishedEvent, problemOf } from '../../../src/events/event.ts';

export const north = '11111111-1111-4111-8111-111111111111';
export const south = '22222222-2222-4222-8222-222222222222';
export const eventTime = Date.parse('2026-01-31T12:00:00.000Z');

/** What events say of an item, whose id follows from the SKU. */
export const item = (sku: string) => ({ itemId: itemIdOfSku(sku), sku });

export const line = (sku: string, quantity: number, warehouseId = north) => ({
  ...item(sku),
  warehouseId,
  quantity,
});

/**
 * @param sequence of the event; its time is as many milliseconds after `eventTime`
 * @throws where it is none that is published
 */
export function eventOf(type: EventType, subject: string, sequence: number, data: object): PublishedEvent {
  const event: unknown = {
    id: `inventory.${subject}.${sequence}`,
    sequence,
    type,
    time: new Date(eventTime + sequence).toISOString(),
    version: 1,
    subject,
    data,
  };
  if (!isPublishedEvent(event)) throw new Error(`${type}: ${problemOf(event)}`);
  return event;
}

export function levelEvent(
  type: 'LowStock' | 'BackInStock',
  sku: string,
  sequence: number,
  more: { readonly available?: number; readonly warehouseId?: string } = {},
): PublishedEvent {
  const { available = 3, warehouseId = north } = more;
  const data = { ...item(sku), warehouseId, available, quantity: available + 1, threshold: 5 };
  return eventOf(type, `items/${itemIdOfSku(sku)}`, sequence, data);
}

export function expiry(orderId: string, lines: readonly object[]): PublishedEvent {
  return eventOf('InventoryExpired', `orders/${orderId}`, 2, {
    reservationId: 'rsv-1-b3JkZXItMQ',
    orderId,
    lines,
  });
}

export function refusal(orderId: string, short: readonly object[]): PublishedEvent {
  return eventOf('InventoryRefused', `orders/${orderId}`, 1, {
    reservationId: 'rsv-1-b3JkZXItMQ',
    orderId,
    short,
  });
}

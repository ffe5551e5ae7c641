// Events as they come, each subject numbered without gaps.
import { randomUUID } from 'node:crypto';
import type { EventType } from '../../../src/events/catalogue.ts';
import { isPublishedEvent, type PublishedEvent, problemOf } from '../../../src/events/event.ts';

export class Events {
  readonly #sequences = new Map<string, number>();

  confirmed(orderId: string, customerId: string | null): PublishedEvent {
    return this.statusChanged(orderId, customerId, 'processing', 'confirmed');
  }

  statusChanged(orderId: string, customerId: string | null, from: string, to: string): PublishedEvent {
    return this.order(orderId, 'OrderStatusChanged', { customerId, from, to, by: 'system', reason: '' });
  }

  cancelled(orderId: string, customerId: string | null, by = 'customer'): PublishedEvent {
    return this.order(orderId, 'OrderCancelled', { customerId, by, reason: '' });
  }

  dispatched(orderId: string, shipmentId: string): PublishedEvent {
    return this.order(orderId, 'ShipmentDispatched', { shipmentId });
  }

  paymentFailed(orderId: string): PublishedEvent {
    const amount = { amount: '12.50', currency: 'GBP' };
    return this.order(orderId, 'PaymentFailed', {
      paymentId: randomUUID(),
      amount,
      stage: 'capture',
      reason: 'declined',
    });
  }

  lowStock(sku: string): PublishedEvent {
    return this.stock('LowStock', sku, 2, 5);
  }

  backInStock(sku: string): PublishedEvent {
    return this.stock('BackInStock', sku, 12, 10);
  }

  customer(type: 'CustomerCreated' | 'CustomerErased', customerId: string): PublishedEvent {
    return this.#event('logistics', type, `customers/${customerId}`, { customerId });
  }

  order(orderId: string, type: EventType, data: object): PublishedEvent {
    return this.#event('logistics', type, `orders/${orderId}`, { orderId, ...data });
  }

  stock(type: 'LowStock' | 'BackInStock', sku: string, available: number, threshold: number): PublishedEvent {
    const itemId = randomUUID();
    const warehouseId = '22222222-2222-4222-8222-222222222222';
    return this.#event('inventory', type, `items/${itemId}`, {
      itemId,
      sku,
      warehouseId,
      available,
      quantity: available,
      threshold,
    });
  }

  #event(source: string, type: EventType, subject: string, data: object): PublishedEvent {
    const sequence = (this.#sequences.get(subject) ?? 0) + 1;
    this.#sequences.set(subject, sequence);
    const event: unknown = {
      id: `${source}.${subject.replace('/', '.')}.${sequence}`,
      sequence,
      type,
      time: '2026-01-31T12:00:00.000Z',
      version: 1,
      subject,
      data,
    };
    if (!isPublishedEvent(event)) throw new TypeError(`${type}: ${problemOf(event)}`);
    return event;
  }
}

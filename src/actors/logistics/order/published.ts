// Which of an order's events the outside world hears of (src/events makes the messages).
import type { OrderEvent } from './messages.ts';

/** How many messages the event stands for. */
export function publishedCount(event: OrderEvent): number {
  switch (event.type) {
    case 'created':
    case 'paymentFailed':
    case 'captureAnswered':
    case 'refundAnswered':
    case 'shipmentLeft':
    case 'shipmentFailed':
    case 'returnMade':
    case 'restCancelled':
      return 1;
    case 'moved':
      return event.to === 'cancelled' ? 2 : 1;
    case 'paymentAnswered':
      return event.answer.outcome === 'pending' ? 0 : 1;
    case 'voidAnswered':
      return event.answer.outcome === 'done' ? 1 : 0;
    case 'shipmentsMade':
      return event.shipments.length;
    case 'shipmentsDelivered':
      return event.ids.length;
    default:
      return 0;
  }
}

// Which of an order's events the outside world hears of (src/events makes the messages).
import type { OrderEvent } from './model.ts';

/** How many messages the event stands for. */
export function publishedCount(event: OrderEvent): number {
  switch (event.type) {
    case 'extended':
    case 'held':
    case 'refused':
      return 1;
    case 'began':
      return event.kind === 'hold' || event.kind === 'undo' || event.kind === 'allocate' ? 0 : 1;
    case 'settled':
      return event.allocated === undefined ? 0 : 1;
    case 'opened':
    case 'answered':
    case 'abandoned':
      return 0;
  }
}

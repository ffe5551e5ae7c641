// Which of a customer's events the outside world hears of (src/events makes the messages).
import type { CustomerEvent } from './model.ts';

/** How many messages the event stands for. That the erasure has begun nobody needs to know: it is heard of when it is done. */
export function publishedCount(event: CustomerEvent): number {
  return event.type === 'erasureBegan' ? 0 : 1;
}

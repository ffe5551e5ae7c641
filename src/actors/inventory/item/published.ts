// Which of an item's events the outside world hears of (src/events makes the messages).
import type { ItemEvent, LevelCause } from './model.ts';

/** What changes a level without an order: what orders do is told of the order. */
const shopCauses: ReadonlySet<LevelCause> = new Set(['created', 'adjusted', 'transferred', 'deleted']);

/** How many messages the event stands for. */
export function publishedCount(event: ItemEvent): number {
  const itself = event.type !== 'level' || isShopCause(event.cause) ? 1 : 0;
  return 'alert' in event && event.alert !== undefined ? itself + 1 : itself;
}

export function isShopCause(cause: LevelCause): boolean {
  return shopCauses.has(cause);
}

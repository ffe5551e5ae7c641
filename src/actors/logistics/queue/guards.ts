// Type guards for what of a queue comes out of storage.
import { isInteger, isText, listOf, objectOf, oneOf, optional, recordOf, type Shape } from '../../shape.ts';
import { doubts, type Entry, type KnownLevel, type QueueState, type Taken } from './model.ts';

export const isQueueState: Shape<QueueState> = objectOf<QueueState>({
  entries: listOf(
    objectOf<Entry>({
      orderId: isText,
      quantity: isInteger,
      state: oneOf(['waiting', 'granted', 'passed']),
      look: optional(isInteger),
    }),
  ),
  levels: recordOf(objectOf<KnownLevel>({ available: isInteger, version: isInteger })),
  taken: listOf(objectOf<Taken>({ warehouseId: isText, quantity: isInteger, version: isInteger })),
  doubt: oneOf(doubts),
  looks: isInteger,
});

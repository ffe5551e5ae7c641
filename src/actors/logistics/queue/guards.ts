// Type guards for what of a queue comes out of storage.
import {
  isFlag,
  isInteger,
  isText,
  listOf,
  objectOf,
  oneOf,
  optional,
  recordOf,
  type Shape,
} from '../../shape.ts';
import type { Entry, KnownLevel, QueueState, Taken } from './model.ts';

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
  isStale: isFlag,
  looks: isInteger,
});

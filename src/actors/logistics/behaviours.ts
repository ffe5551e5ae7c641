// The kinds of actor that Logistics consists of, for whoever runs them.
import type { AnyBehaviour, Behaviours } from '../behaviour.ts';
import { order } from './order/order.ts';
import { queue } from './queue/queue.ts';

const all: readonly AnyBehaviour[] = [order, queue];

export const logisticsBehaviours: Behaviours = {
  byKind: new Map(all.map((behaviour) => [behaviour.kind, behaviour])),
  shared: null,
};

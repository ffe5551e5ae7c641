// The kinds of actor that Logistics consists of, for whoever runs them.
import type { AnyBehaviour, Behaviours } from '../behaviour.ts';
import { customer } from './customer/customer.ts';
import { order } from './order/order.ts';
import { queue } from './queue/queue.ts';
import { supply } from './supply/supply.ts';

const all: readonly AnyBehaviour[] = [order, queue, customer, supply];

export const logisticsBehaviours: Behaviours = {
  byKind: new Map(all.map((behaviour) => [behaviour.kind, behaviour])),
  shared: null,
};

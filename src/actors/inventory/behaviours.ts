// The kinds of actor that the Inventory consists of, for whoever runs them.
import type { AnyBehaviour, Behaviours } from '../behaviour.ts';
import { item } from './item/item.ts';
import { order } from './order-stock/order.ts';
import { directory } from './warehouse/directory.ts';
import { warehouse } from './warehouse/warehouse.ts';

const all: readonly AnyBehaviour[] = [item, order, warehouse, directory];

export const inventoryBehaviours: Behaviours = {
  byKind: new Map(all.map((behaviour) => [behaviour.kind, behaviour])),
  shared: directory.kind,
};

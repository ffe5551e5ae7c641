// All routes of Inventory.
import type { Follower } from '../../api/feed/follower.ts';
import type { AvailabilityCache } from '../../api/inventory/availability-cache.ts';
import type { InventoryDeps } from '../../api/inventory/deps.ts';
import type { LevelChange } from '../../api/inventory/updates.ts';
import type { RouteGroup } from '../group.ts';
import { allocationRoutes } from './allocations.ts';
import { availabilityRoutes } from './availability.ts';
import { inventoryEventRoutes } from './events.ts';
import { itemRoutes } from './items.ts';
import { movementRoutes } from './movements.ts';
import { reportRoutes } from './report.ts';
import { reservationRoutes } from './reservations.ts';
import { stockRoutes } from './stock.ts';
import { warehouseRoutes } from './warehouses.ts';

export interface InventoryRest {
  readonly deps: InventoryDeps;
  /** Shared with gRPC: one reading of the journal for all streams. */
  readonly updates: Follower<LevelChange>;
  readonly availability: AvailabilityCache;
}

export function inventoryRoutes({ deps, updates, availability }: InventoryRest): readonly RouteGroup[] {
  return [
    itemRoutes(deps),
    warehouseRoutes(deps),
    together(
      stockRoutes(deps),
      movementRoutes(deps),
      availabilityRoutes(deps, availability),
      inventoryEventRoutes(deps, updates),
    ),
    reservationRoutes(deps),
    allocationRoutes(deps),
    reportRoutes(deps),
  ];
}

/** Further routes under the tag of a group. */
function together(group: RouteGroup, ...further: readonly RouteGroup['routes'][]): RouteGroup {
  return {
    tag: group.tag,
    routes(rest, edge) {
      for (const routes of [group.routes, ...further]) routes(rest, edge);
    },
  };
}

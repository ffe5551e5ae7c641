// All routes of Logistics.
import type { Follower } from '../../api/feed/follower.ts';
import type { LogisticsDeps } from '../../api/logistics/deps.ts';
import type { OrderChange } from '../../api/logistics/updates.ts';
import type { RouteGroup } from '../group.ts';
import { customerRoutes } from './customers.ts';
import { orderEventRoutes } from './events.ts';
import { orderChangeRoutes } from './order-changes.ts';
import { orderRoutes } from './orders.ts';
import { orderReportRoutes } from './report.ts';
import { supplyRoutes } from './supply.ts';
import { webhookRoutes } from './webhook.ts';

export interface LogisticsRest {
  readonly deps: LogisticsDeps;
  /** Shared with gRPC: one reading of the journal for all streams. */
  readonly updates: Follower<OrderChange>;
}

export function logisticsRoutes({ deps, updates }: LogisticsRest): readonly RouteGroup[] {
  return [
    {
      tag: { name: 'Orders', description: 'From creation to delivery, and back.' },
      routes(rest, edge) {
        orderRoutes(rest, deps);
        orderChangeRoutes(rest, deps);
        orderEventRoutes(rest, edge, deps, updates);
      },
    },
    customerRoutes(deps),
    orderReportRoutes(deps),
    supplyRoutes(deps),
    webhookRoutes(deps),
  ];
}

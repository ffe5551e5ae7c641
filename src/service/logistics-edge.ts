// What the edge of an ingress thread has of Logistics.
import type { EdgeDeps } from '../api/call.ts';
import type { LogisticsDeps } from '../api/logistics/deps.ts';
import { createVault } from '../api/logistics/sealing.ts';
import { followOrders, streamOrderUpdates } from '../api/logistics/updates.ts';
import { logisticsService } from '../grpc/logistics-service.ts';
import type { OpenCalls } from '../grpc/open-calls.ts';
import { orderEvent } from '../http/logistics/events.ts';
import { logisticsRoutes } from '../http/logistics/routes.ts';
import { createKeyStore } from '../persistence/logistics/keys.ts';
import { createLogisticsQueries } from '../persistence/logistics/queries.ts';
import type { Router } from '../runtime/threads/router.ts';
import type { Closing } from './edge.ts';
import { FanOut } from './fan-out.ts';
import type { IngressParts } from './ingress-parts.ts';
import { connectInventory } from './logistics-outside.ts';

export function logisticsEdge(
  { databaseUrls, logistics }: IngressParts,
  common: EdgeDeps,
  routers: ReadonlyMap<string, Router>,
  closing: Closing,
) {
  const url = databaseUrls.logistics;
  if (url === undefined || logistics === undefined) throw new TypeError('there is no database of Logistics');
  const { log, newId } = common;
  const queries = createLogisticsQueries({ url, log });
  const keys = createKeyStore({ url, log });
  const inventory = connectInventory(logistics.inventory, routers.get('inventory'), log, newId);
  closing.push(
    () => inventory.close(),
    () => queries.close(),
    () => keys.close(),
  );
  const { patience, webhookSecrets } = logistics;
  const deps: LogisticsDeps = {
    ...common,
    queries,
    inventory,
    vault: createVault(keys),
    patience,
    webhookSecrets,
  };
  const updates = followOrders(deps);
  return {
    deps,
    grpc: (open: OpenCalls) => logisticsService(deps, open, updates),
    rest: logisticsRoutes({ deps, updates }),
    fanOut: (tell: (data: string) => void) =>
      FanOut.of({
        stream: streamOrderUpdates,
        deps,
        follower: updates,
        present: orderEvent,
        tell: (_event, data) => tell(data),
      }),
  };
}

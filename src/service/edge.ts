// The edge of one ingress thread: the services of its role behind one gRPC port and one HTTP port.
import { randomUUID } from 'node:crypto';
import type { EdgeDeps } from '../api/call.ts';
import { Follower } from '../api/feed/follower.ts';
import { createAvailabilityCache } from '../api/inventory/availability.ts';
import { streamInventoryUpdates } from '../api/inventory/updates.ts';
import { ItemIds } from '../api/item-ids.ts';
import { inventoryService } from '../grpc/inventory-service.ts';
import { createGrpcServer, type GrpcServer } from '../grpc/server.ts';
import { adminRoutes } from '../http/admin.ts';
import { rateOf } from '../http/clients/allowances.ts';
import { ClientLimiter } from '../http/clients/limiter.ts';
import { levelEvent } from '../http/inventory/events.ts';
import { type InventoryRest, inventoryRoutes } from '../http/inventory/routes.ts';
import { createHttpServer, type HttpServer } from '../http/server.ts';
import { createQueries } from '../persistence/inventory/queries/queries.ts';
import { Router } from '../runtime/threads/router.ts';
import type { EdgeMetrics } from '../telemetry/edge-metrics.ts';
import type { Logger } from '../telemetry/log.ts';
import { adminOf } from './admin.ts';
import { FanOut } from './fan-out.ts';
import type { IngressParts } from './ingress-parts.ts';
import { LiveUpdates } from './live-updates.ts';
import { isExposition } from './questions.ts';
import type { RedisEdge } from './redis-edge.ts';

export interface EdgeHost {
  readonly log: Logger;
  readonly metrics: EdgeMetrics;
  observe(protocol: 'grpc' | 'http', method: string, outcome: string, seconds: number): void;
  /** Why the process is not ready; null where it is. */
  notReady(): string | null;
  /** Of the gRPC API of this process, once it listens. */
  grpcUrl(): string;
  /** Asks the process as a whole; null where nobody can say. */
  ask(question: unknown): Promise<unknown>;
}

export interface ServiceEdge {
  /** By service. */
  readonly routers: ReadonlyMap<string, Router>;
  readonly outstanding: number;
  readonly grpc: GrpcServer;
  readonly http: HttpServer;
  /** Whether this process is the one that serves. */
  setServing(isServing: boolean): void;
  close(): Promise<void>;
}

/** What is to be closed when the edge is. */
export type Closing = (() => Promise<void>)[];

export async function openEdge(parts: IngressParts, host: EdgeHost): Promise<ServiceEdge> {
  const routers = new Map(
    parts.groups.map(({ name, shards, threads }) => [name, new Router(shards, threads)] as const),
  );
  const closing: Closing = [];
  const redis = await openRedis(parts, host, closing);
  const inventory = openInventory(parts, host, routers, closing, redis);
  const logistics = await openLogisticsEdge(parts, host, routers, closing);
  const notifications = await openNotificationsEdge(parts, host, closing);
  const live = redis === undefined ? undefined : liveUpdates(redis, inventory, logistics);
  const grpc = createGrpcServer((open) => [
    ...(inventory === undefined ? [] : [inventoryService(inventory.deps, open, inventory.updates)]),
    ...(logistics === undefined ? [] : [logistics.grpc(open)]),
  ]);
  const http = createHttpServer({
    ops: { notReady: () => host.notReady(), metrics: () => exposition(host) },
    groups: [
      ...(inventory === undefined ? [] : inventoryRoutes(inventory)),
      ...(logistics === undefined ? [] : logistics.rest),
      ...(notifications === undefined ? [] : [notifications]),
      adminRoutes(adminOf((question) => host.ask(question))),
    ],
    observe: (operation, outcome, seconds) => host.observe('http', operation, outcome, seconds),
    log: host.log,
    newId: randomUUID,
    ...limiterOf(parts, host, redis),
  });
  return {
    routers,
    get outstanding() {
      return [...routers.values()].reduce((sum, router) => sum + router.outstanding, 0);
    },
    grpc,
    http,
    setServing(isServing) {
      grpc.setServing(isServing);
      live?.setServing(isServing);
    },
    async close() {
      live?.close();
      for (const router of routers.values()) router.close();
      await Promise.all(closing.map((close) => close()));
    },
  };
}

function openInventory(
  { databaseUrls }: IngressParts,
  host: EdgeHost,
  routers: ReadonlyMap<string, Router>,
  closing: Closing,
  redis: RedisEdge | undefined,
): InventoryRest | undefined {
  const router = routers.get('inventory');
  const url = databaseUrls.inventory;
  if (router === undefined || url === undefined) return undefined;
  const queries = createQueries({ url, log: host.log });
  closing.push(() => queries.close());
  const deps = { ...depsOf(router, host), queries };
  const updates = new Follower({ ...deps, project: streamInventoryUpdates.project });
  const availability = createAvailabilityCache(deps, {
    observe: (source, skus) => host.metrics.availabilityRead(source, skus),
    ...(redis === undefined ? {} : { shared: redis.availability }),
  });
  return { deps, updates, availability };
}

/** Loaded only where it is set. */
async function openRedis(
  { redisUrl }: IngressParts,
  host: EdgeHost,
  closing: Closing,
): Promise<RedisEdge | undefined> {
  if (redisUrl === undefined) return undefined;
  const { openRedisEdge } = await import('./redis-edge.ts');
  const redis = openRedisEdge(redisUrl, host);
  closing.push(() => redis.close());
  return redis;
}

function limiterOf({ clientRequestsPerSecond }: IngressParts, host: EdgeHost, redis: RedisEdge | undefined) {
  if (clientRequestsPerSecond === undefined) return {};
  const rate = rateOf(clientRequestsPerSecond);
  const limiter = new ClientLimiter({
    rate,
    observe: () => host.metrics.limited(),
    ...(redis === undefined ? {} : { shared: redis.allowance(rate) }),
  });
  return { limiter };
}

function liveUpdates(
  redis: RedisEdge,
  inventory: InventoryRest | undefined,
  logistics: Awaited<ReturnType<typeof openLogisticsEdge>>,
): LiveUpdates {
  const levels = inventory === undefined ? [] : [levelFanOut(inventory, redis)];
  const orders = logistics === undefined ? [] : [logistics.fanOut((data) => redis.tellOrder(data))];
  return new LiveUpdates({
    fanOuts: [...levels, ...orders],
    hear: (heard) => (inventory === undefined ? () => {} : redis.hearLevels(heard)),
    onChange: (sku) => inventory?.availability.drop(sku),
  });
}

function levelFanOut({ deps, updates, availability }: InventoryRest, redis: RedisEdge): FanOut {
  return FanOut.of({
    stream: streamInventoryUpdates,
    deps,
    follower: updates,
    present: levelEvent,
    tell({ inventoryLevel }, data) {
      if (inventoryLevel !== undefined) availability.drop(inventoryLevel.sku);
      redis.tellLevel(data);
    },
  });
}

/** Loaded only where it is needed: role inventory starts without it. */
async function openLogisticsEdge(
  parts: IngressParts,
  host: EdgeHost,
  routers: ReadonlyMap<string, Router>,
  closing: Closing,
) {
  const router = routers.get('logistics');
  if (router === undefined || parts.logistics === undefined) return undefined;
  const { logisticsEdge } = await import('./logistics-edge.ts');
  return logisticsEdge(parts, depsOf(router, host), routers, closing);
}

async function openNotificationsEdge(parts: IngressParts, host: EdgeHost, closing: Closing) {
  if (parts.notifications === undefined) return undefined;
  const { notificationsEdge } = await import('./notifications-edge.ts');
  return notificationsEdge(parts.notifications, () => host.grpcUrl(), host.log, closing);
}

function depsOf(router: Router, host: EdgeHost): EdgeDeps {
  return {
    asker: router,
    notices: router,
    itemIds: new ItemIds(),
    log: host.log,
    observe: (method: string, outcome: string, seconds: number) =>
      host.observe('grpc', method, outcome, seconds),
    newId: randomUUID,
  };
}

async function exposition(host: EdgeHost) {
  const answer = await host.ask({ type: 'metrics' });
  if (!isExposition(answer)) throw new Error('the process did not say what it measures');
  return answer;
}

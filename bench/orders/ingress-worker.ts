// The ingress of the engines that orders are compared with: the product's gRPC and HTTP servers before the product's own
// methods, as src/service/edge.ts puts them together, but for one thing. The product makes a key for each guest, which is
// durable before the order is; whoever keeps orders under row locks does not need that, and neither does an engine that
// keeps nothing. Here everything is sealed under one key, as a shop does that encrypts a column.
import { createHash, randomUUID } from 'node:crypto';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { ItemIds } from '../../src/api/item-ids.ts';
import type { LogisticsDeps } from '../../src/api/logistics/deps.ts';
import { createVault } from '../../src/api/logistics/sealing.ts';
import { followOrders } from '../../src/api/logistics/updates.ts';
import type { KeyStore } from '../../src/api/logistics/vault.ts';
import { logisticsService } from '../../src/grpc/logistics-service.ts';
import { createGrpcServer } from '../../src/grpc/server.ts';
import { logisticsRoutes } from '../../src/http/logistics/routes.ts';
import { createHttpServer } from '../../src/http/server.ts';
import { createLogisticsQueries } from '../../src/persistence/logistics/queries.ts';
import { startBeating } from '../../src/runtime/threads/beat.ts';
import { Link } from '../../src/runtime/threads/link.ts';
import type { Ask, Control, Peer, Report, ShardToIngress } from '../../src/runtime/threads/messages.ts';
import { Router } from '../../src/runtime/threads/router.ts';
import type { IngressWorkerData } from '../../src/service/ingress-worker.ts';
import { connectInventory } from '../../src/service/logistics-outside.ts';
import { createLogger } from '../../src/telemetry/log.ts';
import { IngressMetrics } from '../../src/telemetry/metrics.ts';

const data: IngressWorkerData = workerData;
const log = createLogger(data.logLevel, 'orders');
startBeating(data.beats, data.beatIntervalMs);

const routers = new Map(data.groups.map(({ name, shards, threads }) => [name, new Router(shards, threads)]));
const metrics = new IngressMetrics(() => 0);
const deps = openDeps();
const updates = followOrders(deps);
const grpc = createGrpcServer((open) => [logisticsService(deps, open, updates)]);
const http = createHttpServer({
  ops: { notReady: () => null, metrics: async () => ({ contentType: 'text/plain', text: '' }) },
  groups: logisticsRoutes({ deps, updates }),
  observe: (operation, outcome, seconds) => metrics.request('http', operation, outcome, seconds),
  log,
  newId: randomUUID,
});

parentPort?.on('message', (message: Control) => {
  if (message.type === 'connect') connect(message.peer, message.port);
  else if (message.type === 'disconnect') routers.get(message.peer.group)?.disconnect(message.peer.thread);
  else if (message.type === 'drain') report({ type: 'drained' });
  else if (message.type === 'stop') process.exit(0);
});
const { host, ports } = data;
report({
  type: 'ready',
  ports: { grpc: await grpc.bind(host, ports.grpc), http: await http.listen(host, ports.http) },
});

function openDeps(): LogisticsDeps {
  const { databaseUrls, logistics } = data;
  const router = routers.get('logistics');
  const url = databaseUrls.logistics;
  if (router === undefined || url === undefined || logistics === undefined)
    throw new TypeError('this ingress is of Logistics');
  return {
    asker: router,
    notices: router,
    itemIds: new ItemIds(),
    log,
    observe: (method, outcome, seconds) => metrics.request('grpc', method, outcome, seconds),
    newId: randomUUID,
    // Never asked, and so never connected.
    queries: createLogisticsQueries({ url, log }),
    inventory: connectInventory(logistics.inventory, routers.get('inventory'), log, randomUUID),
    vault: createVault(oneKey()),
    patience: logistics.patience,
    webhookSecrets: [],
  };
}

/** The same after a restart, as one that is configured. */
function oneKey(): KeyStore {
  const key = createHash('sha256').update('bench').digest();
  return {
    read: async (owners) => new Map(owners.map((owner) => [owner, key])),
    make: async () => key,
    async destroy() {},
    secret: async (_, made) => made,
  };
}

function connect({ group, thread }: Peer, port: MessagePort): void {
  const router = routers.get(group);
  router?.connect(thread, new Link<Ask, ShardToIngress>(port, (message) => router.receive(thread, message)));
}

function report(message: Report): void {
  parentPort?.postMessage(message);
}

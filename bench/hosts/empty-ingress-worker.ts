// The product's gRPC server with a handler that is answered at once, in the same thread: what the server carries.
import { randomUUID } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import type { InventoryDeps } from '../../src/api/inventory/deps.ts';
import { ItemIds } from '../../src/api/item-ids.ts';
import { inventoryService } from '../../src/grpc/inventory-service.ts';
import { createGrpcServer } from '../../src/grpc/server.ts';
import { createQueries } from '../../src/persistence/inventory/queries/queries.ts';
import { startBeating } from '../../src/runtime/threads/beat.ts';
import type { Control, Report } from '../../src/runtime/threads/messages.ts';
import type { IngressWorkerData } from '../../src/service/ingress-worker.ts';
import { createLogger } from '../../src/telemetry/log.ts';
import { IngressMetrics } from '../../src/telemetry/metrics.ts';
import { grantAll } from './empty.ts';

const data: IngressWorkerData = workerData;
const log = createLogger(data.logLevel, 'empty');
const metrics = new IngressMetrics(() => 0);
// Never asked, and so never connected.
const queries = createQueries({ url: data.databaseUrls.inventory ?? '', log });
startBeating(data.beats, data.beatIntervalMs);

const deps: InventoryDeps = {
  asker: { ask: async (ref, command) => grantAll(ref.id, command) },
  notices: { subscribe: () => () => {} },
  queries,
  itemIds: new ItemIds(),
  log,
  observe: (method, outcome, seconds) => metrics.request('grpc', method, outcome, seconds),
  newId: randomUUID,
};
const grpc = createGrpcServer((open) => [inventoryService(deps, open)]);

parentPort?.on('message', (message: Control) => {
  if (message.type === 'drain') report({ type: 'drained' });
  else if (message.type === 'stop') process.exit(0);
});
report({ type: 'ready', ports: { http: 0, grpc: await grpc.bind(data.host, data.ports.grpc) } });

function report(message: Report): void {
  parentPort?.postMessage(message);
}

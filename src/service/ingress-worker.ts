// The body of an ingress thread: speaks gRPC with clients, and asks the shard threads. It has no state of its own.
import { randomUUID } from 'node:crypto';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { InventoryDeps } from '../api/inventory/deps.ts';
import { ItemIds } from '../api/item-ids.ts';
import { inventoryService } from '../grpc/inventory-service.ts';
import { createGrpcServer } from '../grpc/server.ts';
import { createQueries } from '../persistence/inventory/queries/queries.ts';
import { startBeating } from '../runtime/threads/beat.ts';
import { Link } from '../runtime/threads/link.ts';
import type { Ask, Control, Peer, Report, ShardToIngress } from '../runtime/threads/messages.ts';
import { Router } from '../runtime/threads/router.ts';
import { createLogger } from '../telemetry/log.ts';
import { IngressMetrics } from '../telemetry/metrics.ts';

/** Plain data that the supervisor gives to each ingress thread. */
export interface IngressWorkerData {
  readonly thread: number;
  readonly threads: number;
  readonly shards: number;
  readonly shardThreads: number;
  readonly databaseUrl: string;
  readonly logLevel: string;
  readonly host: string;
  readonly grpcPort: number;
  readonly beats: Int32Array;
  readonly beatIntervalMs: number;
}

/** How long calls that are under way may take to end when the process stops. */
const drainMsMax = 10_000;

const data: IngressWorkerData = workerData;
const port = parentPort;
if (port === null) throw new Error('this module is the body of a worker thread');
const log = createLogger(data.logLevel, `ingress-${data.thread}`);
startBeating(data.beats, data.beatIntervalMs);

const router = new Router(data.shards, data.shardThreads);
const metrics = new IngressMetrics(() => router.outstanding);
const queries = createQueries({ url: data.databaseUrl, log });
const inventory: InventoryDeps = {
  asker: router,
  notices: router,
  queries,
  itemIds: new ItemIds(),
  log,
  observe: (method, outcome, seconds) => metrics.request(method, outcome, seconds),
  newId: randomUUID,
};
const grpc = createGrpcServer((open) => [inventoryService(inventory, open)]);

port.on('message', (message: Control) => {
  if (message.type === 'connect') connect(message.peer, message.port);
  else if (message.type === 'disconnect') disconnect(message.peer);
  else if (message.type === 'serving') grpc.setServing(message.isServing);
  else if (message.type === 'drain') void grpc.drain(drainMsMax).then(() => report({ type: 'drained' }));
  else if (message.type === 'stop') void stop();
  else void sendMetrics(message.id);
});
try {
  report({ type: 'ready', grpcPort: await grpc.bind(data.host, data.grpcPort) });
} catch (error) {
  report({ type: 'cannot-listen', why: error instanceof Error ? error.message : String(error) });
  throw error;
}

function report(message: Report): void {
  port?.postMessage(message);
}

function connect(peer: Peer, messagePort: MessagePort): void {
  if (peer.role !== 'shard') return;
  router.connect(
    peer.thread,
    new Link<Ask, ShardToIngress>(messagePort, (message) => router.receive(peer.thread, message)),
  );
}

/** The router knows shard threads only, and ingress threads have the same numbers. */
function disconnect(peer: Peer): void {
  if (peer.role === 'shard') router.disconnect(peer.thread);
}

async function sendMetrics(id: number): Promise<void> {
  report({ type: 'metrics', id, metrics: await metrics.registry.getMetricsAsJSON() });
}

async function stop(): Promise<void> {
  await grpc.drain(0);
  router.close();
  await queries.close();
  report({ type: 'stopped' });
  port?.close();
  process.exit(0);
}

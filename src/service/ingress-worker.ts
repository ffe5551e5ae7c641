// The body of an ingress thread: speaks gRPC and HTTP with clients, and asks the shard threads. It has no state of its own.
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { startBeating } from '../runtime/threads/beat.ts';
import { Link } from '../runtime/threads/link.ts';
import type {
  Ask,
  Control,
  IngressPorts,
  Peer,
  Report,
  ShardToIngress,
} from '../runtime/threads/messages.ts';
import { EdgeMetrics } from '../telemetry/edge-metrics.ts';
import { createLogger } from '../telemetry/log.ts';
import { IngressMetrics } from '../telemetry/metrics.ts';
import { openEdge } from './edge.ts';
import type { IngressParts } from './ingress-parts.ts';
import type { ThreadReport } from './questions.ts';
import { Wondering } from './wondering.ts';

/** Plain data that the supervisor gives to each ingress thread. */
export interface IngressWorkerData extends IngressParts {
  readonly thread: number;
  readonly threads: number;
  readonly host: string;
  readonly ports: IngressPorts;
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

let notReady: string | null = 'starting';
const wondering = new Wondering((id, question) => report({ type: 'wonders', id, question }));
const metrics = new IngressMetrics(() => edge.outstanding);
const edge = await openEdge(data, {
  log,
  metrics: new EdgeMetrics(metrics.registry),
  observe: (protocol, method, outcome, seconds) => metrics.request(protocol, method, outcome, seconds),
  notReady: () => notReady,
  grpcUrl: () => `${data.host}:${grpc}`,
  ask: (question) => wondering.ask(question),
});

port.on('message', (message: Control) => {
  switch (message.type) {
    case 'connect':
      connect(message.peer, message.port);
      break;
    case 'disconnect':
      edge.routers.get(message.peer.group)?.disconnect(message.peer.thread);
      break;
    case 'serving':
      edge.setServing(message.isServing);
      break;
    case 'state':
      notReady = message.notReady;
      break;
    case 'told':
      wondering.told(message.id, message.answer);
      break;
    case 'drain':
      void drain(drainMsMax).then(() => report({ type: 'drained' }));
      break;
    case 'stop':
      void stop();
      break;
    case 'log-level':
      log.level = message.level;
      break;
    case 'metrics':
      void sendMetrics(message.id);
      break;
  }
});
const grpc = await listen('grpc', () => edge.grpc.bind(data.host, data.ports.grpc));
const http = await listen('http', () => edge.http.listen(data.host, data.ports.http));
report({ type: 'ready', ports: { http, grpc } });

async function listen(which: keyof IngressPorts, bind: () => Promise<number>): Promise<number> {
  try {
    return await bind();
  } catch (error) {
    report({ type: 'cannot-listen', which, why: error instanceof Error ? error.message : String(error) });
    throw error;
  }
}

function report(message: Report): void {
  port?.postMessage(message);
}

function connect(peer: Peer, messagePort: MessagePort): void {
  const router = edge.routers.get(peer.group);
  if (router === undefined) return;
  router.connect(
    peer.thread,
    new Link<Ask, ShardToIngress>(messagePort, (message) => router.receive(peer.thread, message)),
  );
}

async function sendMetrics(id: number): Promise<void> {
  const told: ThreadReport = { json: await metrics.registry.getMetricsAsJSON() };
  report({ type: 'metrics', id, metrics: told });
}

async function drain(deadlineMs: number): Promise<void> {
  await Promise.all([edge.grpc.drain(deadlineMs), edge.http.drain(deadlineMs)]);
}

async function stop(): Promise<void> {
  await drain(0);
  await edge.close();
  report({ type: 'stopped' });
  port?.close();
  process.exit(0);
}

// The body of the thread of events: joins it to the shard threads, which feed it what is durable, and to the supervisor.
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { startBeating } from '../runtime/threads/beat.ts';
import { Link } from '../runtime/threads/link.ts';
import type {
  Ask,
  Control,
  IngressPorts,
  Peer,
  Report,
  RowsRoom,
  ShardToIngress,
} from '../runtime/threads/messages.ts';
import { rowsRoom } from '../runtime/threads/row-feed.ts';
import { EventMetrics } from '../telemetry/event-metrics.ts';
import { createLogger } from '../telemetry/log.ts';
import { Events } from './events/events.ts';
import { measured } from './events/measured.ts';
import type { EventsParts } from './events/parts.ts';
import type { ThreadReport } from './questions.ts';

/** Plain data that the supervisor gives to the thread. */
export interface EventsWorkerData extends EventsParts {
  /** By service. */
  readonly ownerEpochs: Readonly<Record<string, number>>;
  readonly ports: IngressPorts;
  readonly beats: Int32Array;
  readonly beatIntervalMs: number;
}

const data: EventsWorkerData = workerData;
const port = parentPort;
if (port === null) throw new Error('this module is the body of a worker thread');
const log = createLogger(data.logLevel, 'events');
startBeating(data.beats, data.beatIntervalMs);

const events = new Events(data, {
  log,
  ownerEpochs: data.ownerEpochs,
  ownGrpcUrl: `${data.host}:${data.ports.grpc}`,
});
let isStopping = false;
const metrics = new EventMetrics();

port.on('message', (message: Control) => {
  if (message.type === 'connect') connect(message.peer, message.port);
  else if (message.type === 'disconnect')
    events.routers.get(message.peer.group)?.disconnect(message.peer.thread);
  else if (message.type === 'drain') report({ type: 'drained' });
  else if (message.type === 'stop') void stop();
  else if (message.type === 'metrics') void sendMetrics(message.id);
  else if (message.type === 'log-level') log.level = message.level;
});
// The process serves without the broker, and without what it tells: that catches up.
report({ type: 'ready' });
await events.open().catch((error: unknown) => {
  if (!isStopping) throw error;
});

function report(message: Report): void {
  port?.postMessage(message);
}

function connect(peer: Peer, messagePort: MessagePort): void {
  const router = events.routers.get(peer.group);
  if (router === undefined) {
    messagePort.close();
    return;
  }
  const source = events.sources.get(peer.group);
  const link: Link<Ask | RowsRoom, ShardToIngress> = new Link(messagePort, (message) => {
    if (message.type === 'rows') {
      source?.fed(message.rows);
      link.send({ room: message.rows.reduce((sum, row) => sum + row.events.length, 0) });
    } else {
      if (message.type === 'durable') source?.durable(message.shard, message.seq);
      router.receive(peer.thread, message);
    }
  });
  router.connect(peer.thread, link);
  if (source?.isRead === true) link.send({ room: rowsRoom });
}

async function sendMetrics(id: number): Promise<void> {
  metrics.take(await measured(events, log));
  const told: ThreadReport = { json: await metrics.registry.getMetricsAsJSON() };
  report({ type: 'metrics', id, metrics: told });
}

async function stop(): Promise<void> {
  isStopping = true;
  await events.close();
  report({ type: 'stopped' });
  port?.close();
  process.exit(0);
}

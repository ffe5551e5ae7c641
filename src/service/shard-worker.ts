// The body of a shard thread: joins the runtime to its ports, its database and its metrics.
import { randomUUID } from 'node:crypto';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { Behaviours } from '../actors/behaviour.ts';
import { inventorySchema } from '../persistence/inventory/schema.ts';
import { createStore } from '../persistence/store.ts';
import { systemClock } from '../runtime/clock.ts';
import { noEffects } from '../runtime/effects.ts';
import { checkLimits, defaultRuntimeLimits, type RuntimeLimits } from '../runtime/limits.ts';
import type { Observer } from '../runtime/observer.ts';
import { ShardThread } from '../runtime/shard-thread.ts';
import { startBeating } from '../runtime/threads/beat.ts';
import { Link } from '../runtime/threads/link.ts';
import { Mesh } from '../runtime/threads/mesh.ts';
import type {
  Ask,
  Control,
  Peer,
  Report,
  ShardToIngress,
  ShardToShard,
} from '../runtime/threads/messages.ts';
import { createLogger } from '../telemetry/log.ts';
import { ShardMetrics } from '../telemetry/metrics.ts';

/** Plain data that the supervisor gives to each shard thread. */
export interface ShardWorkerData {
  readonly thread: number;
  readonly threads: number;
  readonly shards: readonly number[];
  readonly shardCount: number;
  readonly ownerEpoch: number;
  readonly databaseUrl: string;
  readonly logLevel: string;
  readonly residentActorsMax: number;
  /** A module that exports `inventoryBehaviours`. */
  readonly behavioursModule: string;
  readonly beats: Int32Array;
  readonly beatIntervalMs: number;
}

const data: ShardWorkerData = workerData;
const port = parentPort;
if (port === null) throw new Error('this module is the body of a worker thread');
const log = createLogger(data.logLevel, `shard-${data.thread}`);
startBeating(data.beats, data.beatIntervalMs);

const limits: RuntimeLimits = { ...defaultRuntimeLimits, residentActorsMax: data.residentActorsMax };
checkLimits(limits);
const ingress = new Map<number, Link<ShardToIngress, Ask>>();
const mesh = new Mesh(data.shardCount, data.threads);
const store = createStore({ url: data.databaseUrl, log }, inventorySchema);
const { inventoryBehaviours: behaviours }: { inventoryBehaviours: Behaviours } = await import(
  data.behavioursModule
);
const thread = new ShardThread({
  shards: data.shards,
  shardCount: data.shardCount,
  ownerEpoch: data.ownerEpoch,
  behaviours,
  store,
  performer: noEffects,
  transport: mesh,
  clock: systemClock,
  limits,
  observer: observer(),
  newId: randomUUID,
  onDisplaced: () => report({ type: 'displaced' }),
  onFatal: (error) => {
    // The supervisor sees the thread end, says why, and starts another.
    throw error;
  },
});
const metrics = new ShardMetrics(() => thread.stats);
let isLagging = false;
const lagWatch = setInterval(watchLag, limits.snapshotIntervalMs);

port.on('message', (message: Control) => {
  if (message.type === 'connect') connect(message.peer, message.port);
  else if (message.type === 'disconnect') disconnect(message.peer);
  else if (message.type === 'drain') void thread.drain().then(() => report({ type: 'drained' }));
  else if (message.type === 'stop') void stop();
  else if (message.type === 'metrics') void sendMetrics(message.id);
});
await thread.start();
report({ type: 'ready' });

function report(message: Report): void {
  port?.postMessage(message);
}

function connect(peer: Peer, messagePort: MessagePort): void {
  if (peer.role === 'shard') {
    mesh.connect(
      peer.thread,
      new Link<ShardToShard, ShardToShard>(messagePort, (message) => thread.receive(message)),
    );
    return;
  }
  const link: Link<ShardToIngress, Ask> = new Link(messagePort, ({ id, ...request }) => {
    thread.submit(request, (reply) => link.send({ type: 'reply', id, reply }));
  });
  ingress.set(peer.thread, link);
  if (isLagging) link.send({ type: 'lagging', isLagging });
}

function disconnect(peer: Peer): void {
  if (peer.role === 'shard') mesh.disconnect(peer.thread);
  else ingress.delete(peer.thread);
}

/** Slows admission while recovery would take too long, and lets go again at half of that. */
function watchLag(): void {
  const { snapshotLagEvents } = thread.stats;
  const shouldLag =
    snapshotLagEvents > (isLagging ? limits.snapshotLagEventsMax / 2 : limits.snapshotLagEventsMax);
  if (shouldLag === isLagging) return;
  isLagging = shouldLag;
  log.warn(
    { snapshotLagEvents, isLagging },
    isLagging ? 'snapshots lag: writes are refused' : 'snapshots have caught up',
  );
  for (const link of ingress.values()) link.send({ type: 'lagging', isLagging });
}

async function sendMetrics(id: number): Promise<void> {
  report({ type: 'metrics', id, metrics: await metrics.registry.getMetricsAsJSON() });
}

async function stop(): Promise<void> {
  clearInterval(lagWatch);
  await thread.stop();
  await store.close();
  report({ type: 'stopped' });
  port?.close();
  for (const link of ingress.values()) link.close();
  process.exit(0);
}

function observer(): Observer {
  return {
    appended(cut, milliseconds) {
      const events = cut.rows.reduce((sum, { record }) => sum + record.events.length, 0);
      metrics.appended(events, cut.replies.length, milliseconds);
    },
    durable(shard, seq) {
      for (const link of ingress.values()) link.send({ type: 'durable', shard, seq });
    },
    turn: (work) => metrics.turn(work),
    snapshotWritten: (rows, milliseconds) => metrics.snapshotWritten(rows, milliseconds),
    recovered: (milliseconds) => metrics.recovered(milliseconds),
    log: (level, message, { error, ...facts }) =>
      log[level](error === undefined ? facts : { ...facts, err: error }, message),
  };
}

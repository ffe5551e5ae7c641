// The body of a shard thread, of either service: joins the runtime to its ports, its database and its metrics.
import { randomUUID } from 'node:crypto';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { Behaviours } from '../actors/behaviour.ts';
import { isObject } from '../actors/shape.ts';
import { inventorySchema } from '../persistence/inventory/schema.ts';
import { createStore } from '../persistence/store.ts';
import { systemClock } from '../runtime/clock.ts';
import { noEffects } from '../runtime/effects.ts';
import { checkLimits, defaultRuntimeLimits, type RuntimeLimits } from '../runtime/limits.ts';
import type { Observer } from '../runtime/observer.ts';
import type { ShardRecord } from '../runtime/record.ts';
import { shardOf } from '../runtime/routing.ts';
import { ShardThread } from '../runtime/shard-thread.ts';
import { startBeating } from '../runtime/threads/beat.ts';
import { Link } from '../runtime/threads/link.ts';
import { Mesh } from '../runtime/threads/mesh.ts';
import type {
  Ask,
  Control,
  Load,
  Peer,
  Report,
  RowsRoom,
  ShardToIngress,
  ShardToShard,
} from '../runtime/threads/messages.ts';
import { RowFeed } from '../runtime/threads/row-feed.ts';
import { HotCounter } from '../telemetry/hot.ts';
import { createLogger } from '../telemetry/log.ts';
import { ShardMetrics } from '../telemetry/metrics.ts';
import type { LogisticsParts } from './logistics-shard.ts';
import type { ThreadReport } from './questions.ts';
import type { ActorService } from './roles.ts';

/** Plain data that the supervisor gives to each shard thread. */
export interface ShardWorkerData {
  readonly service: ActorService;
  readonly thread: number;
  readonly threads: number;
  readonly shards: readonly number[];
  readonly shardCount: number;
  readonly ownerEpoch: number;
  readonly databaseUrl: string;
  readonly logLevel: string;
  readonly residentActorsMax: number;
  /** A module that exports `inventoryBehaviours` or `logisticsBehaviours`, as the service is. */
  readonly behavioursModule: string;
  /** Of Logistics. */
  readonly logistics?: LogisticsParts;
  readonly beats: Int32Array;
  readonly beatIntervalMs: number;
}

/** Of one thread, for the list of the hottest. */
const hotSkusMax = 1_000;

const loads: Readonly<Record<Load, string>> = {
  usual: 'everything is admitted again',
  crowded: 'too much waits to be done outside: nothing new is begun',
  lagging: 'snapshots lag: writes are refused',
};

const data: ShardWorkerData = workerData;
const port = parentPort;
if (port === null) throw new Error('this module is the body of a worker thread');
const log = createLogger(data.logLevel, `${data.service}-${data.thread}`);
startBeating(data.beats, data.beatIntervalMs);

const limits: RuntimeLimits = { ...defaultRuntimeLimits, residentActorsMax: data.residentActorsMax };
checkLimits(limits);
/** Whoever asks: ingress threads, and threads of services that ask this one. */
const askers = new Map<string, Link<ShardToIngress, Ask | RowsRoom>>();
/** Of those among them that want rows. */
const feeds = new Map<string, RowFeed>();
const mesh = new Mesh(data.shardCount, data.threads);
const outside = data.logistics === undefined ? undefined : await openOutside(data.logistics);
const store = createStore({ url: data.databaseUrl, log }, outside?.schema ?? inventorySchema);
const thread = new ShardThread({
  shards: data.shards,
  shardCount: data.shardCount,
  ownerEpoch: data.ownerEpoch,
  behaviours: await behaviours(),
  store,
  performer: outside?.performer ?? noEffects,
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
const metrics = new ShardMetrics(data.service, () => thread.stats);
const hot = new HotCounter(() => systemClock.monotonic());
let load: Load = 'usual';
const loadWatch = setInterval(watchLoad, limits.snapshotIntervalMs);

port.on('message', (message: Control) => {
  if (message.type === 'connect') connect(message.peer, message.port);
  else if (message.type === 'disconnect') disconnect(message.peer);
  else if (message.type === 'drain') void thread.drain().then(() => report({ type: 'drained' }));
  else if (message.type === 'stop') void stop();
  else if (message.type === 'metrics') void sendMetrics(message.id);
  else if (message.type === 'log-level') log.level = message.level;
});
await thread.start();
report({ type: 'ready' });

/** Loaded only where it is needed: threads of Inventory start without it. */
async function openOutside(parts: LogisticsParts) {
  const { openLogistics } = await import('./logistics-shard.ts');
  return openLogistics(parts, { databaseUrl: data.databaseUrl, log, newId: randomUUID, tell });
}

async function behaviours(): Promise<Behaviours> {
  const module: Record<string, Behaviours> = await import(data.behavioursModule);
  const found = module[`${data.service}Behaviours`];
  if (found === undefined) throw new Error(`${data.behavioursModule} has no behaviours of ${data.service}`);
  return found;
}

/** Something that came from outside, for an actor of this thread. What is lost comes again. */
function tell(kind: string, id: string, command: unknown): void {
  const shard = shardOf(id, data.shardCount);
  const deadline = systemClock.monotonic() + limits.stopMsMax;
  thread.submit({ ref: { kind, id }, shard, command, receipt: null, deadline }, () => {});
}

function report(message: Report): void {
  port?.postMessage(message);
}

function connect(peer: Peer, messagePort: MessagePort): void {
  if (peer.group === data.service) {
    mesh.connect(
      peer.thread,
      new Link<ShardToShard, ShardToShard>(messagePort, (message) => thread.receive(message)),
    );
    return;
  }
  if (outside?.router !== undefined && peer.group === 'inventory') {
    const { router } = outside;
    const link = new Link<Ask, ShardToIngress>(messagePort, (message) =>
      router.receive(peer.thread, message),
    );
    router.connect(peer.thread, link);
    return;
  }
  const feed = new RowFeed({ send: (message) => link.send(message) });
  const link: Link<ShardToIngress, Ask | RowsRoom> = new Link(messagePort, (message) => {
    if ('room' in message) {
      feed.makeRoom(message.room);
      feeds.set(nameOf(peer), feed);
      return;
    }
    const { id, ...request } = message;
    thread.submit(request, (reply) => link.send({ type: 'reply', id, reply }));
  });
  askers.set(nameOf(peer), link);
  if (load !== 'usual') link.send({ type: 'load', load });
}

function disconnect(peer: Peer): void {
  if (peer.group === data.service) mesh.disconnect(peer.thread);
  else if (peer.group === 'inventory') outside?.router?.disconnect(peer.thread);
  else {
    askers.delete(nameOf(peer));
    feeds.delete(nameOf(peer));
  }
}

function nameOf({ group, thread: number }: Peer): string {
  return `${group}-${number}`;
}

/** Slows admission while recovery would take too long or too much is in line, and lets go again at half of that. */
function watchLoad(): void {
  const { snapshotLagEvents, effectsInLine } = thread.stats;
  const isBeyond = (value: number, max: number, is: boolean) => value > (is ? max / 2 : max);
  const next: Load = isBeyond(snapshotLagEvents, limits.snapshotLagEventsMax, load === 'lagging')
    ? 'lagging'
    : isBeyond(effectsInLine, limits.effectsInLineMax, load === 'crowded')
      ? 'crowded'
      : 'usual';
  if (next === load) return;
  load = next;
  log.warn({ snapshotLagEvents, effectsInLine, load }, loads[load]);
  for (const link of askers.values()) link.send({ type: 'load', load });
}

async function sendMetrics(id: number): Promise<void> {
  const { snapshotLagEvents, dueLagMs, inbox } = thread.stats;
  const { service, thread: number } = data;
  const told: ThreadReport = {
    json: await metrics.registry.getMetricsAsJSON(),
    lag: { service, thread: number, snapshotLagEvents, dueLagMs, mailboxDepth: inbox },
    hot: hot.top(hotSkusMax),
  };
  report({ type: 'metrics', id, metrics: told });
}

async function stop(): Promise<void> {
  clearInterval(loadWatch);
  await thread.stop();
  await store.close();
  await outside?.close();
  report({ type: 'stopped' });
  port?.close();
  for (const link of askers.values()) link.close();
  process.exit(0);
}

/** Which SKUs are hot: those whose levels change most. */
function countChanges({ events }: ShardRecord): void {
  for (const { ref, event } of events) {
    if (ref.kind !== 'item' || !isObject(event) || event['type'] !== 'level') continue;
    hot.count(ref.id, String(event['sku']));
  }
}

function observer(): Observer {
  return {
    appended(cut, milliseconds) {
      const events = cut.rows.reduce((sum, { record }) => sum + record.events.length, 0);
      metrics.appended(events, cut.replies.length, milliseconds);
      for (const feed of feeds.values()) feed.offer(cut.rows.map(({ row }) => row));
      if (data.service === 'inventory') for (const { record } of cut.rows) countChanges(record);
    },
    durable(shard, seq) {
      for (const link of askers.values()) link.send({ type: 'durable', shard, seq });
    },
    turn: (work) => metrics.turn(work),
    snapshotWritten: (rows, milliseconds) => metrics.snapshotWritten(rows, milliseconds),
    recovered: (milliseconds) => metrics.recovered(milliseconds),
    log: (level, message, { error, ...facts }) =>
      log[level](error === undefined ? facts : { ...facts, err: error }, message),
  };
}

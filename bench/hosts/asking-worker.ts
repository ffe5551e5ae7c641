// In place of the gRPC ingress: a thread that asks the Router directly, as the handler of CheckAndReserveStock does
// once it has decoded and checked its request. Fingerprints and item ids are made beforehand.
import { BroadcastChannel, type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { ReserveRequest } from '../../src/actors/inventory/order-stock/model.ts';
import { isObject } from '../../src/actors/shape.ts';
import { fingerprintOf } from '../../src/api/idempotency.ts';
import { reserveMessage } from '../../src/api/inventory/present.ts';
import { isReserveView } from '../../src/api/inventory/views.ts';
import { ItemIds } from '../../src/api/item-ids.ts';
import { requestLimits } from '../../src/api/limits.ts';
import { StockReservationResponse } from '../../src/generated/synkro/inventory/v1/inventory.ts';
import { processNow } from '../../src/runtime/ask.ts';
import { startBeating } from '../../src/runtime/threads/beat.ts';
import { Link } from '../../src/runtime/threads/link.ts';
import type { Ask, Control, Peer, Report, ShardToIngress } from '../../src/runtime/threads/messages.ts';
import { Router } from '../../src/runtime/threads/router.ts';
import { benchLimits as limits } from '../limits.ts';
import { LoadLoop, type Send } from '../load/loop.ts';
import { isLoadOrder, type LoadPlan, type LoadReport, overloadCodes } from '../load/plan.ts';
import { type Line, workloads } from '../scenarios/scenarios.ts';
import { askingChannel } from './protocol.ts';

interface AskingWorkerData {
  readonly groups: readonly { readonly shards: number; readonly threads: number }[];
  readonly beats: Int32Array;
  readonly beatIntervalMs: number;
}

const data: AskingWorkerData = workerData;
const itemIds = new ItemIds();
const none = new Uint8Array();
const { shards, threads } = data.groups[0] ?? { shards: 1, threads: 1 };
const router = new Router(shards, threads);
const asking = new BroadcastChannel(askingChannel);
startBeating(data.beats, data.beatIntervalMs);

asking.onmessage = ({ data: message }: { readonly data: unknown }) => {
  if (isLoadOrder(message)) void run(message.plan);
};
parentPort?.on('message', (message: Control) => {
  if (message.type === 'connect') connect(message.peer, message.port);
  else if (message.type === 'disconnect') router.disconnect(message.peer.thread);
  else if (message.type === 'drain') control({ type: 'drained' });
  else if (message.type === 'stop') process.exit(0);
});
control({ type: 'ready' });

async function run(plan: LoadPlan): Promise<void> {
  const baskets = (await workloads[plan.workload].load(plan.basketsMax)).map(basketOf);
  const result = await new LoadLoop({
    plan,
    basketCount: baskets.length,
    send: sendThrough(baskets),
    onPhase: (phase) => report({ type: 'phase', phase }),
    cpuUs: () => {
      const { user, system } = process.threadCpuUsage();
      return user + system;
    },
    overloadCodes,
  }).run();
  report({ type: 'done', result });
}

interface Basket {
  readonly request: ReserveRequest;
  readonly fingerprint: string;
}

/** As the edge makes it: lines of the same item are one. */
function basketOf(lines: readonly Line[]): Basket {
  const sums = new Map<string, number>();
  for (const { sku, quantity } of lines)
    sums.set(itemIds.of(sku), (sums.get(itemIds.of(sku)) ?? 0) + quantity);
  const request: ReserveRequest = {
    items: Array.from(sums, ([itemId, quantity]) => ({ itemId, quantity })),
    warehouseId: null,
    strategy: 'priority',
    ttlSeconds: requestLimits.ttlSecondsDefault,
    customerId: '',
  };
  return { request, fingerprint: fingerprintOf(request) };
}

function sendThrough(baskets: readonly Basket[]): Send {
  return (orderId, index, tell) => {
    const basket = baskets[index];
    if (basket === undefined) throw new RangeError(`there is no basket ${index}`);
    const command = { type: 'reserve', key: orderId, ...basket };
    const options = { deadline: processNow() + limits.callMsMax, receipt: null, kind: 'write' } as const;
    void router.ask({ kind: 'order', id: orderId }, command, options).then((reply) => {
      if ('error' in reply) tell(reply.error.code, () => none);
      else if (!isObject(reply.ok)) tell('not an answer', () => none);
      else tell(reply.ok['success'] === true ? 'granted' : 'refused', () => bytesOf(orderId, reply.ok));
    });
  };
}

/** What a caller over gRPC would have been sent, so that it can be compared with what is read back over gRPC. */
function bytesOf(orderId: string, view: unknown): Uint8Array {
  if (!isReserveView(view)) throw new TypeError(`order ${orderId} answered with something else`);
  return Uint8Array.from(StockReservationResponse.encode(reserveMessage(orderId, view)).finish());
}

function connect(peer: Peer, port: MessagePort): void {
  if (peer.group !== 'inventory') return;
  const link = new Link<Ask, ShardToIngress>(port, (message) => router.receive(peer.thread, message));
  router.connect(peer.thread, link);
}

function control(message: Report): void {
  parentPort?.postMessage(message);
}

function report(message: LoadReport): void {
  asking.postMessage(message);
}

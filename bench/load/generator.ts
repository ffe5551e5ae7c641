// A load generator: a process of its own that calls CheckAndReserveStock over gRPC as its plan says.
import { InventoryServiceService } from '../../src/generated/synkro/inventory/v1/inventory.ts';
import { workloads } from '../scenarios/scenarios.ts';
import { encodeItems, frameRequest, isGranted, messageOf } from './frames.ts';
import { Http2Client } from './http2-client.ts';
import { LoadLoop, type Send } from './loop.ts';
import { isLoadOrder, type LoadOrder, type LoadReport } from './plan.ts';

const statusResourceExhausted = '8';

process.once('disconnect', () => process.exit(0));
process.on('message', (message: unknown) => {
  if (isLoadOrder(message)) void run(message);
});
process.send?.({ type: 'ready' });

async function run({ port, plan }: LoadOrder): Promise<void> {
  const lines = await workloads[plan.workload].load(plan.basketsMax);
  const items = lines.map(encodeItems);
  const client = new Http2Client(port, InventoryServiceService.checkAndReserveStock.path);
  const result = await new LoadLoop({
    plan,
    basketCount: items.length,
    send: sendOver(client, items),
    onPhase: (phase) => report({ type: 'phase', phase }),
    cpuUs: () => {
      const { user, system } = process.cpuUsage();
      return user + system;
    },
    overloadCodes: new Set([`grpc-status ${statusResourceExhausted}`]),
  }).run();
  client.close();
  report({ type: 'done', result });
}

function sendOver(client: Http2Client, items: readonly Uint8Array[]): Send {
  const none = new Uint8Array();
  return (orderId, basket, tell) => {
    client.call(frameRequest(orderId, items[basket] ?? none), (status, frame) => {
      const message = status === '0' ? messageOf(frame) : null;
      if (message === null) tell(`grpc-status ${status === '' ? 'missing' : status}`, () => none);
      else tell(isGranted(message) ? 'granted' : 'refused', () => Uint8Array.from(message));
    });
  };
}

function report(message: LoadReport): void {
  process.send?.(message);
}

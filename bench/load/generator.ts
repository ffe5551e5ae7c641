// A load generator: a process of its own that calls the service as its plan says.
import { workloads } from '../scenarios/scenarios.ts';
import { LoadLoop } from './loop.ts';
import { isLoadOrder, type LoadOrder, type LoadReport, overloadCodes } from './plan.ts';
import { senderOf } from './senders.ts';

process.once('disconnect', () => process.exit(0));
process.on('message', (message: unknown) => {
  if (isLoadOrder(message)) void run(message);
});
process.send?.({ type: 'ready' });

async function run({ port, plan }: LoadOrder): Promise<void> {
  const baskets = await workloads[plan.workload].load(plan.basketsMax);
  const sender = senderOf(port, plan, baskets);
  const result = await new LoadLoop({
    plan,
    basketCount: baskets.length,
    send: sender.send,
    onPhase: (phase) => report({ type: 'phase', phase }),
    cpuUs: () => {
      const { user, system } = process.cpuUsage();
      return user + system;
    },
    overloadCodes,
  }).run();
  sender.close();
  report({ type: 'done', result });
}

function report(message: LoadReport): void {
  process.send?.(message);
}

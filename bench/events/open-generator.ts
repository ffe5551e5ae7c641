// The process that makes an open load of reservations.
import { senderOf } from '../load/senders.ts';
import { workloads } from '../scenarios/scenarios.ts';
import { OpenLoop } from './open-loop.ts';
import { isOpenOrder, type OpenOrder, type OpenReport } from './open-plan.ts';

process.once('disconnect', () => process.exit(0));
process.on('message', (message: unknown) => {
  if (isOpenOrder(message)) void run(message);
});
process.send?.({ type: 'ready' });

async function run({ port, plan }: OpenOrder): Promise<void> {
  const baskets = await workloads[plan.workload].load(plan.basketsMax);
  const sender = senderOf(port, { job: 'reserve', way: 'grpc', outstanding: 1 }, baskets);
  const loop = new OpenLoop({
    plan,
    basketCount: baskets.length,
    send: sender.send,
    cpuUs: () => {
      const { user, system } = process.cpuUsage();
      return user + system;
    },
  });
  report({ type: 'begun' });
  const result = await loop.run();
  sender.close();
  report({ type: 'offered', result });
}

function report(message: OpenReport): void {
  process.send?.(message);
}

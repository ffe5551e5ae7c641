// The process that publishes: nothing else runs in it, so its CPU time is what publishing costs.
import { publishBare } from './bare.ts';
import { isPublishOrder, type PublishPlan, type PublishReport } from './plan.ts';
import { publishByProduct } from './product.ts';

process.once('disconnect', () => process.exit(1));
process.on('message', (message: unknown) => {
  if (isPublishOrder(message)) void publish(message.plan);
  else process.exit(0);
});
process.send?.({ type: 'ready' });

async function publish(plan: PublishPlan): Promise<void> {
  const by = plan.source === 'bare' ? publishBare : publishByProduct;
  const result = await by(plan, () => report({ type: 'measuring' }));
  report({ type: 'published', result });
}

function report(message: PublishReport): void {
  process.send?.(message);
}

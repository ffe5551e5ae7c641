// Everybody wants one unit of the same SKU.
import type { Workload } from './scenarios.ts';

export const hotSku = 'BENCH-HOT';

export const hot: Workload = {
  title: 'hot SKU',
  load: async () => [[{ sku: hotSku, quantity: 1 }]],
};

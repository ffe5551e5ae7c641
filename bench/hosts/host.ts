// The process that an engine runs in: the product as it is (src/service), or its supervisor and threads with other
// modules in their places, so that whatever is compared differs in its engine and in nothing else.
import { BroadcastChannel } from 'node:worker_threads';
import { readSettings } from '../../src/service/settings.ts';
import { isLoadOrder } from '../load/plan.ts';
import { startOrderThreads } from '../orders/host.ts';
import type { Engine } from '../scenarios/scenarios.ts';
import { askingChannel, type HostOptions, hostVariable, isHostOptions, isHostQuestion } from './protocol.ts';
import { startService } from './service.ts';
import { startThreads } from './threads.ts';

export interface Running {
  /** Of the server that is asked; 0 where there is none. */
  readonly port: number;
  stop(): Promise<void>;
}

const options = readOptions(process.env[hostVariable] ?? '');
const settings = readSettings({
  LOG_LEVEL: 'warn',
  ...process.env,
  HOST: '127.0.0.1',
  HTTP_PORT: '0',
  GRPC_PORT: '0',
  ROLE: options.job === 'order' ? 'all' : 'inventory',
  INVENTORY_DATABASE_URL: options.databaseUrl,
  ...(options.job === 'order'
    ? {
        LOGISTICS_DATABASE_URL: options.logisticsUrl,
        NOTIFICATIONS_DATABASE_URL: options.notificationsUrl,
      }
    : {}),
});
// Without a parent there is nobody to measure for, and nobody who would end this process.
process.once('disconnect', () => process.exit(1));

const running = await start(options.engine);
const asking = new BroadcastChannel(askingChannel);

asking.onmessage = ({ data }: { readonly data: unknown }) => process.send?.(data);
process.on('message', (message: unknown) => {
  if (isLoadOrder(message)) asking.postMessage(message);
  else if (isHostQuestion(message)) void (message.type === 'stop' ? stop() : tellCpu());
});
process.send?.({ type: 'ready', port: running.port });

function start(engine: Engine): Promise<Running> {
  if (engine === 'synkro' && options.way !== 'threads') return startService(settings, options.way);
  if (engine !== 'synkro' && options.job === 'order') return startOrderThreads(settings, engine, options);
  return startThreads(settings, options);
}

function tellCpu(): void {
  const { user, system } = process.cpuUsage();
  const sample = { atMs: performance.now(), cpuUs: user + system };
  process.send?.({ type: 'cpu', sample, rssBytes: process.memoryUsage.rss() });
}

async function stop(): Promise<void> {
  await running.stop();
  process.exit(0);
}

function readOptions(text: string): HostOptions {
  const given: unknown = JSON.parse(text);
  if (!isHostOptions(given)) throw new TypeError(`not what a host is started with: ${text}`);
  return given;
}

// The host of an engine for orders: the product's process in role `all`, with another engine in the place of Logistics'
// shard threads, and an ingress that keeps no keys. Inventory's threads stay: the edge asks them once a minute for each
// SKU, as it does in the product.
import { defaultSupervisionLimits } from '../../src/runtime/threads/supervised.ts';
import { Supervisor } from '../../src/runtime/threads/supervisor.ts';
import { openDatabases } from '../../src/service/database.ts';
import { JointOwnership } from '../../src/service/joint-ownership.ts';
import { moduleUrl } from '../../src/service/paths.ts';
import type { Settings } from '../../src/service/settings.ts';
import { ingressData, shardGroups } from '../../src/service/thread-data.ts';
import { createLogger } from '../../src/telemetry/log.ts';
import type { Running } from '../hosts/host.ts';
import type { HostOptions } from '../hosts/protocol.ts';

const modules = {
  'for-update': '../rivals/order-row-lock-worker',
  empty: './empty-worker',
} as const;

export async function startOrderThreads(
  settings: Settings,
  engine: keyof typeof modules,
  { poolSize, stockPoolSize, way }: HostOptions,
): Promise<Running> {
  const log = createLogger(settings.logLevel, 'bench');
  const databases = await openDatabases(settings, log);
  const ownership = new JointOwnership(databases.all, log);
  const epochs = await ownership.acquire('bench', settings.ownerLeaseMs);
  if (epochs === null) throw new Error('another process owns the databases of this run');
  const groups = shardGroups(settings, databases.all, {}).map((group) =>
    group.name === 'logistics'
      ? {
          ...group,
          threads: 1,
          module: moduleUrl(modules[engine], import.meta.url),
          data: { ...group.data, poolSize, stockPoolSize },
          asks: [],
        }
      : group,
  );
  const supervisor = new Supervisor(
    {
      groups,
      ingressThreads: settings.ingressThreads,
      ingressModule: moduleUrl('./ingress-worker', import.meta.url),
      ingressData: { ...ingressData(settings, databases.all) },
      limits: defaultSupervisionLimits,
      log: (level, message, facts) => log[level](facts, message),
      onDisplaced: () => process.exit(1),
      onGiveUp: () => process.exit(1),
    },
    { http: settings.httpPort, grpc: settings.grpcPort },
  );
  await supervisor.startIngress();
  await supervisor.startShards(epochs);
  return {
    port: way === 'rest' ? supervisor.ports.http : supervisor.ports.grpc,
    async stop() {
      await supervisor.stop();
      await ownership.release(epochs);
      await ownership.close();
      await databases.close();
    },
  };
}

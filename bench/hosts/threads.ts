// The supervisor and the threads of the product, with the modules that the comparison asks for: who asks (the gRPC
// ingress, or a loop that asks the Router directly), and who answers (shard threads, FOR UPDATE, or nobody).
import { createOwnership } from '../../src/persistence/ownership.ts';
import { defaultSupervisionLimits } from '../../src/runtime/threads/supervised.ts';
import { Supervisor } from '../../src/runtime/threads/supervisor.ts';
import { openDatabases } from '../../src/service/database.ts';
import { moduleUrl } from '../../src/service/paths.ts';
import type { Settings } from '../../src/service/settings.ts';
import { createLogger } from '../../src/telemetry/log.ts';
import type { Running } from './host.ts';
import type { HostOptions } from './protocol.ts';

const shardModules = {
  synkro: '../../src/service/shard-worker',
  'for-update': '../rivals/for-update-worker',
  empty: './empty-worker',
} as const;

export async function startThreads(settings: Settings, options: HostOptions): Promise<Running> {
  const log = createLogger(settings.logLevel, 'bench');
  const { shards, shardThreads, ownerEpoch, release } = await own(settings, options, log);
  const threadData = { databaseUrl: options.databaseUrl, logLevel: settings.logLevel };
  const supervisor = new Supervisor(
    {
      groups: [
        {
          name: 'inventory',
          shards,
          threads: shardThreads,
          module: moduleUrl(shardModules[options.engine], import.meta.url),
          data: {
            ...threadData,
            service: 'inventory',
            residentActorsMax: settings.residentActorsMax,
            behavioursModule: moduleUrl('../../src/actors/inventory/behaviours', import.meta.url).href,
            poolSize: options.poolSize,
          },
          asks: [],
          isAsked: true,
        },
      ],
      ingressThreads: 1,
      ingressModule: moduleUrl(ingressModule(options), import.meta.url),
      ingressData: {
        ...threadData,
        host: settings.host,
        databaseUrls: { inventory: options.databaseUrl },
      },
      limits: defaultSupervisionLimits,
      log: (level, message, facts) => log[level](facts, message),
      onDisplaced: () => process.exit(1),
      onGiveUp: () => process.exit(1),
    },
    { http: settings.httpPort, grpc: settings.grpcPort },
  );
  await supervisor.startIngress();
  await supervisor.startShards(new Map([['inventory', ownerEpoch]]));
  return {
    port: options.way === 'grpc' ? supervisor.ports.grpc : 0,
    async stop() {
      await supervisor.stop();
      await release();
    },
  };
}

function ingressModule({ engine, way }: HostOptions): string {
  if (way === 'threads') return './asking-worker';
  return engine === 'empty' ? './empty-ingress-worker' : '../../src/service/ingress-worker';
}

/** Shard threads serve only whoever owns the database; the other engines have one thread, and own nothing. */
async function own(
  settings: Settings,
  { engine, databaseUrl }: HostOptions,
  log: ReturnType<typeof createLogger>,
) {
  if (engine !== 'synkro')
    return { shards: settings.shards, shardThreads: 1, ownerEpoch: 0, release: async () => {} };
  const { all, close } = await openDatabases({ ...settings, role: 'inventory' }, log);
  const [{ shards } = { shards: settings.shards }] = all;
  const ownership = createOwnership({ url: databaseUrl, log });
  const ownerEpoch = await ownership.acquire('bench', settings.ownerLeaseMs);
  if (ownerEpoch === null) throw new Error('another process owns the database of this run');
  return {
    shards,
    shardThreads: Math.min(settings.shardThreads, shards),
    ownerEpoch,
    async release() {
      await ownership.release(ownerEpoch);
      await ownership.close();
      await close();
    },
  };
}

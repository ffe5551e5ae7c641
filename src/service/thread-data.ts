// What the threads of a process are given, by its settings and its databases. All of it is plain data.
import type { ShardGroup } from '../runtime/threads/supervisor.ts';
import type { Database } from './database.ts';
import type { IngressParts } from './ingress-parts.ts';
import type { GatewayAddress, InventoryAddress } from './logistics-outside.ts';
import type { LogisticsParts } from './logistics-shard.ts';
import { moduleUrl } from './paths.ts';
import { parts, type ServiceName } from './roles.ts';
import type { Settings } from './settings.ts';

/** @param behavioursModules in place of the services' own */
export function shardGroups(
  settings: Settings,
  databases: readonly Database[],
  behavioursModules: Readonly<Partial<Record<ServiceName, URL>>>,
): readonly ShardGroup[] {
  const inventory = databases.find(({ service }) => service === 'inventory');
  return databases.map(({ service, url, shards }) => ({
    name: service,
    shards,
    threads: Math.min(settings.shardThreads, shards),
    module: moduleUrl('./shard-worker', import.meta.url),
    data: {
      service,
      databaseUrl: url,
      logLevel: settings.logLevel,
      residentActorsMax: settings.residentActorsMax,
      behavioursModule: (behavioursModules[service] ?? parts[service].behaviours).href,
      ...(service === 'logistics' ? { logistics: logisticsParts(settings, inventory) } : {}),
    },
    asks: service === 'logistics' && inventory !== undefined ? ['inventory'] : [],
  }));
}

function logisticsParts(settings: Settings, inventory: Database | undefined): LogisticsParts {
  const [secret = ''] = settings.paymentSecrets;
  const gateway: GatewayAddress = { url: settings.paymentGatewayUrl, secret };
  return {
    inventory: inventoryAddress(settings, inventory),
    inventoryThreads:
      inventory === undefined
        ? null
        : { shards: inventory.shards, threads: Math.min(settings.shardThreads, inventory.shards) },
    gateway,
  };
}

function inventoryAddress(settings: Settings, inventory: Database | undefined): InventoryAddress {
  if (inventory !== undefined) return { at: 'process', databaseUrl: inventory.url };
  return { at: 'grpc', url: settings.inventoryGrpcUrl ?? '' };
}

/** All but what the supervisor adds. */
export function ingressData(
  settings: Settings,
  databases: readonly Database[],
): Omit<IngressParts, 'groups'> & { readonly host: string } {
  const inventory = databases.find(({ service }) => service === 'inventory');
  const isLogistics = databases.some(({ service }) => service === 'logistics');
  const logistics = {
    inventory: inventoryAddress(settings, inventory),
    patience: {
      paymentMs: settings.paymentPatienceSeconds * 1_000,
      stockMs: settings.backOrderPatienceSeconds * 1_000,
      unitsMax: settings.backOrderUnitsMax,
    },
    webhookSecrets: settings.paymentSecrets,
  };
  return {
    host: settings.host,
    logLevel: settings.logLevel,
    databaseUrls: Object.fromEntries(databases.map(({ service, url }) => [service, url])),
    ...(settings.redisUrl === null ? {} : { redisUrl: settings.redisUrl }),
    ...(settings.clientRequestsPerSecond === 0
      ? {}
      : { clientRequestsPerSecond: settings.clientRequestsPerSecond }),
    ...(isLogistics ? { logistics } : {}),
  };
}

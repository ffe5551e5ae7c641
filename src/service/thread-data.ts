// What the threads of a process are given, by its settings and its databases. All of it is plain data.
import type { ShardGroup } from '../runtime/threads/supervisor.ts';
import type { Database } from './database.ts';
import type { EventsParts } from './events/parts.ts';
import type { IngressParts } from './ingress-parts.ts';
import type { GatewayAddress, InventoryAddress } from './logistics-outside.ts';
import type { LogisticsParts } from './logistics-shard.ts';
import { moduleUrl } from './paths.ts';
import { type ActorService, behaviours, isActorService } from './roles.ts';
import type { Settings } from './settings.ts';

/** @param behavioursModules in place of the services' own */
export function shardGroups(
  settings: Settings,
  databases: readonly Database[],
  behavioursModules: Readonly<Partial<Record<ActorService, URL>>>,
): readonly ShardGroup[] {
  const inventory = databases.find(({ service }) => service === 'inventory');
  const shards = actorDatabases(databases).map(({ service, url, shards }) => ({
    name: service,
    isAsked: true,
    shards,
    threads: Math.min(settings.shardThreads, shards),
    module: moduleUrl('./shard-worker', import.meta.url),
    data: {
      service,
      databaseUrl: url,
      logLevel: settings.logLevel,
      residentActorsMax: settings.residentActorsMax,
      behavioursModule: (behavioursModules[service] ?? behaviours[service]).href,
      ...(service === 'logistics' ? { logistics: logisticsParts(settings, inventory) } : {}),
    },
    asks: service === 'logistics' && inventory !== undefined ? ['inventory'] : [],
  }));
  return [...shards, eventsThread(settings, databases)];
}

/** One thread: it carries events from and to everything that this process runs. */
function eventsThread(settings: Settings, databases: readonly Database[]): ShardGroup {
  const sources = actorDatabases(databases).map(({ service, url, shards }) => ({
    service,
    databaseUrl: url,
    shards,
    threads: Math.min(settings.shardThreads, shards),
  }));
  const parts: EventsParts = {
    host: settings.host,
    logLevel: settings.logLevel,
    sources,
    amqpUrl: settings.amqpUrl,
    journalQuotaMb: settings.journalQuotaMb,
    notifications: notificationParts(settings, databases),
  };
  return {
    name: 'events',
    isAsked: false,
    shards: 1,
    threads: 1,
    module: moduleUrl('./events-worker', import.meta.url),
    data: { ...parts },
    asks: sources.map(({ service }) => service),
  };
}

function notificationParts(settings: Settings, databases: readonly Database[]): EventsParts['notifications'] {
  const database = databases.find(({ service }) => service === 'notifications');
  if (database === undefined) return null;
  const { logisticsGrpcUrl, smtpUrl, mailFrom, shopMail } = settings;
  return {
    databaseUrl: database.url,
    logisticsGrpcUrl,
    webhookUrls: settings.notificationWebhookUrls,
    webhookSecrets: settings.notificationWebhookSecrets,
    smtpUrl,
    mailFrom,
    shopMail,
  };
}

interface ActorDatabase extends Database {
  readonly service: ActorService;
}

function actorDatabases(databases: readonly Database[]): readonly ActorDatabase[] {
  return databases.flatMap(({ service, ...rest }) => (isActorService(service) ? [{ service, ...rest }] : []));
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
  const notifications = notificationParts(settings, databases);
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
    ...(notifications === null ? {} : { notifications }),
  };
}

// Which services a role runs, and what each of them is made of.
import { moduleUrl } from './paths.ts';
import type { Role, Settings } from './settings.ts';

/** Those that consist of actors, and have shards. */
export const actorServices = ['inventory', 'logistics'] as const;
export type ActorService = (typeof actorServices)[number];

export type ServiceName = ActorService | 'notifications';

/** In the order in which their databases are taken: who is asked before who asks. */
export function servicesOf(role: Role): readonly ServiceName[] {
  switch (role) {
    case 'all':
      return ['inventory', 'logistics', 'notifications'];
    case 'inventory':
      return ['inventory'];
    case 'logistics':
      return ['logistics'];
    case 'notifications':
      return ['notifications'];
  }
}

export function isActorService(service: ServiceName): service is ActorService {
  return service !== 'notifications';
}

/** The module of its behaviours. */
export const behaviours: Readonly<Record<ActorService, URL>> = {
  inventory: moduleUrl('../actors/inventory/behaviours', import.meta.url),
  logistics: moduleUrl('../actors/logistics/behaviours', import.meta.url),
};

interface ServiceParts {
  /** The database's name on the embedded server. */
  readonly database: string;
  /** Under sql/. */
  readonly migrations: string;
  /** The setting that names its database, and its value. */
  readonly setting: string;
  url(settings: Settings): string | null;
}

export const parts: Readonly<Record<ServiceName, ServiceParts>> = {
  inventory: {
    database: 'synkro_inventory',
    migrations: 'sql/inventory',
    setting: 'INVENTORY_DATABASE_URL',
    url: (settings) => settings.inventoryDatabaseUrl,
  },
  logistics: {
    database: 'synkro_logistics',
    migrations: 'sql/logistics',
    setting: 'LOGISTICS_DATABASE_URL',
    url: (settings) => settings.logisticsDatabaseUrl,
  },
  notifications: {
    database: 'synkro_notifications',
    migrations: 'sql/notifications',
    setting: 'NOTIFICATIONS_DATABASE_URL',
    url: (settings) => settings.notificationsDatabaseUrl,
  },
};

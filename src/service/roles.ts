// Which services a role runs, and what each of them is made of.
import { moduleUrl } from './paths.ts';
import type { Role, Settings } from './settings.ts';

export type ServiceName = 'inventory' | 'logistics';

/** In the order in which their databases are taken: who is asked before who asks. */
export function servicesOf(role: Role): readonly ServiceName[] {
  switch (role) {
    case 'all':
      return ['inventory', 'logistics'];
    case 'inventory':
      return ['inventory'];
    case 'logistics':
      return ['logistics'];
    case 'notifications':
      return [];
  }
}

interface ServiceParts {
  /** The database's name on the embedded server. */
  readonly database: string;
  /** Under sql/. */
  readonly migrations: string;
  /** The module of its behaviours. */
  readonly behaviours: URL;
  /** The setting that names its database, and its value. */
  readonly setting: string;
  url(settings: Settings): string | null;
}

export const parts: Readonly<Record<ServiceName, ServiceParts>> = {
  inventory: {
    database: 'synkro_inventory',
    migrations: 'sql/inventory',
    behaviours: moduleUrl('../actors/inventory/behaviours', import.meta.url),
    setting: 'INVENTORY_DATABASE_URL',
    url: (settings) => settings.inventoryDatabaseUrl,
  },
  logistics: {
    database: 'synkro_logistics',
    migrations: 'sql/logistics',
    behaviours: moduleUrl('../actors/logistics/behaviours', import.meta.url),
    setting: 'LOGISTICS_DATABASE_URL',
    url: (settings) => settings.logisticsDatabaseUrl,
  },
};

// Plain data: what an ingress thread is made of, by the role of its process.
import type { Patience } from '../actors/logistics/order/model.ts';
import type { NotificationParts } from './events/parts.ts';
import type { InventoryAddress } from './logistics-outside.ts';
import type { ServiceName } from './roles.ts';

export interface GroupShape {
  readonly name: string;
  readonly shards: number;
  readonly threads: number;
}

export interface IngressParts {
  readonly logLevel: string;
  /** The shard threads of each service. */
  readonly groups: readonly GroupShape[];
  readonly databaseUrls: Readonly<Partial<Record<ServiceName, string>>>;
  /** Absent: nothing is shared with other processes. */
  readonly redisUrl?: string;
  /** Of one client; absent: as many as it likes. */
  readonly clientRequestsPerSecond?: number;
  /** Of Logistics. */
  readonly logistics?: {
    readonly inventory: InventoryAddress;
    readonly patience: Patience;
    readonly webhookSecrets: readonly string[];
  };
  readonly notifications?: NotificationParts;
}

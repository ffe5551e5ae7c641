// What a shard thread of Logistics has besides the runtime: its schema, and who performs its effects.
import type { OrderCommand } from '../actors/logistics/order/messages.ts';
import { LogisticsEffects } from '../effects/logistics.ts';
import { createKeyStore } from '../persistence/logistics/keys.ts';
import { logisticsSchema } from '../persistence/logistics/schema.ts';
import { systemClock } from '../runtime/clock.ts';
import { Router } from '../runtime/threads/router.ts';
import type { Logger } from '../telemetry/log.ts';
import {
  connectGateway,
  connectInventory,
  type GatewayAddress,
  type InventoryAddress,
} from './logistics-outside.ts';

/** Plain data. */
export interface LogisticsParts {
  readonly inventory: InventoryAddress;
  /** Inventory's shard threads, where they are in this process. */
  readonly inventoryThreads: { readonly shards: number; readonly threads: number } | null;
  readonly gateway: GatewayAddress;
}

export interface LogisticsHost {
  readonly databaseUrl: string;
  readonly log: Logger;
  readonly newId: () => string;
  /** Takes what came from outside to an actor of this thread. */
  tell(kind: string, id: string, command: unknown): void;
}

export function openLogistics(parts: LogisticsParts, host: LogisticsHost) {
  const { databaseUrl, log, newId } = host;
  const { inventoryThreads } = parts;
  const router =
    inventoryThreads === null ? undefined : new Router(inventoryThreads.shards, inventoryThreads.threads);
  const keys = createKeyStore({ url: databaseUrl, log });
  const performer = new LogisticsEffects({
    inventory: connectInventory(parts.inventory, router, log, newId),
    gateway: connectGateway(parts.gateway, (orderId, paymentId, answer) =>
      host.tell('order', orderId, { type: 'notice', paymentId, answer } satisfies OrderCommand),
    ),
    keys,
    clock: systemClock,
  });
  return {
    schema: logisticsSchema,
    performer,
    router,
    async close(): Promise<void> {
      await performer.close();
      router?.close();
      await keys.close();
    },
  };
}

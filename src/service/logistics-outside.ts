// What a shard thread of Logistics reaches outside: Inventory, in this process or in another, the payment gateway, and the
// keys of personal data.
import type { FinalAuthorization } from '../actors/logistics/order/messages.ts';
import { ItemIds } from '../api/item-ids.ts';
import type { InventoryConnection } from '../effects/inventory/connection.ts';
import { inProcess } from '../effects/inventory/in-process.ts';
import { overGrpc } from '../effects/inventory/over-grpc.ts';
import type { PaymentGateway } from '../payments/gateway.ts';
import { createHttpGateway } from '../payments/http-gateway.ts';
import { createSandbox } from '../payments/sandbox.ts';
import { createQueries } from '../persistence/inventory/queries/queries.ts';
import type { Router } from '../runtime/threads/router.ts';
import type { Logger } from '../telemetry/log.ts';

/** Plain data: how Inventory is reached. */
export type InventoryAddress =
  | { readonly at: 'process'; readonly databaseUrl: string }
  | { readonly at: 'grpc'; readonly url: string };

/** Plain data: how payments are made. A null address is the sandbox. */
export interface GatewayAddress {
  readonly url: string | null;
  readonly secret: string;
}

/** @param router to Inventory's shard threads, where they are in this process */
export function connectInventory(
  address: InventoryAddress,
  router: Router | undefined,
  log: Logger,
  newId: () => string,
): InventoryConnection {
  if (address.at === 'grpc') return overGrpc({ url: address.url, log, newId });
  if (router === undefined) throw new TypeError('Inventory is in this process, and no router leads to it');
  const queries = createQueries({ url: address.databaseUrl, log });
  const connection = inProcess({
    asker: router,
    notices: router,
    queries,
    itemIds: new ItemIds(),
    log,
    observe: () => {},
    newId,
  });
  return {
    call: (method, request, options) => connection.call(method, request, options),
    updates: () => connection.updates(),
    async close() {
      await connection.close();
      await queries.close();
    },
  };
}

/** @param notify takes the sandbox's webhooks, which go the short way */
export function connectGateway(
  { url, secret }: GatewayAddress,
  notify: (orderId: string, paymentId: string, answer: FinalAuthorization) => void,
): PaymentGateway {
  if (url !== null) return createHttpGateway({ url, secret });
  return createSandbox({
    notify: ({ orderId, paymentId, authorization }) => notify(orderId, paymentId, authorization),
  });
}

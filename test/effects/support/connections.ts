// Inventory, reached in both ways, over the same fakes.

import { Refused } from '../../../src/api/errors.ts';
import type { InventoryConnection } from '../../../src/effects/inventory/connection.ts';
import { inProcess } from '../../../src/effects/inventory/in-process.ts';
import type { RemoteLimits } from '../../../src/effects/inventory/limits.ts';
import { overGrpc } from '../../../src/effects/inventory/over-grpc.ts';
import { inventoryService } from '../../../src/grpc/inventory-service.ts';
import { createGrpcServer, type GrpcServer } from '../../../src/grpc/server.ts';
import { errorId, type Fakes, fakes } from '../../grpc/support/fakes.ts';

export interface Reached {
  readonly fakes: Fakes;
  readonly inventory: InventoryConnection;
  stop(): Promise<void>;
}

export const ways = ['in process', 'over gRPC'] as const;
export type Way = (typeof ways)[number];

export async function reach(way: Way): Promise<Reached> {
  const given = fakes();
  if (way === 'in process') {
    const inventory = inProcess(given);
    return { fakes: given, inventory, stop: () => inventory.close() };
  }
  const server = await serveAt(given, 0);
  const inventory = overGrpc({ url: `127.0.0.1:${server.port}`, log: given.log, newId: () => errorId });
  return {
    fakes: given,
    inventory,
    async stop() {
      await inventory.close();
      await server.stop();
    },
  };
}

export interface Served {
  readonly port: number;
  readonly server: GrpcServer;
  /** Ends all connections at once, as the end of the process would. */
  stop(): Promise<void>;
}

export async function serveAt(given: Fakes, port: number): Promise<Served> {
  const server = createGrpcServer((open) => [inventoryService(given, open)]);
  const bound = await server.bind('127.0.0.1', port);
  return { port: bound, server, stop: () => server.drain(0) };
}

/** Of a server that may be down: short waits, so that tests are. */
export const hasty: Partial<RemoteLimits> = {
  retryPauseMs: 1,
  breakerOpenMs: 20,
  reconnectMsMin: 10,
  reconnectMsMax: 20,
};

/** The answer, or the failure: one value to compare. Anything else that is thrown is thrown on. */
export async function outcomeOf(call: Promise<unknown>): Promise<unknown> {
  try {
    return { answer: await call };
  } catch (thrown) {
    if (thrown instanceof Refused) return { failure: thrown.failure };
    throw thrown;
  }
}

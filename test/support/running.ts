/** A service with a database of its own and a client, for the tests that need nothing special. */
import { createDatabase, type TestDatabase } from './database.ts';
import { Inventory } from './inventory.ts';
import { expectCleanAudit, type Ports, TestService } from './service.ts';

export interface Running {
  readonly database: TestDatabase;
  readonly service: TestService;
  readonly ports: Ports;
  readonly inventory: Inventory;
  /** Checks the books, and ends everything. */
  close(): Promise<void>;
}

export async function startRunning(env: Readonly<Record<string, string>> = {}): Promise<Running> {
  const database = await createDatabase();
  const service = TestService.spawn({ data: database, env: { SHARD_THREADS: '2', ...env } });
  const ports = await service.ready();
  const inventory = new Inventory(ports.grpc);
  return {
    database,
    service,
    ports,
    inventory,
    async close() {
      inventory.close();
      await service.stop();
      await expectCleanAudit(database.url);
      await database.drop();
    },
  };
}

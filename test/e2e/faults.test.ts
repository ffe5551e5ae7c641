// PostgreSQL drops connections, or dies and comes back: so does the service, by itself, and without a lie.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EmbeddedServer, startEmbedded } from '../../src/persistence/embedded/server.ts';
import { Inventory } from '../support/inventory.ts';
import { ReserveLoad } from '../support/load.ts';
import { expectCleanAudit, readiness, TestService } from '../support/service.ts';
import { until } from '../support/until.ts';

const databaseName = 'faults';
const skus = ['faults-0', 'faults-1', 'faults-2', 'faults-3'];
const folder = mkdtempSync(join(tmpdir(), 'synkro-faults-'));
let server: EmbeddedServer;
let service: TestService;
let inventory: Inventory;

beforeAll(async () => {
  // A server of its own: the other tests' is not for breaking.
  server = await startEmbedded({ dataDir: folder, log: () => undefined, stopOnExit: true });
  await server.ensureDatabase(databaseName);
  service = await TestService.start({ data: { url: url() }, env: { SHARD_THREADS: '2' } });
  inventory = new Inventory((await service.ready()).grpc);
  const warehouseId = await inventory.warehouse();
  for (const sku of skus) await inventory.item(sku, { [warehouseId]: 1_000 });
});

afterAll(async () => {
  inventory.close();
  await service.stop();
  await server.stop('immediate');
  rmSync(folder, { recursive: true, force: true });
});

function url(): string {
  return server.url(databaseName);
}

/** Ends every connection of the service, and says how many there were. */
async function terminateBackends(): Promise<number> {
  const sql = postgres(server.url('postgres'), { max: 1 });
  try {
    const rows = await sql`
      select pg_terminate_backend(pid) from pg_stat_activity where datname = ${databaseName}`;
    return rows.length;
  } finally {
    await sql.end();
  }
}

/** Clients ask before, while and after the fault happens. */
async function underLoad(prefix: string, fault: () => Promise<void>): Promise<void> {
  const load = new ReserveLoad(inventory, { clients: 16, skus, prefix });
  await until('answers before the fault', () => load.told.length >= 50 || load.hasFailed);
  await fault();
  const toldAtOnce = load.told.length;
  await until(
    'answers after the fault',
    () => load.told.length >= toldAtOnce + 100 || load.hasFailed,
    60_000,
  );
  await load.end();
  await load.expectStable();
  await expectCleanAudit(url());
}

test('all connections of the service are ended, three times: nothing answered is lost or doubled', async () => {
  const { http } = await service.ready();
  for (let round = 0; round < 3; round++) {
    await underLoad(`backends-${round}`, async () => {
      expect(await terminateBackends()).toBeGreaterThan(0);
    });
    await until('readiness', async () => (await readiness(http)).status === 200);
  }
});

test('PostgreSQL is restarted in immediate mode: nothing answered is lost or doubled', async () => {
  const { http } = await service.ready();
  await underLoad('immediate', () => server.restart('immediate'));
  await until('readiness', async () => (await readiness(http)).status === 200);
  expect(service.hasEnded).toBe(false);
});

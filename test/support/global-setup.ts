/**
 * One embedded PostgreSQL for the whole test run, in a temporary folder, with a migrated template database for each
 * service that test files copy (see database.ts). Stopped and removed at the end.
 */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { layoutOf } from '../../src/persistence/embedded/layout.ts';
import { stopPostmaster } from '../../src/persistence/embedded/postmaster.ts';
import { readPostmaster } from '../../src/persistence/embedded/postmaster-file.ts';
import type { EmbeddedServer } from '../../src/persistence/embedded/server.ts';
import { startEmbedded } from '../../src/persistence/embedded/server.ts';
import { hasLiveUsers } from '../../src/persistence/embedded/users.ts';
import { migrate } from '../../src/persistence/migrate.ts';
import { INVENTORY_TEMPLATE, LOGISTICS_TEMPLATE, NOTIFICATIONS_TEMPLATE } from './database.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of the maintenance database of the test server. */
    postgresAdminUrl: string;
    /** Why there is no usable template; empty where there is one. Fails the tests that need it, not all the others. */
    inventoryTemplateProblem: string;
    logisticsTemplateProblem: string;
    notificationsTemplateProblem: string;
  }
}

const PREFIX = 'synkro-test-';

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await sweepKilledRuns();
  const dataDir = mkdtempSync(join(tmpdir(), PREFIX));
  const lines: string[] = [];
  const server = await startEmbedded({
    dataDir,
    log: (line) => lines.push(line),
    // fsync stays on: with it off, making and dropping a database took no less time (about 0.2 s together).
    settings: { max_connections: '200' },
    stopOnExit: true,
  });
  const [inventoryProblem, logisticsProblem, notificationsProblem] = await Promise.all([
    makeTemplate(server, INVENTORY_TEMPLATE, 'sql/inventory'),
    makeTemplate(server, LOGISTICS_TEMPLATE, 'sql/logistics'),
    makeTemplate(server, NOTIFICATIONS_TEMPLATE, 'sql/notifications'),
  ]);
  project.provide('inventoryTemplateProblem', inventoryProblem);
  project.provide('logisticsTemplateProblem', logisticsProblem);
  project.provide('notificationsTemplateProblem', notificationsProblem);
  project.provide('postgresAdminUrl', server.url('postgres'));
  return async () => {
    await server.stop('immediate');
    rmSync(dataDir, { recursive: true, force: true });
  };
}

/** @param folder of the migrations, from the root */
async function makeTemplate(server: EmbeddedServer, name: string, folder: string): Promise<string> {
  try {
    await server.ensureDatabase(name);
    await migrate(server.url(name), fileURLToPath(new URL(`../../${folder}`, import.meta.url)));
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** A test run that was killed leaves its server and its folder. */
async function sweepKilledRuns(): Promise<void> {
  const folders = readdirSync(tmpdir()).filter((name) => name.startsWith(PREFIX));
  for (const folder of folders.map((name) => join(tmpdir(), name))) {
    const layout = layoutOf(folder);
    // Without a folder of users another run is just making it.
    if (!existsSync(layout.users) || hasLiveUsers(layout.users)) continue;
    const left = readPostmaster(layout.data);
    if (left !== undefined) await stopPostmaster(left, 'immediate');
    rmSync(folder, { recursive: true, force: true });
  }
}

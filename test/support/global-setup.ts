/**
 * One embedded PostgreSQL for the whole test run, in a temporary folder, with a migrated template database that each
 * test file copies (see database.ts). Stopped and removed at the end.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import type { EmbeddedServer } from '../../src/persistence/embedded/server.ts';
import { startEmbedded } from '../../src/persistence/embedded/server.ts';
import { migrate } from '../../src/persistence/migrate.ts';
import { INVENTORY_TEMPLATE } from './database.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of the maintenance database of the test server. */
    postgresAdminUrl: string;
    /** Why there is no usable template; empty where there is one. Fails the tests that need it, not all the others. */
    inventoryTemplateProblem: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = mkdtempSync(join(tmpdir(), 'synkro-test-'));
  const lines: string[] = [];
  const server = await startEmbedded({
    dataDir,
    log: (line) => lines.push(line),
    // fsync stays on: with it off, making and dropping a database took no less time (about 0.2 s together).
    settings: { max_connections: '200' },
    stopOnExit: true,
  });
  project.provide('inventoryTemplateProblem', await makeTemplate(server));
  project.provide('postgresAdminUrl', server.url('postgres'));
  return async () => {
    await server.stop('immediate');
    rmSync(dataDir, { recursive: true, force: true });
  };
}

async function makeTemplate(server: EmbeddedServer): Promise<string> {
  try {
    await server.ensureDatabase(INVENTORY_TEMPLATE);
    await migrate(
      server.url(INVENTORY_TEMPLATE),
      fileURLToPath(new URL('../../sql/inventory', import.meta.url)),
    );
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

// The database of a service, ready for use: the embedded server or the one that the settings name, checked, migrated.
import { fileURLToPath } from 'node:url';
import { openClient } from '../persistence/connect.ts';
import { startEmbedded } from '../persistence/embedded/server.ts';
import { migrate } from '../persistence/migrate.ts';
import { checkServer } from '../persistence/server-check.ts';
import { ensureShards } from '../persistence/shards.ts';
import type { Logger } from '../telemetry/log.ts';
import { packageRoot } from './paths.ts';
import type { Settings } from './settings.ts';

export interface Database {
  readonly url: string;
  /** The number of shards that it was made with. */
  readonly shards: number;
  /** Stops the embedded server, where this process is the last that uses it. */
  close(): Promise<void>;
}

const inventoryDatabase = 'synkro_inventory';

/** @param signal ends it between two steps, each of which is bounded */
export async function openDatabase(settings: Settings, log: Logger, signal?: AbortSignal): Promise<Database> {
  signal?.throwIfAborted();
  const server = await openServer(settings, log);
  try {
    signal?.throwIfAborted();
    const { version, unsafeSettings } = await checkServer(server.url, {
      allowUnsafe: settings.allowUnsafePostgres,
    });
    if (unsafeSettings.length > 0)
      log.warn({ version, unsafeSettings }, 'a crash of this server may lose what was answered');
    signal?.throwIfAborted();
    const { applied } = await migrate(server.url, fileURLToPath(new URL('sql/inventory', packageRoot)));
    if (applied.length > 0) log.info({ applied }, 'migrated');
    signal?.throwIfAborted();
    return { ...server, shards: await makeShards(server.url, settings.shards, log) };
  } catch (error) {
    await server.close();
    throw error;
  }
}

/** The server alone: not checked, not migrated. */
export async function openServer(settings: Settings, log: Logger): Promise<Omit<Database, 'shards'>> {
  if (settings.inventoryDatabaseUrl !== null)
    return { url: settings.inventoryDatabaseUrl, close: async () => {} };
  const server = await startEmbedded({ dataDir: settings.dataDir, log: (line) => log.info(line) });
  try {
    await server.ensureDatabase(inventoryDatabase);
  } catch (error) {
    await server.stop('fast');
    throw error;
  }
  return { url: server.url(inventoryDatabase), close: () => server.stop('fast') };
}

async function makeShards(url: string, count: number, log: Logger): Promise<number> {
  const client = openClient('work', { url, log });
  try {
    return await ensureShards(client, count);
  } finally {
    await client.close();
  }
}

// The database of a service, ready for use: the embedded server or the one that the settings name, checked, migrated.
import { fileURLToPath } from 'node:url';
import { openClient } from '../persistence/connect.ts';
import { startEmbedded } from '../persistence/embedded/server.ts';
import { migrate } from '../persistence/migrate.ts';
import { checkReachable, checkServer, ServerCheckError } from '../persistence/server-check.ts';
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
  const server = await startServer(settings, log);
  try {
    signal?.throwIfAborted();
    const { version, unsafeSettings } = await naming(settings, () =>
      checkServer(server.url, { allowUnsafe: settings.allowUnsafePostgres }),
    );
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

/** The server alone: it answers, and is neither checked further nor migrated. */
export async function openServer(settings: Settings, log: Logger): Promise<Omit<Database, 'shards'>> {
  const server = await startServer(settings, log);
  try {
    await naming(settings, () => checkReachable(server.url));
    return server;
  } catch (error) {
    await server.close();
    throw error;
  }
}

async function startServer(settings: Settings, log: Logger): Promise<Omit<Database, 'shards'>> {
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

/** What is wrong with a server that a setting names is said with the setting. */
async function naming<T>(settings: Settings, check: () => Promise<T>): Promise<T> {
  try {
    return await check();
  } catch (error) {
    if (!(error instanceof ServerCheckError) || settings.inventoryDatabaseUrl === null) throw error;
    throw new ServerCheckError(error.code, `INVENTORY_DATABASE_URL: ${error.message}`, { cause: error });
  }
}

async function makeShards(url: string, count: number, log: Logger): Promise<number> {
  const client = openClient('work', { url, log });
  try {
    return await ensureShards(client, count);
  } finally {
    await client.close();
  }
}

// The databases of a process, ready for use: on the embedded server or those that the settings name, checked, migrated.
import { fileURLToPath } from 'node:url';
import { openClient } from '../persistence/connect.ts';
import { type EmbeddedServer, startEmbedded } from '../persistence/embedded/server.ts';
import { migrate } from '../persistence/migrate.ts';
import { checkReachable, checkServer, ServerCheckError } from '../persistence/server-check.ts';
import { ensureShards } from '../persistence/shards.ts';
import type { Logger } from '../telemetry/log.ts';
import { packageRoot } from './paths.ts';
import { isActorService, parts, type ServiceName, servicesOf } from './roles.ts';
import type { Settings } from './settings.ts';

export interface Database {
  readonly service: ServiceName;
  readonly url: string;
  /** The number of shards that it was made with; 0 where it has none. */
  readonly shards: number;
}

export interface Databases {
  readonly all: readonly Database[];
  /** Stops the embedded server, where this process is the last that uses it. */
  close(): Promise<void>;
}

/** @param signal ends it between two steps, each of which is bounded */
export async function openDatabases(
  settings: Settings,
  log: Logger,
  signal?: AbortSignal,
): Promise<Databases> {
  signal?.throwIfAborted();
  const servers = await openServers(settings, servicesOf(settings.role), log, (server) =>
    prepare(server, settings, log, signal ?? new AbortController().signal),
  );
  return servers;
}

/** The addresses of the databases that have books: their servers answer, and are neither checked further nor migrated. */
export async function reachDatabases(
  settings: Settings,
  log: Logger,
): Promise<{ readonly all: readonly Omit<Database, 'shards'>[]; close(): Promise<void> }> {
  const services = servicesOf(settings.role).filter(isActorService);
  return openServers(settings, services, log, async (server) => {
    await naming(server, () => checkReachable(server.url));
    return server;
  });
}

interface Server {
  readonly service: ServiceName;
  readonly url: string;
  /** Whether a setting names it. */
  readonly isNamed: boolean;
}

async function openServers<T>(
  settings: Settings,
  services: readonly ServiceName[],
  log: Logger,
  open: (server: Server) => Promise<T>,
): Promise<{ readonly all: readonly T[]; close(): Promise<void> }> {
  const isEmbedded = services.some((service) => parts[service].url(settings) === null);
  const embedded = isEmbedded
    ? await startEmbedded({ dataDir: settings.dataDir, log: (line) => log.info(line) })
    : undefined;
  const close = async (): Promise<void> => {
    await embedded?.stop('fast');
  };
  try {
    const all: T[] = [];
    for (const service of services) all.push(await open(await serverOf(service, settings, embedded)));
    return { all, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function serverOf(
  service: ServiceName,
  settings: Settings,
  embedded: EmbeddedServer | undefined,
): Promise<Server> {
  const { database, url } = parts[service];
  const named = url(settings);
  if (named !== null || embedded === undefined) return { service, url: named ?? '', isNamed: true };
  await embedded.ensureDatabase(database);
  return { service, url: embedded.url(database), isNamed: false };
}

async function prepare(
  server: Server,
  settings: Settings,
  log: Logger,
  signal: AbortSignal,
): Promise<Database> {
  const { service, url } = server;
  signal.throwIfAborted();
  const { version, unsafeSettings } = await naming(server, () =>
    checkServer(url, { allowUnsafe: settings.allowUnsafePostgres }),
  );
  if (unsafeSettings.length > 0)
    log.warn({ service, version, unsafeSettings }, 'a crash of this server may lose what was answered');
  signal.throwIfAborted();
  const { applied } = await migrate(url, fileURLToPath(new URL(parts[service].migrations, packageRoot)));
  if (applied.length > 0) log.info({ service, applied }, 'migrated');
  signal.throwIfAborted();
  const shards = isActorService(service) ? await makeShards(url, settings.shards, log) : 0;
  return { service, url, shards };
}

/** What is wrong with a server that a setting names is said with the setting. */
async function naming<T>({ service, isNamed }: Server, check: () => Promise<T>): Promise<T> {
  try {
    return await check();
  } catch (error) {
    if (!(error instanceof ServerCheckError) || !isNamed) throw error;
    throw new ServerCheckError(error.code, `${parts[service].setting}: ${error.message}`, { cause: error });
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

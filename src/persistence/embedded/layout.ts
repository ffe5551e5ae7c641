/**
 * Where things lie in the data folder, all below `<dataDir>/postgres`:
 *
 *   cluster/data       the PostgreSQL data folder      cluster/password   of the only role, mode 600
 *   cluster.new-*      an initdb under way or cut short
 *   server.log[.1]     what the server writes          port               the port it had last
 *   start.lock         held around start and stop      users/             one file a user of the server
 */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { EmbeddedError, messageOf } from './errors.ts';

export interface Layout {
  readonly home: string;
  readonly cluster: string;
  readonly data: string;
  readonly log: string;
  readonly port: string;
  readonly lock: string;
  readonly users: string;
}

export function layoutOf(dataDir: string): Layout {
  const home = join(resolve(dataDir), 'postgres');
  const cluster = join(home, 'cluster');
  return {
    home,
    cluster,
    data: join(cluster, 'data'),
    log: join(home, 'server.log'),
    port: join(home, 'port'),
    lock: join(home, 'start.lock'),
    users: join(home, 'users'),
  };
}

/** The password file beside a data folder. */
export function passwordFile(cluster: string): string {
  return join(cluster, 'password');
}

export function makeHome(layout: Layout): void {
  try {
    mkdirSync(layout.home, { recursive: true, mode: 0o700 });
    mkdirSync(layout.users, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new EmbeddedError(
      'EMBEDDED_DATA_FOLDER',
      `cannot make the data folder ${layout.home} (${messageOf(error)}); set DATA_DIR to a folder that this user can write`,
      { cause: error },
    );
  }
}

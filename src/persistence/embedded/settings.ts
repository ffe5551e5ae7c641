/** The settings that the embedded server is started with; they stand on its command line, not in its folder. */
import { EmbeddedError } from './errors.ts';

const DEFAULTS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  wal_level: 'replica',
  shared_buffers: '256MB',
  max_connections: '100',
  max_wal_size: '2GB',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_line_prefix: '%m [%p] ',
  // standard error goes to server.log, in the folder that errors name.
  logging_collector: 'off',
  cluster_name: 'synkro',
};

/** Throws EMBEDDED_BAD_SETTING for a name that is none. The port is not the caller's to set. */
export function serverArguments(port: number, extra: Readonly<Record<string, string>>): string[] {
  const settings = { ...DEFAULTS, ...extra, port: String(port) };
  return Object.entries(settings).flatMap(([name, value]) => {
    if (!/^[a-z][a-z0-9_.]*$/.test(name)) {
      throw new EmbeddedError(
        'EMBEDDED_BAD_SETTING',
        `${JSON.stringify(name)} is no name of a PostgreSQL setting`,
      );
    }
    return ['-c', `${name}=${value}`];
  });
}

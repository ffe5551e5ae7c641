/**
 * How initdb and postgres are run: under the server's account, with an environment of their own (nothing of ours leaks
 * in: no PG* variables, no secrets), and with the cluster's data folder as working directory.
 */
import type { SpawnOptions } from 'node:child_process';
import type { Account } from './account.ts';

/**
 * What to pass as `-D`. Where root hands over to another account, that account may be unable to walk the path down to
 * the data folder (mode 700 somewhere above it). Its working directory is the data folder, entered while still root,
 * and Linux resolves /proc/self/cwd without walking the path. PostgreSQL keeps its working directory for ever.
 */
export function dataFolderArgument(data: string, account: Account | undefined): string {
  return account !== undefined && process.platform === 'linux' ? '/proc/self/cwd' : data;
}

export function spawnOptions(data: string, account: Account | undefined): SpawnOptions {
  return {
    ...account,
    cwd: data,
    // The server must survive us: a process group of its own, so that a ctrl-C in the terminal does not reach it.
    detached: true,
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
  };
}

/**
 * Makes the cluster (initdb). It is made under another name and renamed when done, password included, so that a crash
 * half-way leaves nothing that looks like a cluster. Call under the start lock.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import type { Account } from './account.ts';
import type { Binaries } from './binaries.ts';
import { EmbeddedError, messageOf } from './errors.ts';
import { dataFolderArgument, spawnOptions } from './launch.ts';
import type { Layout } from './layout.ts';
import { passwordFile } from './layout.ts';
import { embeddedLimits } from './limits.ts';
import { logSize, logTail, openServerLog } from './server-log.ts';

/** The only role: owner and superuser of this private server. */
export const CLUSTER_ROLE = 'synkro';

export interface InitOptions {
  readonly binaries: Binaries;
  readonly account: Account | undefined;
  /** Whether initdb syncs what it wrote. */
  readonly fsync: boolean;
}

export async function ensureCluster(layout: Layout, options: InitOptions): Promise<void> {
  clearHalfMade(layout);
  if (!existsSync(layout.cluster)) await makeCluster(layout, options);
  const made = readFileSync(join(layout.data, 'PG_VERSION'), 'utf8').trim();
  if (made !== options.binaries.major) {
    throw new EmbeddedError(
      'EMBEDDED_VERSION_MISMATCH',
      `${layout.data} was made by PostgreSQL ${made}, the embedded one is ${options.binaries.major}: move the data with pg_dump, or set DATA_DIR to an empty folder`,
    );
  }
}

export function readPassword(layout: Layout): string {
  return readFileSync(passwordFile(layout.cluster), 'utf8').trim();
}

function clearHalfMade(layout: Layout): void {
  const prefix = `${basename(layout.cluster)}.new-`;
  for (const name of readdirSync(layout.home)) {
    if (!name.startsWith(prefix)) continue;
    try {
      rmSync(join(layout.home, name), { recursive: true, force: true });
    } catch {
      // The initdb of a killed process may still write there; the next start clears the rest.
    }
  }
}

async function makeCluster(layout: Layout, options: InitOptions): Promise<void> {
  const draft = `${layout.cluster}.new-${randomBytes(6).toString('hex')}`;
  const data = join(draft, 'data');
  mkdirSync(data, { recursive: true, mode: 0o700 });
  writeFileSync(passwordFile(draft), `${randomBytes(24).toString('hex')}\n`, { mode: 0o600 });
  if (options.account !== undefined) {
    for (const path of [draft, data, passwordFile(draft)])
      chownSync(path, options.account.uid, options.account.gid);
  }
  await runInitdb(layout, data, options);
  renameSync(draft, layout.cluster);
}

async function runInitdb(layout: Layout, data: string, options: InitOptions): Promise<void> {
  const from = logSize(layout.log);
  const log = openServerLog(layout.log);
  try {
    const outcome = await initdbOutcome(data, log, options);
    if (outcome === 0) return;
    throw new EmbeddedError(
      'EMBEDDED_INIT_FAILED',
      `initdb failed (${outcome}); ${layout.log} ends with:\n${logTail(layout.log, from)}`,
    );
  } finally {
    closeSync(log);
  }
}

/** 0, or what went wrong. */
function initdbOutcome(data: string, log: number, options: InitOptions): Promise<0 | string> {
  const args = [
    `--pgdata=${dataFolderArgument(data, options.account)}`,
    `--username=${CLUSTER_ROLE}`,
    '--auth=scram-sha-256',
    // Told from the working directory, for an account that cannot walk the whole path.
    '--pwfile=../password',
    '--encoding=UTF8',
    '--locale=C',
    '--no-instructions',
    ...(options.fsync ? [] : ['--no-sync']),
  ];
  return new Promise((resolve) => {
    const child = spawn(options.binaries.initdb, args, {
      ...spawnOptions(data, options.account),
      detached: false,
      stdio: ['ignore', log, log],
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), embeddedLimits.initMsMax);
    child.on('error', (error) => resolve(messageOf(error)));
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      resolve(code === 0 ? 0 : `exit ${code ?? signal ?? 'unknown'}`);
    });
  });
}

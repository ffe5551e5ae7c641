/**
 * Under whose name the server runs. PostgreSQL refuses to run as root, so root hands it to another account.
 */
import { readFileSync, statSync } from 'node:fs';
import { EmbeddedError, USE_OWN_SERVER } from './errors.ts';
import type { Layout } from './layout.ts';

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

const CANDIDATES = ['postgres', 'nobody'];

export function runsAsRoot(): boolean {
  return process.getuid?.() === 0;
}

/**
 * The account to change to, or undefined where the server runs as ourselves. A cluster that exists keeps its owner:
 * an account `postgres` that is installed later must not lock us out of what `nobody` made.
 */
export function serverAccount(layout: Layout): Account | undefined {
  const owner = statSync(layout.data, { throwIfNoEntry: false });
  if (runsAsRoot()) {
    if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
    return accountForRoot();
  }
  const self = process.getuid?.();
  if (owner !== undefined && self !== undefined && owner.uid !== self) {
    throw new EmbeddedError(
      'EMBEDDED_DATA_FOLDER',
      `${layout.data} belongs to the user with id ${owner.uid}, and we run as ${self}: start as that user or as root, or set DATA_DIR to another folder`,
    );
  }
  return undefined;
}

function accountForRoot(): Account {
  const accounts = new Map<string, Account>();
  for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
    const [name, , uid, gid] = line.split(':');
    if (name === undefined || uid === undefined || gid === undefined) continue;
    accounts.set(name, { uid: Number(uid), gid: Number(gid) });
  }
  for (const name of CANDIDATES) {
    const account = accounts.get(name);
    if (account !== undefined && account.uid !== 0) return account;
  }
  throw new EmbeddedError(
    'EMBEDDED_NO_ACCOUNT',
    `PostgreSQL does not run as root, and there is no account ${CANDIDATES.join(' or ')} to run it as: start as an ordinary user, or ${USE_OWN_SERVER}`,
  );
}

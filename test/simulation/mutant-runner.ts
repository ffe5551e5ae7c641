// Runs the simulator on a copy of src/ that a mutant was applied to, in a process of its own.
import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Mutant, Patch } from './mutants.ts';

export const seedsMax = 500;

export interface Caught {
  /** The seeds that it took; null: it was not caught by an invariant. */
  readonly seeds: number | null;
  readonly invariant: string | null;
  readonly output: string;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
/** The project's own: the system's may be too old to run TypeScript. */
const node = join(root, 'node_modules/node/bin/node');

/** @throws Error where a patch does not fit its file any more */
export async function runMutant({ patches }: Mutant, firstSeed = 1, runs = seedsMax): Promise<Caught> {
  const folder = await mkdtemp(join(tmpdir(), 'synkro-mutant-'));
  try {
    for (const part of ['actors', 'runtime', 'simulation'])
      await cp(join(root, 'src', part), join(folder, 'src', part), { recursive: true });
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
    for (const patch of patches) await apply(folder, patch);
    return await simulate(folder, firstSeed, runs);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function apply(folder: string, { file, search, replace }: Patch): Promise<void> {
  const path = join(folder, file);
  const text = await readFile(path, 'utf8');
  const found = text.split(search).length - 1;
  if (found !== 1) throw new Error(`${file} has ${found} times, not once: ${search}`);
  await writeFile(
    path,
    text.replace(search, () => replace),
  );
}

function simulate(folder: string, firstSeed: number, runs: number): Promise<Caught> {
  return new Promise((resolve, reject) => {
    const main = join(folder, 'src/simulation/main.ts');
    const args = [main, '--from', String(firstSeed), '--runs', String(runs), '--stop-at-first'];
    const child = spawn(node, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      const output = Buffer.concat(chunks).toString('utf8');
      const found = code === 1 ? /^seed (\d+) breaks (I\d+) /m.exec(output) : null;
      resolve({
        seeds: found === null ? null : Number(found[1]) - firstSeed + 1,
        invariant: found?.[2] ?? null,
        output,
      });
    });
  });
}

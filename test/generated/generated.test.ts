import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const bin = join(root, 'node_modules', '.bin');

test('the generated code is what npm run generate makes of the protos', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'synkro-generated-'));
  try {
    const template = (await readFile(join(root, 'buf.gen.yaml'), 'utf8')).replace(
      'out: src/generated',
      `out: ${folder}/generated`,
    );
    await promisify(execFile)(join(bin, 'buf'), ['generate', '--template', template], {
      cwd: root,
      env: { ...process.env, PATH: `${bin}:${process.env['PATH']}` },
    });
    expect(await contents(join(folder, 'generated'))).toEqual(await contents(join(root, 'src', 'generated')));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('the descriptors that reflection serves are what npm run generate makes of the protos', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'synkro-descriptors-'));
  try {
    const made = join(folder, 'descriptors.binpb');
    const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    const build = String(scripts.generate).split(' && ')[1]?.replace('proto/descriptors.binpb', made) ?? '';
    await promisify(execFile)(join(bin, 'buf'), build.split(' ').slice(1), { cwd: root });
    expect((await readFile(made)).equals(await readFile(join(root, 'proto', 'descriptors.binpb')))).toBe(
      true,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

async function contents(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const texts = await Promise.all(
    files.map(async (file) => [file.slice(folder.length), await readFile(file, 'utf8')] as const),
  );
  return Object.fromEntries(texts.sort(([a], [b]) => (a < b ? -1 : 1)));
}

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

test.each(['descriptors.binpb', 'health.binpb'])(
  '%s, which reflection serves, is what npm run generate makes of the protos',
  async (name) => {
    const folder = await mkdtemp(join(tmpdir(), 'synkro-descriptors-'));
    try {
      const made = join(folder, name);
      const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
      const commands: string[] = String(scripts.generate).split(' && ');
      const command = commands.find((each) => each.endsWith(` proto/${name}`)) ?? 'buf none';
      const options = command.replace(`proto/${name}`, made).split(' ').slice(1);
      await promisify(execFile)(join(bin, 'buf'), options, { cwd: root });
      expect((await readFile(made)).equals(await readFile(join(root, 'proto', name)))).toBe(true);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
);

async function contents(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const texts = await Promise.all(
    files.map(async (file) => [file.slice(folder.length), await readFile(file, 'utf8')] as const),
  );
  return Object.fromEntries(texts.sort(([a], [b]) => (a < b ? -1 : 1)));
}

import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { TestService } from '../support/service.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
let readme: string;
let database: TestDatabase;
let service: TestService;

beforeAll(async () => {
  readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  database = await createDatabase();
  service = await TestService.start({ data: { url: database.url } });
});

afterAll(async () => {
  await service.stop();
  await database.drop();
});

test('the first call of the README gets the answer that the README shows, also when it is repeated', async () => {
  const [, command] = /```sh\n(node examples\/[^\n]+)\n```/.exec(readme) ?? [];
  const [, shown] = /```json\n(\{[\s\S]+?\n\})\n```/.exec(readme) ?? [];
  const { grpc } = await service.ready();
  const run = async () => {
    const [program = '', ...args] = (command ?? '').split(' ');
    const { stdout } = await promisify(execFile)(program, [...args, `127.0.0.1:${grpc}`], { cwd: root });
    return JSON.parse(stdout);
  };
  const first = await run();
  expect(first).toMatchObject(JSON.parse(shown ?? ''));
  expect(await run()).toEqual(first);
});

test('every file that the README links to is there', async () => {
  const links = [...readme.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, path]) => path ?? '');
  expect(links.length).toBeGreaterThan(5);
  await Promise.all(
    links.map((path) =>
      readFile(new URL(`../../${path}`, import.meta.url)).catch((error) => {
        if (error.code !== 'EISDIR') throw new Error(`the README links to ${path}: ${error.message}`);
      }),
    ),
  );
});

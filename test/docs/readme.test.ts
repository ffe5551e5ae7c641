import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Shop } from '../support/shop.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
let readme: string;
let shop: Shop;

beforeAll(async () => {
  readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  shop = await Shop.open({ roles: 'all' });
});

afterAll(() => shop.close());

test('the first order of the README gets the answer that the README shows, also when it is repeated', async () => {
  const [, command] = /```sh\n(node examples\/[^\n]+)\n```/.exec(readme) ?? [];
  const [, shown] = /```json\n(\{[\s\S]+?\n\})\n```/.exec(readme) ?? [];
  const run = () => runExample(command ?? '', shop.httpUrl('logistics'));
  const first = await run();
  expect(first).toEqual(JSON.parse(shown ?? ''));
  expect(await run()).toEqual(first);
});

test('the first call over gRPC reserves, also when it is repeated', async () => {
  const { grpc } = await shop.service('inventory').ready();
  const run = () => runExample('node examples/first-call.js', `127.0.0.1:${grpc}`);
  const first = await run();
  expect(first).toMatchObject({ success: true, status: 'RESERVATION_STATUS_HELD' });
  expect(await run()).toEqual(first);
});

async function runExample(command: string, address: string): Promise<unknown> {
  const [program = '', ...args] = command.split(' ');
  const { stdout } = await promisify(execFile)(program, [...args, address], { cwd: root });
  return JSON.parse(stdout);
}

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

// docs/ERRORS.md says exactly what the catalogue says. UPDATE=1 writes it anew.
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { failures } from '../../src/actors/failure.ts';

const file = new URL('../../docs/ERRORS.md', import.meta.url);
const begin = '<!-- catalogue: written by UPDATE=1 vitest run test/docs/errors.test.ts -->\n';
const end = '<!-- end of catalogue -->\n';

function table(): string {
  const rows = Object.entries(failures).map(
    ([code, { grpc, http, repeatable, meaning }]) =>
      `| \`${code}\` | ${grpc} | ${http} | ${repeatable ? 'yes' : 'no'} | ${meaning} |`,
  );
  return ['| code | gRPC | HTTP | repeatable | meaning |', '|---|---|---|---|---|', ...rows, ''].join('\n');
}

test('the table in docs/ERRORS.md is the catalogue', () => {
  const text = readFileSync(file, 'utf8');
  const from = text.indexOf(begin) + begin.length;
  const to = text.indexOf(end);
  expect(from).toBeGreaterThan(begin.length);
  expect(to).toBeGreaterThan(from);
  if (process.env['UPDATE'] === '1') {
    writeFileSync(file, text.slice(0, from) + table() + text.slice(to));
    return;
  }
  expect(text.slice(from, to)).toBe(table());
});

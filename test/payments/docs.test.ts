// docs/PAYMENTS.md says exactly which tokens there are. UPDATE=1 writes it anew.
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseNotice } from '../../src/payments/notice.ts';
import { sandboxTokens } from '../../src/payments/sandbox-tokens.ts';
import { authorizationOf, followUpOf } from '../../src/payments/wire.ts';
import { paymentId } from './support/requests.ts';

const file = new URL('../../docs/PAYMENTS.md', import.meta.url);
const begin = '<!-- tokens: written by UPDATE=1 vitest run test/payments/docs.test.ts -->\n';
const end = '<!-- end of tokens -->\n';

function table(): string {
  const rows = Object.entries(sandboxTokens).map(([token, { meaning }]) => `| \`${token}\` | ${meaning} |`);
  return ['| token | what happens |', '|---|---|', ...rows, ''].join('\n');
}

test('the table in docs/PAYMENTS.md is the sandbox’s', () => {
  const text = readFileSync(file, 'utf8');
  const from = text.indexOf(begin) + begin.length;
  const to = text.indexOf(end);
  expect(from).toBeGreaterThan(begin.length);
  expect(to).toBeGreaterThanOrEqual(from);
  if (process.env['UPDATE'] === '1') {
    writeFileSync(file, text.slice(0, from) + table() + text.slice(to));
    return;
  }
  expect(text.slice(from, to)).toBe(table());
});

test('the answers and the notice in docs/PAYMENTS.md are read as such', () => {
  const text = readFileSync(file, 'utf8');
  const lines = text.split('\n').filter((line) => line.startsWith('{"outcome"'));
  expect(lines).toHaveLength(4);
  for (const line of lines) {
    const json: unknown = JSON.parse(line);
    expect(authorizationOf(json) ?? followUpOf(json), line).not.toBeNull();
  }
  const [notice] = text.split('\n').filter((line) => line.startsWith('{"id"'));
  const read = parseNotice((notice ?? '').replace('4f1c…', paymentId));
  expect(read).toMatchObject({ id: 'n-1', authorization: { outcome: 'approved' } });
});

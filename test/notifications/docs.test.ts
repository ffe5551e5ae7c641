// docs/NOTIFICATIONS.md says exactly what the rules say. UPDATE=1 writes it anew.
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Rule, rules } from '../../src/notifications/rules.ts';

const file = new URL('../../docs/NOTIFICATIONS.md', import.meta.url);
const begin = '<!-- rules: written by UPDATE=1 vitest run test/notifications/docs.test.ts -->\n';
const end = '<!-- end of rules -->\n';

function table(): string {
  const rows = Object.entries<Rule>(rules).map(([event, rule]) => {
    const kind = rule.audience === 'customer' ? rule.kind : '';
    return `| ${event} | \`${rule.template}\` | the ${rule.audience} | ${kind} |`;
  });
  return ['| event | message | by mail to | kind |', '|---|---|---|---|', ...rows, ''].join('\n');
}

test('the table in docs/NOTIFICATIONS.md is the rules', () => {
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

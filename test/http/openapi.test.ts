// The OpenAPI document: valid by the linter's recommended rules, complete, and the pages that show it.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LogisticsHarness, serveBoth } from './support/logistics.ts';
import { type Operation, objectAt, operationsOf, propertiesOf, type Schema } from './support/operations.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

let harness: LogisticsHarness;
let operations: readonly Operation[] = [];
beforeAll(async () => {
  harness = await serveBoth();
  operations = operationsOf(harness.call.document);
});
afterAll(() => harness.stop());

test('passes the linter', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'openapi-'));
  const file = join(folder, 'openapi.json');
  await writeFile(file, JSON.stringify(harness.call.document));
  const lint = ['lint', file, '--config', join(root, 'redocly.yaml'), '--max-problems', '50'];
  const { stderr } = await promisify(execFile)(join(root, 'node_modules/.bin/redocly'), lint, {
    env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
  });
  expect(stderr).toMatch(/Your API description is valid/);
  expect(stderr).not.toMatch(/warning/i);
  await rm(folder, { recursive: true });
});

test('has every route of the contract', () => {
  const routes = operations.map(({ method, path }) => `${method} ${path}`);
  expect(routes).toEqual(
    expect.arrayContaining([
      'POST /v1/items',
      'GET /v1/items',
      'GET /v1/items/{id}',
      'PATCH /v1/items/{id}',
      'DELETE /v1/items/{id}',
      'POST /v1/items:bulk',
      'POST /v1/warehouses',
      'GET /v1/warehouses',
      'GET /v1/warehouses/{id}',
      'PATCH /v1/warehouses/{id}',
      'GET /v1/items/{id}/levels',
      'GET /v1/levels',
      'POST /v1/items/{id}/adjustments',
      'POST /v1/adjustments:bulk',
      'POST /v1/items/{id}/transfers',
      'PUT /v1/items/{id}/policies/{warehouseId}',
      'GET /v1/items/{id}/movements',
      'POST /v1/reservations',
      'GET /v1/reservations',
      'GET /v1/reservations/{id}',
      'POST /v1/reservations/{id}/commit',
      'POST /v1/reservations/{id}/release',
      'POST /v1/reservations/{id}/extend',
      'POST /v1/allocations',
      'POST /v1/allocations/release',
      'POST /v1/allocations/fulfill',
      'GET /v1/inventory/events',
      'GET /v1/availability',
      'GET /v1/reports/stock',
      'POST /v1/orders',
      'GET /v1/orders',
      'GET /v1/orders/{id}',
      'GET /v1/orders/{id}/history',
      'POST /v1/orders/{id}/cancel',
      'POST /v1/orders/{id}/shipments',
      'POST /v1/orders/{id}/shipments/{sid}/deliver',
      'POST /v1/orders/{id}/returns',
      'GET /v1/orders/events',
      'POST /v1/customers',
      'GET /v1/customers',
      'GET /v1/customers/{id}',
      'PATCH /v1/customers/{id}',
      'DELETE /v1/customers/{id}',
      'GET /v1/reports/orders',
      'GET /v1/supply',
      'GET /v1/supply/{id}',
      'POST /v1/payments/webhook',
      'GET /v1/admin/owners',
      'GET /v1/admin/lag',
      'GET /v1/admin/hot-skus',
      'GET /v1/admin/log-level',
      'PUT /v1/admin/log-level',
      'GET /healthz',
      'GET /readyz',
      'GET /metrics',
    ]),
  );
});

describe('every operation', () => {
  const given = ({ method, path }: Operation) =>
    objectAt(harness.call.document, 'paths', path, method.toLowerCase());

  test('says what it does, and under which tag', () => {
    const tags = harness.call.document['tags'];
    const known = Array.isArray(tags) ? tags.map(({ name }) => name) : [];
    for (const operation of operations) {
      const { summary, description, tags: own } = given(operation);
      expect([summary, description], operation.id).toEqual([expect.any(String), expect.any(String)]);
      expect(known).toEqual(expect.arrayContaining(Array.isArray(own) ? own : ['none']));
    }
    expect(new Set(operations.map(({ id }) => id)).size).toBe(operations.length);
    expect(new Set(known).size, 'tags that both services have stand once').toBe(known.length);
  });

  test('of the API documents its problems, and takes a key where it is a POST', () => {
    for (const operation of operations.filter(({ path }) => path.startsWith('/v1/'))) {
      const statuses = Object.keys(objectAt(given(operation), 'responses'));
      const { id, body, method, parameters } = operation;
      const expected = ['400', '406', '429', '500', '503', '504', ...(body === null ? [] : ['413', '415'])];
      expect(statuses, id).toEqual(expect.arrayContaining(expected));
      // Notices have ids of their own.
      if (method === 'POST' && id !== 'receivePaymentNotice')
        expect(
          parameters.map(({ name }) => name),
          id,
        ).toContain('Idempotency-Key');
      const hasPage = parameters.some(({ name }) => name === 'pageToken');
      const answer = objectAt(given(operation), 'responses', '200', 'headers');
      if (hasPage) expect(Object.keys(answer), id).toContain('x-synkro-as-of');
    }
  });

  test('refuses what it does not know', () => {
    const open: string[] = [];
    const look = (schema: Schema, at: string) => {
      const properties = Object.entries(propertiesOf(schema));
      if (schema['type'] === 'object' && schema['properties'] !== undefined) {
        if (schema['additionalProperties'] !== false) open.push(at);
      }
      for (const [name, each] of properties) look(each, `${at}.${name}`);
      const items = objectAt(schema, 'items');
      if (Object.keys(items).length > 0) look(items, `${at}[]`);
    };
    for (const { id, body } of operations) if (body !== null) look(body, id);
    expect(open).toEqual([]);
  });
});

test('marks of ours are not in it', () => {
  expect(JSON.stringify(harness.call.document)).not.toMatch(/x-synkro-(name|optional)/);
});

test('bodies that may be left out are marked so', () => {
  const required = (path: string) =>
    objectAt(harness.call.document, 'paths', path, 'post', 'requestBody')['required'];
  expect(required('/v1/reservations/{id}/commit')).toBe(false);
  expect(required('/v1/reservations')).toBe(true);
});

test('the pages come from here, with all that they need', async () => {
  const page = await fetch(`${harness.base}/docs`);
  expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
  const html = await page.text();
  const assets = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '');
  expect(assets.length).toBeGreaterThan(3);
  for (const asset of assets) {
    const url = new URL(asset, `${harness.base}/docs/`);
    expect(url.origin).toBe(harness.base);
    expect((await fetch(url)).status, asset).toBe(200);
  }
  const shown: unknown = await (await fetch(`${harness.base}/docs/json`)).json();
  expect(shown).toEqual(harness.call.document);
});

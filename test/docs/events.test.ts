// docs/events and the table in docs/EVENTS.md are what the catalogue of events says, and a version is only ever extended.
// UPDATE=1 writes them anew, but for what breaks a version.
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { isObject } from '../../src/actors/shape.ts';
import { catalogue, eventTypes } from '../../src/events/catalogue.ts';
import { eventVersion, isPublishedEvent, problemOf } from '../../src/events/event.ts';
import { asyncApi } from './events/asyncapi.ts';
import { breaksOf } from './events/compatibility.ts';
import { table } from './events/page.ts';
import { asFile, folder, schemaFile, schemaOf } from './events/schemas.ts';

const updates = process.env['UPDATE'] === '1';
const checkedIn = new Set(readdirSync(folder));

function readJson(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
}

/** First of all, so that nothing is written over before it was compared with. */
describe('the schemas of a version are only ever extended', () => {
  const ofThisVersion = [...checkedIn].filter((name) => name.endsWith(`.v${eventVersion}.json`));

  test('no type is gone', () => {
    const known = new Set(eventTypes.map(schemaFile));
    expect(ofThisVersion.filter((name) => !known.has(name))).toEqual([]);
  });

  test.each(eventTypes.filter((type) => checkedIn.has(schemaFile(type))))('%s', (type) => {
    expect(breaksOf(readJson(schemaFile(type)), JSON.parse(asFile(schemaOf(type))))).toEqual([]);
  });
});

describe('the files are those of the catalogue', () => {
  const files = [
    ...eventTypes.map((type) => [schemaFile(type), schemaOf(type), schemaFile(type)] as const),
    ['asyncapi.json', asyncApi(), null] as const,
  ];

  test.each(files)('%s', (name, document, schema) => {
    const file = new URL(name, folder);
    const mayWrite =
      schema === null ||
      !checkedIn.has(schema) ||
      breaksOf(readJson(schema), JSON.parse(asFile(document))).length === 0;
    if (updates && mayWrite) writeFileSync(file, asFile(document));
    expect(readFileSync(file, 'utf8')).toBe(asFile(document));
  });
});

const ajv = new Ajv2020({ strict: true, allErrors: true });
ajv.addFormat('uuid', /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);

describe('docs/EVENTS.md', () => {
  const page = new URL('../../docs/EVENTS.md', import.meta.url);
  const begin = '<!-- catalogue: written by UPDATE=1 vitest run test/docs/events.test.ts -->\n';
  const end = '<!-- end of catalogue -->\n';

  test('has the table of the catalogue', () => {
    const text = readFileSync(page, 'utf8');
    const from = text.indexOf(begin) + begin.length;
    const to = text.indexOf(end);
    expect(from).toBeGreaterThan(begin.length);
    expect(to).toBeGreaterThanOrEqual(from);
    if (updates) writeFileSync(page, text.slice(0, from) + table() + text.slice(to));
    else expect(text.slice(from, to)).toBe(table());
  });

  test('shows events that are events, by the code and by the schemas', () => {
    const examples = [...readFileSync(page, 'utf8').matchAll(/```json\n(.*?)```/gs)].map(([, json = '']) =>
      JSON.parse(json),
    );
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) {
      expect(problemOf(example)).toBe('');
      if (!isPublishedEvent(example)) throw new Error('no event');
      const validate = ajv.compile(schemaOf(example.type));
      expect([validate(example), validate.errors]).toEqual([true, null]);
      for (const broken of [
        { ...example, sequence: 0 },
        { ...example, data: {} },
        { ...example, version: 2 },
      ])
        expect(validate(broken)).toBe(false);
      ajv.removeSchema(`urn:synkro:event:${example.type}:v${eventVersion}`);
    }
  });
});

describe('asyncapi.json', () => {
  const document: unknown = JSON.parse(asFile(asyncApi()));

  test('passes the linter', async () => {
    const root = fileURLToPath(new URL('../..', import.meta.url));
    const lint = ['lint', fileURLToPath(new URL('asyncapi.json', folder)), '--config', `${root}redocly.yaml`];
    const { stderr } = await promisify(execFile)(`${root}node_modules/.bin/redocly`, lint, {
      env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
    });
    expect(stderr).toMatch(/Your API description is valid/);
    expect(stderr).not.toMatch(/warning/i);
  });

  test('refers to nothing that is not there', () => {
    const references = referencesIn(document);
    expect(references.length).toBeGreaterThan(eventTypes.length * 4);
    for (const reference of references) {
      if (reference.startsWith('#/')) expect(at(document, reference), reference).toBeDefined();
      else expect(existsSync(new URL(reference, folder)), reference).toBe(true);
    }
  });

  test('has a message with a schema for every routing key, and each event in a queue', () => {
    const channels = Object.values(Object(document).channels).filter(isObject);
    const addresses = channels.map(({ address }) => address);
    expect(addresses).toEqual(expect.arrayContaining(eventTypes.map((type) => catalogue[type].routingKey)));
    const ofQueues = channels.filter(({ bindings }) => Object(bindings).amqp.is === 'queue');
    const queued = new Set(ofQueues.flatMap(({ messages }) => Object.keys(Object(messages))));
    expect([...queued].sort()).toEqual([...eventTypes].sort());
  });

  test('says of the headers what a schema can say', () => {
    const { Headers } = Object(document).components.schemas;
    const validate = ajv.compile(Headers);
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const headers = { traceparent, 'x-sequence': 1, 'x-subject': 'orders/1' };
    expect(validate(headers)).toBe(true);
    expect(validate({ ...headers, traceparent: 'none' })).toBe(false);
  });
});

function referencesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === '$ref' && typeof inner === 'string' ? [inner] : referencesIn(inner),
  );
}

function at(document: unknown, reference: string): unknown {
  return reference
    .slice(2)
    .split('/')
    .reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), document);
}

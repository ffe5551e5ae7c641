// Bad input over HTTP: every field of every request, spoiled in every way that its schema suggests. It is refused with the
// field named as the client wrote it, nothing is written, and nothing is a fault of ours.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { isObject } from '../../src/actors/shape.ts';
import type { Answered } from './support/checked.ts';
import { type LogisticsHarness, serveBoth } from './support/logistics.ts';
import { mutationsOf } from './support/mutations.ts';
import {
  type Operation,
  objectAt,
  operationsOf,
  type Parameter,
  sampleRequest,
  urlOf,
} from './support/operations.ts';

// Some 2,000 requests in one test: on a busy machine that takes a while.
vi.setConfig({ testTimeout: 240_000 });

let harness: LogisticsHarness;
let operations: readonly Operation[] = [];
beforeAll(async () => {
  harness = await serveBoth();
  // Whoever has not signed is told nothing of fields: see logistics-webhook.test.ts.
  operations = operationsOf(harness.call.document).filter(({ id }) => id !== 'receivePaymentNotice');
});
afterAll(() => harness.stop());

/** What a problem names; of a bulk call, what the problem of its first entry does. */
function fieldsOf({ body }: Answered): readonly string[] {
  const results: unknown = isObject(body) ? body['results'] : undefined;
  const problem: unknown = Array.isArray(results) ? Object(results[0]).error : body;
  const violations: unknown = Object(problem).violations;
  return Array.isArray(violations) ? violations.map((each) => String(Object(each).field)) : [];
}

/** Sends it, and says what is wrong with how it was refused; null where that is right. */
async function misjudged(
  { method, id }: Operation,
  url: string,
  what: string,
  field: string | null,
  options: Parameters<LogisticsHarness['call']>[2],
): Promise<string | null> {
  const askers = [harness.fakes.asker, harness.logistics.asker];
  for (const { asked } of askers) asked.length = 0;
  const answered = await harness.call(method, url, options);
  const fields = fieldsOf(answered);
  const isBulk = url.includes(':bulk');
  const isRefused = (answered.status >= 400 && answered.status < 500) || (isBulk && fields.length > 0);
  const writes = askers.flatMap(({ asked }) => asked).filter((each) => each.options.kind === 'write');
  if (!isRefused) return `${id}: ${what}: answered ${answered.status}`;
  if (writes.length > 0) return `${id}: ${what}: ${writes.length} writes reached actors`;
  if (field !== null && !fields.includes(field)) {
    return `${id}: ${what}: named ${JSON.stringify(fields)}, not ${field}: ${JSON.stringify(answered.body)}`;
  }
  return null;
}

test('the sample requests, from which the bad ones are made, are taken', async () => {
  for (const operation of operations.filter(({ path }) => !path.endsWith('/events'))) {
    const sample = sampleRequest(operation);
    const { status } = await harness.call(operation.method, urlOf(operation, sample), { json: sample.body });
    expect(`${operation.id} ${status}`).toMatch(/ 20\d$/);
  }
});

test('every field of every body', async () => {
  const found: (string | null)[] = [];
  let count = 0;
  for (const operation of operations) {
    const sample = sampleRequest(operation);
    if (operation.body === null) continue;
    const url = urlOf(operation, sample);
    for (const { what, value, field } of mutationsOf(operation.body, sample.body)) {
      count += 1;
      found.push(await misjudged(operation, url, what, field, { json: value }));
    }
  }
  expect(found.filter((each) => each !== null)).toEqual([]);
  expect(count).toBeGreaterThan(1_500);
});

test('bodies that cannot be read', async () => {
  const found: (string | null)[] = [];
  const bodies: readonly (readonly [string, string | Uint8Array<ArrayBuffer>])[] = [
    ['no JSON', '{"sku": '],
    ['not UTF-8', Uint8Array.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0x22, 0x7d])],
    ['a prototype', '{"__proto__": {"isAdmin": true}}'],
    ['a prototype in disguise', '{"\\u005f_proto__": {"isAdmin": true}}'],
    ['two values', '{} {}'],
    ['a comment', '{} // nothing'],
    ['100,000 lists within lists', '['.repeat(100_000)],
  ];
  for (const operation of operations.filter(({ body }) => body !== null)) {
    const url = urlOf(operation, sampleRequest(operation));
    for (const [what, raw] of bodies) {
      found.push(await misjudged(operation, url, what, '', { raw }));
    }
  }
  expect(found.filter((each) => each !== null)).toEqual([]);
});

/** What is wrong in the place of a parameter. */
function wrongTexts({ schema }: Parameter): (readonly [string, string])[] {
  const of = schema['type'] === 'array' ? objectAt(schema, 'items') : schema;
  const { type, format, maxLength, minimum, maximum } = of;
  const wrong: [string, string][] = [];
  if (type === 'integer') {
    wrong.push(['text', 'abc'], ['empty', ''], ['a fraction', '1.5'], ['an exponent', '1e1'], ['hex', '0x1']);
    wrong.push(
      ['a space', ' 1'],
      ['far beyond', '9'.repeat(30)],
      ['beyond what is exact', '9007199254740993'],
    );
    if (typeof minimum === 'number') wrong.push(['too little', String(minimum - 1)]);
    if (typeof maximum === 'number' && maximum < 2 ** 53 - 1) wrong.push(['too much', String(maximum + 1)]);
  } else if (type === 'boolean') {
    wrong.push(['a number', '1'], ['capitals', 'TRUE'], ['empty', '']);
  } else if (Array.isArray(schema['enum'])) {
    wrong.push(['an unknown word', 'nothing'], ['empty', '']);
  } else {
    wrong.push(['NUL', 'a\0'], ['a control character', 'a\u0007'], ['long', 'x'.repeat(5_000)]);
    if (typeof maxLength === 'number') wrong.push(['too long', 'x'.repeat(maxLength + 1)]);
    if (format !== undefined) wrong.push(['of another form', 'x']);
  }
  return wrong;
}

describe('query strings', () => {
  test('every parameter of every operation', async () => {
    const found: (string | null)[] = [];
    let count = 0;
    for (const operation of operations) {
      const sample = sampleRequest(operation);
      const parameters = operation.parameters.filter((each) => each.in === 'query');
      for (const parameter of parameters) {
        const { name, schema } = parameter;
        const isList = schema['type'] === 'array';
        // An item is given by one of the two, and in lists by both.
        const { sku: _, ...others } = sample.query;
        const field = isList ? `${name}[0]` : name;
        for (const [what, value] of wrongTexts(parameter)) {
          count += 1;
          const query = { ...(name === 'itemId' ? others : sample.query), [name]: value };
          const url = urlOf(operation, { ...sample, query });
          found.push(await misjudged(operation, url, `${name} is ${what}`, field, { json: sample.body }));
        }
        if (isList) continue;
        const url = urlOf(operation, { ...sample, query: { ...sample.query, [name]: ['1', '2'] } });
        found.push(await misjudged(operation, url, `${name} is given twice`, name, { json: sample.body }));
      }
    }
    expect(found.filter((each) => each !== null)).toEqual([]);
    expect(count).toBeGreaterThan(200);
  });

  test('an unknown parameter, and one that is not UTF-8', async () => {
    const found: (string | null)[] = [];
    for (const operation of operations) {
      const sample = sampleRequest(operation);
      const [first] = operation.parameters.filter((each) => each.in === 'query');
      if (first === undefined) continue;
      const unknown = urlOf(operation, { ...sample, query: { ...sample.query, nobody: '1' } });
      found.push(await misjudged(operation, unknown, 'unknown', 'nobody', { json: sample.body }));
      const bare = urlOf(operation, { ...sample, query: {} });
      const field = first.schema['type'] === 'array' ? `${first.name}[0]` : first.name;
      for (const broken of ['%FF', '%', '%C3%28']) {
        const url = `${bare}?${first.name}=${broken}`;
        found.push(await misjudged(operation, url, broken, field, { json: sample.body }));
      }
    }
    expect(found.filter((each) => each !== null)).toEqual([]);
  });
});

test('every parameter of every path', async () => {
  const found: (string | null)[] = [];
  for (const operation of operations) {
    const sample = sampleRequest(operation);
    for (const name of Object.keys(sample.path)) {
      const isReservation = operation.path.includes('/reservations/');
      for (const wrong of ['x', 'a\0', 'x'.repeat(4_000), 'sku:', 'sku:a\u0007', 'a/b', '..', '__proto__']) {
        const url = urlOf(operation, { ...sample, path: { ...sample.path, [name]: wrong } });
        // A reservation that cannot be is simply none.
        const field = isReservation || wrong === '..' ? null : name;
        const what = `${name} is ${wrong.slice(0, 20)}`;
        found.push(await misjudged(operation, url, what, field, { json: sample.body }));
      }
      const url = urlOf(operation, sample).replace(encodeURIComponent(sample.path[name] ?? ''), '%FF');
      found.push(await misjudged(operation, url, `${name} is not UTF-8`, '', { json: sample.body }));
    }
  }
  expect(found.filter((each) => each !== null)).toEqual([]);
});

test('keys that are too long', async () => {
  const found: (string | null)[] = [];
  const keyed = operations.filter(({ parameters }) =>
    parameters.some(({ name }) => name === 'Idempotency-Key'),
  );
  for (const operation of keyed) {
    const sample = sampleRequest(operation);
    const headers = { 'idempotency-key': 'k'.repeat(256) };
    const options = { json: sample.body, headers };
    found.push(await misjudged(operation, urlOf(operation, sample), 'long', 'Idempotency-Key', options));
  }
  expect(found.filter((each) => each !== null)).toEqual([]);
  expect(keyed.length).toBeGreaterThan(20);
});

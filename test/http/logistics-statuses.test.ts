// Every problem that a route of Logistics says it may answer, answered, with the status that is promised; and every route
// before it is even asked. Each answer is held to the document: what is not promised fails the test.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type FailureCode, fail, failures } from '../../src/actors/failure.ts';
import { type LogisticsHarness, resetLogistics, serveBoth } from './support/logistics.ts';
import { type Operation, objectAt, operationsOf, sampleRequest, urlOf } from './support/operations.ts';

let harness: LogisticsHarness;
let operations: readonly Operation[] = [];
beforeAll(async () => {
  harness = await serveBoth();
  // Webhooks are another matter: see logistics-webhook.test.ts.
  operations = operationsOf(harness.call.document).filter(({ path }) =>
    /^\/v1\/(orders|customers|reports\/orders)/.test(path),
  );
});
afterAll(() => harness.stop());
beforeEach(() => resetLogistics(harness));

/** Found before an actor could be asked. */
const early: ReadonlySet<string> = new Set([
  'invalid-argument',
  'not-acceptable',
  'request-too-large',
  'unsupported-media-type',
]);

/** Of routes that ask tables or journals, and no actor. */
const withoutActor: ReadonlySet<string> = new Set([
  'listOrders',
  'listCustomers',
  'getOrdersReport',
  'streamOrders',
]);

function isCode(name: string): name is FailureCode {
  return Object.hasOwn(failures, name);
}

/** The codes that the document has examples of. */
function promised({ path, method }: Operation): readonly FailureCode[] {
  const answers = objectAt(harness.call.document, 'paths', path, method.toLowerCase(), 'responses');
  return Object.keys(answers).flatMap((status) =>
    Object.keys(objectAt(answers, status, 'content', 'application/problem+json', 'examples')).filter(isCode),
  );
}

test('every problem that an actor may come up with', async () => {
  const seen: string[] = [];
  for (const operation of operations.filter(({ id }) => !withoutActor.has(id))) {
    const sample = sampleRequest(operation);
    for (const code of promised(operation).filter((each) => !early.has(each))) {
      harness.logistics.asker.answer = () => fail(code, 'no');
      const { status, headers, body } = await harness.call(operation.method, urlOf(operation, sample), {
        json: sample.body,
      });
      const { http, repeatable } = failures[code];
      const about = `${operation.id}: ${code}`;
      expect([status, Object(body).code], about).toEqual([http, code]);
      expect(headers.get('retry-after') !== null, about).toBe(repeatable);
      seen.push(about);
    }
  }
  expect(seen).toEqual(
    expect.arrayContaining([
      'createOrder: item-not-found',
      'createOrder: customer-not-found',
      'createOrder: order-exists',
      'createOrder: idempotency-key-reused',
      'createOrder: deadline-exceeded',
      'getOrder: order-not-found',
      'getOrderHistory: order-not-found',
      'cancelOrder: order-state',
      'shipOrder: limit-reached',
      'deliverShipment: shipment-not-found',
      'returnItems: limit-reached',
      'createCustomer: customer-exists',
      'updateCustomer: customer-changed',
      'deleteCustomer: customer-not-found',
    ]),
  );
});

test('every route that has an answer says what it cannot answer as: 406', async () => {
  const asked: string[] = [];
  for (const operation of operations.filter(({ id }) => id !== 'deleteCustomer')) {
    const sample = sampleRequest(operation);
    const { status, body } = await harness.call(operation.method, urlOf(operation, sample), {
      json: sample.body,
      headers: { accept: 'image/png' },
    });
    expect([status, Object(body).code], operation.id).toEqual([406, 'not-acceptable']);
    asked.push(operation.id);
  }
  expect(asked).toHaveLength(15);
  expect(harness.logistics.asker.asked).toEqual([]);
});

test('every route that reads a body reads JSON alone: 415', async () => {
  const asked: string[] = [];
  for (const operation of operations.filter(({ body }) => body !== null)) {
    const sample = sampleRequest(operation);
    const { status, body } = await harness.call(operation.method, urlOf(operation, sample), {
      json: sample.body,
      headers: { 'content-type': 'text/plain' },
    });
    expect([status, Object(body).code], operation.id).toEqual([415, 'unsupported-media-type']);
    asked.push(operation.id);
  }
  expect(asked).toHaveLength(8);
  expect(harness.logistics.asker.asked).toEqual([]);
});

test('a method that a route has not got: 405, and which it has', async () => {
  for (const [path, allow] of [
    ['/v1/orders', ['GET', 'HEAD', 'POST']],
    ['/v1/orders/events', ['GET']],
    ['/v1/reports/orders', ['GET']],
    ['/v1/customers/4f1c2d3e-1a2b-4c3d-9e8f-0a1b2c3d4e5f', ['DELETE', 'GET', 'HEAD', 'PATCH']],
    ['/v1/payments/webhook', ['POST']],
  ] as const) {
    const { status, headers } = await harness.call('PUT', path, { json: {} });
    expect([status, headers.get('allow')?.split(', ').sort()], path).toEqual([405, allow]);
  }
});

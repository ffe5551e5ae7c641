// The payment gateway's webhook: who may tell, what is told, and that nothing is looked at before the signature is.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { fail } from '../../src/actors/failure.ts';
import { encodeNotice } from '../../src/payments/notice.ts';
import { signatureHeader, signWebhook } from '../../src/payments/webhook.ts';
import type { CallOptions } from './support/checked.ts';
import { askingLogistics, type LogisticsHarness, resetLogistics, serveBoth } from './support/logistics.ts';
import { orderId, paymentId, secrets } from './support/logistics-fakes.ts';

let harness: LogisticsHarness;
beforeAll(async () => {
  harness = await serveBoth();
});
afterAll(() => harness.stop());
beforeEach(() => {
  resetLogistics(harness);
  harness.logistics.webhookSecrets = secrets;
});

const path = '/v1/payments/webhook';
const minute = 60_000;
const approved = {
  outcome: 'approved',
  transactionId: 'tx-1',
  until: Date.parse('2026-02-01T00:00:00Z'),
} as const;
const notice = { id: 'n-1', paymentId, orderId, authorization: approved };
const told = encodeNotice(notice);

/** @param age of the signature, in milliseconds */
const signed = (
  body: string | Uint8Array,
  { secret = secrets[0], age = 0 }: { secret?: string; age?: number } = {},
) => ({
  [signatureHeader]: signWebhook({ secret, body, now: Date.now() - age }),
});

const send = (
  raw: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string>,
  options: CallOptions = {},
) => askingLogistics(harness, 'POST', path, { raw, ...options, headers });

const accepted = {
  ref: { kind: 'order', id: orderId },
  command: { type: 'notice', paymentId, answer: approved },
};

describe('a signed notice reaches the order', () => {
  test('as it was told: 204', async () => {
    const { status, body, asked } = await send(told, signed(told));
    expect([status, body, asked]).toEqual([204, '', [accepted]]);
  });

  test('that was declined, too', async () => {
    const authorization = { outcome: 'declined', reason: 'no money' } as const;
    const body = encodeNotice({ ...notice, authorization });
    const { status, asked } = await send(body, signed(body));
    expect([status, asked]).toEqual([
      204,
      [{ ...accepted, command: { ...accepted.command, answer: authorization } }],
    ]);
  });

  test('by the old secret as well as by the new one', async () => {
    for (const secret of secrets) {
      expect((await send(told, signed(told, { secret }))).status).toBe(204);
    }
    const both = `${signed(told)[signatureHeader]},v1=${'0'.repeat(64)}`;
    expect((await send(told, { [signatureHeader]: both })).status).toBe(204);
  });

  test('again and again: 204, and the order drops what it knows', async () => {
    const headers = signed(told);
    for (let i = 0; i < 3; i += 1) expect((await send(told, headers)).status).toBe(204);
  });

  test('whatever way its JSON is written: the bytes are what is signed', async () => {
    const spaced = JSON.stringify(JSON.parse(told), null, 3);
    expect((await send(spaced, signed(spaced))).asked).toEqual([accepted]);
    expect((await send(told, signed(spaced))).status).toBe(401);
  });

  test('with ids in capitals', async () => {
    const body = told.replace(orderId, orderId.toUpperCase()).replace(paymentId, paymentId.toUpperCase());
    expect((await send(body, signed(body))).asked).toEqual([accepted]);
  });

  test('as old as it may be', async () => {
    expect((await send(told, signed(told, { age: 4 * minute }))).status).toBe(204);
    expect((await send(told, signed(told, { age: -4 * minute }))).status).toBe(204);
  });
});

describe('what is not signed as it has to be: 401, and no order is asked', () => {
  const wrong: readonly (readonly [string, string, () => Record<string, string>])[] = [
    ['without a signature', 'no-signature', () => ({})],
    ['with an empty one', 'no-signature', () => ({ [signatureHeader]: '' })],
    ['with something else', 'malformed-signature', () => ({ [signatureHeader]: 'sha256=abc' })],
    ['of other bytes', 'wrong-signature', () => signed(`${told} `)],
    ['by a secret that is none of ours', 'wrong-signature', () => signed(told, { secret: 'x'.repeat(32) })],
    ['too long ago', 'too-old', () => signed(told, { age: 6 * minute })],
    ['in the future', 'too-new', () => signed(told, { age: -6 * minute })],
  ];

  test.each(wrong)('%s', async (_what, reason, headers) => {
    const answered = await send(told, headers());
    expect([answered.status, answered.asked]).toEqual([401, []]);
    expect(answered.body).toMatchObject({ code: 'signature-invalid', details: { reason } });
    expect(answered.headers.get('www-authenticate')).toBe(signatureHeader);
  });

  test('with its time changed', async () => {
    const header = signed(told, { age: 6 * minute })[signatureHeader] ?? '';
    const fresh = header.replace(/t=\d+/, `t=${Math.floor(Date.now() / 1_000)}`);
    const { status, body } = await send(told, { [signatureHeader]: fresh });
    expect([status, Object(body).details]).toEqual([401, { reason: 'wrong-signature' }]);
  });

  test('by a secret that has been taken away', async () => {
    const headers = signed(told, { secret: secrets[1] });
    expect((await send(told, headers)).status).toBe(204);
    harness.logistics.webhookSecrets = [secrets[0]];
    expect((await send(told, headers)).status).toBe(401);
  });

  test('where there is no secret at all, whatever is sent', async () => {
    harness.logistics.webhookSecrets = [];
    const { status, body, asked } = await send(told, signed(told));
    expect([status, Object(body).details, asked]).toEqual([401, { reason: 'no-secret' }, []]);
  });

  test('a body that is not even JSON tells nothing more', async () => {
    expect((await send('{"id": ', {})).status).toBe(401);
    expect((await send('', {})).status).toBe(401);
  });
});

describe('what is signed, and wrong: 400 with the field, and no order is asked', () => {
  const { id: _, ...nameless } = notice;
  const { until: __, ...timeless } = approved;
  const text = (value: unknown) => JSON.stringify(value);
  const json = (over: object) => text({ ...JSON.parse(told), ...over });

  test.each([
    ['{"id": ', ''],
    ['', ''],
    ['[]', ''],
    ['null', ''],
    [text(nameless), 'id'],
    [json({ id: '' }), 'id'],
    [json({ id: 7 }), 'id'],
    [json({ id: 'x'.repeat(256) }), 'id'],
    [json({ paymentId: 'x' }), 'paymentId'],
    [json({ paymentId: null }), 'paymentId'],
    [json({ orderId: 'a\u0007' }), 'orderId'],
    [json({ orderId: undefined }), 'orderId'],
    [json({ some_thing: 1 }), 'some_thing'],
    [json({ authorization: undefined }), 'authorization'],
    [json({ authorization: 'approved' }), 'authorization'],
    [json({ authorization: { outcome: 'pending', transactionId: 't' } }), 'authorization.outcome'],
    [json({ authorization: { outcome: 'declined' } }), 'authorization.reason'],
    [json({ authorization: timeless }), 'authorization.until'],
    [json({ authorization: { ...timeless, until: '2026-02-30T00:00:00Z' } }), 'authorization.until'],
    [json({ authorization: { ...timeless, until: null, amount: 1 } }), 'authorization.amount'],
  ])('%s', async (body, field) => {
    const { status, body: problem, asked } = await send(body, signed(body));
    expect([status, Object(problem).code, asked]).toEqual([400, 'invalid-argument', []]);
    const fields = Object(problem).violations.map((each: { readonly field: string }) => each.field);
    expect(fields).toContain(field);
  });

  test('bytes that are not UTF-8', async () => {
    const body = Uint8Array.from([0x7b, 0xff, 0x7d]);
    expect((await send(body, signed(body))).status).toBe(400);
  });
});

describe('what there is not', () => {
  test.each(['order-not-found', 'payment-not-found'] as const)('%s: 404', async (code) => {
    harness.logistics.asker.answer = () => fail(code, 'no');
    const { status, body } = await send(told, signed(told));
    expect([status, Object(body).code]).toEqual([404, code]);
  });

  test('an order whose id cannot be one: 404, and nobody is asked', async () => {
    const body = encodeNotice({ ...notice, orderId: 'order-1' });
    const { status, body: problem, asked } = await send(body, signed(body));
    expect([status, Object(problem).code, asked]).toEqual([404, 'order-not-found', []]);
  });
});

test.each([
  ['overloaded', 429],
  ['unavailable', 503],
] as const)('%s: %d, so that the gateway sends it again', async (code, expected) => {
  harness.logistics.asker.answer = () => fail(code, 'later');
  const { status, headers } = await send(told, signed(told));
  expect([status, headers.get('retry-after')]).toEqual([expected, '1']);
});

test('more than 64 KiB are not read, also where their length is not told', async () => {
  const body = `${told}${' '.repeat(65_536 - told.length)}`;
  expect((await send(body, signed(body))).status).toBe(204);
  const more = `${body} `;
  const { status, body: problem } = await send(more, signed(more));
  expect([status, Object(problem).code]).toEqual([413, 'request-too-large']);
});

test.each([
  ['text/plain', {}],
  ['application/x-www-form-urlencoded', {}],
  ['application/json', { 'content-encoding': 'gzip' }],
])('only plain JSON is taken: %s %j', async (type, headers) => {
  const { status, asked } = await send(told, { ...signed(told), 'content-type': type, ...headers });
  expect([status, asked]).toEqual([415, []]);
});

test('other routes still read JSON, and are as large as they were', async () => {
  const json = { name: 'Ada', email: 'ada@example.org' };
  const { status } = await harness.call('POST', '/v1/customers', {
    raw: `${JSON.stringify(json)}${' '.repeat(100_000)}`,
  });
  expect(status).toBe(201);
});

// Webhooks' bodies: what is written is read again, and nothing else is.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeNotice, parseNotice } from '../../src/payments/notice.ts';
import { orderId, paymentId } from './support/requests.ts';

const approved = { outcome: 'approved', transactionId: 'tx-1', until: null } as const;
const notice = { id: 'n-1', paymentId, orderId, authorization: approved };

test.each([
  [approved],
  [{ ...approved, until: 1_800_000_000_123 }],
  [{ outcome: 'declined', reason: '' } as const],
  [{ outcome: 'declined', reason: 'too poor' } as const],
])('what is written is read again, %#', (authorization) => {
  const body = encodeNotice({ ...notice, authorization });
  expect(parseNotice(body)).toEqual({ ...notice, authorization });
  expect(parseNotice(Buffer.from(body))).toEqual({ ...notice, authorization });
});

test('times are written as text', () => {
  expect(JSON.parse(encodeNotice({ ...notice, authorization: { ...approved, until: 0 } }))).toEqual({
    ...notice,
    authorization: { ...approved, until: '1970-01-01T00:00:00.000Z' },
  });
});

test('ids of payments are read in lower case; a reason is cut and cleaned', () => {
  const authorization = { outcome: 'declined', reason: `a\nb${'c'.repeat(300)}` };
  const body = JSON.stringify({ ...notice, paymentId: paymentId.toUpperCase(), authorization });
  expect(parseNotice(body)).toEqual({
    ...notice,
    authorization: { outcome: 'declined', reason: `a b${'c'.repeat(197)}` },
  });
});

describe('is refused, with the field named', () => {
  const until = (value: unknown) => ({ ...notice, authorization: { ...approved, until: value } });
  test.each<[string, unknown, string]>([
    ['a list', [], ''],
    ['a text', 'x', ''],
    ['null', null, ''],
    ['no id', { ...notice, id: undefined }, 'id'],
    ['an empty id', { ...notice, id: '' }, 'id'],
    ['an id that is a number', { ...notice, id: 1 }, 'id'],
    ['an id that is too long', { ...notice, id: 'x'.repeat(256) }, 'id'],
    ['an id of two lines', { ...notice, id: 'a\nb' }, 'id'],
    ['half of a character', { ...notice, id: '\ud800' }, 'id'],
    ['a payment that is no UUID', { ...notice, paymentId: 'p-1' }, 'paymentId'],
    ['no payment', { ...notice, paymentId: null }, 'paymentId'],
    ['no order', { ...notice, orderId: undefined }, 'orderId'],
    ['an order that is too long', { ...notice, orderId: 'x'.repeat(129) }, 'orderId'],
    ['no authorization', { ...notice, authorization: undefined }, 'authorization'],
    ['an authorization that is a list', { ...notice, authorization: [] }, 'authorization'],
    ['no outcome', { ...notice, authorization: { reason: '' } }, 'authorization.outcome'],
    [
      'an outcome that is still pending',
      { ...notice, authorization: { outcome: 'pending', reason: '' } },
      'authorization.outcome',
    ],
    ['no reason', { ...notice, authorization: { outcome: 'declined' } }, 'authorization.reason'],
    [
      'a reason that is a number',
      { ...notice, authorization: { outcome: 'declined', reason: 1 } },
      'authorization.reason',
    ],
    [
      'no transaction',
      { ...notice, authorization: { outcome: 'approved', until: null } },
      'authorization.transactionId',
    ],
    ['no time', until(undefined), 'authorization.until'],
    ['a time that is a number', until(1_800_000_000_000), 'authorization.until'],
    ['a time without zone', until('2026-01-31T12:00:00'), 'authorization.until'],
    ['a day that is none', until('2026-02-30T12:00:00Z'), 'authorization.until'],
    ['an hour that is none', until('2026-01-31T24:00:00Z'), 'authorization.until'],
    ['a time before 1970', until('1969-12-31T23:59:59Z'), 'authorization.until'],
    ['a field that is not known', { ...notice, untill: 1 }, 'untill'],
    [
      'a field within that is not known',
      { ...notice, authorization: { ...approved, amount: 1 } },
      'authorization.amount',
    ],
  ])('%s', (_what, value, field) => {
    const read = parseNotice(JSON.stringify(value));
    expect(read).toMatchObject({ violations: [{ field }] });
  });

  test('everything that is wrong at once', () => {
    const read = parseNotice(JSON.stringify({ id: 1, orderId: 2, more: 3 }));
    expect(read).toMatchObject({
      violations: [
        { field: 'more' },
        { field: 'id' },
        { field: 'paymentId' },
        { field: 'orderId' },
        { field: 'authorization' },
      ],
    });
  });

  test.each([
    ['no JSON', 'x'],
    ['nothing', ''],
    ['what is no UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['what is too long', `${JSON.stringify(notice)}${' '.repeat(65_536)}`],
  ])('%s', (_what, body) => {
    expect(parseNotice(body)).toEqual({
      violations: [{ field: '', description: 'the body is no JSON object' }],
    });
  });

  test('however much is wrong, what is said of it is bounded', () => {
    const many = Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`${'x'.repeat(20)}${i}`, i]));
    const read = parseNotice(JSON.stringify(many));
    expect(JSON.stringify(read).length).toBeLessThan(4_000);
  });
});

test('whatever comes, it is read or refused, and never throws', () => {
  const near = fc.record(
    {
      id: fc.oneof(fc.string(), fc.jsonValue()),
      paymentId: fc.oneof(fc.uuid(), fc.jsonValue()),
      orderId: fc.oneof(fc.string(), fc.jsonValue()),
      authorization: fc.oneof(
        fc.record({
          outcome: fc.constantFrom('approved', 'declined', 'pending'),
          transactionId: fc.string(),
          until: fc.oneof(fc.constant(null), fc.date({ noInvalidDate: true }), fc.string()),
          reason: fc.string(),
        }),
        fc.jsonValue(),
      ),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(near, fc.jsonValue(), fc.string()), (value) => {
      const read = parseNotice(typeof value === 'string' ? value : JSON.stringify(value));
      if ('violations' in read) expect(read.violations.length).toBeGreaterThan(0);
      else expect(parseNotice(encodeNotice(read))).toEqual(read);
    }),
  );
});

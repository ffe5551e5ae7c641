// Signatures over webhooks: who signed, when, and with which of several secrets.
import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { signWebhook, verifyWebhook } from '../../src/payments/webhook.ts';

const secret = 'a secret of many characters';
const other = 'another secret, just as long';
const body = '{"id":"n-1"}';
const now = 1_800_000_000_123;
const header = signWebhook({ secret, body, now });

const verify = (over: Partial<Parameters<typeof verifyWebhook>[0]> = {}) =>
  verifyWebhook({ secrets: [secret], header, body, now, ...over });

test('the header is what the docs say', () => {
  const hex = createHmac('sha256', secret).update(`1800000000.${body}`).digest('hex');
  expect(header).toBe(`t=1800000000,v1=${hex}`);
});

test('a signature over the same body passes, as text and as bytes', () => {
  expect(verify()).toEqual({ ok: true });
  expect(verify({ body: Buffer.from(body) })).toEqual({ ok: true });
  const bytes = Buffer.from([0xff, 0xfe, 0x00]);
  expect(verify({ body: bytes, header: signWebhook({ secret, body: bytes, now }) })).toEqual({ ok: true });
});

describe('is refused', () => {
  const [time = '', signature = ''] = header.split(',');
  test.each([
    ['no header', { header: undefined }, 'no-signature'],
    ['an empty header', { header: '' }, 'no-signature'],
    ['another body', { body: `${body} ` }, 'wrong-signature'],
    ['an empty body', { body: '' }, 'wrong-signature'],
    ['another secret', { secrets: [other] }, 'wrong-signature'],
    ['another time than was signed', { header: `t=1800000001,${signature}` }, 'wrong-signature'],
    ['the time written otherwise', { header: `t=01800000000,${signature}` }, 'wrong-signature'],
    [
      'a changed signature',
      { header: header.replace(/.$/, (c) => (c === '0' ? '1' : '0')) },
      'wrong-signature',
    ],
    ['no time', { header: signature }, 'malformed-signature'],
    ['two times', { header: `${time},${header}` }, 'malformed-signature'],
    ['a time that is no number', { header: `t=now,${signature}` }, 'malformed-signature'],
    ['a negative time', { header: `t=-1,${signature}` }, 'malformed-signature'],
    ['no signature in it', { header: time }, 'malformed-signature'],
    ['a signature of another scheme alone', { header: `${time},v0=00` }, 'malformed-signature'],
    ['a signature that is too short', { header: `${time},v1=00` }, 'malformed-signature'],
    ['a signature that is no hex', { header: `${time},v1=${'z'.repeat(64)}` }, 'malformed-signature'],
    ['nonsense', { header: 'Bearer x' }, 'malformed-signature'],
    ['a gap', { header: `${time},,${signature}` }, 'malformed-signature'],
    [
      'more signatures than anyone needs',
      { header: `${time}${`,${signature}`.repeat(9)}` },
      'malformed-signature',
    ],
    ['a header that is far too long', { header: `${header},x=${'y'.repeat(1_024)}` }, 'malformed-signature'],
  ])('%s', (_what, over, reason) => {
    expect(verify(over)).toEqual({ ok: false, reason });
  });

  test.each([
    [300_000, { ok: true }],
    [301_000, { ok: false, reason: 'too-old' }],
    [-299_000, { ok: true }],
    [-302_000, { ok: false, reason: 'too-new' }],
  ])('by its time, %d ms later', (later, expected) => {
    // The signature's time is in whole seconds.
    expect(verify({ now: 1_800_000_000_000 + later })).toEqual(expected);
  });

  test('an old signature that is also wrong is told to be wrong', () => {
    expect(verify({ secrets: [other], now: now + 1e9 })).toEqual({ ok: false, reason: 'wrong-signature' });
  });
});

describe('while one secret replaces another', () => {
  const both = `${header},${signWebhook({ secret: other, body, now }).split(',')[1]}`;
  test.each([
    ['we know both, the old one signs', header, [other, secret], true],
    ['we know both, the new one signs', signWebhook({ secret: other, body, now }), [other, secret], true],
    ['both sign, we know the old one', both, [secret], true],
    ['both sign, we know the new one', both, [other], true],
    ['both sign, we know neither', both, ['a third secret, which is wrong'], false],
  ])('%s', (_what, given, secrets, ok) => {
    expect(verify({ header: given, secrets }).ok).toBe(ok);
  });
});

test('signatures of other schemes are passed over', () => {
  expect(verify({ header: `${header},v2=whatever` })).toEqual({ ok: true });
});

test('a secret that is none is a fault of ours, not the caller’s', () => {
  expect(() => verify({ secrets: [] })).toThrow(RangeError);
  expect(() => verify({ secrets: [secret, ''] })).toThrow(RangeError);
  expect(() => signWebhook({ secret: 'short', body, now })).toThrow(RangeError);
});

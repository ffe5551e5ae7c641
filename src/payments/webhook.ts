// Signatures over bodies: of webhooks that come, and of requests to an HTTP gateway. The header
// `synkro-signature: t=1767225600,v1=<64 hex digits>` holds the time (seconds since 1970) and the HMAC-SHA256 of
// `<t>.<body>`. Several v1 stand for several secrets, while one replaces the other.
//
// The time bounds how long what was overheard can be sent again. The same notice again within that time does nothing:
// orders drop repeats.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { webhookLimits as limits } from './limits.ts';

export const signatureHeader = 'synkro-signature';

export interface Signing {
  readonly secret: string;
  readonly body: string | Uint8Array;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** @returns the header's value. @throws RangeError where the secret is too short to be one */
export function signWebhook({ secret, body, now }: Signing): string {
  assertSecret(secret);
  const time = String(Math.floor(now / 1_000));
  return `t=${time},v1=${signatureOf(secret, time, body).toString('hex')}`;
}

export interface Verifying {
  /** Any of these will do; one at least. */
  readonly secrets: readonly string[];
  /** Undefined where there was none. */
  readonly header: string | undefined;
  /** The bytes as they came, before they were parsed. */
  readonly body: string | Uint8Array;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** too-old and too-new: the signature is right, but its time is further from ours than is allowed. */
export type WebhookFault = 'no-signature' | 'malformed-signature' | 'wrong-signature' | 'too-old' | 'too-new';

export type Verified = { readonly ok: true } | { readonly ok: false; readonly reason: WebhookFault };

/** @throws RangeError where there is no secret, or one is too short */
export function verifyWebhook({ secrets, header, body, now }: Verifying): Verified {
  if (secrets.length === 0) throw new RangeError('webhooks cannot be verified without a secret');
  for (const secret of secrets) assertSecret(secret);
  if (header === undefined || header === '') return refused('no-signature');
  const parsed = parseHeader(header);
  if (parsed === null) return refused('malformed-signature');
  const { time, signatures } = parsed;
  if (!isAnyOf(signatures, secrets, time, body)) return refused('wrong-signature');
  const age = now - Number(time) * 1_000;
  if (age > limits.toleranceMs) return refused('too-old');
  if (age < -limits.toleranceMs) return refused('too-new');
  return { ok: true };
}

/** @throws RangeError where it is too short */
export function assertSecret(secret: string): void {
  if (secret.length < limits.secretCharactersMin) {
    throw new RangeError(`a secret has at least ${limits.secretCharactersMin} characters`);
  }
}

function refused(reason: WebhookFault): Verified {
  return { ok: false, reason };
}

function signatureOf(secret: string, time: string, body: string | Uint8Array): Buffer {
  return createHmac('sha256', secret).update(`${time}.`).update(body).digest();
}

/** Compares every pair, so that the time it takes says nothing of which one was right, or how nearly. */
function isAnyOf(
  signatures: readonly Buffer[],
  secrets: readonly string[],
  time: string,
  body: string | Uint8Array,
): boolean {
  let found = false;
  for (const secret of secrets) {
    const expected = signatureOf(secret, time, body);
    for (const signature of signatures) {
      if (timingSafeEqual(signature, expected)) found = true;
    }
  }
  return found;
}

interface Header {
  /** As it was written, since that is what was signed. */
  readonly time: string;
  readonly signatures: readonly Buffer[];
}

/** Schemes other than v1 are passed over. */
function parseHeader(header: string): Header | null {
  if (header.length > limits.headerCharactersMax) return null;
  const times: string[] = [];
  const signatures: Buffer[] = [];
  for (const part of header.split(',')) {
    const [, name, value = ''] = /^ *([a-z0-9]+)=([^ ,=]+) *$/.exec(part) ?? [];
    if (name === undefined) return null;
    if (name === 't') times.push(value);
    if (name !== 'v1') continue;
    if (!/^[0-9a-f]{64}$/i.test(value)) return null;
    signatures.push(Buffer.from(value, 'hex'));
  }
  const [time] = times;
  if (time === undefined || times.length > 1 || !/^\d{1,12}$/.test(time)) return null;
  if (signatures.length === 0 || signatures.length > limits.signaturesMax) return null;
  return { time, signatures };
}

// Signatures of webhooks as Standard Webhooks has them (v1): HMAC-SHA256 over `<id>.<timestamp>.<body>`, one for each
// secret, so that a receiver can change over from one to another.
import { createHmac } from 'node:crypto';

export interface Signing {
  readonly secrets: readonly string[];
  readonly id: string;
  readonly body: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** @returns the headers */
export function signed({ secrets, id, body, now }: Signing): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(now / 1_000));
  const signatures = secrets.map((secret) => {
    const mac = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest('base64');
    return `v1,${mac}`;
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  };
}

/** @throws RangeError where there is no key of some length behind it */
export function assertSecret(secret: string): void {
  if (keyOf(secret).length < keyBytesMin) {
    throw new RangeError(`a secret for webhooks has at least ${keyBytesMin} bytes, behind whsec_ in base64`);
  }
}

const keyBytesMin = 16;
const encodedMark = 'whsec_';

/** What stands behind `whsec_` is base64 of the key, as libraries for receivers expect it; anything else is the key. */
function keyOf(secret: string): Buffer {
  return secret.startsWith(encodedMark)
    ? Buffer.from(secret.slice(encodedMark.length), 'base64')
    : Buffer.from(secret, 'utf8');
}

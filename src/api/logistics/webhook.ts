// What a payment gateway tells by itself: verified by its signature, read strictly, and told to the order. An order drops
// what it knows, so the same notice may come any number of times.
import type { OrderCommand } from '../../actors/logistics/order/messages.ts';
import { textLimits, webhookLimits } from '../../payments/limits.ts';
import { parseNotice } from '../../payments/notice.ts';
import { signatureHeader, verifyWebhook } from '../../payments/webhook.ts';
import { invalid, Refused } from '../errors.ts';
import { Check } from '../validate/check.ts';
import { uuid } from '../validate/text.ts';
import type { LogisticsMethod } from './deps.ts';
import { orderRef } from './orders.ts';

export { signatureHeader };
export const noticeLimits = { ...textLimits, ...webhookLimits } as const;

export interface SignedNotice {
  /** The bytes as they came. */
  readonly body: Uint8Array;
  /** Of the header; undefined where there was none. */
  readonly signature: string | undefined;
  /** When it came, in milliseconds since 1970. */
  readonly now: number;
}

/** No method of the contract: gateways speak HTTP. Answered when what the order made of it is durable. */
export const receiveNotice: Pick<LogisticsMethod<SignedNotice, null>, 'name' | 'handle'> = {
  name: 'ReceivePaymentNotice',
  async handle({ body, signature, now }, call) {
    verify({ secrets: call.deps.webhookSecrets, header: signature, body, now });
    const notice = parseNotice(body);
    if ('violations' in notice) throw new Refused(invalid(notice.violations));
    const { paymentId, authorization } = notice;
    const command: OrderCommand = { type: 'notice', paymentId, answer: authorization };
    return call.write(orderRef(orderIdOf(notice.orderId)), command, null, isNull);
  },
};

/** @throws Refused (signature-invalid); without a secret nothing can be verified */
function verify(given: Parameters<typeof verifyWebhook>[0]): void {
  const verified =
    given.secrets.length === 0 ? ({ ok: false, reason: 'no-secret' } as const) : verifyWebhook(given);
  if (verified.ok) return;
  const { reason } = verified;
  throw new Refused({
    code: 'signature-invalid',
    message: `the signature is not accepted: ${reason}`,
    details: { reason },
  });
}

/** @throws Refused (order-not-found) where it cannot be an id of ours */
function orderIdOf(text: string): string {
  const check = new Check();
  const id = check.field('orderId', text, uuid);
  if (check.ok) return id;
  throw new Refused({ code: 'order-not-found', message: 'no such order' });
}

function isNull(value: unknown): value is null {
  return value === null;
}

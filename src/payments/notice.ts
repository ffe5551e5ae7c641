// Webhooks' bodies: what a gateway tells by itself of an authorization.
import { isObject } from '../actors/shape.ts';
import type { PaymentNotice } from './gateway.ts';
import { textLimits, webhookLimits } from './limits.ts';
import { encodeAuthorization, Problems, readDefinite, type Violation } from './wire.ts';

export type NoticeViolation = Violation;

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });
const noticeFields = ['id', 'paymentId', 'orderId', 'authorization'];
const authorizationFields = ['outcome', 'transactionId', 'until', 'reason'];

/** Strict: nothing is coerced, and a field that is not known is refused. Never throws. */
export function parseNotice(
  body: string | Uint8Array,
): PaymentNotice | { readonly violations: readonly NoticeViolation[] } {
  const value = jsonOf(body);
  if (!isObject(value)) return { violations: [{ field: '', description: 'the body is no JSON object' }] };
  const problems = new Problems();
  const { authorization } = value;
  problems.onlyThese('', value, noticeFields);
  const notice = {
    id: problems.text('id', value['id'], textLimits.noticeIdCharactersMax),
    paymentId: problems.uuid('paymentId', value['paymentId']),
    orderId: problems.text('orderId', value['orderId'], textLimits.orderIdCharactersMax),
    authorization: readAuthorization(problems, authorization),
  };
  return problems.none ? notice : { violations: problems.violations };
}

export function encodeNotice(notice: PaymentNotice): string {
  return JSON.stringify({ ...notice, authorization: encodeAuthorization(notice.authorization) });
}

function readAuthorization(problems: Problems, value: unknown): PaymentNotice['authorization'] {
  if (!isObject(value)) {
    problems.refuse('authorization', value === undefined ? 'is required' : 'is not an object');
    return { outcome: 'declined', reason: '' };
  }
  problems.onlyThese('authorization.', value, authorizationFields);
  return readDefinite(problems, 'authorization.', value);
}

/** Undefined where it is none, or longer than a webhook may be. */
function jsonOf(body: string | Uint8Array): unknown {
  if (body.length > webhookLimits.bodyBytesMax) return undefined;
  try {
    return JSON.parse(typeof body === 'string' ? body : strictUtf8.decode(body));
  } catch {
    return undefined;
  }
}

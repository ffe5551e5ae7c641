// Requests to a gateway as an order would make them.
import { uuidv5 } from '../../../src/actors/ids.ts';
import type { AuthorizeRequest, FollowUpRequest } from '../../../src/payments/gateway.ts';

export const paymentId = uuidv5('payment 1');
export const orderId = uuidv5('order 1');
export const amount = { currency: 'GBP', minor: '1250' };
export const never = new AbortController().signal;

export function authorizeRequest(method: string, over: Partial<AuthorizeRequest> = {}): AuthorizeRequest {
  return { key: `${paymentId}:authorize`, paymentId, orderId, amount, method, ...over };
}

export function followUp(transactionId: string, over: Partial<FollowUpRequest> = {}): FollowUpRequest {
  return { key: `${paymentId}:capture`, transactionId, amount, ...over };
}

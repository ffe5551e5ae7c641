// What Logistics asks of a payment gateway. Every request carries a key: the same key is the same request, and has one
// effect and one answer however often it is sent. What a gateway answers is final, unless it says `pending`.
import type { Money } from '../actors/logistics/money.ts';

export interface AuthorizeRequest {
  readonly key: string;
  /** Our payment's id: comes back in webhooks. */
  readonly paymentId: string;
  readonly orderId: string;
  readonly amount: Money;
  /** The token that the shop's client got from the gateway. */
  readonly method: string;
  /** A further authorization of the same payment, because an earlier one has lapsed. Not one where it is not set. */
  readonly isRenewal?: boolean;
}

/**
 * pending: the answer comes later, by webhook, or when the same request is sent again.
 * until: when the authorization lapses, in milliseconds since 1970; null where it does not.
 */
export type Authorization =
  | { readonly outcome: 'approved'; readonly transactionId: string; readonly until: number | null }
  | { readonly outcome: 'declined'; readonly reason: string }
  | { readonly outcome: 'pending'; readonly transactionId: string };

export interface FollowUpRequest {
  readonly key: string;
  readonly transactionId: string;
  readonly amount: Money;
}

/** What became of a capture, a void or a refund. */
export type FollowUp =
  | { readonly outcome: 'done' }
  | { readonly outcome: 'declined'; readonly reason: string };

export interface PaymentGateway {
  /** @throws GatewayUnknownError */
  authorize(request: AuthorizeRequest, signal: AbortSignal): Promise<Authorization>;
  /** Takes the whole amount of the authorization. @throws GatewayUnknownError */
  capture(request: FollowUpRequest, signal: AbortSignal): Promise<FollowUp>;
  /** Lets an authorization go. @throws GatewayUnknownError */
  void(request: FollowUpRequest, signal: AbortSignal): Promise<FollowUp>;
  /** Gives back some of what was captured. @throws GatewayUnknownError */
  refund(request: FollowUpRequest, signal: AbortSignal): Promise<FollowUp>;
  close(): Promise<void>;
}

/** What a webhook tells of an authorization: the answer that was pending, or the same answer again. */
export interface PaymentNotice {
  /** Of the notice itself: the same id is the same notice. */
  readonly id: string;
  readonly paymentId: string;
  readonly orderId: string;
  readonly authorization: Exclude<Authorization, { readonly outcome: 'pending' }>;
}

/** No answer, or none that says what happened: the request may or may not have had its effect. To be repeated with its key. */
export class GatewayUnknownError extends Error {
  override readonly name = 'GatewayUnknownError';
}

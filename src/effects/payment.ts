// What orders want of the payment gateway. Every request carries its key, so that a repeat counts once.

import type { AuthorizeEffect, FollowUpEffect } from '../actors/logistics/order/effects.ts';
import type { FollowUpAnswer } from '../actors/logistics/order/messages.ts';
import { Refused } from '../api/errors.ts';
import { type Authorization, GatewayUnknownError, type PaymentGateway } from '../payments/gateway.ts';

export class PaymentEffects {
  readonly #gateway: PaymentGateway;

  constructor(gateway: PaymentGateway) {
    this.#gateway = gateway;
  }

  authorize(orderId: string, effect: AuthorizeEffect, signal: AbortSignal): Promise<Authorization> {
    return known(this.#gateway.authorize({ ...effect, orderId }, signal));
  }

  capture(effect: FollowUpEffect, signal: AbortSignal): Promise<FollowUpAnswer> {
    return known(this.#gateway.capture(effect, signal));
  }

  void(effect: FollowUpEffect, signal: AbortSignal): Promise<FollowUpAnswer> {
    return known(this.#gateway.void(effect, signal));
  }

  refund(effect: FollowUpEffect, signal: AbortSignal): Promise<FollowUpAnswer> {
    return known(this.#gateway.refund(effect, signal));
  }
}

/** @throws Refused (unavailable) where the outcome is not known: to be asked again with the same key */
async function known<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof GatewayUnknownError)) throw error;
    throw new Refused({ code: 'unavailable', message: error.message });
  }
}

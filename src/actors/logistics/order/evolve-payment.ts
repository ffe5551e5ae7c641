// How events change an order's payments.
import { InvariantViolation } from '../../behaviour.ts';
import type { AuthorizationAnswer, FollowUpAnswer, Order, Payment, PaymentStatus } from './model.ts';

export function withPayment(order: Order, id: string, change: (payment: Payment) => Payment): Order {
  if (!order.payments.some((payment) => payment.id === id))
    throw new InvariantViolation('I6', `no payment ${id}`);
  return {
    ...order,
    payments: order.payments.map((payment) => (payment.id === id ? change(payment) : payment)),
  };
}

export function paymentAnswered(
  order: Order,
  id: string,
  answer: AuthorizationAnswer,
  pollAt: number | null,
): Order {
  return withPayment(order, id, (payment) => {
    switch (answer.outcome) {
      case 'approved': {
        const { transactionId, until } = answer;
        return { ...payment, status: 'authorized', transactionId, until, pollAt: null };
      }
      case 'declined':
        return { ...payment, status: 'declined', reason: answer.reason, pollAt: null };
      case 'pending': {
        const { transactionId } = answer;
        // Given up, it is not asked for again: its webhook tells.
        if (payment.status === 'failed') return { ...payment, transactionId };
        return { ...payment, status: 'pending', transactionId, pollAt };
      }
    }
  });
}

/** It counts no more; what the gateway was asked and has not answered it still owes. */
export function paymentFailed(order: Order, id: string, reason: string): Order {
  return withPayment(order, id, (payment) => {
    const transactionId = isAsked(payment) ? '' : payment.transactionId;
    return { ...payment, status: 'failed', reason, transactionId, pollAt: null };
  });
}

/**
 * The gateway has been asked for an authorization, and its answer matters: also when the order has given up waiting, since
 * an approval has to be let go again.
 */
export function isAsked({ status, pollAt, transactionId }: Payment): boolean {
  switch (status) {
    case 'authorizing':
      return true;
    case 'pending':
      return pollAt === null;
    case 'failed':
      return transactionId === '';
    default:
      return false;
  }
}

export function followUp(
  order: Order,
  id: string,
  answer: FollowUpAnswer,
  done: PaymentStatus,
  declined: PaymentStatus,
): Order {
  return withPayment(order, id, (payment) =>
    answer.outcome === 'done'
      ? { ...payment, status: done }
      : { ...payment, status: declined, reason: answer.reason },
  );
}

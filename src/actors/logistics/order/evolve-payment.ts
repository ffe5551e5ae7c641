// How events change an order's payments.
import { InvariantViolation } from '../../behaviour.ts';
import type { AuthorizationAnswer, FollowUpAnswer } from './messages.ts';
import type { Order, Payment, PaymentStatus } from './model.ts';

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
        return { ...payment, status: 'authorized', isOwed: false, transactionId, until, pollAt: null };
      }
      case 'declined':
        return { ...payment, status: 'declined', isOwed: false, reason: answer.reason, pollAt: null };
      case 'pending': {
        const { transactionId } = answer;
        const status = payment.status === 'failed' ? 'failed' : 'pending';
        return { ...payment, status, transactionId, pollAt };
      }
    }
  });
}

/** It counts no more; what the gateway was asked and has not answered it still owes. */
export function paymentFailed(order: Order, id: string, reason: string): Order {
  return withPayment(order, id, (payment) => ({ ...payment, status: 'failed', reason }));
}

/** The gateway is being asked for an authorization now, and not only later. */
export function isAsked({ isOwed, pollAt }: Payment): boolean {
  return isOwed && pollAt === null;
}

export function refundAnswered(payment: Payment, number: number, answer: FollowUpAnswer): Payment {
  const reason = answer.outcome === 'declined' ? answer.reason : '';
  const refunds = payment.refunds.map((refund) =>
    refund.number === number ? { ...refund, status: answer.outcome, reason } : refund,
  );
  return { ...payment, refunds };
}

export function refundsRetried(payment: Payment, numbers: readonly number[]): Payment {
  const refunds = payment.refunds.map((refund) =>
    numbers.includes(refund.number)
      ? ({ ...refund, status: 'asked', tries: refund.tries + 1, reason: '' } as const)
      : refund,
  );
  return { ...payment, refunds };
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

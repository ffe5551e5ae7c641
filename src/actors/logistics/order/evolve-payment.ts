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
      case 'pending':
        return { ...payment, status: 'pending', transactionId: answer.transactionId, pollAt };
    }
  });
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

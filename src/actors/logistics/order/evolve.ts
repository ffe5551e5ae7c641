// How events change an order.
import { InvariantViolation } from '../../behaviour.ts';
import { zero } from '../money.ts';
import { began, failed, gaveBack, returned, shipped } from './evolve-goods.ts';
import {
  followUp,
  paymentAnswered,
  paymentFailed,
  refundAnswered,
  refundsRetried,
  withPayment,
} from './evolve-payment.ts';
import type { OrderEvent } from './messages.ts';
import type { Order, OrderState, Wait } from './model.ts';
import { mayMove } from './transitions.ts';

type Of<Type extends OrderEvent['type']> = Extract<OrderEvent, { readonly type: Type }>;

export function evolve(state: OrderState, event: OrderEvent): OrderState {
  if (event.type === 'created') return { order: created(event) };
  const { order } = state;
  if (order === null) throw new InvariantViolation('I4', `${event.type} of an order that was never made`);
  return { order: change(order, event) };
}

function created({ order, at }: Of<'created'>): Order {
  return {
    ...order,
    status: 'created',
    createdAt: at,
    updatedAt: at,
    history: [{ from: null, to: 'created', at, by: 'customer', why: '' }],
    payments: [],
    stock: { state: 'none', attempt: 0, reservationId: '' },
    draws: [],
    waits: {},
    waitsUntil: null,
    estimatedAt: null,
    talk: null,
    talks: 0,
    shipments: [],
    returns: [],
    cancel: null,
    restCancel: null,
    operation: null,
    operations: 0,
  };
}

function change(order: Order, event: Exclude<OrderEvent, Of<'created'>>): Order {
  switch (event.type) {
    case 'moved':
      return moved(order, event);
    case 'paymentOpened': {
      const { id, isRenewal, at } = event;
      const opened = {
        id,
        amount: order.total,
        status: 'authorizing',
        isRenewal,
        transactionId: '',
      } as const;
      const rest = {
        until: null,
        reason: '',
        isOwed: true,
        polls: 0,
        openedAt: at,
        pollAt: null,
        refunds: [],
      };
      return { ...order, payments: [...order.payments, { ...opened, ...rest }] };
    }
    case 'paymentAnswered':
      return paymentAnswered(order, event.id, event.answer, event.pollAt);
    case 'paymentPolled':
      return withPayment(order, event.id, (payment) => ({
        ...payment,
        polls: payment.polls + 1,
        pollAt: null,
      }));
    case 'paymentFailed':
      return paymentFailed(order, event.id, event.reason);
    case 'captureBegan':
      return withPayment(order, event.id, (payment) => ({ ...payment, status: 'capturing' }));
    case 'captureAnswered':
      return followUp(order, event.id, event.answer, 'captured', 'declined');
    case 'voidBegan': {
      const { id, transactionId } = event;
      return withPayment(order, id, (payment) => ({ ...payment, status: 'voiding', transactionId }));
    }
    case 'voidAnswered':
      return followUp(order, event.id, event.answer, 'voided', 'voided');
    case 'refundBegan': {
      const { id, number, amount } = event;
      return withPayment(order, id, (payment) => ({
        ...payment,
        refunds: [...payment.refunds, { number, amount, status: 'asked', tries: 1, reason: '' }],
      }));
    }
    case 'refundAnswered':
      return withPayment(order, event.id, (payment) => refundAnswered(payment, event.number, event.answer));
    case 'refundsRetried':
      return {
        ...began(order, 'refund', event.numbers.map(String), event.receipt),
        payments: order.payments.map((payment) => refundsRetried(payment, event.numbers)),
      };
    case 'talkBegan':
    case 'talkAnswered':
    case 'talkEnded':
      return talked(order, event);
    case 'attemptBegan':
      return {
        ...order,
        stock: { state: 'reserving', attempt: order.stock.attempt + 1, reservationId: '' },
      };
    case 'attemptAnswered':
      return attempted(order, event);
    case 'waitBegan':
      return {
        ...order,
        waits: { ...order.waits, ...waitsOf(event.items, 'waiting') },
        waitsUntil: order.waitsUntil ?? event.until,
      };
    case 'waitChanged':
      return { ...order, waits: { ...order.waits, ...waitsOf(event.items, event.to) } };
    case 'waitEnded':
      return { ...order, waits: {}, waitsUntil: null, estimatedAt: null };
    case 'giveBackBegan':
      return { ...order, stock: { ...order.stock, state: 'givingBack' } };
    case 'gaveBack':
      return gaveBack(order);
    case 'restCancelled':
      return {
        ...began(order, 'cancelRest', [], event.receipt),
        restCancel: event.rest,
        stock: { ...order.stock, state: 'givingBack' },
        updatedAt: event.rest.at,
      };
    case 'cancelNoted':
      return { ...order, cancel: event.cancel };
    case 'shipmentsMade':
    case 'shipmentLeft':
    case 'shipmentsDelivered':
      return shipped(order, event);
    case 'shipmentFailed':
      return failed(order, event);
    case 'returnMade':
      return returned(order, event);
    case 'restocked':
      return {
        ...order,
        returns: order.returns.map((each) =>
          each.number === event.number ? { ...each, isRestocked: true } : each,
        ),
      };
    case 'operationEnded':
      return { ...order, operation: null };
  }
}

function moved(order: Order, { to, at, by, why }: Of<'moved'>): Order {
  if (!mayMove(order.status, to))
    throw new InvariantViolation('I4', `an order goes from ${order.status} to ${to}`);
  const entry = { from: order.status, to, at, by, why };
  return { ...order, status: to, updatedAt: at, history: [...order.history, entry] };
}

function talked(order: Order, event: Of<'talkBegan' | 'talkAnswered' | 'talkEnded'>): Order {
  switch (event.type) {
    case 'talkBegan': {
      const number = order.talks + 1;
      const talk = { number, kind: event.kind, waiting: event.shards, items: [], isContended: false };
      const { stock } = order;
      const passing = event.kind === 'pass' ? ({ ...stock, state: 'passing' } as const) : stock;
      return { ...order, talk, talks: number, stock: passing };
    }
    case 'talkAnswered': {
      if (order.talk?.waiting.includes(event.shard) !== true)
        throw new InvariantViolation('I6', `shard ${event.shard} answers what no order asked`);
      const waiting = order.talk.waiting.filter((shard) => shard !== event.shard);
      const items = [...order.talk.items, ...event.items];
      const isContended = order.talk.isContended || event.isContended;
      return { ...order, talk: { ...order.talk, waiting, items, isContended } };
    }
    case 'talkEnded': {
      const { stock } = order;
      return { ...order, talk: null, stock: stock.state === 'passing' ? { ...stock, state: 'none' } : stock };
    }
  }
}

function attempted(order: Order, { answer, draws }: Of<'attemptAnswered'>): Order {
  const { stock } = order;
  if (stock.state !== 'reserving') throw new InvariantViolation('I6', 'an answer to no attempt');
  switch (answer.outcome) {
    case 'committed':
      return {
        ...order,
        stock: { ...stock, state: 'committed', reservationId: answer.reservationId },
        draws,
      };
    case 'short':
      return { ...order, stock: { ...stock, state: 'none' }, estimatedAt: answer.estimatedAt };
    case 'lost':
    case 'refused':
      return { ...order, stock: { ...stock, state: 'none' } };
  }
}

function waitsOf(items: readonly string[], wait: Wait): Readonly<Record<string, Wait>> {
  return Object.fromEntries(items.map((itemId) => [itemId, wait]));
}

/** What was given back so far and will be, of all payments. */
export function refundedOf(order: Order) {
  return order.payments
    .flatMap(({ refunds }) => refunds)
    .filter(({ status }) => status !== 'declined')
    .reduce((sum, { amount }) => sum + BigInt(amount.minor), BigInt(zero(order.total.currency).minor));
}

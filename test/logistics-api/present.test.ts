// How an order is shown: payments as the contract lists their states, waits, cancellations, amounts to the last digit.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { minorMax, money } from '../../src/actors/logistics/money.ts';
import {
  type Cancel,
  type Order,
  type Payment,
  paymentStatuses,
  type Refund,
  type Shipment,
} from '../../src/actors/logistics/order/model.ts';
import { orderView } from '../../src/actors/logistics/order/views.ts';
import { moneyMessage, priceOf } from '../../src/api/logistics/money.ts';
import { orderMessage } from '../../src/api/logistics/present.ts';
import { Check } from '../../src/api/validate/check.ts';
import { order, orderId } from '../http/support/logistics-fakes.ts';
import { gbp } from './support/wire.ts';

const shown = (over: Partial<Order>) => orderMessage(orderView(orderId, { ...order, ...over }), null);

describe('a payment', () => {
  const [base] = order.payments;
  if (base === undefined) throw new Error('the order has no payment');
  const refund = (minor: string, status: Refund['status'] = 'done'): Refund => ({
    number: 1,
    amount: money('GBP', BigInt(minor)),
    status,
    tries: 1,
    reason: '',
  });
  const paid = (over: Partial<Payment>) =>
    shown({ payments: [{ ...base, refunds: [], ...over }] }).payments[0];

  const statuses: Readonly<Record<Payment['status'], string>> = {
    authorizing: 'pending',
    pending: 'pending',
    authorized: 'authorized',
    capturing: 'authorized',
    captured: 'captured',
    declined: 'declined',
    failed: 'failed',
    voiding: 'authorized',
    voided: 'voided',
  };
  test.each(paymentStatuses)('that is %s', (status) => {
    expect(paid({ status })).toEqual({
      id: base.id,
      status: statuses[status],
      amount: gbp(5n, 150_000_000),
      transactionId: 'tx-1',
      capturedAmount: status === 'captured' ? gbp(5n, 150_000_000) : gbp(0n),
      refundedAmount: gbp(0n),
      refunds: [],
    });
  });

  test.each<[string, readonly Refund[], string, ReturnType<typeof gbp>]>([
    ['a refund that is only asked for', [refund('515', 'asked')], 'captured', gbp(0n)],
    ['one that was declined', [refund('515', 'declined')], 'captured', gbp(0n)],
    ['one of a part', [refund('1')], 'partially_refunded', gbp(0n, 10_000_000)],
    [
      'one of a part, and one that is asked',
      [refund('1'), refund('514', 'asked')],
      'partially_refunded',
      gbp(0n, 10_000_000),
    ],
    ['one of all', [refund('515')], 'refunded', gbp(5n, 150_000_000)],
    ['several that come to all', [refund('500'), refund('15')], 'refunded', gbp(5n, 150_000_000)],
  ])('that is captured, with %s', (_what, refunds, status, refundedAmount) => {
    expect(paid({ status: 'captured', refunds })).toMatchObject({ status, refundedAmount });
  });

  test('shows each of its refunds, and why one was declined', () => {
    const declined = { ...refund('15', 'declined'), number: 2, reason: 'the account is closed' };
    expect(paid({ status: 'captured', refunds: [refund('500'), declined] })?.refunds).toEqual([
      { number: 1, status: 'done', amount: gbp(5n), reason: '' },
      { number: 2, status: 'declined', amount: gbp(0n, 150_000_000), reason: 'the account is closed' },
    ]);
  });
});

test.each<[Shipment['status'], string]>([
  ['created', 'created'],
  ['inTransit', 'in_transit'],
  ['delivered', 'delivered'],
])('a shipment that is %s', (status, expected) => {
  const shipments = order.shipments.map((shipment) => ({ ...shipment, status }));
  expect(shown({ shipments }).shipments[0]?.status).toBe(expected);
});

test('an estimate shows only while the order waits for stock', () => {
  expect(shown({ status: 'backOrdered', estimatedAt: 5 }).estimatedAvailability).toEqual(new Date(5));
  expect(shown({ status: 'backOrdered', estimatedAt: null }).estimatedAvailability).toBeUndefined();
  expect(shown({ status: 'confirmed', estimatedAt: 5 }).estimatedAvailability).toBeUndefined();
});

describe('the reason of a cancellation', () => {
  const cancel: Cancel = { by: 'customer', reason: 'too late', receipt: null };
  const moved = { from: 'processing', to: 'cancelled', at: 1, by: 'payment', why: 'declined' } as const;

  test.each<[string, Partial<Order>, string]>([
    ['what the customer said', { status: 'cancelled', cancel, history: [moved] }, 'too late'],
    ['what he said, also before it is done', { status: 'processing', cancel }, 'too late'],
    ['else what led to it', { status: 'cancelled', history: [...order.history, moved] }, 'declined'],
    ['none where it is not cancelled', { status: 'confirmed' }, ''],
  ])('is %s', (_what, over, reason) => {
    expect(shown(over).cancellationReason).toBe(reason);
  });
});

describe('amounts', () => {
  const currency = fc.constantFrom('GBP', 'JPY', 'KWD', 'CLF');

  test('come through as they are', () => {
    fc.assert(
      fc.property(currency, fc.bigInt(0n, minorMax), (code, minor) => {
        const check = new Check();
        expect(priceOf(check, 'p', moneyMessage(money(code, minor)))).toEqual(money(code, minor));
        expect(check.violations).toEqual([]);
      }),
    );
  });

  test('are units and billionths of what they say, and nothing is rounded', () => {
    fc.assert(
      fc.property(currency, fc.bigInt(0n, minorMax), (code, minor) => {
        const { units, nanos } = moneyMessage(money(code, minor));
        const digits = { GBP: 2, JPY: 0, KWD: 3, CLF: 4 }[code] ?? 2;
        expect(units * 10n ** 9n + BigInt(nanos)).toBe(minor * 10n ** BigInt(9 - digits));
        expect(nanos).toBeLessThan(1_000_000_000);
      }),
    );
  });

  test('whatever is sent is read exactly, or refused by its field', () => {
    const amount = fc.record({
      currencyCode: currency,
      units: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
      nanos: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    });
    fc.assert(
      fc.property(amount, (given) => {
        const check = new Check();
        const read = priceOf(check, 'p', given);
        if (read !== null) expect(moneyMessage(read)).toEqual(given);
        expect(check.violations).toHaveLength(read === null ? 1 : 0);
      }),
    );
  });
});

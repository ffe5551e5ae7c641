import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { moneyText, toMinor, toMoney } from '../../src/cli/replay/money.ts';
import { readAnswer } from '../../src/cli/replay/order-answers.ts';
import { OrderResponse, OrderStatus } from '../../src/generated/synkro/logistics/v1/logistics.ts';

const money = fc.bigInt({ min: 0n, max: 10n ** 15n }).map(toMoney);
const item = fc.record({
  lineId: fc.string({ maxLength: 5 }),
  sku: fc.string({ maxLength: 20 }),
  quantity: fc.bigInt({ min: 1n, max: 2n ** 53n - 1n }),
  productId: fc.uuid(),
  unitPrice: money,
  totalPrice: money,
});
const response = fc.record({
  atRest: fc.boolean(),
  order: fc.record({
    id: fc.uuid(),
    customerId: fc.uuid(),
    status: fc.constantFrom(...Object.values(OrderStatus)),
    items: fc.array(item, { maxLength: 5 }),
    payments: fc.array(fc.record({ id: fc.uuid(), capturedAmount: money, refundedAmount: money }), {
      maxLength: 3,
    }),
    shipments: fc.array(fc.record({ id: fc.uuid(), items: fc.array(item, { maxLength: 3 }) }), {
      maxLength: 3,
    }),
    cancellationReason: fc.string({ maxLength: 10 }),
    notes: fc.string({ maxLength: 10 }),
    createdAt: fc.constant(new Date(0)),
  }),
});

describe('answers about orders', () => {
  test('are read as the generated code reads them, of what is read at all', () => {
    fc.assert(
      fc.property(response, fc.boolean(), (made, hasLines) => {
        const { atRest, order } = OrderResponse.create(made);
        const answer = readAnswer(OrderResponse.encode(OrderResponse.create(made)).finish(), hasLines);
        const sum = (amounts: (Parameters<typeof toMinor>[0] | undefined)[]) =>
          amounts.reduce((total, amount) => total + toMinor(amount), 0n);
        expect(answer).toEqual({
          orderId: order?.id,
          status: order?.status,
          atRest,
          lines: hasLines
            ? order?.items.map(({ lineId, sku, quantity }) => ({ lineId, sku, quantity: Number(quantity) }))
            : [],
          captured: sum(order?.payments.map(({ capturedAmount }) => capturedAmount) ?? []),
          refunded: sum(order?.payments.map(({ refundedAmount }) => refundedAmount) ?? []),
          cancellationReason: order?.cancellationReason,
        });
      }),
    );
  });

  test('that say nothing are of no state', () => {
    expect(readAnswer(new Uint8Array(), true)).toMatchObject({
      orderId: '',
      status: OrderStatus.UNSPECIFIED,
    });
  });

  test('that are damaged are an error', () => {
    expect(() => readAnswer(Uint8Array.of(10, 200), true)).toThrow();
  });
});

describe('money', () => {
  test('comes back as it went', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 15n }), (minor) => {
        expect(toMinor(toMoney(minor))).toBe(minor);
      }),
    );
  });

  test('of another currency, or of less than a penny, is an error', () => {
    expect(() => toMinor({ currencyCode: 'EUR', units: 1n, nanos: 0 })).toThrow('EUR');
    expect(() => toMinor({ currencyCode: 'GBP', units: 1n, nanos: 1 })).toThrow('1 billionths');
    expect(toMinor(undefined)).toBe(0n);
  });

  test('is written as people write it', () => {
    expect(moneyText(123_456n)).toBe('GBP 1,234.56');
    expect(moneyText(5n)).toBe('GBP 0.05');
  });
});

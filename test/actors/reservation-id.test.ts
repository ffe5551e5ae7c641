import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatReservationId,
  isOrderId,
  parseReservationId,
} from '../../src/actors/inventory/order-stock/reservation-id.ts';

describe('the id of a reservation', () => {
  it('leads to its order and attempt', () => {
    expect(formatReservationId('order-1', 7)).toBe('rsv-7-b3JkZXItMQ');
    expect(parseReservationId('rsv-7-b3JkZXItMQ')).toEqual({ orderId: 'order-1', attempt: 7 });
  });

  it('goes there and back for every order id', () => {
    const orderIds = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 140 }).filter(isOrderId);
    const property = fc.property(orderIds, fc.integer({ min: 1, max: 100 }), (orderId, attempt) => {
      expect(parseReservationId(formatReservationId(orderId, attempt))).toEqual({ orderId, attempt });
    });
    fc.assert(property, { numRuns: 300 });
  });

  it('is read in one spelling only', () => {
    const noise = fc.oneof(
      fc.string(),
      fc.string().map((text) => `rsv-1-${text}`),
      fc.base64String().map((text) => `rsv-2-${text}`),
    );
    const property = fc.property(noise, (text) => {
      const parsed = parseReservationId(text);
      if (parsed !== null) expect(formatReservationId(parsed.orderId, parsed.attempt)).toBe(text);
    });
    fc.assert(property, { numRuns: 500 });
  });

  it.each([
    '',
    'rsv-',
    'rsv-0-b3JkZXItMQ',
    'rsv-07-b3JkZXItMQ',
    'rsv-1000000-b3JkZXItMQ',
    'rsv--1-b3JkZXItMQ',
    'rsv-7-b3JkZXItMQ=',
    'rsv-7-b3JkZXItMR',
    'rsv-7-b3Jk ZXItMQ',
    'RSV-7-b3JkZXItMQ',
    'rsv-7-b3JkZXItMQ\n',
    `rsv-1-${Buffer.from('a\u0000').toString('base64url')}`,
    `rsv-1-${Buffer.from([0xff, 0xfe]).toString('base64url')}`,
    `rsv-1-${Buffer.from('a'.repeat(129)).toString('base64url')}`,
  ])('is not %j', (text) => {
    expect(parseReservationId(text)).toBeNull();
  });
});

describe('the id of an order', () => {
  it.each(['a', 'A 1/ü', '😀'.repeat(128), 'a'.repeat(128)])('may be %j', (text) => {
    expect(isOrderId(text)).toBe(true);
  });

  it.each(['', 'a'.repeat(129), 'a\tb', 'a\u007f', '\ud800', 'a\u2028', '\u202ea', '\ufeffa'])(
    'may not be %j',
    (text) => {
      expect(isOrderId(text)).toBe(false);
    },
  );
});

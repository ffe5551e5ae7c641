import { expect, test } from 'vitest';
import { encodeId, encodeItems, frame, isGranted, messageOf, requestOf } from '../../bench/load/frames.ts';
import {
  ReservationStatus,
  StockReservationRequest,
  StockReservationResponse,
} from '../../src/generated/synkro/inventory/v1/inventory.ts';

const lines = [
  { sku: '85123A', quantity: 6 },
  { sku: '85123a', quantity: 300 },
];

test('an order id and items that were encoded before are the message that the generated encoder makes', () => {
  const message = messageOf(frame(encodeId('run-1-42'), encodeItems(lines)));
  expect(StockReservationRequest.decode(message ?? new Uint8Array())).toEqual(requestOf('run-1-42', lines));
});

test('a frame that is cut off or compressed has no message', () => {
  const whole = frame(encodeId('run-1-42'), encodeItems(lines));
  expect(messageOf(whole.subarray(0, -1))).toBeNull();
  expect(messageOf(whole.subarray(0, 3))).toBeNull();
  whole[0] = 1;
  expect(messageOf(whole)).toBeNull();
});

test('whether it was granted is seen without decoding', () => {
  const answer = (success: boolean) =>
    StockReservationResponse.encode({
      success,
      reservationId: 'rsv-1-x',
      orderId: 'x',
      items: [],
      message: '',
      expiresAt: undefined,
      status: ReservationStatus.HELD,
      attempt: 1,
    }).finish();
  expect(isGranted(answer(true))).toBe(true);
  expect(isGranted(answer(false))).toBe(false);
  expect(isGranted(new Uint8Array())).toBe(false);
});

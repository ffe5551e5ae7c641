// Orders as bytes, over gRPC and over REST: each basket is encoded once, an order's own part goes before or beside it. Of
// an answer as little is read as tells what became of the order.
import { BinaryReader } from '@bufbuild/protobuf/wire';
import { isObject } from '../../src/actors/shape.ts';
import {
  CreateOrderRequest,
  OrderResponse,
  OrderStatus,
} from '../../src/generated/synkro/logistics/v1/logistics.ts';
import type { Line, Way } from '../scenarios/scenarios.ts';

const address = { recipientName: 'Ada Lovelace', line1: '12 High Street', city: 'Hull', countryCode: 'GB' };
const paymentMethod = 'tok_approve';
const pence = 250;

/** @param key names the order: the same key is the same order */
export function orderRequestOf(key: string, lines: readonly Line[]): CreateOrderRequest {
  return CreateOrderRequest.create({
    idempotencyKey: key,
    paymentMethod,
    shippingAddress: address,
    items: lines.map(({ sku, quantity }) => ({
      sku,
      quantity: BigInt(quantity),
      unitPrice: { currencyCode: 'GBP', units: 2n, nanos: 500_000_000 },
    })),
  });
}

/** Everything of a request but its key. */
export function encodeOrder(lines: readonly Line[]): Uint8Array {
  return CreateOrderRequest.encode(orderRequestOf('', lines)).finish();
}

export function encodeKey(key: string): Uint8Array {
  return CreateOrderRequest.encode(CreateOrderRequest.create({ idempotencyKey: key })).finish();
}

/** The body of POST /v1/orders. */
export function orderBodyOf(lines: readonly Line[]): Buffer {
  const unitPrice = { amount: (pence / 100).toFixed(2), currency: 'GBP' };
  const items = lines.map(({ sku, quantity }) => ({ sku, quantity, unitPrice }));
  return Buffer.from(JSON.stringify({ items, shippingAddress: address, paymentMethod }));
}

const field = { order: 1, status: 3 } as const;

/**
 * What became of an order: 'granted' where it is confirmed, 'refused' where it waits for stock; anything else as a code of
 * failure, since the order may go on by itself.
 * @param message an OrderResponse. Only the way to the order's status is decoded.
 */
export function outcomeOfMessage(message: Uint8Array): string {
  const reader = new BinaryReader(message);
  const end = enter(reader, field.order, message.length);
  if (end === null) return 'no order';
  const status = enter(reader, field.status, end) === null ? OrderStatus.UNSPECIFIED : reader.int32();
  if (status === OrderStatus.CONFIRMED) return 'granted';
  return status === OrderStatus.BACK_ORDERED ? 'refused' : `order status ${status}`;
}

/** Goes to a field's value. @returns where the value ends, for a message; null where the field is not there */
function enter(reader: BinaryReader, wanted: number, end: number): number | null {
  while (reader.pos < end) {
    const [number, wireType] = reader.tag();
    if (number === wanted) return wireType === lengthDelimited ? reader.uint32() + reader.pos : end;
    reader.skip(wireType, number);
  }
  return null;
}

const lengthDelimited = 2;
const statusKey = Buffer.from('"status":"');

/** The same of the JSON of an order. Its own status is the first one: those of its payments and shipments follow. */
export function outcomeOfBody(body: Buffer): string {
  const at = body.indexOf(statusKey);
  if (at < 0) return 'no order';
  const from = at + statusKey.length;
  const status = body.toString('latin1', from, body.indexOf('"', from));
  if (status === 'confirmed') return 'granted';
  return status === 'back_ordered' ? 'refused' : `order ${status}`;
}

/** The order's id, of an answer over a socket; '' where there is none. */
export function orderIdOf(way: Way, answer: Uint8Array): string {
  if (way !== 'rest') return OrderResponse.decode(answer).order?.id ?? '';
  const body: unknown = JSON.parse(Buffer.from(answer).toString());
  return isObject(body) ? String(body['id'] ?? '') : '';
}

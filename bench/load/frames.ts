// gRPC messages as bytes: requests whose items are encoded once for each basket, and as little of an answer as tells
// whether it was granted. Protobuf lets a message be the concatenation of two, so an order id goes before the rest.
import { DrawStrategy, StockReservationRequest } from '../../src/generated/synkro/inventory/v1/inventory.ts';
import type { Line } from '../scenarios/scenarios.ts';

/** A flag for compression and the length of the message. */
const prefixBytes = 5;

export function requestOf(orderId: string, lines: readonly Line[]): StockReservationRequest {
  return {
    orderId,
    items: lines.map(({ sku, quantity }) => ({ itemId: '', sku, quantity: BigInt(quantity) })),
    warehouseId: '',
    ttlSeconds: 0,
    customerId: '',
    idempotencyKey: '',
    requestId: '',
    drawStrategy: DrawStrategy.UNSPECIFIED,
    commit: false,
  };
}

/** Everything of a request but its order id. */
export function encodeItems(lines: readonly Line[]): Uint8Array {
  return StockReservationRequest.encode(requestOf('', lines)).finish();
}

/** Nothing of a request but its order id. */
export function encodeId(orderId: string): Uint8Array {
  return StockReservationRequest.encode(requestOf(orderId, [])).finish();
}

/** The gRPC frame of a message in two parts. */
export function frame(head: Uint8Array, rest: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(prefixBytes + head.length + rest.length);
  bytes[0] = 0;
  bytes.writeUInt32BE(head.length + rest.length, 1);
  bytes.set(head, prefixBytes);
  bytes.set(rest, prefixBytes + head.length);
  return bytes;
}

/** The message of a frame; null where it is compressed or not all of it is there. */
export function messageOf(bytes: Buffer): Buffer | null {
  if (bytes.length < prefixBytes || bytes[0] !== 0) return null;
  return bytes.length === prefixBytes + bytes.readUInt32BE(1) ? bytes.subarray(prefixBytes) : null;
}

/** `success` is the first field, and is there only where it is true. */
export function isGranted(message: Uint8Array): boolean {
  return message[0] === 0x08 && message[1] === 0x01;
}
